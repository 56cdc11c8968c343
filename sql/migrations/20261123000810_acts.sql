-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- The door of the database: whoever acts through the service says first what he is about to do, and row
-- security lets in only who may. With a key it is also what answers a repeated request. Kept 24 hours.
create table act (
  tenant uuid not null references tenant (id),
  id uuid not null,
  lead uuid,
  act text not null,
  actor text not null check (actor <> ''),
  fact_id text check (fact_id <> ''),
  idempotency_key text check (char_length(idempotency_key) between 1 and 200),
  request_hash bytea,
  opened_at timestamptz not null,
  answered_at timestamptz,
  status integer check (status between 200 and 599),
  location text,
  answer jsonb,
  primary key (tenant, id),
  constraint act_key_unique unique (tenant, idempotency_key),
  constraint act_key_has_hash check (idempotency_key is null or request_hash is not null),
  constraint act_answered check ((answered_at is null) = (status is null)),
  constraint act_of_lead foreign key (tenant, lead) references lead (tenant, id)
);
create index act_by_opened_at on act (tenant, opened_at);

alter table act enable row level security;
alter table act force row level security;

create policy tenant_read on act for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on act for insert to fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on act for update to fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_remove on act for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy actor_read on act for select to fristwerk_app
using (tenant = (select app_tenant()) and actor = (select app_user_id()));
create policy actor_open on act for insert to fristwerk_app
with check (tenant = (select app_tenant()) and actor = (select app_user_id()) and may_act(act, lead));
create policy actor_answer on act for update to fristwerk_app
using (tenant = (select app_tenant()) and actor = (select app_user_id()))
with check (tenant = (select app_tenant()) and actor = (select app_user_id()));
create policy actor_forget on act for delete to fristwerk_app
using (tenant = (select app_tenant()) and actor = (select app_user_id()));

grant select, insert, delete on act to fristwerk_app;
grant update (answered_at, status, location, answer) on act to fristwerk_app;
grant select, delete on act to fristwerk_worker;

-- Forgets acts of anybody in the tenant that were opened before this instant: some of the oldest, and
-- the one of this key.
create function act_purge(p_before timestamptz, p_most integer, p_key text) returns integer
language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with oldest as (
    select a.id
    from act as a
    where a.tenant = app_tenant() and a.opened_at < p_before
    order by a.opened_at
    limit p_most
    for update skip locked
  ), gone as (
    delete from act as a
    where
      a.tenant = app_tenant() and a.opened_at < p_before
      and (a.idempotency_key = p_key or a.id in (select o.id from oldest as o))
    returning 1
  )
  select count(*)::integer from gone;
end;

-- How often what describes a lead was changed by hand; the ledger has its own revision.
alter table lead add column changed integer not null default 0;

-- A pre-registered lead keeps others away until its reservation ends, a lead without a ledger always.
create function keeps_others_away(p_status text, p_valid_until timestamptz, p_at timestamptz) returns boolean
language sql immutable parallel safe
return case coalesce(p_status, 'ACTIVE')
  when 'ACTIVE' then true
  when 'GRACE' then true
  when 'PREREGISTERED' then coalesce(p_valid_until > p_at, true)
  else false
end;

-- The oldest live lead of the same normalised company and city, but for one; the postcode counts where
-- both have one. As of an instant; without one, reservations count as running.
create function live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamptz, p_except uuid)
returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return (
  select l.id
  from lead as l
  left join protection as p on p.tenant = l.tenant and p.lead = l.id
  where
    l.tenant = p_tenant and l.company_key = p_company_key and l.id is distinct from p_except
    and (p_postcode is null or l.postcode is null or l.postcode = p_postcode)
    and keeps_others_away(p.status, p.valid_until, p_at)
  order by l.created_at, l.id
  limit 1
);

-- The application may learn that there is one, never which.
create function has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamptz, p_except uuid)
returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return live_duplicate(p_tenant, p_company_key, p_postcode, p_at, p_except) is not null;

-- For clients of before: reservations count as running.
create or replace function live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return live_duplicate(p_tenant, p_company_key, p_postcode, null, null);

create or replace function has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return has_live_duplicate(p_tenant, p_company_key, p_postcode, null, null);

-- Adds leads with their contacts: [{"lead": {…}, "contacts": [{…}]}]. Leads already there stay as they
-- are. With refuse_duplicates a live lead of the same company and place, as of the entry's created_at,
-- refuses the call (FW003). Row security says who may register for whom, and who may do without.
create or replace function lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) returns integer
language plpgsql as $f$
declare
  entry jsonb;
  added integer;
begin
  if app_tenant() is null then
    perform set_config('app.tenant', p_tenant::text, true);
  elsif app_tenant() <> p_tenant then
    raise exception 'leads are registered in the tenant of the transaction' using errcode = 'insufficient_privilege';
  end if;
  if refuse_duplicates then
    for entry in
      select e.lead from (select value -> 'lead' as lead from jsonb_array_elements(entries)) as e
      order by e.lead ->> 'company_key'
    loop
      -- Two registrations of the same company at the same moment: the second waits for the first.
      perform pg_advisory_xact_lock(hashtextextended(p_tenant::text || (entry ->> 'company_key'), 0));
      continue when exists (select from lead as l where l.tenant = p_tenant and l.id = (entry ->> 'id')::uuid);
      if has_live_duplicate(
        p_tenant, entry ->> 'company_key', entry ->> 'postcode', (entry ->> 'created_at')::timestamptz,
        (entry ->> 'id')::uuid
      ) then
        raise exception 'a live lead of the same company and place exists' using errcode = 'FW003';
      end if;
    end loop;
  end if;
  insert into lead (tenant, id, external_id, company, city, postcode, industry, source, owner, company_key, created_at)
  select p_tenant, r.id, r.external_id, r.company, r.city, r.postcode, r.industry, r.source, r.owner, r.company_key, r.created_at
  from jsonb_array_elements(entries) as e
  cross join lateral jsonb_populate_record(null::lead, e.value -> 'lead') as r
  on conflict (tenant, id) do nothing;
  get diagnostics added = row_count;
  insert into lead_contact (tenant, lead, id, kind, fact_id, name, email, phone, note, occurred_at, channel)
  select
    p_tenant, (e.value -> 'lead' ->> 'id')::uuid, r.id, r.kind, r.fact_id, r.name, r.email, r.phone, r.note,
    r.occurred_at, r.channel
  from jsonb_array_elements(entries) as e
  cross join lateral jsonb_populate_recordset(null::lead_contact, e.value -> 'contacts') as r
  on conflict (tenant, lead, id) do nothing;
  return added;
end
$f$;

-- A changed place must not take somebody else's lead, only a manager may let it.
create function lead_described() returns trigger
language plpgsql as $f$
begin
  if (new.company_key, new.postcode) is distinct from (old.company_key, old.postcode) then
    perform pg_advisory_xact_lock(hashtextextended(new.tenant::text || new.company_key, 0));
    if has_live_duplicate(new.tenant, new.company_key, new.postcode, app_at(), new.id)
      and keeps_others_away(
        (select p.status from protection as p where p.tenant = new.tenant and p.lead = new.id), null, null
      )
      and not may_act('govern', new.id)
    then
      raise exception 'a live lead of the same company and place exists' using errcode = 'FW003';
    end if;
  end if;
  new.changed := old.changed + 1;
  return new;
end
$f$;

create trigger lead_described before update on lead
for each row when (
  (old.external_id, old.company, old.city, old.postcode, old.industry, old.source, old.company_key)
  is distinct from (new.external_id, new.company, new.city, new.postcode, new.industry, new.source, new.company_key)
)
execute function lead_described();

-- What the application writes without a workflow: leads as they are registered, what describes them,
-- and the words that go with a fact. Words are taken back only where their fact was refused.
create policy registrar_add on lead for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and (select may_act('register', null))
  and (owner = (select app_user_id()) or (select may_act('register-for-others', null)))
  and (not has_live_duplicate(tenant, company_key, postcode, created_at, id) or (select may_act('govern', null)))
);
create policy editor_change on lead for update to fristwerk_app
using (tenant = (select app_tenant()) and may_act('edit-lead', id))
with check (tenant = (select app_tenant()) and may_act('edit-lead', id));
create policy writer_add on lead_contact for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('add-note', lead));
create policy writer_remove on lead_contact for delete to fristwerk_app
using (
  tenant = (select app_tenant()) and may_act('add-note', lead) and fact_id is not null
  and not exists (
    select from fact as f
    where f.tenant = lead_contact.tenant and f.lead = lead_contact.lead and f.fact_id = lead_contact.fact_id
  )
);

grant insert (tenant, id, external_id, company, city, postcode, industry, source, owner, company_key, created_at)
on lead to fristwerk_app;
grant update (external_id, postcode, industry, source) on lead to fristwerk_app;
grant insert, delete on lead_contact to fristwerk_app;

-- Tells the audit of what no workflow does. Who: the user of the transaction. When and why: what is said
-- here, else what the transaction says.
create function audit_tell(
  p_what text, p_lead uuid, p_fact_id text, p_before jsonb, p_after jsonb, p_reason text, p_at timestamptz
) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if app_user_id() is null or coalesce(p_at, app_at()) is null then
    raise exception 'an act needs somebody who does it and its instant (app.user, app.at)' using errcode = 'FW004';
  end if;
  insert into audit_event (tenant, actor, what, lead, fact_id, before, after, reason, at)
  values (
    app_tenant(), app_user_id(), p_what, p_lead, p_fact_id, p_before, p_after, coalesce(p_reason, app_reason()),
    coalesce(p_at, app_at())
  );
end
$f$;

create function collaborator_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform audit_tell(
    case tg_op when 'INSERT' then 'collaborator-added' when 'UPDATE' then 'collaborator-changed' else 'collaborator-removed' end,
    coalesce(new.lead, old.lead), null,
    case when tg_op <> 'INSERT' then jsonb_build_object('user', old.user_id, 'role', old.role) end,
    case when tg_op <> 'DELETE' then jsonb_build_object('user', new.user_id, 'role', new.role) end,
    null, case when tg_op <> 'DELETE' then new.added_at end
  );
  return null;
end
$f$;

create function lead_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  was jsonb := jsonb_build_object(
    'externalId', old.external_id, 'company', old.company, 'city', old.city, 'postcode', old.postcode,
    'industry', old.industry, 'source', old.source
  );
  is_now jsonb := jsonb_build_object(
    'externalId', new.external_id, 'company', new.company, 'city', new.city, 'postcode', new.postcode,
    'industry', new.industry, 'source', new.source
  );
begin
  perform audit_tell(
    'lead-edited', new.id, null, jsonb_object_agg(w.key, w.value), jsonb_object_agg(w.key, is_now -> w.key), null, null
  )
  from jsonb_each(was) as w
  where w.value <> is_now -> w.key;
  return null;
end
$f$;

-- At the end of the transaction, because the head of the tenant's chain stays locked from then on.
create constraint trigger collaborator_told after insert or update or delete on collaborator
deferrable initially deferred for each row execute function collaborator_told();
create constraint trigger lead_told after update on lead
deferrable initially deferred for each row when (old.changed <> new.changed) execute function lead_told();

grant execute on function may_act(text, uuid), app_shared_leads() to fristwerk_worker;
grant execute on function act_purge(timestamptz, integer, text), keeps_others_away(text, timestamptz, timestamptz),
has_live_duplicate(uuid, text, text, timestamptz, uuid) to fristwerk_app, fristwerk_worker;
grant execute on function lead_register(uuid, jsonb, boolean) to fristwerk_app;
grant execute on function live_duplicate(uuid, text, text, timestamptz, uuid),
audit_tell(text, uuid, text, jsonb, jsonb, text, timestamptz) to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger lead_told on lead;
drop trigger collaborator_told on collaborator;
drop function lead_told();
drop function collaborator_told();
drop function audit_tell(text, uuid, text, jsonb, jsonb, text, timestamptz);
drop policy writer_remove on lead_contact;
drop policy writer_add on lead_contact;
drop policy editor_change on lead;
drop policy registrar_add on lead;
revoke insert, delete on lead_contact from fristwerk_app;
revoke update (external_id, postcode, industry, source) on lead from fristwerk_app;
revoke insert (tenant, id, external_id, company, city, postcode, industry, source, owner, company_key, created_at)
on lead from fristwerk_app;
revoke execute on function lead_register(uuid, jsonb, boolean) from fristwerk_app;
revoke execute on function may_act(text, uuid), app_shared_leads() from fristwerk_worker;
drop trigger lead_described on lead;
drop function lead_described();
create or replace function live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return (
  select l.id
  from lead as l
  left join protection as p on p.tenant = l.tenant and p.lead = l.id
  where
    l.tenant = p_tenant and l.company_key = p_company_key
    and (p_postcode is null or l.postcode is null or l.postcode = p_postcode)
    and coalesce(p.status, 'ACTIVE') in ('PREREGISTERED', 'ACTIVE', 'GRACE')
  order by l.created_at, l.id
  limit 1
);
create or replace function has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return live_duplicate(p_tenant, p_company_key, p_postcode) is not null;
create or replace function lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) returns integer
language plpgsql as $f$
declare
  entry jsonb;
  added integer;
begin
  perform set_config('app.tenant', p_tenant::text, true);
  if refuse_duplicates then
    for entry in
      select e.lead from (select value -> 'lead' as lead from jsonb_array_elements(entries)) as e
      order by e.lead ->> 'company_key'
    loop
      -- Two registrations of the same company at the same moment: the second waits for the first.
      perform pg_advisory_xact_lock(hashtextextended(p_tenant::text || (entry ->> 'company_key'), 0));
      if live_duplicate(p_tenant, entry ->> 'company_key', entry ->> 'postcode') <> (entry ->> 'id')::uuid then
        raise exception 'a live lead of the same company and place exists' using errcode = 'FW003';
      end if;
    end loop;
  end if;
  insert into lead (tenant, id, external_id, company, city, postcode, industry, source, owner, company_key, created_at)
  select p_tenant, r.id, r.external_id, r.company, r.city, r.postcode, r.industry, r.source, r.owner, r.company_key, r.created_at
  from jsonb_array_elements(entries) as e
  cross join lateral jsonb_populate_record(null::lead, e.value -> 'lead') as r
  on conflict (tenant, id) do nothing;
  get diagnostics added = row_count;
  insert into lead_contact (tenant, lead, id, kind, fact_id, name, email, phone, note, occurred_at, channel)
  select
    p_tenant, (e.value -> 'lead' ->> 'id')::uuid, r.id, r.kind, r.fact_id, r.name, r.email, r.phone, r.note,
    r.occurred_at, r.channel
  from jsonb_array_elements(entries) as e
  cross join lateral jsonb_populate_recordset(null::lead_contact, e.value -> 'contacts') as r
  on conflict (tenant, lead, id) do nothing;
  return added;
end
$f$;
drop function has_live_duplicate(uuid, text, text, timestamptz, uuid);
drop function live_duplicate(uuid, text, text, timestamptz, uuid);
drop function keeps_others_away(text, timestamptz, timestamptz);
alter table lead drop column changed;
drop function act_purge(timestamptz, integer, text);
drop table act;
reset role;
