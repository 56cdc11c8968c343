-- Settings: what there is, what is set, the tenant's policy.

-- name: values_of(tenant)
-- Those of everybody and those of the tenant.
select v.key, v.scope, v.scope_id, v.value, v.revision, v.changed_by, v.changed_at
from setting_value as v
where v.tenant = :tenant::uuid or v.tenant is null
order by v.key, v.scope, v.scope_id;

-- name: value_at(tenant, scope, scope_id, key)^
-- One value, kept from changing until the transaction ends.
select v.key, v.scope, v.scope_id, v.value, v.revision, v.changed_by, v.changed_at
from setting_value as v
where
  v.tenant is not distinct from :tenant::uuid and v.scope = :scope and v.scope_id = :scope_id and v.key = :key
for update;

-- name: add_value(tenant, scope, scope_id, key, value, by, at)$
-- Nothing where somebody else was quicker.
insert into setting_value (tenant, scope, scope_id, key, value, changed_by, changed_at)
values (:tenant::uuid, :scope, :scope_id, :key, coalesce(:value::jsonb, 'null'), :by, :at::timestamptz)
on conflict on constraint setting_value_once do nothing
returning revision;

-- name: change_value(tenant, scope, scope_id, key, value, by, at)$
update setting_value as v set value = coalesce(:value::jsonb, 'null'), changed_by = :by, changed_at = :at::timestamptz
where v.tenant is not distinct from :tenant::uuid and v.scope = :scope and v.scope_id = :scope_id and v.key = :key
returning v.revision;

-- name: installation_is_ours()$
select app_operates();

-- name: knows_user(tenant, user)$
select exists (select from app_user as u where u.tenant = :tenant::uuid and u.id = :user);
