-- Documents (文件) are askings too (F-14, E63): registered with audience, length and expiry, counted at every unit that they
-- address from the day on which they go out, with the burden officer's yes before it.
alter table asking drop constraint asking_kind_check;
alter table asking add constraint asking_kind_check check (kind in ('list','meeting','visit','document'));
alter table asking add column characters integer check (characters > 0);  -- of a document
alter table asking add column special boolean not null default false;     -- a special document (专项文件) is bounded closer
alter table asking add constraint asking_document_check check ((kind = 'document') = (characters is not null));
