-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Each time everything recorded was compared: ledger, projection, SQL twin, workflows, audit chain.
create table reconciliation_run (
  tenant uuid not null references tenant (id),
  id uuid not null,
  asked_by text not null check (asked_by <> ''),
  started_at timestamptz not null,
  finished_at timestamptz,
  leads_compared bigint not null default 0 check (leads_compared >= 0),
  workflows_asked bigint not null default 0 check (workflows_asked >= 0),
  repaired jsonb not null default '{}' check (jsonb_typeof(repaired) = 'object'),
  found jsonb not null default '{}' check (jsonb_typeof(found) = 'object'),
  first_broken_audit bigint,
  primary key (tenant, id)
);
create index reconciliation_run_by_start on reconciliation_run (tenant, started_at desc);

-- What did not agree; `lead` is null where it is no lead's, and may be one that the database does not know.
create table reconciliation_finding (
  tenant uuid not null,
  run uuid not null,
  id bigint generated always as identity,
  lead uuid,
  "check" text not null check ("check" <> ''),
  detail text not null,
  repaired boolean not null,
  primary key (tenant, run, id),
  foreign key (tenant, run) references reconciliation_run (tenant, id),
  constraint reconciliation_finding_once unique nulls not distinct (tenant, run, lead, "check")
);

-- Whoever looks after all tenants looks into each of them; it says so, or sees nothing.
create function app_oversees() returns boolean
language sql stable parallel safe
return coalesce(pg_catalog.current_setting('app.oversees', true), '') = 'on';
grant execute on function app_oversees() to fristwerk_worker;

alter table reconciliation_run enable row level security;
alter table reconciliation_run force row level security;
alter table reconciliation_finding enable row level security;
alter table reconciliation_finding force row level security;

create policy tenant_read on reconciliation_run for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on reconciliation_run for insert to fristwerk_worker, fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on reconciliation_run for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_read on reconciliation_finding for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on reconciliation_finding for insert to fristwerk_worker, fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on reconciliation_finding for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy reader_read on reconciliation_run for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()) and (select may_act('read-audit', null)));
create policy reader_read on reconciliation_finding for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()) and (select may_act('read-audit', null)));
create policy overseer_read on reconciliation_run for select to fristwerk_worker
using ((select app_tenant()) is null and (select app_oversees()));
create policy overseer_read on tenant for select to fristwerk_worker
using ((select app_tenant()) is null and (select app_oversees()));

grant select on reconciliation_run, reconciliation_finding to fristwerk_app, fristwerk_worker;
grant insert on reconciliation_run, reconciliation_finding to fristwerk_worker;
grant update (finished_at, leads_compared, workflows_asked, repaired, found, first_broken_audit)
on reconciliation_run to fristwerk_worker;
grant update (detail, repaired) on reconciliation_finding to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop policy overseer_read on tenant;
drop table reconciliation_finding;
drop table reconciliation_run;
drop function app_oversees();
reset role;
