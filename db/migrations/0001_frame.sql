-- The frame: what every room stands on. Forward only; a file that has landed is never edited again.
create extension if not exists pg_trgm;

-- Adds two lists of sums slot by slot; a shorter or missing list counts as zeros. Used by the roll-up.
create function add_sums(a numeric[], b numeric[]) returns numeric[]
language sql immutable parallel safe
as $$ select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by i), '{}') from unnest(a, b) with ordinality u(x, y, i) $$;

-- Without the zeros at the end, and with numbers in one form, so that two lists can be compared.
create function trim_sums(a numeric[]) returns numeric[]
language sql immutable parallel safe
as $$ select coalesce(array_agg(trim_scale(coalesce(x, 0)) order by i), '{}') from unnest(a) with ordinality u(x, i)
      where i <= (select max(j) from unnest(a) with ordinality v(y, j) where coalesce(y, 0) <> 0) $$;

create aggregate sum_sums(numeric[]) (sfunc = add_sums, stype = numeric[], initcond = '{}', combinefunc = add_sums, parallel = safe);

-- The only trail (痕迹). Append-only; written by one visible line in each handler, sealed in batches.
create table event (
  id bigint generated always as identity,
  tx xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  actor text,               -- account id; null for the platform itself
  post_id integer,          -- the post the actor acted in
  unit_id integer,          -- the unit it happened at
  kind text not null,       -- 'record.accepted', 'task.deferred', …
  subject text not null,    -- 'record:12:201806:village-month', 'task:991'
  reason text,
  facts jsonb not null default '{}',
  primary key (tx, id)      -- the order of sealing: whole transactions below the snapshot's horizon
);
create index event_subject on event (subject, id);
create index event_unit on event (unit_id, id);

create function event_is_append_only() returns trigger language plpgsql
as $$ begin raise exception 'event is append-only'; end $$;
create trigger event_no_change before update or delete or truncate on event
  for each statement execute function event_is_append_only();

-- One row seals all events of the transactions in [from_tx, to_tx): hash = sha256(previous hash, events in order).
create table event_seal (
  id integer generated always as identity primary key,
  from_tx xid8 not null,
  to_tx xid8 not null,
  events integer not null,
  previous text not null,
  hash text not null,
  sealed_at timestamptz not null default now()
);

-- A write that was answered once is answered the same way again (Idempotency-Key), for one day.
create table answered (
  actor text not null,
  key text not null,
  request_hash text not null,
  response jsonb,
  at timestamptz not null default now(),
  primary key (actor, key)
);
create index answered_at on answered (at);

-- What packs have been applied. `content` is the pack as read, so that a new version can show the difference first.
create table pack (
  code text primary key,
  version text not null,
  title_zh text not null,
  title_en text not null,
  hash text not null,
  content jsonb not null,
  sample boolean not null default false,
  applied_at timestamptz not null default now(),
  applied_by text
);

-- Holidays and worked weekends of one year, from one notice (F-09b). A year that is not here is an error.
create table calendar_year (
  year integer primary key,
  notice text not null,
  pack text not null references pack on delete cascade
);
create table calendar_day (
  day date primary key,
  year integer not null references calendar_year on delete cascade,
  off boolean not null,     -- true: day off; false: a worked weekend (调休)
  name text not null
);

create table file (
  id uuid primary key default gen_random_uuid(),
  sha256 text not null,
  bytes integer not null check (bytes >= 0),
  name text not null,
  type text not null,
  unit_id integer,
  created_by text not null,
  created_at timestamptz not null default now()
);
