-- Credit checks. As the application on behalf of whoever asks; what the bureau answers is put on record by the worker.

-- name: enter(tenant, user, roles, at, ids, leads, accounts, countries, registrations, vats, amounts, buckets, currencies, purposes, fresh, own)
-- For each question, in their order: where its lead stands for the caller, and the answer there is, or a new check.
select e.place, e.owner, e.share, e.lead_status, e.company, e.is_new, (e.known).*
from credit_enter(
  :tenant::uuid, :user::text, :roles::text, :at::timestamptz, :ids::uuid [], :leads::uuid [], :accounts::text [],
  :countries::text [], :registrations::text [], :vats::text [], :amounts::numeric [], :buckets::numeric [],
  :currencies::text [], :purposes::text [], :fresh::timestamptz [], :own::boolean []
) as e;

-- name: in_flight(tenant, leads, accounts, countries, registrations, vats, amounts, currencies)
-- For each question the check that waits for the very same answer, by its place.
select q.place, c.id
from unnest(
  :leads::uuid [], :accounts::text [], :countries::text [], :registrations::text [], :vats::text [],
  :amounts::numeric [], :currencies::text []
) with ordinality as q (lead, account, country, registration_no, vat_no, amount, currency, place)
inner join credit_check as c
  on
    c.tenant = :tenant::uuid and c.lead = q.lead and c.account = q.account and c.country = q.country
    and c.registration_no is not distinct from q.registration_no and c.vat_no is not distinct from q.vat_no
    and c.amount = q.amount and c.currency = q.currency and c.status = 'pending';

-- name: checks(tenant, ids)
select
  c.id, c.lead, l.company, c.account, c.country, c.registration_no, c.vat_no, c.amount, c.currency, c.purpose,
  c.requested_by, c.requested_at, c.status, c.degraded, c.bureau_id, c.grade, c.credit_limit, c.conditions,
  c.valid_until, c.decided_at, c.settled_at
from credit_check as c
inner join lead as l on l.tenant = c.tenant and l.id = c.lead
where c.tenant = :tenant::uuid and c.id = any(:ids::uuid []);

-- name: checks_of(tenant, lead, most)
-- The newest first.
select
  c.id, c.lead, l.company, c.account, c.country, c.registration_no, c.vat_no, c.amount, c.currency, c.purpose,
  c.requested_by, c.requested_at, c.status, c.degraded, c.bureau_id, c.grade, c.credit_limit, c.conditions,
  c.valid_until, c.decided_at, c.settled_at
from credit_check as c
inner join lead as l on l.tenant = c.tenant and l.id = c.lead
where c.tenant = :tenant::uuid and c.lead = :lead::uuid
order by c.requested_at desc, c.id
limit :most::integer;

-- name: standing_answer(tenant, lead, at)^
-- The last thing the bureau has said of this lead that still holds; after an erasure nobody would hear it taken back.
select c.status, c.grade
from credit_check as c
where
  c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.decided_at is not null
  and c.erased_at is null and (c.valid_until is null or c.valid_until > :at::timestamptz)
order by c.decided_at desc, c.id
limit 1;

-- name: pending(tenant)^
select count(*) as checks, min(c.requested_at) as oldest
from credit_check as c
where c.tenant = :tenant::uuid and c.status = 'pending';

-- name: figures(tenant, since, until)^
-- Of checks somebody waited for: how many, how long 95 of 100 took at most, and how many had to wait for the answer.
select
  count(*) as checks, percentile_disc(0.95) within group (order by c.took_ms) as p95_ms,
  count(*) filter (where c.followed_at is not null) as late
from credit_check as c
where
  c.tenant = :tenant::uuid and c.took_ms is not null
  and c.requested_at >= :since::timestamptz and c.requested_at < :until::timestamptz;
