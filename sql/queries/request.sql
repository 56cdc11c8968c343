-- Requests that somebody else decides, as the ledger leaves them.

-- name: request_of(tenant, lead, request)^
select
  r.request, r.kind, r.status, r.reason, r.start_at, r.end_at, r.days, r.next_step_at, r.requested_by, r.requested_at,
  r.decided_by, r.decided_at
from request as r
where r.tenant = :tenant::uuid and r.lead = :lead::uuid and r.request = :request::text;

-- name: fact_read(tenant, user, roles, lead, fact_id)$
-- Context and read in one statement.
select fact_read(:tenant::uuid, :user::text, :roles::text, :lead::uuid, :fact_id::text);
