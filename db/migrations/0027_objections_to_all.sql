-- Objections to whatever is asked, not only to forms (C2, F-14): a meeting or visit of the register, an item of a list.
-- What an upheld objection changed is kept with it, so that everybody below reads since when it holds.
alter table objection alter column form drop not null;
alter table objection alter column form_version drop not null;
alter table objection add column asking_id integer references asking;
alter table objection add column item_id integer references item;
alter table objection add constraint objection_one_target check (num_nonnulls(form, asking_id, item_id) = 1 and (form is null) = (form_version is null) and (field is null or form is not null));
alter table objection drop constraint objection_outcome_check;
alter table objection add constraint objection_outcome_check check (outcome in ('formWithdrawn','formChanged','fieldDropped','prefilled','askingWithdrawn','unitSpared'));
alter table objection add column carried_version integer;  -- the version of the form that carries it out
alter table objection add column carried_on date;
drop index objection_open;
create unique index objection_open on objection (unit_id, coalesce(form, ''), coalesce(field, ''), coalesce(asking_id, 0), coalesce(item_id, 0)) where state = 'open';
create index objection_asking on objection (asking_id) where asking_id is not null;
create index objection_item on objection (item_id) where item_id is not null;
