-- What is being designed: a part of a pack that is not in force yet. It is kept whole, in the words of the pack, so that
-- what the page shows, what is checked and what is exported are one and the same thing.
create table design (
  id integer generated always as identity primary key,
  unit_id integer not null references unit,   -- the designer's unit: who may see and change it
  pack text not null,                         -- the pack that it becomes part of: one that is applied, or a new one
  title_zh text not null,
  title_en text not null,
  state text not null default 'draft' check (state in ('draft','review','registered')),
  version integer not null default 1,         -- grows with every change: the stale-page check
  content jsonb not null,                     -- {head, sections}: as a pack's files say it
  bases jsonb not null default '{}',          -- form → its version when the design was opened from it
  reasons jsonb not null default '{}',        -- data item → why it is another thing than its likely twin
  created_by text not null,
  created_at timestamptz not null default now(),
  saved_by text not null,
  saved_at timestamptz not null default now(),
  submitted_by text,
  submitted_at timestamptz,
  note text,                                  -- of the one who submitted it
  decided_by text,
  decided_at timestamptz,
  reason text                                 -- why it was sent back
);
create index design_unit on design (unit_id, state, saved_at desc);

-- Words that mean the same to those who ask (户, 家庭, 住户): similar askings are found across them. Pack data.
create table synonym_group (
  code text primary key,
  words text[] not null,
  pack text references pack
);
