-- What has waited too long on somebody's desk. Row security decides whose leads there are.

-- name: leads_in_grace(tenant, most)
-- Those that lapse first before the others.
select p.lead, l.company, l.city, p.owner, p.status, p.paused, p.valid_until, p.grace_until
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where p.tenant = :tenant::uuid and p.status = 'GRACE'
order by p.sorted_end, p.lead
limit :most::integer;

-- name: reminders_bounced(tenant, problem, most)
-- Grace has not begun: nobody was reached.
select p.lead, l.company, l.city, p.owner, p.status, p.paused, p.valid_until, p.updated_at
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where p.tenant = :tenant::uuid and p.problem = :problem::text
order by p.lead
limit :most::integer;

-- name: holds_too_long(tenant, now, most)
-- Those in force for longer than the policy of their lead finds usual, the longest first.
select
  h.lead, l.company, l.city, p.owner, p.status, p.paused, p.valid_until, h.hold, h.reason, h.start_at, h.end_at,
  h.max_days
from (
  (
    select h.*, (v.policy ->> 'max_hold_days')::integer as max_days
    from hold as h
    inner join protection as p on p.tenant = h.tenant and p.lead = h.lead
    inner join policy_version as v on v.tenant = p.tenant and v.version = p.policy_version
    where
      h.tenant = :tenant::uuid and h.end_at is null
      and p.status in ('ACTIVE', 'GRACE') and (v.policy ->> 'max_hold_days')::integer > 0
      and h.start_at + make_interval(days => (v.policy ->> 'max_hold_days')::integer) <= :now::timestamptz
    order by h.start_at, h.lead, h.hold
    limit :most::integer
  )
  union all
  (
    select h.*, (v.policy ->> 'max_hold_days')::integer as max_days
    from hold as h
    inner join protection as p on p.tenant = h.tenant and p.lead = h.lead
    inner join policy_version as v on v.tenant = p.tenant and v.version = p.policy_version
    where
      h.tenant = :tenant::uuid and h.end_at > :now::timestamptz
      and p.status in ('ACTIVE', 'GRACE') and (v.policy ->> 'max_hold_days')::integer > 0
      and h.start_at + make_interval(days => (v.policy ->> 'max_hold_days')::integer) <= :now::timestamptz
    order by h.start_at, h.lead, h.hold
    limit :most::integer
  )
) as h
inner join protection as p on p.tenant = h.tenant and p.lead = h.lead
inner join lead as l on l.tenant = h.tenant and l.id = h.lead
order by h.start_at, h.lead, h.hold
limit :most::integer;
