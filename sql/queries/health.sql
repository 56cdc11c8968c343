-- Whether the database is there, and as whom we act in it.

-- name: acting_role()^
select current_user as role, r.rolsuper or r.rolbypassrls as sees_everything
from pg_catalog.pg_roles as r
where r.rolname = current_user;
