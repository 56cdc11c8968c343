-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Status and deadlines of a lead at an instant, from the facts recorded by then and nothing else.
create or replace function lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamptz)
returns table (
  revision integer, status text, paused boolean, base_until timestamptz, progress_until timestamptz,
  reminder_due_at timestamptz, grace_until timestamptz, valid_until timestamptz, reason text, cycle integer
)
language sql stable
begin atomic
  select
    ledger.revision, told.status, told.paused, told.base_until, told.progress_until, told.reminder_due_at,
    told.grace_until, told.valid_until, told.reason, told.cycle
  from protection as p
  cross join lateral (
    select max(f.revision) as revision, jsonb_agg(f.payload order by f.revision) as facts
    from fact as f
    where f.tenant = p.tenant and f.lead = p.lead and f.recorded_at <= p_as_of
  ) as ledger
  cross join lateral jsonb_to_record(
    clock_replay(opening_policy(p.tenant, p.lead), null, ledger.facts, p_as_of, false)
  ) as told (
    status text, paused boolean, base_until timestamptz, progress_until timestamptz, reminder_due_at timestamptz,
    grace_until timestamptz, valid_until timestamptz, reason text, cycle integer
  )
  where p.tenant = p_tenant and p.lead = p_lead and ledger.facts is not null;
end;

-- What clock_replay was made of before there were requests, and nothing calls any more.
-- squawk-ignore ban-drop-function
drop function clock_accepts(jsonb, text [], jsonb, jsonb);
-- squawk-ignore ban-drop-function
drop function clock_deadlines(jsonb, timestamptz, timestamptz, integer, tstzmultirange, timestamptz);
-- squawk-ignore ban-drop-function
drop function clock_basis(jsonb, jsonb);

reset role;

-- migrate:down

set local role fristwerk_owner;
create or replace function lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamptz)
returns table (
  revision integer, status text, paused boolean, base_until timestamptz, progress_until timestamptz,
  reminder_due_at timestamptz, grace_until timestamptz, valid_until timestamptz, reason text, cycle integer
)
language sql stable
begin atomic
  select
    ledger.revision, told.status, told.paused, told.base_until, told.progress_until, told.reminder_due_at,
    told.grace_until, told.valid_until, told.reason, told.cycle
  from protection as p
  inner join policy_version as v on v.tenant = p.tenant and v.version = p.policy_version
  cross join lateral (
    select max(f.revision) as revision, jsonb_agg(f.payload order by f.revision) as facts
    from fact as f
    where f.tenant = p.tenant and f.lead = p.lead and f.recorded_at <= p_as_of
  ) as ledger
  cross join lateral jsonb_to_record(clock_replay(v.policy, null, ledger.facts, p_as_of, false)) as told (
    status text, paused boolean, base_until timestamptz, progress_until timestamptz, reminder_due_at timestamptz,
    grace_until timestamptz, valid_until timestamptz, reason text, cycle integer
  )
  where p.tenant = p_tenant and p.lead = p_lead and ledger.facts is not null;
end;
create function clock_basis(
  policy jsonb, ledger jsonb,
  out base_from timestamptz, out progress_from timestamptz, out extension_days integer, out holds tstzmultirange,
  out hold_ids text []
)
language sql immutable parallel safe
begin atomic
  with listed as (
    select said.place, said.fact from jsonb_array_elements(ledger) with ordinality as said (fact, place)
  ),

  correction as (
    select distinct on (listed.fact ->> 'corrects')
      listed.fact ->> 'corrects' as fact_id, nullif(listed.fact -> 'replacement', 'null') as put
    from listed
    where listed.fact ->> 'type' = 'corrected'
    order by listed.fact ->> 'corrects', listed.place desc
  ),

  known as (
    select
      listed.place, changed.fact, changed.fact ->> 'type' as type,
      (changed.fact ->> 'recorded_at')::timestamptz as recorded_at
    from listed
    left join correction on correction.fact_id = listed.fact ->> 'fact_id'
    cross join lateral (select listed.fact || coalesce(correction.put, '{}') as fact) as changed
    where correction.fact_id is null or correction.put is not null
  ),

  base_start as (
    select known.place, coalesce((known.fact ->> 'registered_at')::timestamptz, known.recorded_at) as at
    from known
    where known.type = 'registered'
      or (known.type in ('transferred', 'reinstated') and (known.fact ->> 'restart_base')::boolean)
    order by known.place desc
    limit 1
  ),

  -- A registration up to a minute old was merely under way; an older one is backdated, which moves the
  -- base period only.
  tenure as (
    select case
      when known.recorded_at - (known.fact ->> 'registered_at')::timestamptz <= interval '1 minute'
        then (known.fact ->> 'registered_at')::timestamptz
      else known.recorded_at
    end as at
    from known
    where known.type in ('registered', 'transferred', 'reinstated')
    order by known.place desc
    limit 1
  ),

  held as (
    select
      placed.fact ->> 'hold' as hold,
      (placed.fact ->> 'start_at')::timestamptz as start_at,
      least((placed.fact ->> 'end_at')::timestamptz, (
        select min(coalesce((freed.fact ->> 'ended_at')::timestamptz, freed.recorded_at)) from known as freed
        where freed.type = 'hold_released' and freed.fact ->> 'hold' = placed.fact ->> 'hold' and freed.place > placed.place
      )) as end_at
    from known as placed
    where placed.type = 'hold_placed'
  )
  select
    (select base_start.at from base_start),
    (
      select greatest(tenure.at, max((done.fact ->> 'occurred_at')::timestamptz))
      from tenure
      left join known as done on done.type = 'activity' and policy -> 'qualifying_kinds' ? (done.fact ->> 'kind')
      group by tenure.at
    ),
    (
      select coalesce(sum((granted.fact ->> 'days')::integer), 0)::integer
      from known as granted
      where granted.type = 'extension_granted' and granted.place > (select base_start.place from base_start)
    ),
    (
      select coalesce(range_agg(tstzrange(
        held.start_at, case when held.end_at is not null then greatest(held.start_at, held.end_at) end
      )), '{}')
      from held
    ),
    (select coalesce(array_agg(held.hold), '{}') from held);
end;
create function clock_deadlines(
  policy jsonb, base_from timestamptz, progress_from timestamptz, extension_days integer, holds tstzmultirange,
  reminder timestamptz,
  out base_until timestamptz, out progress_until timestamptz, out owed timestamptz, out reminder_due_at timestamptz,
  out grace_until timestamptz, out ends_at timestamptz, out end_reason text, out valid_until timestamptz
)
language plpgsql immutable parallel safe as $f$
declare
  least_mode constant boolean := policy ->> 'mode' = 'LEAST';
  grace constant integer := policy ->> 'grace_days';
  due timestamptz;
  cap timestamptz;
begin
  base_until := clock_period_end(policy, base_from, (policy ->> 'base_months')::integer, extension_days, holds, false);
  progress_until := clock_period_end(policy, progress_from, 0, (policy ->> 'progress_days')::integer, holds, true);
  owed := case when least_mode then progress_until else nullif(greatest(
    coalesce(base_until, 'infinity'), coalesce(progress_until, 'infinity')
  ), 'infinity') end;
  due := clock_first_running(holds, owed);
  cap := case when least_mode then base_until end;
  if reminder is not null then
    grace_until := clock_period_end(policy, reminder, 0, grace, holds, true);
    valid_until := least(cap, grace_until);
  else
    if cap is null or due < cap then
      reminder_due_at := due;
    end if;
    valid_until := least(cap, clock_period_end(policy, reminder_due_at, 0, grace, holds, true));
  end if;
  ends_at := least(cap, grace_until);
  end_reason := case when ends_at = cap then 'BASE_PERIOD' when ends_at is not null then 'INACTIVITY' end;
end
$f$;
create function clock_accepts(policy jsonb, hold_ids text [], ledger jsonb, fact jsonb) returns boolean
language sql immutable parallel safe
return case fact ->> 'type'
  when 'registered' then
    (fact ->> 'registered_at')::timestamptz <= (fact ->> 'recorded_at')::timestamptz + interval '1 minute'
  when 'activity' then
    (policy -> 'qualifying_kinds') || (policy -> 'other_kinds') ? (fact ->> 'kind')
    and (fact ->> 'occurred_at')::timestamptz <= (fact ->> 'recorded_at')::timestamptz
  when 'hold_placed' then fact ->> 'hold' <> all(hold_ids)
  when 'hold_released' then
    fact ->> 'hold' = any(hold_ids)
    and coalesce((fact ->> 'ended_at')::timestamptz <= (fact ->> 'recorded_at')::timestamptz, true)
  when 'extension_granted' then (fact ->> 'days')::integer between 1 and 730
  when 'corrected' then exists (
    select
    from jsonb_array_elements(ledger) as wrong
    cross join lateral (
      select case wrong.value ->> 'type'
        when 'registered' then '{registered_at}'::text []
        when 'activity' then '{kind, occurred_at}'
        when 'hold_placed' then '{reason, start_at, end_at}'
        when 'hold_released' then '{ended_at}'
        when 'extension_granted' then '{days}'
      end as fields
    ) as may
    cross join lateral (select nullif(fact -> 'replacement', 'null') as put) as right_one
    where
      wrong.value ->> 'fact_id' = fact ->> 'corrects' and may.fields is not null
      and case
        when right_one.put is null then wrong.value ->> 'type' <> 'registered'
        else
          right_one.put - may.fields = '{}'
          and case wrong.value ->> 'type'
            when 'registered' then
              ((wrong.value || right_one.put) ->> 'registered_at')::timestamptz
              <= (wrong.value ->> 'recorded_at')::timestamptz + interval '1 minute'
            when 'activity' then
              (policy -> 'qualifying_kinds') || (policy -> 'other_kinds') ? ((wrong.value || right_one.put) ->> 'kind')
              and ((wrong.value || right_one.put) ->> 'occurred_at')::timestamptz
              <= (wrong.value ->> 'recorded_at')::timestamptz
            when 'hold_placed' then coalesce(
              ((wrong.value || right_one.put) ->> 'end_at')::timestamptz
              > ((wrong.value || right_one.put) ->> 'start_at')::timestamptz, true
            )
            when 'hold_released' then coalesce(
              ((wrong.value || right_one.put) ->> 'ended_at')::timestamptz <= (wrong.value ->> 'recorded_at')::timestamptz, true
            )
            else ((wrong.value || right_one.put) ->> 'days')::integer between 1 and 730
          end
      end
  )
  else true
end;
grant execute on function clock_basis(jsonb, jsonb),
clock_deadlines(jsonb, timestamptz, timestamptz, integer, tstzmultirange, timestamptz),
clock_accepts(jsonb, text [], jsonb, jsonb)
to fristwerk_app, fristwerk_worker, fristwerk_report;
reset role;
