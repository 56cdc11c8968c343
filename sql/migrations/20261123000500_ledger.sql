-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- A live lead of the same normalised company and city; the postcode counts where both have one.
-- A lead whose workflow has not recorded anything yet counts as live.
create function live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) returns uuid
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

-- The application may learn that there is one, never which.
create function has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return live_duplicate(p_tenant, p_company_key, p_postcode) is not null;

-- Adds leads with their contacts: [{"lead": {…}, "contacts": [{…}]}]. Leads already there stay as they
-- are. With refuse_duplicates a live lead of the same company and place refuses the call (FW003).
create function lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) returns integer
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

-- Records what workflows have decided, many leads of one tenant in one call:
-- [{"lead": …, "facts": [fact json + "revision"], "projection": {…}, "holds": [{…}], "audit": [{…}]}].
-- Repeating a command changes nothing. Another payload or revision under a known fact_id, a taken
-- revision, or a gap raises FW001. Answers the revisions stored, in the order of the commands.
create function ledger_record(p_tenant uuid, commands jsonb) returns integer []
language plpgsql as $f$
declare
  fresh text [];
  heard text [];
  applied uuid [];
  clash record;
begin
  perform set_config('app.tenant', p_tenant::text, true);

  -- One writer at a time per lead; in the order of the leads, so that two batches cannot deadlock.
  perform from protection as p
  where p.tenant = p_tenant
    and p.lead = any(array(select (c.value ->> 'lead')::uuid from jsonb_array_elements(commands) as c))
  order by p.lead
  for update;

  select known.lead, known.fact_id, known.revision into clash
  from jsonb_array_elements(commands) as c
  cross join lateral jsonb_array_elements(c.value -> 'facts') as f
  inner join fact as known on known.tenant = p_tenant and known.lead = (c.value ->> 'lead')::uuid
    and (known.fact_id = f.value ->> 'fact_id' or known.revision = (f.value ->> 'revision')::integer)
  where (known.fact_id, known.revision, known.payload)
    is distinct from (f.value ->> 'fact_id', (f.value ->> 'revision')::integer, f.value - 'revision')
  limit 1;
  if found then
    raise exception 'lead % already holds another fact under fact_id % or revision %', clash.lead, clash.fact_id, clash.revision
      using errcode = 'FW001';
  end if;

  with added as (
    insert into fact (tenant, lead, revision, fact_id, type, occurred_at, recorded_at, by, payload)
    select
      p_tenant, (c.value ->> 'lead')::uuid, (f.value ->> 'revision')::integer, f.value ->> 'fact_id', f.value ->> 'type',
      coalesce(
        f.value ->> 'occurred_at', f.value ->> 'registered_at', f.value ->> 'start_at', f.value ->> 'ended_at',
        f.value ->> 'sent_at', f.value ->> 'at', f.value ->> 'recorded_at'
      )::timestamptz,
      (f.value ->> 'recorded_at')::timestamptz, f.value ->> 'by', f.value - 'revision'
    from jsonb_array_elements(commands) as c
    cross join lateral jsonb_array_elements(c.value -> 'facts') as f
    where not exists (
      select from fact as known
      where known.tenant = p_tenant and known.lead = (c.value ->> 'lead')::uuid and known.fact_id = f.value ->> 'fact_id'
    )
    returning lead, fact_id
  )
  select coalesce(array_agg(added.lead || '/' || added.fact_id), '{}') into fresh from added;

  -- Rows without a fact are known by their audit_id.
  select coalesce(array_agg(known.audit_id), '{}') into heard
  from jsonb_array_elements(commands) as c
  cross join lateral jsonb_array_elements(c.value -> 'audit') as a
  inner join audit_event as known on known.tenant = p_tenant and known.audit_id = a.value ->> 'audit_id';

  -- A command that brings nothing new is a repetition and changes nothing.
  with told as (
    select p.*
    from jsonb_array_elements(commands) as c
    cross join lateral jsonb_populate_record(null::protection, c.value -> 'projection') as p
    where exists (
      select from jsonb_array_elements(c.value -> 'facts') as f
      where (c.value ->> 'lead') || '/' || (f.value ->> 'fact_id') = any(fresh)
    ) or exists (
      select from jsonb_array_elements(c.value -> 'audit') as a
      where a.value ->> 'audit_id' <> all(heard)
    ) or (c.value -> 'facts' = '[]' and c.value -> 'audit' = '[]')
  ),

  written as (
    insert into protection as p
    select told.* from told
    on conflict (tenant, lead) do update set
      revision = excluded.revision, status = excluded.status, paused = excluded.paused, owner = excluded.owner,
      base_until = excluded.base_until, progress_until = excluded.progress_until,
      reminder_due_at = excluded.reminder_due_at, grace_until = excluded.grace_until,
      valid_until = excluded.valid_until, reason = excluded.reason, next_wake_up = excluded.next_wake_up,
      cycle = excluded.cycle, active_holds = excluded.active_holds, problem = excluded.problem,
      registered_at = excluded.registered_at, last_progress_at = excluded.last_progress_at,
      ended_at = excluded.ended_at, policy_version = excluded.policy_version,
      refused_facts = excluded.refused_facts, updated_at = excluded.updated_at
    where p.revision <= excluded.revision
    returning p.lead, p.revision, p.owner
  ),

  moved as (
    update lead as l set owner = written.owner
    from written
    where l.tenant = p_tenant and l.id = written.lead and l.owner <> written.owner
  )
  select coalesce(array_agg(written.lead), '{}') into applied from written;

  select p.lead, p.revision into clash
  from protection as p
  where p.tenant = p_tenant and p.lead = any(applied)
    and p.revision <> (
      select coalesce(max(f.revision), 0) from fact as f where f.tenant = p.tenant and f.lead = p.lead
    )
  limit 1;
  if found then
    raise exception 'the projection of lead % claims revision %, which is not the ledger''s last', clash.lead, clash.revision
      using errcode = 'FW001';
  end if;

  delete from hold as h
  using jsonb_array_elements(commands) as c
  where h.tenant = p_tenant and h.lead = any(applied) and h.lead = (c.value ->> 'lead')::uuid
    and h.hold not in (select told.value ->> 'hold' from jsonb_array_elements(c.value -> 'holds') as told);
  insert into hold as h (tenant, lead, hold, reason, start_at, end_at, placed_by)
  select p_tenant, (c.value ->> 'lead')::uuid, r.hold, r.reason, r.start_at, r.end_at, r.placed_by
  from jsonb_array_elements(commands) as c
  cross join lateral jsonb_populate_recordset(null::hold, c.value -> 'holds') as r
  where (c.value ->> 'lead')::uuid = any(applied)
  on conflict (tenant, lead, hold) do update set
    reason = excluded.reason, start_at = excluded.start_at, end_at = excluded.end_at, placed_by = excluded.placed_by
  where (h.reason, h.start_at, h.end_at, h.placed_by)
    is distinct from (excluded.reason, excluded.start_at, excluded.end_at, excluded.placed_by);

  -- Last, because the head of the tenant's chain stays locked from here to the end.
  insert into audit_event (tenant, audit_id, actor, what, lead, fact_id, before, after, reason, at)
  select
    p_tenant, a.value ->> 'audit_id', a.value ->> 'actor', a.value ->> 'what', (c.value ->> 'lead')::uuid,
    a.value ->> 'fact_id', nullif(a.value -> 'before', 'null'), nullif(a.value -> 'after', 'null'),
    a.value ->> 'reason', (a.value ->> 'at')::timestamptz
  from jsonb_array_elements(commands) with ordinality as c (value, place)
  cross join lateral jsonb_array_elements(c.value -> 'audit') with ordinality as a (value, place)
  where case
    when a.value ->> 'audit_id' is not null then a.value ->> 'audit_id' <> all(heard)
    when a.value ->> 'fact_id' is not null then (c.value ->> 'lead') || '/' || (a.value ->> 'fact_id') = any(fresh)
    else exists (
      select from jsonb_array_elements(c.value -> 'facts') as f
      where (c.value ->> 'lead') || '/' || (f.value ->> 'fact_id') = any(fresh)
    )
  end
  order by c.place, a.place;

  return array(
    select coalesce(p.revision, 0)
    from jsonb_array_elements(commands) with ordinality as c (value, place)
    left join protection as p on p.tenant = p_tenant and p.lead = (c.value ->> 'lead')::uuid
    order by c.place
  );
end
$f$;

grant execute on function live_duplicate(uuid, text, text), lead_register(uuid, jsonb, boolean), ledger_record(uuid, jsonb)
to fristwerk_worker;
grant execute on function has_live_duplicate(uuid, text, text) to fristwerk_app;

-- One lead's protection in one statement: context and read together, one round trip to the server.
create function protection_status(p_tenant uuid, p_user text, p_roles text, p_lead uuid) returns setof protection
language plpgsql rows 1 as $f$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true);
  return query select * from protection as p where p.tenant = p_tenant and p.lead = p_lead;
end
$f$;

grant execute on function protection_status(uuid, text, text, uuid) to fristwerk_app, fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function protection_status(uuid, text, text, uuid);
drop function ledger_record(uuid, jsonb);
drop function lead_register(uuid, jsonb, boolean);
drop function has_live_duplicate(uuid, text, text);
drop function live_duplicate(uuid, text, text);
reset role;
