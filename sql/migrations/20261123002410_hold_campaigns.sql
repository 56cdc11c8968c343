-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- One hold over many leads: what was wanted, and the leads it was wanted for, chosen once and kept. The
-- workflow `hold-campaign` goes by these rows, so that a new one can go on where another stood still.
create table hold_campaign (
  tenant uuid not null references tenant (id),
  id uuid not null,
  wanted jsonb not null check (jsonb_typeof(wanted) = 'object'),
  request_hash bytea not null check (length(request_hash) between 16 and 64),
  reason text not null check (reason <> ''),
  start_at timestamptz not null,
  end_at timestamptz check (end_at > start_at),
  leads integer not null check (leads between 1 and 5000),
  asked_by text not null check (asked_by <> ''),
  asked_at timestamptz not null,
  end_asked_by text check (end_asked_by <> ''),
  end_asked_at timestamptz,
  primary key (tenant, id),
  constraint hold_campaign_end_asked check ((end_asked_by is null) = (end_asked_at is null))
);
create index hold_campaign_by_asked_at on hold_campaign (tenant, asked_at, id);

-- waiting -> placed -> ended; refused where the contract does not allow it; left-out where the campaign was
-- ended before its turn. `code` says why.
create table hold_campaign_lead (
  tenant uuid not null,
  campaign uuid not null,
  lead uuid not null,
  state text not null check (state in ('waiting', 'placed', 'refused', 'ended', 'left-out')),
  code text check (code <> ''),
  told_at timestamptz not null,
  primary key (tenant, campaign, lead),
  constraint hold_campaign_lead_of foreign key (tenant, campaign) references hold_campaign (tenant, id),
  constraint hold_campaign_lead_about foreign key (tenant, lead) references lead (tenant, id)
);
create index hold_campaign_lead_open on hold_campaign_lead (tenant, campaign, lead) where state in ('waiting', 'placed');
create index hold_campaign_lead_by_lead on hold_campaign_lead (tenant, lead);

alter table hold_campaign enable row level security;
alter table hold_campaign force row level security;
alter table hold_campaign_lead enable row level security;
alter table hold_campaign_lead force row level security;

create policy tenant_read on hold_campaign for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_read on hold_campaign_lead for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_change on hold_campaign_lead for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));

-- Whoever may place a hold on a lead may have one placed on it by a campaign: asked lead by lead.
create policy reader_read on hold_campaign for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()));
create policy decider_add on hold_campaign for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and asked_by = (select app_user_id()) and end_asked_at is null
  and (select may_act('decide', null))
);
create policy decider_end on hold_campaign for update to fristwerk_app
using (tenant = (select app_tenant()) and end_asked_at is null and (select may_act('decide', null)))
with check (tenant = (select app_tenant()) and end_asked_by = (select app_user_id()));
create policy reader_read on hold_campaign_lead for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()));
create policy decider_add on hold_campaign_lead for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and state = 'waiting' and may_act('decide', lead)
  and exists (
    select from hold_campaign as c
    where c.tenant = hold_campaign_lead.tenant and c.id = hold_campaign_lead.campaign and c.asked_by = (select app_user_id())
  )
);

grant select, insert on hold_campaign, hold_campaign_lead to fristwerk_app;
grant update (end_asked_by, end_asked_at) on hold_campaign to fristwerk_app;
grant select on hold_campaign, hold_campaign_lead to fristwerk_worker;
grant update (state, code, told_at) on hold_campaign_lead to fristwerk_worker;

-- The audit hears of the campaign with the reason of its transaction; of each hold it hears through the lead.
create function hold_campaign_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if tg_op = 'INSERT' then
    perform audit_tell(
      'hold-campaign-asked', null, null, null,
      jsonb_build_object(
        'campaign', new.id, 'reason', new.reason, 'startAt', new.start_at, 'endAt', new.end_at, 'leads', new.leads,
        'filter', new.wanted
      ),
      null, new.asked_at
    );
  else
    perform audit_tell(
      'hold-campaign-end-asked', null, null, null, jsonb_build_object('campaign', new.id), null, new.end_asked_at
    );
  end if;
  return null;
end
$f$;

create constraint trigger hold_campaign_told after insert or update on hold_campaign
deferrable initially deferred for each row execute function hold_campaign_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table hold_campaign_lead;
drop table hold_campaign;
drop function hold_campaign_told();
reset role;
