-- Leads: adding them, finding them, listing them.

-- name: register_leads(tenant, entries, refuse_duplicates)$
select lead_register(:tenant::uuid, :entries::jsonb, :refuse_duplicates::boolean);

-- name: live_duplicate(tenant, company_key, postcode)$
select live_duplicate(:tenant::uuid, :company_key::text, :postcode::text);

-- name: lead_by_id(tenant, lead)^
select l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.owner, l.created_at
from lead as l
where l.tenant = :tenant::uuid and l.id = :lead::uuid;

-- name: lead_by_external_id(tenant, external_id)^
select l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.owner, l.created_at
from lead as l
where l.tenant = :tenant::uuid and l.external_id = :external_id::text;

-- name: list_leads(tenant, status, owner, paused, due_before, after_at, after_lead, most)
-- Who runs out first; leads whose end is unknown come last. The cursor is the last row's place.
select
  p.*, l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.created_at
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid
  and (coalesce(p.valid_until, 'infinity'), p.lead) > (:after_at::timestamptz, :after_lead::uuid)
  and (:status::text is null or p.status = :status::text)
  and (:owner::text is null or p.owner = :owner::text)
  and (:paused::boolean is null or p.paused = :paused::boolean)
  and (:due_before::timestamptz is null or coalesce(p.valid_until, 'infinity') < :due_before::timestamptz)
order by coalesce(p.valid_until, 'infinity'), p.lead
limit :most::integer;
