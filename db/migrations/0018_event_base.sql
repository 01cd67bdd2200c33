-- The trail is sealed in the order of transaction numbers. A database that is restored into another server starts counting
-- anew, below the numbers that its events carry: what it counts is raised by this base (server/seal.ts `keepCounting`).
-- A constant that is read without a table, because every event of every handler asks for it.
create function event_base() returns numeric language sql immutable parallel safe as $$ select 0::numeric $$;
create function event_tx(number xid8) returns xid8 language sql stable parallel safe
as $$ select (number::text::numeric + event_base())::text::xid8 $$;
alter table event alter column tx set default event_tx(pg_current_xact_id());
