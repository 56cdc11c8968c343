-- The context of a transaction.

-- name: set_context(tenant, user, roles)!
select set_config('app.tenant', :tenant, true), set_config('app.user', :user, true), set_config('app.roles', :roles, true);
