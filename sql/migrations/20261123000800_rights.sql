-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Two more words of a transaction's context: when the act happens in business time, and why.
create function app_at() returns timestamptz
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.at', true), '')::timestamptz;

create function app_reason() returns text
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.reason', true), '');

-- The user, if he is an agent: what is owned counts for agents only.
create function app_agent() returns text
language sql stable parallel safe
return case when app_has_role('agent') then app_user_id() end;

grant execute on function app_at(), app_reason(), app_agent() to fristwerk_app, fristwerk_worker;

-- protection/permission.py holds the same rows; a test compares.
create table permission (
  act text not null,
  grantee text not null check (grantee in ('agent', 'manager', 'admin', 'auditor', 'VIEW', 'ASSIST', 'NEGOTIATE')),
  scope text not null check (scope in ('tenant', 'own', 'self', 'shared', 'never')),
  primary key (act, grantee)
);

insert into permission (act, grantee, scope)
select cells.act, g.grantee, g.scope
from (
  values
  ('read-lead', 'own', 'tenant', 'tenant', 'tenant', 'shared', 'shared', 'shared'),
  ('read-contact', 'own', 'tenant', 'tenant', 'tenant', 'shared', 'shared', 'shared'),
  ('register', 'self', 'tenant', 'tenant', 'never', null, null, null),
  ('register-for-others', null, 'tenant', 'tenant', 'never', null, null, null),
  ('log-activity', 'own', 'tenant', 'tenant', 'never', null, 'shared', 'shared'),
  ('add-note', 'own', 'tenant', 'tenant', 'never', null, 'shared', 'shared'),
  ('request', 'own', null, null, 'never', null, null, 'shared'),
  ('decide', null, 'tenant', 'tenant', 'never', null, null, null),
  ('govern', null, 'tenant', 'tenant', 'never', null, null, null),
  ('release-lead', 'own', 'tenant', 'tenant', 'never', null, null, null),
  ('edit-lead', 'own', 'tenant', 'tenant', 'never', null, null, null),
  ('share', 'own', 'tenant', 'tenant', 'never', null, null, null),
  ('read-settings', null, 'tenant', 'tenant', 'tenant', null, null, null),
  ('change-settings', null, null, 'tenant', 'never', null, null, null),
  ('read-audit', 'own', 'tenant', 'tenant', 'tenant', null, null, null),
  ('erase', null, null, 'tenant', 'never', null, null, null),
  ('export-own', 'self', 'self', 'self', 'self', null, null, null)
) as cells (act, agent, manager, admin, auditor, view, assist, negotiate)
cross join lateral (
  values
  ('agent', cells.agent), ('manager', cells.manager), ('admin', cells.admin), ('auditor', cells.auditor),
  ('VIEW', cells.view), ('ASSIST', cells.assist), ('NEGOTIATE', cells.negotiate)
) as g (grantee, scope)
where g.scope is not null;

-- With whom a lead is shared. A lead's owner is never his own collaborator.
create table collaborator (
  tenant uuid not null,
  lead uuid not null,
  user_id text not null,
  role text not null check (role in ('VIEW', 'ASSIST', 'NEGOTIATE')),
  added_by text not null check (added_by <> ''),
  added_at timestamptz not null,
  primary key (tenant, lead, user_id),
  constraint collaborator_of_lead foreign key (tenant, lead) references lead (tenant, id),
  constraint collaborator_known foreign key (tenant, user_id) references app_user (tenant, id)
);
create index collaborator_by_user on collaborator (tenant, user_id, lead);

-- The leads shared with the agent who asks. Policies put it into a sub-select, which runs once a query.
create function app_shared_leads() returns setof uuid
language sql stable parallel safe security definer set search_path = pg_catalog, public, pg_temp rows 20
begin atomic
  select c.lead from collaborator as c where c.tenant = app_tenant() and c.user_id = app_agent();
end;

-- Whether the caller may do this: the question every door of the database asks. A lead of another
-- tenant, or none at all, is nobody's to act on.
create function may_act(p_act text, p_lead uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return (
  select
    app_tenant() is not null and app_user_id() is not null and not coalesce(bool_or(p.scope = 'never'), false)
    and coalesce(
      bool_or(
        case p.scope
          when 'tenant' then p_lead is null or l.id is not null
          when 'own' then l.owner = app_user_id()
          when 'self' then p_lead is null or l.owner = app_user_id()
          when 'shared' then l.owner <> app_user_id()
        end
      ),
      false
    )
  from permission as p
  left join lead as l on l.tenant = app_tenant() and l.id = p_lead
  left join collaborator as c on c.tenant = app_tenant() and c.lead = p_lead and c.user_id = app_agent()
  where
    p.act = p_act
    and case when p.scope = 'shared' then p.grantee = c.role else app_has_role(p.grantee) end
);

-- What belongs to a lead is read by whoever reads the lead; contact data, unless one reads the whole
-- tenant, only while it is alive: afterwards owner and collaborators keep clock and history.
create or replace function can_read_lead(lead uuid) returns boolean
language sql stable parallel safe security definer set search_path = pg_catalog, public, pg_temp
return may_act('read-lead', can_read_lead.lead);

create or replace function can_read_contact(lead uuid) returns boolean
language sql stable parallel safe security definer set search_path = pg_catalog, public, pg_temp
return may_act('read-contact', can_read_contact.lead) and (app_reads_all() or coalesce((
  select p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'CONVERTED')
  from protection as p
  where p.tenant = app_tenant() and p.lead = can_read_contact.lead
), true));

grant execute on function app_shared_leads(), may_act(text, uuid) to fristwerk_app;

alter table permission enable row level security;
alter table permission force row level security;
alter table collaborator enable row level security;
alter table collaborator force row level security;

-- No tenant's table, but without a context it shows nothing either.
create policy tenant_read on permission for select to fristwerk_app, fristwerk_worker, fristwerk_owner
using ((select app_tenant()) is not null);

create policy tenant_read on collaborator for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on collaborator for insert to fristwerk_worker, fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on collaborator for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_remove on collaborator for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- The application. Nobody makes the owner a collaborator, and nobody but managers and administrators
-- takes a share for himself.
create policy reader_read on collaborator for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create policy sharer_add on collaborator for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and may_act('share', lead) and added_by = (select app_user_id())
  and (user_id <> (select app_user_id()) or (select app_has_role('manager', 'admin')))
  and not exists (
    select from lead as l where l.tenant = collaborator.tenant and l.id = collaborator.lead and l.owner = collaborator.user_id
  )
);
create policy sharer_change on collaborator for update to fristwerk_app
using (tenant = (select app_tenant()) and may_act('share', lead))
with check (
  tenant = (select app_tenant()) and may_act('share', lead) and added_by = (select app_user_id())
  and (user_id <> (select app_user_id()) or (select app_has_role('manager', 'admin')))
);
create policy sharer_remove on collaborator for delete to fristwerk_app
using (tenant = (select app_tenant()) and may_act('share', lead));

grant select on permission, collaborator to fristwerk_app, fristwerk_worker;
grant insert, update, delete on collaborator to fristwerk_worker;
grant insert, delete on collaborator to fristwerk_app;
grant update (role, added_by, added_at) on collaborator to fristwerk_app;

-- Reading, with sharing. `lead` and `protection` know the owner themselves; every sub-select runs once a
-- query, and what is shared is hashed then. The tables below them ask `lead`, row by row or hashed, as
-- the planner likes it better.
alter policy reader_read on lead
using (
  tenant = (select app_tenant())
  and ((select app_reads_all()) or owner = (select app_agent()) or id in (select app_shared_leads()))
);
alter policy reader_read on protection
using (
  tenant = (select app_tenant())
  and ((select app_reads_all()) or owner = (select app_agent()) or lead in (select app_shared_leads()))
);
alter policy reader_read on fact
using (
  tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
    select from lead as l where l.tenant = fact.tenant and l.id = fact.lead
  ))
);
alter policy reader_read on hold
using (
  tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
    select from lead as l where l.tenant = hold.tenant and l.id = hold.lead
  ))
);
alter policy reader_read on notification
using (
  tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
    select from lead as l where l.tenant = notification.tenant and l.id = notification.lead
  ))
);
-- The audit is the owner's, not the collaborators'.
alter policy reader_read on audit_event
using (
  tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
    select from lead as l
    where l.tenant = audit_event.tenant and l.id = audit_event.lead and l.owner = (select app_agent())
  ))
);

reset role;

-- migrate:down

set local role fristwerk_owner;
alter policy reader_read on lead
using (tenant = (select app_tenant()) and ((select app_reads_all()) or owner = (select app_user_id())));
alter policy reader_read on protection
using (tenant = (select app_tenant()) and ((select app_reads_all()) or owner = (select app_user_id())));
alter policy reader_read on fact
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
alter policy reader_read on hold
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
alter policy reader_read on notification
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
alter policy reader_read on audit_event
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create or replace function can_read_lead(lead uuid) returns boolean
language sql stable parallel unsafe security definer set search_path = pg_catalog, public, pg_temp
return exists (
  select 1 from lead as l
  where l.tenant = app_tenant() and l.id = can_read_lead.lead and l.owner = app_user_id()
);
create or replace function can_read_contact(lead uuid) returns boolean
language sql stable parallel unsafe security definer set search_path = pg_catalog, public, pg_temp
return exists (
  select 1
  from lead as l
  left join protection as p on p.tenant = l.tenant and p.lead = l.id
  where
    l.tenant = app_tenant() and l.id = can_read_contact.lead and l.owner = app_user_id()
    and coalesce(p.status, 'ACTIVE') in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'CONVERTED')
);
drop policy sharer_remove on collaborator;
drop policy sharer_change on collaborator;
drop policy sharer_add on collaborator;
drop function may_act(text, uuid);
drop function app_shared_leads();
drop table collaborator;
drop table permission;
drop function app_agent();
drop function app_reason();
drop function app_at();
reset role;
