-- Protection: what the ledgers mean now.

-- name: protection_of(tenant, lead)^
select p.* from protection as p where p.tenant = :tenant::uuid and p.lead = :lead::uuid;

-- name: protection_at_once(tenant, user, roles, lead)^
-- Context and read in one statement, for callers that need nothing else.
select p.* from protection_status(:tenant::uuid, :user::text, :roles::text, :lead::uuid) as p;

-- name: holds_of(tenant, lead)
select h.hold, h.reason, h.start_at, h.end_at, h.placed_by
from hold as h
where h.tenant = :tenant::uuid and h.lead = :lead::uuid
order by h.start_at, h.hold;

-- name: counts_by_status(tenant)
select p.status, count(*) as leads, count(*) filter (where p.paused) as paused,
  count(*) filter (where p.problem is not null) as with_problem
from protection as p
where p.tenant = :tenant::uuid
group by p.status
order by p.status;

-- name: clock_of(tenant, lead, as_of)^
-- The same, computed from the ledger alone.
select c.* from lead_clock(:tenant::uuid, :lead::uuid, :as_of::timestamptz) as c;
