-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Holds and extensions somebody asked for, as the ledger leaves them; written together with the
-- projection. An approved hold stands in `hold` too, under the same id.
create table request (
  tenant uuid not null,
  lead uuid not null,
  request text not null check (request <> ''),
  kind text not null check (kind in ('HOLD', 'EXTENSION')),
  status text not null check (status in ('PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'VOID')),
  reason text,
  start_at timestamptz,
  end_at timestamptz,
  days integer,
  next_step_at timestamptz,
  requested_by text not null,
  requested_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  primary key (tenant, lead, request),
  constraint request_of_lead foreign key (tenant, lead) references lead (tenant, id)
);
-- The inbox: what waits for a decision, the oldest first.
create index request_pending on request (tenant, requested_at, lead, request) where status = 'PENDING';

alter table request enable row level security;
alter table request force row level security;

create policy tenant_read on request for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on request for insert to fristwerk_worker, fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on request for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_remove on request for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy reader_read on request for select to fristwerk_app
using (
  tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
    select from lead as l where l.tenant = request.tenant and l.id = request.lead
  ))
);

grant select on request to fristwerk_app;
grant select, insert, update, delete on request to fristwerk_worker;

-- Since when the present owner has the lead.
alter table protection add column assigned_at timestamptz;

-- For leads that are there already: from their ledgers, which the owner sees without a tenant just now.
alter table protection no force row level security;
alter table fact no force row level security;
update protection as p set assigned_at = coalesce(
  (
    select
      case
        when f.type <> 'registered' then f.recorded_at
        when f.recorded_at - f.occurred_at <= interval '1 minute' then f.occurred_at
        else f.recorded_at
      end
    from fact as f
    where f.tenant = p.tenant and f.lead = p.lead and f.type in ('preregistered', 'registered', 'transferred', 'reinstated')
    order by f.revision desc
    limit 1
  ),
  p.registered_at
);
alter table fact force row level security;
alter table protection force row level security;

-- The policy a lead's ledger begins under, from where it is replayed; later ones are facts in it. What a
-- lead lives under now says `protection.policy_version`.
create function opening_policy(p_tenant uuid, p_lead uuid) returns jsonb
language sql stable parallel safe
return (
  select v.policy
  from protection as p
  inner join policy_version as v on v.tenant = p.tenant and v.version = coalesce((
    select f.payload ->> 'replaces'
    from fact as f
    where f.tenant = p.tenant and f.lead = p.lead and f.type = 'policy_adopted'
    order by f.revision
    limit 1
  ), p.policy_version)
  where p.tenant = p_tenant and p.lead = p_lead
);

grant execute on function opening_policy(uuid, uuid) to fristwerk_app, fristwerk_worker, fristwerk_report;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function opening_policy(uuid, uuid);
alter table protection drop column assigned_at;
drop table request;
reset role;
