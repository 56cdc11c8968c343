-- The context of a transaction.

-- name: set_context(tenant, user, roles)!
select set_config('app.tenant', :tenant, true), set_config('app.user', :user, true), set_config('app.roles', :roles, true);

-- name: set_context_of_act(tenant, user, roles, at, reason)!
select set_config('app.tenant', :tenant, true), set_config('app.user', :user, true), set_config('app.roles', :roles, true),
  set_config('app.at', :at, true), set_config('app.reason', :reason, true);
