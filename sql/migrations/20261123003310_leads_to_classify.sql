-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Whose new leads are classified: kept by the worker of the queue `ai`. Without an account there is no row,
-- and registering a lead costs what it always did.
create table ai_classifies (
  tenant uuid not null primary key references tenant (id),
  since timestamptz not null
);

-- Leads whose workflow `lead-classify` has not been started yet. Written with the registration itself, so that
-- none is lost while Temporal is away; removed once it runs.
create table lead_to_classify (
  tenant uuid not null,
  lead uuid not null,
  at timestamptz not null,
  primary key (tenant, lead),
  foreign key (tenant, lead) references lead (tenant, id)
);

do $enable$
declare
  tab text;
begin
  foreach tab in array array['ai_classifies', 'lead_to_classify'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_remove on %I for delete to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
end
$enable$;
grant select, insert, delete on ai_classifies, lead_to_classify to fristwerk_worker;

-- A lead that was just registered; not one of years ago that an import brings.
create function lead_registered() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  insert into lead_to_classify (tenant, lead, at)
  select new.tenant, new.lead, new.updated_at
  from ai_classifies as c
  where c.tenant = new.tenant
  on conflict (tenant, lead) do nothing;
  if found then
    perform pg_notify('lead_to_classify', '');
  end if;
  return null;
end
$f$;
create trigger protection_begins_classifying after insert on protection
for each row when (new.status in ('ACTIVE', 'GRACE') and new.registered_at > new.updated_at - interval '1 day')
execute function lead_registered();
create trigger protection_registered_classifying after update on protection
for each row when (
  old.status = 'PREREGISTERED' and new.status in ('ACTIVE', 'GRACE') and new.registered_at > new.updated_at - interval '1 day'
)
execute function lead_registered();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger protection_registered_classifying on protection;
drop trigger protection_begins_classifying on protection;
drop function lead_registered();
drop table lead_to_classify;
drop table ai_classifies;
reset role;
