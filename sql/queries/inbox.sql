-- What waits for a decision.

-- name: pending_requests(tenant, kind, not_by, after_at, after_lead, after_request, most)
-- The oldest first. Somebody's own requests are for others to decide.
select
  r.request, r.kind, r.status, r.reason, r.start_at, r.end_at, r.days, r.next_step_at, r.requested_by, r.requested_at,
  r.decided_by, r.decided_at, r.lead, l.company, l.city, p.owner, p.status as lead_status, p.valid_until, p.revision
from request as r
inner join protection as p on p.tenant = r.tenant and p.lead = r.lead
inner join lead as l on l.tenant = r.tenant and l.id = r.lead
where
  r.tenant = :tenant::uuid and r.status = 'PENDING'
  and (:kind::text is null or r.kind = :kind::text)
  and (:not_by::text is null or r.requested_by <> :not_by::text)
  and (r.requested_at, r.lead, r.request) > (:after_at::timestamptz, :after_lead::uuid, :after_request::text)
order by r.requested_at, r.lead, r.request
limit :most::integer;
