-- A workbook of returns that somebody brought back: what it is, how far it is, what it said about the whole file.
-- The file itself is kept until it is read; after that its rows are here.
create table workbook_import (
  id integer generated always as identity primary key,
  unit_id integer not null references unit,   -- where it was brought; who may fill in there may see it
  form text not null references form,
  form_version integer not null,              -- of the workbook, which may be an older one
  period integer not null,
  layout text not null check (layout in ('many', 'one')),
  name text not null,
  sha256 text not null,
  bytes integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'reading', 'read', 'puttingIn', 'refused', 'dropped')),
  run text,                                   -- the run that works on it; an older one stops
  alive_at timestamptz not null default now(),-- a run that is killed is noticed by this
  rows_total integer not null default 0,
  rows_read integer not null default 0,
  rows_same integer not null default 0,       -- rows that change nothing are counted, not kept
  about jsonb not null default '{}',          -- the version map, columns that are not ours, hidden rows
  problem jsonb,                              -- why it was refused
  put jsonb,                                  -- what is being put in: as draft or submission, by whom, with which posts
  grants jsonb not null,                      -- the posts of who brought it, with their units
  brought_by text not null,
  brought_at timestamptz not null,
  read_at timestamptz
);
create index workbook_import_unit on workbook_import (unit_id, id desc);
create index workbook_import_same on workbook_import (brought_by, sha256);
create index workbook_import_busy on workbook_import (alive_at) where state in ('waiting', 'reading', 'puttingIn');

-- One unit's row that changes something, or that cannot be read.
create table workbook_row (
  import_id integer not null references workbook_import on delete cascade,
  n integer not null,                         -- the order of the file
  county_id integer,
  unit_id integer references unit,
  code text,
  name text,
  state text not null check (state in ('good', 'bad', 'conflict', 'refused', 'in')),
  wanted jsonb not null,                      -- what the file changes, with the base of each change
  findings jsonb not null,
  conflicts jsonb not null default '[]',
  choices jsonb not null default '{}',        -- field → mine | theirs
  noted boolean not null,                     -- something was understood that a person should look at
  correction boolean not null,                -- it changes an accepted return
  done_as text check (done_as in ('draft', 'submit')),
  done_at timestamptz,
  primary key (import_id, n)
);
create index workbook_row_state on workbook_row (import_id, state, n);
