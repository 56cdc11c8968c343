-- Leads: adding them, finding them.

-- name: register_leads(tenant, entries, refuse_duplicates)$
select lead_register(:tenant::uuid, :entries::jsonb, :refuse_duplicates::boolean);

-- name: lead_by_id(tenant, lead)^
select l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.owner, l.created_at
from lead as l
where l.tenant = :tenant::uuid and l.id = :lead::uuid;

-- name: lead_by_external_id(tenant, external_id)^
select l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.owner, l.created_at
from lead as l
where l.tenant = :tenant::uuid and l.external_id = :external_id::text;
