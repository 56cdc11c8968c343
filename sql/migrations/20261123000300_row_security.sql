-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Row security fails closed: ENABLE and FORCE on every table, one policy per command and role, the
-- tenant of the transaction always demanded. The owner has the same reading policy, because the
-- definer functions act as the owner: they too see nothing without a context.

-- Whether the caller may read this lead. Asked row by row only of tables that hold no owner
-- themselves; callers who read everything never get here (see the policies).
create function can_read_lead(lead uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return exists (
  select 1 from lead as l
  where l.tenant = app_tenant() and l.id = can_read_lead.lead and l.owner = app_user_id()
);

-- Contact data are the owner's only while the lead is alive; afterwards he keeps clock and history.
create function can_read_contact(lead uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return exists (
  select 1
  from lead as l
  left join protection as p on p.tenant = l.tenant and p.lead = l.id
  where
    l.tenant = app_tenant() and l.id = can_read_contact.lead and l.owner = app_user_id()
    and coalesce(p.status, 'ACTIVE') in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'CONVERTED')
);

revoke execute on function can_read_lead(uuid), can_read_contact(uuid) from public;
grant execute on function can_read_lead(uuid), can_read_contact(uuid) to fristwerk_app;

do $enable$
declare
  tab text;
begin
  foreach tab in array array['tenant', 'app_user', 'policy_version', 'lead', 'lead_contact', 'fact', 'protection',
                             'hold', 'notification', 'audit_event', 'audit_head'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
  end loop;
  -- Worker and owner: everything of the tenant in context, and nothing else.
  foreach tab in array array['app_user', 'policy_version', 'lead', 'lead_contact', 'fact', 'protection',
                             'hold', 'notification', 'audit_event', 'audit_head'] loop
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['app_user', 'lead', 'lead_contact', 'protection', 'hold', 'notification', 'audit_head'] loop
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['lead_contact', 'hold'] loop
    execute format('create policy tenant_remove on %I for delete to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
end
$enable$;

create policy tenant_read on tenant for select to fristwerk_worker, fristwerk_app, fristwerk_owner
using (id = (select app_tenant()));
create policy tenant_add on tenant for insert to fristwerk_worker, fristwerk_owner
with check (id = (select app_tenant()));

-- The application: agents read their own leads and what belongs to them; managers, administrators
-- and auditors the tenant. The sub-selects run once a query, not once a row.
create policy reader_read on app_user for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or id = (select app_user_id())));
create policy reader_read on policy_version for select to fristwerk_app
using (tenant = (select app_tenant()));
create policy reader_read on lead for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or owner = (select app_user_id())));
create policy reader_read on protection for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or owner = (select app_user_id())));
create policy reader_read on lead_contact for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_contact(lead)));
create policy reader_read on fact for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create policy reader_read on hold for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create policy reader_read on notification for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create policy reader_read on audit_event for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));

grant select on tenant, app_user, policy_version, lead, lead_contact, fact, protection, hold, notification, audit_event
to fristwerk_app;

grant select on tenant, app_user, policy_version, lead, lead_contact, fact, protection, hold, notification, audit_event,
audit_head
to fristwerk_worker;
grant insert on tenant, app_user, policy_version, lead, lead_contact, fact, protection, hold, notification, audit_event
to fristwerk_worker;
grant update on app_user, lead, lead_contact, protection, hold, notification to fristwerk_worker;
grant delete on lead_contact, hold to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
do $disable$
declare
  rule record;
begin
  for rule in select tablename, policyname from pg_catalog.pg_policies where schemaname = 'public' loop
    execute format('drop policy %I on %I', rule.policyname, rule.tablename);
    execute format('alter table %I no force row level security', rule.tablename);
    execute format('alter table %I disable row level security', rule.tablename);
    execute format('revoke all on %I from fristwerk_app, fristwerk_worker', rule.tablename);
  end loop;
end
$disable$;
drop function can_read_contact(uuid);
drop function can_read_lead(uuid);
reset role;
