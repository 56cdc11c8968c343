-- What the import asks and adds. The transaction's context names the tenant.

-- name: has_tenant(tenant)$
select exists (select from tenant where id = :tenant::uuid);

-- name: add_tenant(tenant, name)!
insert into tenant (id, name) values (:tenant::uuid, :name) on conflict do nothing;

-- name: add_policy(tenant, version, policy)!
insert into policy_version (tenant, version, policy)
values (:tenant::uuid, :version, :policy::text::jsonb)
on conflict do nothing;

-- name: known_leads(tenant, external_ids)
select l.external_id, l.id, p.status
from lead as l
left join protection as p on p.tenant = l.tenant and p.lead = l.id
where l.tenant = :tenant::uuid and l.external_id = any(:external_ids::text []);

-- name: live_twins(tenant, lead_keys, at)
-- A lead whose ledger was not recorded yet counts as live, a reservation until it ends.
select l.company_key, l.postcode, l.external_id, p.registered_at
from lead as l
left join protection as p on p.tenant = l.tenant and p.lead = l.id
where
  l.tenant = :tenant::uuid and l.company_key = any(:lead_keys::text [])
  and keeps_others_away(p.status, p.valid_until, :at::timestamptz);

-- name: fact_ids(tenant, leads)
select f.lead, f.fact_id from fact as f
where f.tenant = :tenant::uuid and f.lead = any(:leads::uuid []);

-- name: users_of(tenant, emails)
select u.id, lower(u.email) as email from app_user as u
where u.tenant = :tenant::uuid and lower(u.email) = any(:emails::text [])
order by u.id;

-- name: taken_ids(tenant, ids)
select u.id from app_user as u
where u.tenant = :tenant::uuid and u.id = any(:ids::text []);

-- name: add_user(tenant, id, email, display_name, locale, roles)!
insert into app_user (tenant, id, email, display_name, locale, roles)
values (:tenant::uuid, :id, :email, :display_name, :locale, :roles::text [])
on conflict do nothing;

-- name: has_audit(tenant, audit_id)$
select exists (select from audit_event where tenant = :tenant::uuid and audit_id = :audit_id);

-- name: add_audit(tenant, audit_id, actor, what, at)!
insert into audit_event (tenant, audit_id, actor, what, at)
values (:tenant::uuid, :audit_id, :actor, :what, :at::timestamptz)
on conflict do nothing;
