-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- A policy with what it leaves out. Of the numbers that came later, those that would give old leads a
-- clock they never had are 0.
create function clock_terms(policy jsonb) returns jsonb
language sql immutable parallel safe
return jsonb_build_object(
  'version', 'contract-1', 'timezone', 'Europe/Berlin', 'base_months', 6, 'progress_days', 60, 'grace_days', 10,
  'mode', 'LEAST', 'counting', 'exact', 'working_day_roll', 'off', 'closed_days', jsonb_build_array(),
  'qualifying_kinds', '["QUALIFIED_CALL", "CUSTOMER_REACTION", "SCHEDULED_FOLLOWUP", "SAMPLE_FEEDBACK", "ROI_PRESENTATION"]'::jsonb,
  'other_kinds', '["EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED"]'::jsonb,
  'preregistration_days', 0, 'preregistration_delete_days', 0, 'extension_decision_days', 14
) || policy;

-- So many days later by the local clock; null for no days at all.
create function clock_days_later(moment timestamptz, days integer, zone text) returns timestamptz
language sql immutable parallel safe
return case when days > 0 then clock_instant((moment at time zone zone) + make_interval(days => days), zone) end;

-- What a ledger says as known now, whatever the order of recording: corrected facts replaced, retracted
-- ones gone. Anchors, granted days, the union of the holds, and what was asked for.
create function clock_known(
  policy jsonb, ledger jsonb,
  out base_from timestamptz, out progress_from timestamptz, out extension_days integer, out holds tstzmultirange,
  out hold_ids text [], out requests jsonb, out noted_at timestamptz
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

  -- A request with what closed it: the decision, its maker, or the end of protection.
  asked as (
    select
      ask.place, ask.fact ->> 'request' as request, ask.type = 'hold_requested' as for_hold, ask.fact,
      ask.recorded_at as asked_at, closing.place as closed_place, closing.type as closed_by,
      closing.recorded_at as closed_at, closing.fact as answer,
      coalesce(closing.type = 'request_decided' and (closing.fact ->> 'approved')::boolean, false) as approved
    from known as ask
    left join lateral (
      select told.place, told.type, told.recorded_at, told.fact
      from known as told
      where told.place > ask.place and (
        told.type in ('converted', 'released', 'lapsed', 'erased')
        or (
          told.type in ('request_decided', 'request_withdrawn') and told.fact ->> 'request' = ask.fact ->> 'request'
        )
      )
      order by told.place
      limit 1
    ) as closing on true
    where ask.type in ('hold_requested', 'extension_requested')
  ),

  granted as (
    select known.place, (known.fact ->> 'days')::integer as days from known where known.type = 'extension_granted'
    union all
    select asked.closed_place, coalesce(asked.answer ->> 'days', asked.fact ->> 'days')::integer
    from asked
    where asked.approved and not asked.for_hold
  ),

  placed as (
    select
      known.place, known.fact ->> 'hold' as hold, (known.fact ->> 'start_at')::timestamptz as start_at,
      (known.fact ->> 'end_at')::timestamptz as end_at
    from known
    where known.type = 'hold_placed'
    union all
    select
      asked.closed_place, asked.request, coalesce(asked.answer ->> 'start_at', asked.fact ->> 'start_at')::timestamptz,
      coalesce(asked.answer ->> 'end_at', asked.fact ->> 'end_at')::timestamptz
    from asked
    where asked.approved and asked.for_hold
  ),

  held as (
    select
      placed.hold,
      placed.start_at,
      least(placed.end_at, (
        select min(coalesce((freed.fact ->> 'ended_at')::timestamptz, freed.recorded_at)) from known as freed
        where freed.type = 'hold_released' and freed.fact ->> 'hold' = placed.hold and freed.place > placed.place
      )) as end_at
    from placed
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
      select coalesce(sum(granted.days), 0)::integer
      from granted
      where granted.place > (select base_start.place from base_start)
    ),
    (
      select coalesce(range_agg(tstzrange(
        held.start_at, case when held.end_at is not null then greatest(held.start_at, held.end_at) end
      )), '{}')
      from held
    ),
    (select coalesce(array_agg(held.hold), '{}') from held),
    (
      select coalesce(jsonb_agg(jsonb_build_object(
        'request', asked.request, 'for_hold', asked.for_hold, 'by', asked.fact -> 'by', 'closed_by', asked.closed_by,
        'asked_at', clock_text(asked.asked_at), 'closed_at', clock_text(asked.closed_at)
      ) order by asked.place), '[]')
      from asked
    ),
    (select max(known.recorded_at) from known where known.type = 'preregistered');
end;

-- All deadlines of a living lead, with the reminder that counts (null outside grace); of one that is only
-- pre-registered, how long it keeps others away and when it is deleted.
create function clock_deadlines(
  policy jsonb, base_from timestamptz, progress_from timestamptz, extension_days integer, holds tstzmultirange,
  requests jsonb, noted_at timestamptz, reminder timestamptz,
  out base_until timestamptz, out progress_until timestamptz, out owed timestamptz, out reminder_due_at timestamptz,
  out grace_until timestamptz, out ends_at timestamptz, out end_reason text, out valid_until timestamptz
)
language plpgsql immutable parallel safe as $f$
declare
  zone constant text := policy ->> 'timezone';
  least_mode constant boolean := policy ->> 'mode' = 'LEAST';
  grace constant integer := policy ->> 'grace_days';
  due timestamptz;
  cap timestamptz;
begin
  if base_from is null then
    valid_until := clock_days_later(noted_at, (policy ->> 'preregistration_days')::integer, zone);
    ends_at := clock_days_later(noted_at, (policy ->> 'preregistration_delete_days')::integer, zone);
    end_reason := case when ends_at is not null then 'UNPURSUED' end;
    return;
  end if;
  base_until := clock_period_end(policy, base_from, (policy ->> 'base_months')::integer, extension_days, holds, false);
  progress_until := clock_period_end(policy, progress_from, 0, (policy ->> 'progress_days')::integer, holds, true);
  owed := case when least_mode then progress_until else nullif(greatest(
    coalesce(base_until, 'infinity'), coalesce(progress_until, 'infinity')
  ), 'infinity') end;
  due := clock_first_running(holds, owed);
  if least_mode then
    -- An extension request that is open when the base period is over is decided first, within its days.
    select greatest(base_until, max(least(
      clock_days_later(base_until, (policy ->> 'extension_decision_days')::integer, zone),
      (asked.value ->> 'closed_at')::timestamptz
    ))) into cap
    from jsonb_array_elements(requests) as asked
    where
      not (asked.value ->> 'for_hold')::boolean
      and coalesce(asked.value ->> 'closed_by' in ('request_decided', 'request_withdrawn'), true)
      and (asked.value ->> 'asked_at')::timestamptz < base_until
      and coalesce((asked.value ->> 'closed_at')::timestamptz > base_until, true)
      and (policy ->> 'extension_decision_days')::integer > 0;
  end if;
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

grant execute on function clock_terms(jsonb), clock_days_later(timestamptz, integer, text), clock_known(jsonb, jsonb),
clock_deadlines(jsonb, timestamptz, timestamptz, integer, tstzmultirange, jsonb, timestamptz, timestamptz)
to fristwerk_app, fristwerk_worker, fristwerk_report;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function clock_deadlines(jsonb, timestamptz, timestamptz, integer, tstzmultirange, jsonb, timestamptz, timestamptz);
drop function clock_known(jsonb, jsonb);
drop function clock_days_later(timestamptz, integer, text);
drop function clock_terms(jsonb);
reset role;
