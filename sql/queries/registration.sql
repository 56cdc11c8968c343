-- Registering and describing leads on somebody's behalf, as the application role.

-- name: enter_leads(tenant, entries, refuse_duplicates)$
select lead_register(:tenant::uuid, :entries::jsonb, :refuse_duplicates::boolean);

-- name: has_live_duplicate(tenant, company_key, postcode, at, lead)$
-- Whether another lead than this one keeps the company.
select has_live_duplicate(:tenant::uuid, :company_key::text, :postcode::text, :at::timestamptz, :lead::uuid);

-- name: leads_begun(tenant, company_key, owner)$
-- How many leads of this company the owner has had so far, of those the caller may see.
select count(*)
from lead as l
inner join protection as p on p.tenant = l.tenant and p.lead = l.id
where l.tenant = :tenant::uuid and l.company_key = :company_key::text and l.owner = :owner::text;

-- name: similar_leads(company, city, postcode, at, lead, least, most)
-- Leads the caller may see with a similar name, the likest first.
select s.lead, s.company, s.city, s.score
from similar_leads(
  :company::text, :city::text, :postcode::text, :at::timestamptz, :lead::uuid, :least::real, :most::integer
) as s;

-- name: lead_to_describe(tenant, lead)^
-- Waits for whoever describes the lead at the same moment.
select l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.company_key, l.changed
from lead as l
where l.tenant = :tenant::uuid and l.id = :lead::uuid
for update;

-- name: describe_lead(tenant, lead, external_id, postcode, industry, source)!
update lead as l set
  external_id = :external_id::text, postcode = :postcode::text, industry = :industry::text, source = :source::text
where l.tenant = :tenant::uuid and l.id = :lead::uuid;
