-- What the command line shows beyond single leads: lists for people, and who people are.

-- name: console_leads(tenant, status, owner, paused, due_before, most)
-- The living first, by the deadline that comes next (unknown ones last), then the pre-registered, then what
-- has ended, the latest end first. `matching` counts all rows there are.
select
  p.*, l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.created_at,
  near.next_at, count(*) over () as matching
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
cross join lateral (
  select
    case
      when p.status in ('ACTIVE', 'GRACE') then 0
      when p.status = 'PREREGISTERED' then 1
      else 2
    end as stage,
    case
      when p.status = 'ACTIVE' then coalesce(p.reminder_due_at, p.valid_until)
      when p.status = 'GRACE' then p.valid_until
    end as next_at
) as near
where
  p.tenant = :tenant::uuid
  and (:status::text is null or p.status = :status::text)
  and (:owner::text is null or p.owner = :owner::text)
  and (:paused::boolean is null or p.paused = :paused::boolean)
  and (:due_before::timestamptz is null or near.next_at < :due_before::timestamptz)
order by near.stage, coalesce(near.next_at, 'infinity'), p.ended_at desc nulls last, p.lead
limit :most::integer;

-- name: leads_between(tenant, low, high)
-- Ids in a range of uuids, which is what the beginning of an id names. Two are enough to know it is not one.
select l.id
from lead as l
where l.tenant = :tenant::uuid and l.id between :low::uuid and :high::uuid
order by l.id
limit 2;

-- name: console_people(tenant)
select u.id, u.email, u.display_name, u.roles
from app_user as u
where u.tenant = :tenant::uuid
order by u.id;

-- name: console_person(tenant, key)
-- By id, else by mail address.
select u.id, u.email, u.display_name, u.roles
from app_user as u
where u.tenant = :tenant::uuid and (u.id = :key::text or lower(u.email) = lower(:key::text))
order by (u.id = :key::text) desc, u.id
limit 2;

-- name: policy_of_lead(tenant, lead)$
-- The version the lead began under: from there its ledger is replayed. Later ones are facts in it.
select opening_policy(:tenant::uuid, :lead::uuid);

-- name: mails_of_lead(tenant, lead)
select n.kind, n.recipient, n.status, n.attempt, n.sent_at, n.code, n.created_at
from notification as n
where n.tenant = :tenant::uuid and n.lead = :lead::uuid and n.channel = 'EMAIL'
order by n.created_at, n.kind, n.recipient;
