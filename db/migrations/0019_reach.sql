-- How notices reach people outside the page: mail, a group's robot, a calendar feed. Everybody chooses for himself; nothing is
-- sent to anybody who has not asked for it.
create table reach_choice (
  account text primary key references auth_user (id) on delete cascade,
  email text,                              -- null until one has been confirmed
  mode text not null default 'off' check (mode in ('off', 'each', 'digest')),
  since timestamptz not null default now(), -- notices from before are not sent
  quiet_from smallint not null default 20 check (quiet_from between 0 and 23),
  quiet_to smallint not null default 8 check (quiet_to between 0 and 23), -- equal: no quiet hours
  digest_hour smallint not null default 8 check (digest_hour between 0 and 23),
  muted text[] not null default '{}',      -- kinds that are not sent
  feed_hash text unique,                   -- sha256 of the calendar feed's token
  version integer not null default 1
);

-- An address that waits for its code.
create table reach_confirmation (
  account text primary key references auth_user (id) on delete cascade,
  email text not null,
  code_hash text not null,
  expires_at timestamptz not null,
  tries smallint not null default 0
);

-- A group's robot of a unit. Its address is as good as a password: answers show the end of it only.
create table reach_robot (
  id integer generated always as identity primary key,
  unit_id integer not null references unit (id),
  name text not null,
  shape text not null check (shape in ('plain', 'wecom', 'dingtalk')),
  url text not null,
  secret text not null default '',
  muted text[] not null default '{}',
  active boolean not null default true,
  since timestamptz not null default now(),
  created_by text not null,
  version integer not null default 1
);
create index reach_robot_unit on reach_robot (unit_id);

-- One notice to one receiver: at most once, whatever happens.
create table reach_delivery (
  id bigint generated always as identity primary key,
  notice_id bigint not null references notice (id) on delete cascade,
  account text references auth_user (id) on delete cascade,
  robot_id integer references reach_robot (id) on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'seen', 'unsure', 'failed')),
  send_at timestamptz not null,
  attempts smallint not null default 0,
  last_error text,
  changed_at timestamptz not null default now(),
  check ((account is null) <> (robot_id is null)),
  unique (account, notice_id),
  unique (robot_id, notice_id)
);
create index reach_delivery_due on reach_delivery (send_at) where state = 'waiting';
create index reach_delivery_sending on reach_delivery (changed_at) where state = 'sending';
create index notice_at on notice (at);
