-- Whether the database is there, and a tenant in it.

-- name: answers()$
select true;

-- name: has_tenant(tenant)$
select exists (select from tenant where id = :tenant::uuid);

-- name: standing(needed)^
-- Whether it takes what is written, and has the migration of that version.
select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable,
  exists (select from schema_migrations where version >= :needed::text) as current;
