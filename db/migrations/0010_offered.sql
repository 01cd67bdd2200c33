-- What a submitted record will add to the figures when it is accepted, by slot: computed when it is submitted, so that
-- accepting is SQL alone. Null once it is decided; a list that is shorter than the form's slots is computed anew first.
alter table record add column offered numeric[];
