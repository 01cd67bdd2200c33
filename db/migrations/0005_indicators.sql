create table indicator (
  code text primary key,
  name_zh text not null,
  name_en text not null,
  pillar text not null check (pillar in ('organisation','foundation','ability')),
  class text not null,              -- which units it describes (the leaves)
  form text not null references form,
  definition jsonb not null,        -- kind, numerator, denominator, population, direction, precision, bands, peers, clause, over time
  ordinal integer not null default 0,
  pack text references pack
);
create table indicator_target (
  indicator text not null references indicator on delete cascade,
  year integer not null,
  unit_id integer references unit,  -- null: everybody below
  value numeric not null,
  unique nulls not distinct (indicator, year, unit_id)
);
