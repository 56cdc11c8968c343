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
-- Lead by lead, so that every statement is a search by key whatever the tables grow to.
create function ledger_record(p_tenant uuid, commands jsonb) returns integer []
language plpgsql set plan_cache_mode = force_generic_plan as $f$
declare
  command record;
  held record;
  clash record;
  fresh text [];
  heard text [];
  last_revision integer;
  stored integer;
  revisions integer [] := array_fill(0, array[jsonb_array_length(commands)]);
  audits jsonb [] := array_fill(null::jsonb, array[jsonb_array_length(commands)]);
begin
  perform set_config('app.tenant', p_tenant::text, true);

  -- In the order of the leads, so that two batches cannot deadlock.
  for command in
    select
      c.place, (c.value ->> 'lead')::uuid as lead, c.value -> 'facts' as facts, c.value -> 'projection' as projection,
      c.value -> 'holds' as holds, c.value -> 'audit' as audit, jsonb_array_length(c.value -> 'facts') as facts_told,
      (c.value -> 'facts' -> 0 ->> 'revision')::integer as first_revision
    from jsonb_array_elements(commands) with ordinality as c (value, place)
    order by 2
  loop
    select p.revision, p.owner into held
    from protection as p
    where p.tenant = p_tenant and p.lead = command.lead
    for update;

    if command.first_revision is distinct from coalesce(held.revision, 0) + 1 then
      -- Not simply the next facts: some are known already, or somebody is wrong.
      select known.fact_id, known.revision into clash
      from jsonb_array_elements(command.facts) as f
      inner join fact as known on known.tenant = p_tenant and known.lead = command.lead
        and (known.fact_id = f.value ->> 'fact_id' or known.revision = (f.value ->> 'revision')::integer)
      where (known.fact_id, known.revision, known.payload)
        is distinct from (f.value ->> 'fact_id', (f.value ->> 'revision')::integer, f.value - 'revision')
      limit 1;
      if found then
        raise exception 'lead % already holds another fact under fact_id % or revision %',
          command.lead, clash.fact_id, clash.revision using errcode = 'FW001';
      end if;
      command.facts := coalesce((
        select jsonb_agg(f.value order by f.place)
        from jsonb_array_elements(command.facts) with ordinality as f (value, place)
        where not exists (
          select from fact as known
          where known.tenant = p_tenant and known.lead = command.lead and known.fact_id = f.value ->> 'fact_id'
        )
      ), '[]');
    end if;

    fresh := '{}';
    if command.facts <> '[]' then
      with added as (
        insert into fact (tenant, lead, revision, fact_id, type, occurred_at, recorded_at, by, payload)
        select
          p_tenant, command.lead, (f.value ->> 'revision')::integer, f.value ->> 'fact_id', f.value ->> 'type',
          coalesce(
            f.value ->> 'occurred_at', f.value ->> 'registered_at', f.value ->> 'start_at', f.value ->> 'ended_at',
            f.value ->> 'sent_at', f.value ->> 'at', f.value ->> 'recorded_at'
          )::timestamptz,
          (f.value ->> 'recorded_at')::timestamptz, f.value ->> 'by', f.value - 'revision'
        from jsonb_array_elements(command.facts) as f
        returning fact_id, revision
      )
      select array_agg(added.fact_id), max(added.revision) into fresh, last_revision from added;
    else
      select coalesce(max(f.revision), 0) into last_revision
      from fact as f
      where f.tenant = p_tenant and f.lead = command.lead;
    end if;

    -- Audit rows without a fact are known by their audit_id.
    heard := '{}';
    if jsonb_path_exists(command.audit, '$[*].audit_id') then
      select coalesce(array_agg(known.audit_id), '{}') into heard
      from audit_event as known
      where known.tenant = p_tenant
        and known.audit_id = any(array(select a.value ->> 'audit_id' from jsonb_array_elements(command.audit) as a));
    end if;
    select coalesce(jsonb_agg(a.value order by a.place), '[]') into command.audit
    from jsonb_array_elements(command.audit) with ordinality as a (value, place)
    where case
      when a.value ->> 'audit_id' is not null then a.value ->> 'audit_id' <> all(heard)
      when a.value ->> 'fact_id' is not null then a.value ->> 'fact_id' = any(fresh)
      else fresh <> '{}'
    end;

    -- What brings neither a fact nor an audit row that is new is a repetition and changes nothing,
    -- unless it never was about any.
    stored := null;
    if fresh <> '{}' or command.audit <> '[]' or (command.facts_told = 0 and heard = '{}') then
      if (command.projection ->> 'revision')::integer > last_revision
        or (fresh <> '{}' and (command.projection ->> 'revision')::integer < last_revision) then
        raise exception 'the projection of lead % claims revision %, the ledger ends with %',
          command.lead, command.projection ->> 'revision', last_revision using errcode = 'FW001';
      end if;
      insert into protection as p
      select told.* from jsonb_populate_record(null::protection, command.projection) as told
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
      returning p.revision into stored;
    end if;

    if stored is not null then
      if command.projection ->> 'owner' is distinct from held.owner then
        update lead as l set owner = command.projection ->> 'owner'
        where l.tenant = p_tenant and l.id = command.lead and l.owner <> command.projection ->> 'owner';
      end if;
      delete from hold as h
      where h.tenant = p_tenant and h.lead = command.lead
        and h.hold <> all(array(select told.value ->> 'hold' from jsonb_array_elements(command.holds) as told));
      if command.holds <> '[]' then
        insert into hold as h (tenant, lead, hold, reason, start_at, end_at, placed_by)
        select p_tenant, command.lead, told.hold, told.reason, told.start_at, told.end_at, told.placed_by
        from jsonb_populate_recordset(null::hold, command.holds) as told
        on conflict (tenant, lead, hold) do update set
          reason = excluded.reason, start_at = excluded.start_at, end_at = excluded.end_at,
          placed_by = excluded.placed_by
        where (h.reason, h.start_at, h.end_at, h.placed_by)
          is distinct from (excluded.reason, excluded.start_at, excluded.end_at, excluded.placed_by);
      end if;
    end if;
    revisions[command.place] := coalesce(stored, held.revision, 0);
    audits[command.place] := jsonb_build_object('lead', command.lead, 'rows', command.audit);
  end loop;

  -- Last, because the head of the tenant's chain stays locked from here to the end.
  insert into audit_event (tenant, audit_id, actor, what, lead, fact_id, before, after, reason, at)
  select
    p_tenant, a.value ->> 'audit_id', a.value ->> 'actor', a.value ->> 'what', (told.by_lead ->> 'lead')::uuid,
    a.value ->> 'fact_id', nullif(a.value -> 'before', 'null'), nullif(a.value -> 'after', 'null'),
    a.value ->> 'reason', (a.value ->> 'at')::timestamptz
  from unnest(audits) with ordinality as told (by_lead, place)
  cross join lateral jsonb_array_elements(told.by_lead -> 'rows') with ordinality as a (value, place)
  order by told.place, a.place;
  return revisions;
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
