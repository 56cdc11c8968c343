-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Leads registered many at a time by one caller, and how far that is; kept for a day. Nothing of what the
-- rows say is here: a row is known by its number, what is wrong with it by the name of the field.
create table lead_import (
  tenant uuid not null references tenant (id),
  id uuid not null,
  requested_by text not null check (requested_by <> ''),
  request_hash bytea check (length(request_hash) = 32),
  dry_run boolean not null,
  total integer not null check (total between 1 and 10000),
  state text not null check (state in ('running', 'done', 'interrupted')),
  asked_at timestamptz not null,
  told_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant, id),
  constraint lead_import_finished check ((finished_at is not null) = (state = 'done'))
);

create unique index lead_import_one_at_a_time on lead_import (tenant, requested_by) where state = 'running';

create table lead_import_row (
  tenant uuid not null,
  job uuid not null,
  number integer not null check (number between 1 and 10000),
  line integer check (line >= 1),
  outcome text not null check (outcome in ('registered', 'already-there', 'live-duplicate', 'similar', 'refused')),
  lead uuid,
  faults jsonb not null check (jsonb_typeof(faults) = 'array'),
  primary key (tenant, job, number),
  foreign key (tenant, job) references lead_import (tenant, id) on delete cascade,
  foreign key (tenant, lead) references lead (tenant, id) on delete set null (lead)
);

create index lead_import_row_by_lead on lead_import_row (tenant, lead);

do $enable$
declare
  tab text;
begin
  foreach tab in array array['lead_import', 'lead_import_row'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_remove on %I for delete to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
end
$enable$;

-- An import is its caller's own; nobody else reads it, managers neither: the leads are what they read.
create policy own_read on lead_import for select to fristwerk_app
using (tenant = (select app_tenant()) and requested_by = (select app_user_id()));
create policy own_add on lead_import for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and requested_by = (select app_user_id()) and (select may_act('register', null))
);
create policy own_change on lead_import for update to fristwerk_app
using (tenant = (select app_tenant()) and requested_by = (select app_user_id()))
with check (tenant = (select app_tenant()) and requested_by = (select app_user_id()));
create policy own_remove on lead_import for delete to fristwerk_app
using (tenant = (select app_tenant()) and requested_by = (select app_user_id()));

create policy own_read on lead_import_row for select to fristwerk_app
using (
  tenant = (select app_tenant())
  and exists (select from lead_import as i where i.tenant = lead_import_row.tenant and i.id = lead_import_row.job)
);
create policy own_add on lead_import_row for insert to fristwerk_app
with check (
  tenant = (select app_tenant())
  and exists (select from lead_import as i where i.tenant = lead_import_row.tenant and i.id = lead_import_row.job)
);

grant select, insert, delete on lead_import to fristwerk_app;
grant update (state, told_at, finished_at) on lead_import to fristwerk_app;
grant select, insert on lead_import_row to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table lead_import_row;
drop table lead_import;
reset role;
