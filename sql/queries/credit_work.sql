-- What the credit bureau has answered, put on record by the worker.

-- name: settle(tenant, ids, statuses, degraded, bureau_ids, grades, limits, conditions, valid_untils, decided_ats, took, at)
-- The newest decision stands, in whatever order they arrive; whoever has none never undoes one. Nothing comes
-- back that was erased.
update credit_check as c set
  status = s.status,
  degraded = s.degraded,
  bureau_id = coalesce(s.bureau_id, c.bureau_id),
  grade = s.grade,
  credit_limit = s.credit_limit,
  conditions = coalesce(string_to_array(nullif(s.conditions, ''), chr(31)), '{}'),
  valid_until = s.valid_until,
  decided_at = s.decided_at,
  settled_at = case when s.status <> 'pending' then :at::timestamptz end,
  took_ms = coalesce(c.took_ms, s.took_ms)
from unnest(
  :ids::uuid [], :statuses::text [], :degraded::text [], :bureau_ids::text [], :grades::text [], :limits::numeric [],
  :conditions::text [], :valid_untils::timestamptz [], :decided_ats::timestamptz [], :took::integer []
) as s (id, status, degraded, bureau_id, grade, credit_limit, conditions, valid_until, decided_at, took_ms)
where
  c.tenant = :tenant::uuid and c.id = s.id and c.erased_at is null
  and (c.decided_at is null or s.decided_at > c.decided_at)
  and (c.status = 'pending' or s.decided_at is not null)
returning c.id;

-- name: checks_for_bureau(tenant, ids)
select
  c.id, c.lead, l.company, c.account, c.country, c.registration_no, c.vat_no, c.amount, c.currency, c.purpose,
  c.requested_by, c.requested_at, c.status, c.degraded, c.bureau_id, c.grade, c.credit_limit, c.conditions,
  c.valid_until, c.decided_at, c.settled_at
from credit_check as c
inner join lead as l on l.tenant = c.tenant and l.id = c.lead
where c.tenant = :tenant::uuid and c.id = any(:ids::uuid []);

-- name: unfollowed(tenant, before, most)
-- Checks nobody waits for: handed over, or left behind by a process that ended.
select c.id
from credit_check as c
where
  c.tenant = :tenant::uuid and c.status = 'pending' and c.followed_at is null
  and (c.degraded is not null or c.bureau_id is not null or c.requested_at < :before::timestamptz)
order by c.requested_at
limit :most::integer;

-- name: follow(tenant, id, at)!
update credit_check as c set followed_at = :at::timestamptz
where c.tenant = :tenant::uuid and c.id = :id::uuid and c.followed_at is null;
