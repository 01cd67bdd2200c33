-- Whoever stood in (代) when something happened to a subject is marked wherever his name is shown beside it.
create function signed_name(account text, subject text, locale text) returns text
  language sql stable parallel safe
  return case when account is null then null else
    coalesce((select u.name from auth_user u where u.id = account), account)
    || case when exists (select from event e where e.subject = signed_name.subject and e.facts ? 'acting' and e.actor = account)
         then case when locale = 'en' then ' (acting)' else '（代）' end else '' end
  end;
