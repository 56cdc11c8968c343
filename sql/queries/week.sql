-- What needs somebody this week. The transaction's context says who reads; instants are parameters.

-- name: week_page(tenant, everybody, owner, shared_with, now, before, after_at, after_lead, most)
-- Leads by the instant by which somebody has to act: of the whole tenant, of an owner, and those shared with
-- somebody who may do more than look; each from one index, in order, and read no further than the page. A note
-- that nobody has followed up in time keeps nobody away any more, and is not pressing.
with page as (
  (
    select p.lead, p.act_by
    from protection as p
    where
      :everybody::boolean and p.tenant = :tenant::uuid and p.act_by < :before::timestamptz
      and (p.status <> 'PREREGISTERED' or p.act_by > :now::timestamptz)
      and (p.act_by, p.lead) > (:after_at::timestamptz, :after_lead::uuid)
    order by p.act_by, p.lead
    limit 101
  )
  union all
  (
    select p.lead, p.act_by
    from protection as p
    where
      p.tenant = :tenant::uuid and p.owner = :owner::text and p.act_by < :before::timestamptz
      and (p.status <> 'PREREGISTERED' or p.act_by > :now::timestamptz)
      and (p.act_by, p.lead) > (:after_at::timestamptz, :after_lead::uuid)
    order by p.act_by, p.lead
    limit 101
  )
  union all
  (
    select p.lead, p.act_by
    from protection as p
    where
      p.tenant = :tenant::uuid and p.owner <> :shared_with::text and p.act_by < :before::timestamptz
      and p.lead = any(array(
        select c.lead from collaborator as c
        where c.tenant = :tenant::uuid and c.user_id = :shared_with::text and c.role <> 'VIEW'
      ))
      and (p.status <> 'PREREGISTERED' or p.act_by > :now::timestamptz)
      and (p.act_by, p.lead) > (:after_at::timestamptz, :after_lead::uuid)
    order by p.act_by, p.lead
    limit 101
  )
  order by act_by, lead
  limit :most::integer
)

select
  l.id, l.company, l.city, l.industry, p.owner, p.status, p.paused, p.act_by, p.reminder_due_at, p.grace_until,
  p.base_until, p.progress_until, p.valid_until, p.last_progress_at, p.registered_at, p.problem, p.revision, c.role as share
from page
inner join protection as p on p.tenant = :tenant::uuid and p.lead = page.lead
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
left join collaborator as c on c.tenant = p.tenant and c.lead = p.lead and c.user_id = :shared_with::text
order by page.act_by, page.lead;

-- name: pressing_of_owner(tenant, owner, now, soon, before)
select
  p.owner, count(*) as leads, count(*) filter (where p.status = 'GRACE') as in_grace,
  count(*) filter (where p.act_by < :soon::timestamptz) as soon
from protection as p
where
  p.tenant = :tenant::uuid and p.owner = :owner::text and p.act_by < :before::timestamptz
  and (p.status <> 'PREREGISTERED' or p.act_by > :now::timestamptz)
group by p.owner;

-- name: pressing_of_team(tenant, now, soon, before)
-- For each of its people, whoever has most in grace first.
select
  p.owner, count(*) as leads, count(*) filter (where p.status = 'GRACE') as in_grace,
  count(*) filter (where p.act_by < :soon::timestamptz) as soon
from protection as p
where
  p.tenant = :tenant::uuid and p.act_by < :before::timestamptz
  and (p.status <> 'PREREGISTERED' or p.act_by > :now::timestamptz)
group by p.owner
order by in_grace desc, soon desc, p.owner;

-- name: asked_by(tenant, user, since, most)
-- Somebody's requests: those that wait, the oldest first, then those that were decided since, the newest first.
with asked as (
  (
    select r.* from request as r
    where r.tenant = :tenant::uuid and r.requested_by = :user::text and r.decided_at is null and r.status = 'PENDING'
    order by r.requested_at
    limit :most::integer
  )
  union all
  (
    select r.* from request as r
    where
      r.tenant = :tenant::uuid and r.requested_by = :user::text and r.decided_at > :since::timestamptz
      and r.status in ('APPROVED', 'REJECTED')
    order by r.decided_at desc
    limit :most::integer
  )
)

select
  r.request, r.kind, r.status, r.reason, r.start_at, r.end_at, r.days, r.next_step_at, r.requested_by, r.requested_at,
  r.decided_by, r.decided_at, l.id as lead, l.company, l.city
from asked as r
inner join lead as l on l.tenant = r.tenant and l.id = r.lead;

-- name: lapsed_of(tenant, owner, since, most)
-- What somebody has lost lately, the newest first.
select l.id as lead, l.company, l.city, p.reason, p.valid_until as ended_at
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid and p.status = 'EXPIRED' and p.owner = :owner::text
  and p.sorted_end > :since::timestamptz and p.sorted_end < 'infinity'
order by p.sorted_end desc
limit :most::integer;

-- name: waiting_on(tenant, leads)
-- Which of these leads have a request that nobody has decided.
select r.lead, r.kind, r.requested_by, r.requested_at
from request as r
where r.tenant = :tenant::uuid and r.lead = any(:leads::uuid []) and r.status = 'PENDING';

-- name: to_decide(tenant, user, most)$
-- How many requests wait that somebody else made, up to so many.
select count(*)
from (
  select from request as r
  where r.tenant = :tenant::uuid and r.status = 'PENDING' and r.requested_by <> :user::text
  limit :most::integer
) as waiting;

-- name: policy_in_force(tenant, lead)$
-- The policy a lead lives under now.
select v.policy
from protection as p
inner join policy_version as v on v.tenant = p.tenant and v.version = p.policy_version
where p.tenant = :tenant::uuid and p.lead = :lead::uuid;
