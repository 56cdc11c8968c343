-- Rehearsals of draft policies, kept for a day.

-- name: add_rehearsal(tenant, id, draft, by, at, leads)$
-- Nothing where it is there already.
insert into policy_rehearsal (tenant, id, draft, requested_by, as_of, leads, told_at)
values (:tenant::uuid, :id::uuid, :draft::jsonb, :by, :at::timestamptz, :leads::integer, :at::timestamptz)
on conflict do nothing
returning id;

-- name: rehearsal(tenant, id)^
select r.id, r.draft, r.requested_by, r.as_of, r.leads, r.done, r.told_at, r.finished_at, r.summary
from policy_rehearsal as r
where r.tenant = :tenant::uuid and r.id = :id::uuid;

-- name: running_since(tenant, since)$
-- Whether another one has told of itself since then.
select exists (
  select from policy_rehearsal as r
  where r.tenant = :tenant::uuid and r.finished_at is null and r.told_at > :since::timestamptz
);

-- name: add_outcomes(tenant, id, outcomes)!
insert into policy_rehearsal_lead (tenant, rehearsal, lead, outcome)
select :tenant::uuid, :id::uuid, (told.value ->> 'lead')::uuid, told.value
from jsonb_array_elements(:outcomes::jsonb) as told
on conflict do nothing;

-- name: tell_progress(tenant, id, done, at)!
update policy_rehearsal as r set done = :done::integer, told_at = :at::timestamptz
where r.tenant = :tenant::uuid and r.id = :id::uuid;

-- name: finish(tenant, id, done, at, summary)!
update policy_rehearsal as r set
  done = :done::integer, told_at = :at::timestamptz, finished_at = :at::timestamptz,
  summary = :summary::jsonb
where r.tenant = :tenant::uuid and r.id = :id::uuid;

-- name: outcomes(tenant, id, after, most)
select o.lead, o.outcome
from policy_rehearsal_lead as o
where o.tenant = :tenant::uuid and o.rehearsal = :id::uuid and o.lead > :after::uuid
order by o.lead
limit :most::integer;

-- name: forget_before(tenant, before)!
delete from policy_rehearsal as r where r.tenant = :tenant::uuid and r.as_of < :before::timestamptz;

-- name: rehearsals(tenant, most)
-- Drafts that were tried out lately.
select r.id, r.draft, r.requested_by, r.as_of, r.leads, r.done, r.told_at, r.finished_at, r.summary
from policy_rehearsal as r
where r.tenant = :tenant::uuid
order by r.as_of desc, r.id asc
limit :most::integer;
