-- Each notice is looked at once for who wants it outside the page; what was looked at is not asked for again.
alter table notice add column reached boolean not null default false;
update notice set reached = true;
create index notice_not_reached on notice (id) where not reached;
