-- Credit checks. As the application on behalf of whoever asks; what the bureau answers is put on record by the worker.

-- name: look(tenant, user, leads, accounts, countries, registrations, vats, amounts, buckets, currencies, fresh, at)
-- For each question, in their order: where its lead stands for the caller, and the answer that is there already:
-- one that says as much about the amount wanted, or the check that waits for one. No lead, no row.
select
  q.place, l.id as lead, l.company, l.owner, s.role as share, p.status as lead_status, c.id as check_id
from unnest(
  :leads::uuid [], :accounts::text [], :countries::text [], :registrations::text [], :vats::text [],
  :amounts::numeric [], :buckets::numeric [], :currencies::text [], :fresh::timestamptz []
) with ordinality as q (
  lead, account, country, registration_no, vat_no, amount, bucket, currency, fresh, place
)
inner join lead as l on l.tenant = :tenant::uuid and l.id = q.lead
left join protection as p on p.tenant = l.tenant and p.lead = l.id
left join collaborator as s on s.tenant = l.tenant and s.lead = l.id and s.user_id = :user::text
left join lateral (
  select k.id
  from credit_check as k
  where
    k.tenant = :tenant::uuid and k.account = q.account and k.bucket = q.bucket and k.currency = q.currency
    and k.country = q.country and k.registration_no is not distinct from q.registration_no
    and k.vat_no is not distinct from q.vat_no
    and case
      when k.status = 'pending' then k.lead = q.lead and k.amount = q.amount
      else
        k.decided_at is not null and k.settled_at > q.fresh
        and (k.valid_until is null or k.valid_until > :at::timestamptz)
        and (
          k.amount = q.amount or (k.status = 'approved' and k.credit_limit >= q.amount)
          or (k.status <> 'approved' and k.amount <= q.amount)
        )
    end
  order by k.status = 'pending', k.lead <> q.lead, k.settled_at desc
  limit 1
) as c on true
order by q.place;

-- name: add(tenant, user, ids, leads, accounts, countries, registrations, vats, amounts, buckets, currencies, purposes, at)
-- The ids of those that are new; the others are in flight.
insert into credit_check (
  tenant, id, lead, account, country, registration_no, vat_no, amount, bucket, currency, purpose, requested_by,
  requested_at
)
select
  :tenant::uuid, q.id, q.lead, q.account, q.country, q.registration_no, q.vat_no, q.amount, q.bucket, q.currency,
  q.purpose, :user::text, :at::timestamptz
from unnest(
  :ids::uuid [], :leads::uuid [], :accounts::text [], :countries::text [], :registrations::text [], :vats::text [],
  :amounts::numeric [], :buckets::numeric [], :currencies::text [], :purposes::text []
) as q (id, lead, account, country, registration_no, vat_no, amount, bucket, currency, purpose)
on conflict do nothing
returning id;

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
-- The last thing the bureau has said of this lead that still holds.
select c.status, c.grade
from credit_check as c
where
  c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.decided_at is not null
  and (c.valid_until is null or c.valid_until > :at::timestamptz)
order by c.decided_at desc, c.id
limit 1;

-- name: pending(tenant)^
select count(*) as checks, min(c.requested_at) as oldest
from credit_check as c
where c.tenant = :tenant::uuid and c.status = 'pending';
