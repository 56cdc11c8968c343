-- Whether the database is there, and a tenant in it.

-- name: answers()$
select true;

-- name: has_tenant(tenant)$
select exists (select from tenant where id = :tenant::uuid);
