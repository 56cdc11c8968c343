-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Roles belong to the whole cluster, not to this database, so each is made only where it is missing,
-- and the way down leaves them alone.
do $roles$
declare
  wanted text;
begin
  foreach wanted in array array['fristwerk_owner', 'fristwerk_app', 'fristwerk_worker', 'fristwerk_public', 'fristwerk_report'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin nosuperuser nocreatedb nocreaterole nobypassrls noinherit', wanted);
      exception when duplicate_object or unique_violation then
        null;  -- another database of the cluster made it at the same moment
      end;
    end if;
    -- Whoever migrates must be able to act as the owner, and the processes to switch to their role.
    if not pg_catalog.pg_has_role(current_user, wanted, 'SET') then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end
$roles$;

grant usage, create on schema public to fristwerk_owner;
grant usage on schema public to fristwerk_app, fristwerk_worker, fristwerk_public, fristwerk_report;

set local role fristwerk_owner;

-- A function is callable by nobody until it is granted.
alter default privileges for role fristwerk_owner revoke execute on functions from public;

-- The context of a transaction: who asks, of which tenant, in which roles. Empty counts as absent:
-- after a transaction PostgreSQL leaves '' behind, not null.
create function app_tenant() returns uuid
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.tenant', true), '')::uuid;

create function app_user_id() returns text
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.user', true), '');

create function app_has_role(variadic wanted text[]) returns boolean
language sql stable parallel safe
return coalesce(pg_catalog.string_to_array(nullif(pg_catalog.current_setting('app.roles', true), ''), ',') && wanted, false);

-- Managers, administrators and auditors read the whole tenant; an agent reads what is his.
create function app_reads_all() returns boolean
language sql stable parallel safe
return app_has_role('manager', 'admin', 'auditor');

grant execute on function app_tenant(), app_user_id(), app_has_role(text []), app_reads_all()
to fristwerk_app, fristwerk_worker, fristwerk_report;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function app_reads_all();
drop function app_has_role(text []);
drop function app_user_id();
drop function app_tenant();
alter default privileges for role fristwerk_owner grant execute on functions to public;
reset role;
revoke usage on schema public from fristwerk_app, fristwerk_worker, fristwerk_public, fristwerk_report;
revoke usage, create on schema public from fristwerk_owner;
