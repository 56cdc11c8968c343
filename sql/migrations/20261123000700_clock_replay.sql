-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Whether the contract has a place for this fact, apart from the status of the lead.
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

-- Plays a ledger through to an instant: status and deadlines there, every change of status on the way,
-- and the indexes of the facts that were refused. Facts are fact objects in order of recording; a
-- ledger without its registration begins with one at registered_at. With assume_reminders a reminder
-- goes out when due, else only those in the ledger count. Deadlines at t are settled before facts at t.
create function clock_replay(
  policy jsonb, registered_at timestamptz, facts jsonb, as_of timestamptz, assume_reminders boolean default true
) returns jsonb
language plpgsql immutable parallel safe as $f$
declare
  terms constant jsonb := jsonb_build_object(
    'timezone', 'Europe/Berlin', 'base_months', 6, 'progress_days', 60, 'grace_days', 10, 'mode', 'LEAST',
    'counting', 'exact', 'working_day_roll', 'off', 'closed_days', jsonb_build_array(),
    'qualifying_kinds', '["QUALIFIED_CALL", "CUSTOMER_REACTION", "SCHEDULED_FOLLOWUP", "SAMPLE_FEEDBACK", "ROI_PRESENTATION"]'::jsonb,
    'other_kinds', '["EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED"]'::jsonb
  ) || policy;
  item record;
  known record;
  told record;
  due record;
  ahead record;
  ledger jsonb := '[]';
  status text;
  newest timestamptz := '-infinity';
  reminder timestamptz;
  cycle integer := 1;
  refused_for_good boolean := false;
  answered boolean;
  ended_at timestamptz;
  end_reason text;
  goes_out timestamptz;
  fine boolean;
  moves boolean;
  transitions jsonb := '[]';
  rejected jsonb := '[]';
begin
  select null::timestamptz as base_from, null::timestamptz as progress_from, '{}'::tstzmultirange as holds, '{}'::text [] as hold_ids
  into known;
  for item in
    select played.place, played.fact, played.fact ->> 'type' as type, (played.fact ->> 'recorded_at')::timestamptz as at
    from (
      select 0 as place, jsonb_build_object(
        'type', 'registered', 'recorded_at', registered_at, 'registered_at', registered_at
      ) as fact
      where registered_at is not null
      union all
      select given.place, given.fact from jsonb_array_elements(facts) with ordinality as given (fact, place)
      where (given.fact ->> 'recorded_at')::timestamptz <= as_of
      union all
      select 2147483647, jsonb_build_object('type', 'as_of', 'recorded_at', as_of)
    ) as played
    order by played.place
  loop
    -- What the time has brought by now.
    while status in ('ACTIVE', 'GRACE') loop
      goes_out := case when assume_reminders then clock_first_running(known.holds, greatest(due.reminder_due_at, newest)) end;
      if due.reminder_due_at is not null and goes_out < coalesce(due.ends_at, 'infinity') then
        exit when goes_out > item.at;
        reminder := goes_out;
        newest := goes_out;
        status := 'GRACE';
        transitions := transitions || jsonb_build_object('at', clock_text(goes_out), 'to', status);
        due := clock_deadlines(terms, known.base_from, known.progress_from, known.extension_days, known.holds, reminder);
      else
        exit when due.ends_at is null or greatest(due.ends_at, newest) > item.at;
        status := 'EXPIRED';
        ended_at := due.ends_at;
        end_reason := due.end_reason;
        newest := greatest(ended_at, newest);
        reminder := null;
        refused_for_good := false;
        transitions := transitions || jsonb_build_object('at', clock_text(ended_at), 'to', status, 'reason', end_reason);
      end if;
    end loop;
    exit when item.type = 'as_of';

    fine := item.at >= newest
      and not ledger @> jsonb_build_array(jsonb_build_object('fact_id', item.fact -> 'fact_id'))
      and case item.type
        when 'preregistered' then status is null
        when 'registered' then coalesce(status = 'PREREGISTERED', true)
        when 'released' then status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
        when 'reinstated' then status in ('EXPIRED', 'RELEASED') and known.base_from is not null
        when 'lapsed' then
          status = 'EXPIRED' and ended_at = (item.fact ->> 'at')::timestamptz and end_reason = item.fact ->> 'reason'
        else status in ('ACTIVE', 'GRACE')
      end
      and clock_accepts(terms, known.hold_ids, ledger, item.fact);
    moves := item.type in ('registered', 'hold_placed', 'hold_released', 'extension_granted', 'transferred', 'reinstated', 'corrected')
      or (item.type = 'activity' and terms -> 'qualifying_kinds' ? (item.fact ->> 'kind'));
    if fine and moves then
      told := clock_basis(terms, ledger || item.fact);
      ahead := clock_deadlines(terms, told.base_from, told.progress_from, told.extension_days, told.holds, reminder);
      fine := item.type <> 'reinstated' or coalesce(ahead.ends_at > item.at, true);
    end if;
    if not coalesce(fine, false) then
      rejected := rejected || to_jsonb(item.place - 1);
      continue;
    end if;
    ledger := ledger || item.fact;
    newest := item.at;

    if moves then
      -- A reminder refused for good is no problem any more once none is owed.
      answered := refused_for_good and coalesce(ahead.owed > item.at, true);
      refused_for_good := refused_for_good and not answered;
      if status is not null and reminder is null and (answered or told.progress_from is distinct from known.progress_from) then
        cycle := cycle + 1;
      end if;
      known := told;
      due := ahead;
      if item.type in ('registered', 'reinstated') then
        status := 'ACTIVE';
        ended_at := null;
        end_reason := null;
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
      end if;
      -- A reminder that went out before it was owed, as known now, is void.
      if reminder < coalesce(due.owed, 'infinity') then
        reminder := null;
        cycle := cycle + 1;
        status := 'ACTIVE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
        due := clock_deadlines(terms, known.base_from, known.progress_from, known.extension_days, known.holds, null);
      end if;
    elsif item.type = 'reminder_sent' then
      if status = 'ACTIVE' and cycle = (item.fact ->> 'cycle')::integer and (item.fact ->> 'sent_at')::timestamptz >= due.owed then
        reminder := item.fact ->> 'sent_at';
        refused_for_good := false;
        status := 'GRACE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
        due := clock_deadlines(terms, known.base_from, known.progress_from, known.extension_days, known.holds, reminder);
      elsif reminder is null and cycle = (item.fact ->> 'cycle')::integer then
        cycle := cycle + 1;
      end if;
    elsif item.type = 'reminder_bounced' and cycle = (item.fact ->> 'cycle')::integer then
      if reminder is null and coalesce(due.owed > item.at, true) then
        cycle := cycle + 1;
      else
        refused_for_good := true;
      end if;
    elsif item.type in ('preregistered', 'converted', 'released') then
      status := upper(item.type);
      ended_at := case when item.type <> 'preregistered' then item.at end;
      reminder := null;
      refused_for_good := false;
      transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
    end if;
  end loop;

  if status in ('ACTIVE', 'GRACE') then
    return jsonb_build_object(
      'as_of', clock_text(as_of), 'status', status, 'paused', known.holds @> as_of,
      'base_until', clock_text(due.base_until), 'progress_until', clock_text(due.progress_until),
      'reminder_due_at', clock_text(due.reminder_due_at), 'grace_until', clock_text(due.grace_until),
      'valid_until', clock_text(due.valid_until), 'reason', null, 'cycle', cycle,
      'transitions', transitions, 'rejected_facts', rejected
    );
  end if;
  return jsonb_build_object(
    'as_of', clock_text(as_of), 'status', status, 'paused', false, 'base_until', null, 'progress_until', null,
    'reminder_due_at', null, 'grace_until', null, 'valid_until', clock_text(ended_at), 'reason', end_reason,
    'cycle', cycle, 'transitions', transitions, 'rejected_facts', rejected
  );
end
$f$;

-- Status and deadlines of a lead at an instant, from the facts recorded by then and nothing else.
create function lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamptz)
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

grant execute on function clock_instant(timestamp, text), clock_text(timestamptz), clock_working_day(date, date []),
clock_period_end(jsonb, timestamptz, integer, integer, tstzmultirange, boolean),
clock_first_running(tstzmultirange, timestamptz), clock_basis(jsonb, jsonb),
clock_deadlines(jsonb, timestamptz, timestamptz, integer, tstzmultirange, timestamptz),
clock_accepts(jsonb, text [], jsonb, jsonb), clock_replay(jsonb, timestamptz, jsonb, timestamptz, boolean),
lead_clock(uuid, uuid, timestamptz)
to fristwerk_app, fristwerk_worker, fristwerk_report;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function lead_clock(uuid, uuid, timestamptz);
drop function clock_replay(jsonb, timestamptz, jsonb, timestamptz, boolean);
drop function clock_accepts(jsonb, text [], jsonb, jsonb);
reset role;
