-- What is asked (data items, forms) is pack data; what was answered is one row per unit × form × period.
create table data_item (
  code text primary key,
  name_zh text not null,
  name_en text not null,
  type text not null,               -- text number money date choice yesNo table file
  unit text,                        -- 元 人 人次 户 平方米 …
  definition text not null,
  owner_form text,                  -- the one form that asks for it; others show it prefilled
  cycle text not null check (cycle in ('month','quarter','half','year','once')),
  sensitivity text not null default 'open' check (sensitivity in ('open','internal')),
  definition_json jsonb not null,   -- the definition as the pack gives it
  pack text references pack
);

create table form (
  code text primary key,
  name_zh text not null,
  name_en text not null,
  audience text[] not null,         -- unit classes
  cycle text not null check (cycle in ('month','quarter','half','year','once')),
  owner_unit integer references unit,
  state text not null default 'registered' check (state in ('draft','review','registered','issued','expired','withdrawn')),
  current_version integer not null,
  minutes numeric not null,         -- what filling it once costs, in minutes
  expires date,
  registered_by text,
  pack text references pack
);

create table form_version (
  form text not null references form,
  version integer not null,
  definition jsonb not null,        -- fields, checks, computed: rules/form definition as checked from the pack
  created_at timestamptz not null default now(),
  primary key (form, version)
);

-- The kept slots of a form: each distinct aggregate that an indicator (or the form itself) needs. Slots only ever grow.
create table form_measure (
  form text not null references form,
  slot integer not null check (slot >= 1),
  aggregate text not null,          -- canonical text, such as sum(income) or count(income > 0)
  primary key (form, slot),
  unique (form, aggregate)
);

-- A period in which a form is asked. Opening it lays the expected counts into kept_figure.
create table form_period (
  form text not null references form,
  period integer not null,
  opens date not null,
  due date not null,
  state text not null default 'open' check (state in ('open','closed')),
  primary key (form, period)
);

-- Who is expected to answer a form in a period.
create table expected_return (
  form text not null,
  period integer not null,
  county_id integer not null,       -- the unit's county (or its nearest level above or itself): the key of distribution
  unit_id integer not null references unit,
  due date not null,
  primary key (form, period, county_id, unit_id)
);
create index expected_return_unit on expected_return (unit_id, period);

-- record: draft → submitted → accepted | sentBack; accepted may be corrected (submitted again, the old one counts until then).
create table record (
  period integer not null,
  county_id integer not null,
  unit_id integer not null references unit,
  form text not null references form,
  state text not null check (state in ('submitted','accepted','sentBack')),
  version integer not null default 1,    -- grows with every change: the stale-page check
  submission integer not null default 1, -- 1st, 2nd … submission
  form_version integer not null,
  vals jsonb not null,
  counted numeric[],                     -- what is in the kept figures now, by slot; null: nothing yet
  counted_submission integer,
  late boolean not null default false,
  submitted_by text not null,
  submitted_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  reasons jsonb,                         -- field → reason, when sent back; '' is the whole form
  note text,
  primary key (period, county_id, unit_id, form),
  foreign key (form, form_version) references form_version (form, version)
);
create index record_unit on record (unit_id, form, period);
create index record_waiting on record (county_id, form, period) where state = 'submitted';

-- Former submissions of a record with what became of them.
create table record_former (
  period integer not null,
  county_id integer not null,
  unit_id integer not null,
  form text not null,
  submission integer not null,
  state text not null,
  form_version integer not null,
  vals jsonb not null,
  submitted_by text not null,
  submitted_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  reasons jsonb,
  note text,
  primary key (period, county_id, unit_id, form, submission)
);

-- What a clerk has typed and not yet submitted; survives a closed browser.
create table record_draft (
  unit_id integer not null references unit,
  form text not null references form,
  period integer not null,
  form_version integer not null,
  vals jsonb not null,
  version integer not null default 1,
  saved_by text not null,
  saved_at timestamptz not null default now(),
  primary key (unit_id, form, period)
);

-- Kept sums per township and county, moved in the transaction that accepts the record; upper levels are summed from counties.
create table kept_figure (
  form text not null,
  period integer not null,
  county_id integer not null,
  unit_id integer not null,
  level smallint not null,
  expected integer not null default 0,
  reported integer not null default 0,
  sums numeric[] not null default '{}',
  primary key (form, period, county_id, unit_id)
) with (fillfactor = 50);
create index kept_figure_level on kept_figure (form, period, level, unit_id);

-- A level above takes its figure with named gaps: '1,337 of 1,340', and which three.
create table taken_figure (
  form text not null,
  period integer not null,
  unit_id integer not null references unit,
  expected integer not null,
  reported integer not null,
  missing integer[] not null,
  taken_by text not null,
  taken_at timestamptz not null default now(),
  note text,
  primary key (form, period, unit_id)
);

-- A form whose figures were asked before it could be registered is refused; every issue is shown with its cost.
create table burden_note (
  id integer generated always as identity primary key,
  form text not null references form,
  units integer not null,
  fields_new integer not null,
  fields_held integer not null,
  minutes_month numeric not null,
  at timestamptz not null default now(),
  by text not null
);

-- The door for other rooms' queries: how far a return is, without its values.
create view record_life as
  select unit_id, form, period, county_id, state, submission, submitted_by, submitted_at, decided_by, decided_at, late
  from record;
