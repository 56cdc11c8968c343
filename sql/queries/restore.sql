-- Putting back what histories still know after an older backup was restored. As the worker.

-- name: add_policy(tenant, version, policy)!
insert into policy_version (tenant, version, policy)
values (:tenant::uuid, :version::text, :policy::jsonb)
on conflict (tenant, version) do nothing;

-- name: nameless(tenant)
-- Leads whose company nobody has told again yet.
select l.id from lead as l where l.tenant = :tenant::uuid and l.company_key = 'unknown ' || l.id::text order by l.id;

-- name: name_lead(tenant, lead, company, city, postcode, industry, company_key)!
update lead as l set
  company = :company::text, city = :city::text, postcode = :postcode::text, industry = :industry::text,
  company_key = :company_key::text
where l.tenant = :tenant::uuid and l.id = :lead::uuid and l.company_key = 'unknown ' || l.id::text;

-- name: tell_audit(lead, after, at)$
select audit_tell('restored-from-history', :lead::uuid, null, null, :after::jsonb, null, :at::timestamptz);
