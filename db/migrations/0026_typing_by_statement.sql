-- What was typed is counted by one visible statement of the answer that submits (capabilities/burden/typing.reads.ts), so
-- that whoever reads the answer sees all that it writes, and loading figures that nobody typed needs no trigger switched off.
drop trigger records_typed_first on record;
drop trigger record_typed_again on record;
drop function records_typed();
drop function record_typed();
drop function keep_typing(integer, integer, integer, text, integer, integer, jsonb);
