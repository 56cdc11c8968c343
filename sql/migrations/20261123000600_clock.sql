-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- The clock of the contract, computed a second time and in another way than the engine does it: holds
-- are multiranges, the stopwatch runs over what is left of time when they are taken away, and what a
-- ledger says is read from all of its facts at once. Nothing here reads the session's zone or now().

-- The instant of a local wall time; the later of its readings where it exists twice or not at all.
create function clock_instant(wall timestamp, zone text) returns timestamptz
language sql immutable parallel safe
return (
  select coalesce(max(reading.at) filter (where reading.at at time zone zone = wall), max(reading.at))
  from (values (interval '-24 hours'), (interval '24 hours')) as side (step)
  cross join lateral (select (wall at time zone 'UTC') + side.step as near) as around
  cross join lateral (
    select (wall - ((around.near at time zone zone) - (around.near at time zone 'UTC'))) at time zone 'UTC' as at
  ) as reading
);

-- ISO 8601 in UTC, fractions only where there are any.
create function clock_text(moment timestamptz) returns text
language sql immutable parallel safe
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
|| case
  when extract(microseconds from moment at time zone 'UTC')::bigint % 1000000 = 0 then ''
  else to_char(moment at time zone 'UTC', '.US')
end || 'Z';

-- The date itself, or the next that is neither Saturday, Sunday nor closed.
create function clock_working_day(day date, closed date []) returns date
language sql immutable parallel safe
return (
  select min(candidate.day) from (
    select clock_working_day.day + step as day
    from generate_series(0, 4 + 4 * coalesce(cardinality(closed), 0)) as step
  ) as candidate
  where extract(isodow from candidate.day) < 6 and candidate.day <> all(coalesce(closed, '{}'))
);

-- When a period of so many months and days from an anchor is over; null while an open hold lies ahead.
create function clock_period_end(
  policy jsonb, anchor timestamptz, months integer, days integer, holds tstzmultirange, rolls boolean
) returns timestamptz
language plpgsql immutable strict parallel safe as $f$
declare
  zone constant text := policy ->> 'timezone';
  step constant interval := make_interval(months => months, days => days);
  wall timestamp := anchor at time zone zone;
  closed date [];
  budget interval;
  ends_at timestamptz;
  last_day date;
begin
  rolls := rolls and policy ->> 'working_day_roll' = 'next_working_day';
  if rolls then
    closed := array(select value::date from jsonb_array_elements_text(policy -> 'closed_days'));
  end if;

  if policy ->> 'counting' = 'calendar_days' then
    -- Dates no part of a hold touches, counted from the day after the anchor's.
    select lower(span.free) + ((wall::date + step)::date - wall::date - span.counted)::integer - 1 into last_day
    from (
      select
        run.free,
        coalesce(sum(upper(run.free) - lower(run.free)) over (
          order by run.free rows between unbounded preceding and 1 preceding
        ), 0) as counted
      from unnest(
        datemultirange(daterange(wall::date + 1, null)) - coalesce((
          select range_agg(daterange(
            (lower(held) at time zone zone)::date,
            ((upper(held) - interval '1 microsecond') at time zone zone)::date, '[]'
          ))
          from unnest(holds) as held
        ), '{}'::datemultirange)
      ) as run (free)
    ) as span
    where upper(span.free) is null
      or span.counted + (upper(span.free) - lower(span.free)) >= (wall::date + step)::date - wall::date
    order by span.free
    limit 1;
    if rolls then
      last_day := clock_working_day(last_day, closed);
    end if;
    return clock_instant((last_day + 1)::timestamp, zone);
  end if;

  -- Elapsed time is reckoned between UTC wall times, where a day is always 24 hours.
  budget := (clock_instant(wall + step, zone) at time zone 'UTC') - (anchor at time zone 'UTC');
  select ((span.begins + (budget - span.ran)) at time zone 'UTC') into ends_at
  from (
    select
      run.begins,
      run.ends,
      coalesce(sum(run.ends - run.begins) over (
        order by run.begins rows between unbounded preceding and 1 preceding
      ), interval '0') as ran
    from unnest(tstzmultirange(tstzrange(anchor, null)) - holds) as running (free)
    cross join lateral (
      select lower(running.free) at time zone 'UTC' as begins, upper(running.free) at time zone 'UTC' as ends
    ) as run
  ) as span
  where span.ends is null or span.ran + (span.ends - span.begins) >= budget
  order by span.begins
  limit 1;
  if rolls and ends_at is not null then
    wall := ends_at at time zone zone;
    last_day := clock_working_day(wall::date, closed);
    if last_day <> wall::date then
      return clock_instant(last_day + wall::time, zone);
    end if;
  end if;
  return ends_at;
end
$f$;

-- The first instant from then on at which no hold runs; null while that hold's end is open.
create function clock_first_running(holds tstzmultirange, moment timestamptz) returns timestamptz
language sql immutable parallel safe
return case when holds @> moment then (select upper(held) from unnest(holds) as held where held @> moment) else moment end;

-- What a ledger says as known now, whatever the order of recording: corrected facts replaced, retracted
-- ones gone. Anchors, granted days and the union of the holds.
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

-- All deadlines of a living lead, with the reminder that counts (null outside grace).
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

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function clock_deadlines(jsonb, timestamptz, timestamptz, integer, tstzmultirange, timestamptz);
drop function clock_basis(jsonb, jsonb);
drop function clock_first_running(tstzmultirange, timestamptz);
drop function clock_period_end(jsonb, timestamptz, integer, integer, tstzmultirange, boolean);
drop function clock_working_day(date, date []);
drop function clock_text(timestamptz);
drop function clock_instant(timestamp, text);
reset role;
