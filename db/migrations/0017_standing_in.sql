-- Whoever acts in a post in which he only stands in (代) is marked in the trail for ever, also when he holds it regularly later.
create function acting_mark(account text, post integer) returns jsonb
language sql stable parallel safe
return case
  when $1 is not null and $2 is not null
    and exists (select 1 from holding h where h.post_id = $2 and h.account = $1 and h.acting)
    and not exists (select 1 from holding h where h.post_id = $2 and h.account = $1 and not h.acting)
  then '{"acting": true}'::jsonb else '{}'::jsonb end;

-- Who stood in when something happened to this subject.
create index event_acting on event (subject) where facts ? 'acting';
