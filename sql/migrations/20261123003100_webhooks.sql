-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- News that systems outside send by themselves, kept before they are answered. `body` is what was signed, sealed,
-- and goes as soon as it is handled; `event_id` is the sender's, so that the same news twice is one row. A row
-- waits until the workflow `webhook-event` has settled it; `round` counts how often it was given to one.
create table webhook_event (
  tenant uuid not null references tenant (id),
  id uuid not null,
  source text not null check (source in ('xentral', 'allianz')),
  event_id text not null check (event_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$'),
  kind text not null check (kind ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$'),
  sent_at timestamptz not null,
  received_at timestamptz not null,
  body bytea check (is_sealed(body)),
  state text not null default 'waiting' check (state in ('waiting', 'handled', 'dead')),
  round integer not null default 1 check (round between 1 and 1000),
  told_at timestamptz,
  settled_at timestamptz,
  outcome text check (outcome ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,59}$'),
  replayed_by text check (replayed_by <> ''),
  replayed_at timestamptz,
  primary key (tenant, id),
  constraint webhook_event_once unique (tenant, source, event_id),
  constraint webhook_event_settled check (
    (state = 'waiting') = (settled_at is null) and (settled_at is null) = (outcome is null)
  ),
  constraint webhook_event_waits_with_body check (state <> 'waiting' or body is not null),
  constraint webhook_event_handled_without_body check (state <> 'handled' or body is null),
  constraint webhook_event_replayed check (
    (replayed_by is null) = (replayed_at is null) and (round = 1) = (replayed_by is null)
  )
);
create index webhook_event_by_time on webhook_event (tenant, received_at, id);
create index webhook_event_waiting on webhook_event (source, received_at, id) where state = 'waiting';
create index webhook_event_dead on webhook_event (tenant, settled_at, id) where state = 'dead';

alter table webhook_event enable row level security;
alter table webhook_event force row level security;
create policy tenant_read on webhook_event for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on webhook_event for insert to fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on webhook_event for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_remove on webhook_event for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy sender_read on webhook_event for select to fristwerk_worker
using ((select app_tenant()) is null and (select app_sends_news()));
-- Who looks after the systems outside sees what came and what came of it, but not what it said; whoever may
-- change settings gives a dead letter another chance, in his own name.
create policy reader_read on webhook_event for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()));
create policy taker_add on webhook_event for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and (select app_user_id()) = 'webhook/' || source and state = 'waiting' and round = 1
);
create policy replayer_change on webhook_event for update to fristwerk_app
using (tenant = (select app_tenant()) and state = 'dead' and body is not null and may_act('change-settings', null))
with check (tenant = (select app_tenant()) and state = 'waiting' and replayed_by = (select app_user_id()));

grant select (
  tenant, id, source, event_id, kind, sent_at, received_at, state, round, told_at, settled_at, outcome, replayed_by, replayed_at
) on webhook_event to fristwerk_app;
grant insert (tenant, id, source, event_id, kind, sent_at, received_at, body) on webhook_event to fristwerk_app;
grant update (state, round, told_at, settled_at, outcome, replayed_by, replayed_at) on webhook_event to fristwerk_app;
grant select, update, delete on webhook_event to fristwerk_worker;

create function webhook_event_waits() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform pg_notify('webhook_event', '');
  if tg_op = 'UPDATE' then
    perform audit_tell(
      'webhook-replayed', null, null, jsonb_build_object('outcome', old.outcome),
      jsonb_build_object('source', new.source, 'event', new.event_id, 'round', new.round), null, new.replayed_at
    );
  end if;
  return null;
end
$f$;
create trigger webhook_event_taken after insert on webhook_event
for each row execute function webhook_event_waits();
create trigger webhook_event_replayed after update on webhook_event
for each row when (old.state = 'dead' and new.state = 'waiting') execute function webhook_event_waits();

-- How each process last saw the systems outside: its breaker, and when they answered and failed. One row a
-- process and system, written over; of nobody and nothing else.
create table upstream_standing (
  tenant uuid not null references tenant (id),
  system text not null check (system ~ '^[a-z][a-z0-9-]{0,39}$'),
  process text not null check (process ~ '^[a-z][a-z0-9-]{0,39}$'),
  state text not null check (state in ('closed', 'open', 'probing')),
  since timestamptz not null,
  failures integer not null check (failures >= 0),
  answered_at timestamptz,
  failed_at timestamptz,
  fault text check (fault ~ '^[a-z][a-z-]{0,39}$'),
  told_at timestamptz not null,
  primary key (tenant, system, process)
);

alter table upstream_standing enable row level security;
alter table upstream_standing force row level security;
create policy tenant_read on upstream_standing for select to fristwerk_worker, fristwerk_owner, fristwerk_app
using (tenant = (select app_tenant()));
create policy tenant_add on upstream_standing for insert to fristwerk_worker, fristwerk_owner, fristwerk_app
with check (tenant = (select app_tenant()));
create policy tenant_change on upstream_standing for update to fristwerk_worker, fristwerk_owner, fristwerk_app
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
grant select, insert on upstream_standing to fristwerk_app;
grant update (state, since, failures, answered_at, failed_at, fault, told_at) on upstream_standing to fristwerk_app;
grant select, insert, update on upstream_standing to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table upstream_standing;
drop table webhook_event;
drop function webhook_event_waits();
reset role;
