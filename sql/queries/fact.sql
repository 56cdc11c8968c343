-- Facts as people read them.

-- name: facts_of(tenant, lead)
select f.revision, f.fact_id, f.type, f.occurred_at, f.recorded_at, f.by, f.payload
from fact as f
where f.tenant = :tenant::uuid and f.lead = :lead::uuid
order by f.revision;
