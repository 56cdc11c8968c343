-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- As before, with requests beside holds, since when the owner has the lead, and adopted policies:
-- [{"lead": …, "facts": […], "projection": {…}, "holds": […], "requests": [{…}], "audit": […]}].
create or replace function ledger_record(p_tenant uuid, commands jsonb) returns integer []
language plpgsql set plan_cache_mode = force_generic_plan as $f$
declare
  command record;
  held record;
  clash record;
  fresh text [];
  heard text [];
  another text;
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
      c.value -> 'holds' as holds, coalesce(c.value -> 'requests', '[]') as requests, c.value -> 'audit' as audit,
      jsonb_array_length(c.value -> 'facts') as facts_told,
      (c.value -> 'facts' -> 0 ->> 'revision')::integer as first_revision,
      jsonb_path_exists(c.value, '$.facts[*] ? (@.type == "corrected")') as corrects,
      jsonb_path_exists(c.value, '$.facts[*] ? (@.type == "policy_adopted")') as adopts
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

    -- A policy that a lead goes over to is known under its version, and never as another one.
    if command.adopts then
      insert into policy_version (tenant, version, policy)
      select p_tenant, f.value ->> 'version', f.value -> 'policy'
      from jsonb_array_elements(command.facts) as f
      where f.value ->> 'type' = 'policy_adopted'
      on conflict (tenant, version) do nothing;
      select v.version into another
      from jsonb_array_elements(command.facts) as f
      inner join policy_version as v on v.tenant = p_tenant and v.version = f.value ->> 'version'
      where f.value ->> 'type' = 'policy_adopted' and v.policy <> f.value -> 'policy'
      limit 1;
      if found then
        raise exception 'policy version % exists already and says something else', another using errcode = 'FW001';
      end if;
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
        assigned_at = excluded.assigned_at, ended_at = excluded.ended_at, policy_version = excluded.policy_version,
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
      -- Most leads never had a request. Only a correction makes one disappear.
      if command.requests <> '[]' or command.corrects then
        delete from request as r
        where r.tenant = p_tenant and r.lead = command.lead
          and r.request <> all(array(select told.value ->> 'request' from jsonb_array_elements(command.requests) as told));
        insert into request as r (
          tenant, lead, request, kind, status, reason, start_at, end_at, days, next_step_at, requested_by, requested_at,
          decided_by, decided_at
        )
        select
          p_tenant, command.lead, told.request, told.kind, told.status, told.reason, told.start_at, told.end_at,
          told.days, told.next_step_at, told.requested_by, told.requested_at, told.decided_by, told.decided_at
        from jsonb_populate_recordset(null::request, command.requests) as told
        on conflict (tenant, lead, request) do update set
          kind = excluded.kind, status = excluded.status, reason = excluded.reason, start_at = excluded.start_at,
          end_at = excluded.end_at, days = excluded.days, next_step_at = excluded.next_step_at,
          requested_by = excluded.requested_by, requested_at = excluded.requested_at, decided_by = excluded.decided_by,
          decided_at = excluded.decided_at
        where r is distinct from excluded;
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

reset role;

-- migrate:down

set local role fristwerk_owner;
create or replace function ledger_record(p_tenant uuid, commands jsonb) returns integer []
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
reset role;
