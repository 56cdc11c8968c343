-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Plays a ledger through to an instant: status and deadlines there, every change of status on the way,
-- and the indexes of the facts that were refused. Facts are fact objects in order of recording; a
-- ledger without its registration begins with one at registered_at, under the policy that is given:
-- others are adopted by facts. With assume_reminders a reminder goes out when due, else only those in
-- the ledger count. Deadlines at t are settled before facts at t.
create or replace function clock_replay(
  policy jsonb, registered_at timestamptz, facts jsonb, as_of timestamptz, assume_reminders boolean default true
) returns jsonb
language plpgsql immutable parallel safe as $f$
declare
  terms jsonb := clock_terms(policy);
  new_terms jsonb;
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
  too_early boolean;
  ended_at timestamptz;
  end_reason text;
  goes_out timestamptz;
  fine boolean;
  moves boolean;
  transitions jsonb := '[]';
  rejected jsonb := '[]';
begin
  select
    null::timestamptz as base_from, null::timestamptz as progress_from, 0 as extension_days,
    '{}'::tstzmultirange as holds, '{}'::text [] as hold_ids, '[]'::jsonb as requests, null::timestamptz as noted_at
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
    while status in ('PREREGISTERED', 'ACTIVE', 'GRACE') loop
      goes_out := case when assume_reminders then clock_first_running(known.holds, greatest(due.reminder_due_at, newest)) end;
      if due.reminder_due_at is not null and goes_out < coalesce(due.ends_at, 'infinity') then
        exit when goes_out > item.at;
        reminder := goes_out;
        newest := goes_out;
        status := 'GRACE';
        transitions := transitions || jsonb_build_object('at', clock_text(goes_out), 'to', status);
        due := clock_deadlines(
          terms, known.base_from, known.progress_from, known.extension_days, known.holds, known.requests,
          known.noted_at, reminder
        );
      else
        exit when due.ends_at is null or greatest(due.ends_at, newest) > item.at;
        ended_at := due.ends_at;
        end_reason := due.end_reason;
        status := case end_reason when 'UNPURSUED' then 'ERASED' else 'EXPIRED' end;
        newest := greatest(ended_at, newest);
        reminder := null;
        refused_for_good := false;
        transitions := transitions || jsonb_build_object('at', clock_text(ended_at), 'to', status, 'reason', end_reason);
        -- Whether or not anybody recorded it, the end voids what was still to be decided.
        ledger := ledger || jsonb_build_object('type', 'lapsed', 'recorded_at', clock_text(newest));
      end if;
    end loop;
    exit when item.type = 'as_of';

    fine := item.at >= newest
      and not ledger @> jsonb_build_array(jsonb_build_object('fact_id', item.fact -> 'fact_id'))
      and case item.type
        when 'preregistered' then status is null
        when 'registered' then coalesce(status = 'PREREGISTERED', true)
        when 'reinstated' then status in ('EXPIRED', 'RELEASED') and known.base_from is not null
        when 'lapsed' then
          status in ('EXPIRED', 'ERASED') and ended_at = (item.fact ->> 'at')::timestamptz
          and end_reason = item.fact ->> 'reason'
        else status in ('ACTIVE', 'GRACE')
          or (status = 'PREREGISTERED' and item.type in ('released', 'erased', 'policy_adopted'))
      end
      and clock_accepts(terms, known.hold_ids, known.requests, ledger, item.fact);
    moves := item.type in (
      'preregistered', 'registered', 'hold_placed', 'hold_released', 'extension_granted', 'hold_requested',
      'extension_requested', 'request_decided', 'request_withdrawn', 'policy_adopted', 'transferred', 'reinstated', 'corrected'
    ) or (item.type = 'activity' and terms -> 'qualifying_kinds' ? (item.fact ->> 'kind'));
    if fine and moves then
      new_terms := case when item.type = 'policy_adopted' then clock_terms(item.fact -> 'policy') else terms end;
      told := clock_known(new_terms, ledger || item.fact);
      ahead := clock_deadlines(
        new_terms, told.base_from, told.progress_from, told.extension_days, told.holds, told.requests, told.noted_at, reminder
      );
      -- A reminder that went out before it was owed, as known now, is void.
      too_early := coalesce(reminder < coalesce(ahead.owed, 'infinity'), false);
      if too_early then
        ahead := clock_deadlines(
          new_terms, told.base_from, told.progress_from, told.extension_days, told.holds, told.requests, told.noted_at, null
        );
      end if;
      -- What is meant to prolong protection, or to change its rules, never ends it.
      if item.type in ('reinstated', 'policy_adopted')
        or (item.type = 'request_decided' and (item.fact ->> 'approved')::boolean) then
        fine := coalesce(ahead.ends_at > item.at, true);
      end if;
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
      terms := new_terms;
      known := told;
      due := ahead;
      if item.type in ('preregistered', 'registered', 'reinstated') then
        status := case item.type when 'preregistered' then 'PREREGISTERED' else 'ACTIVE' end;
        ended_at := null;
        end_reason := null;
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
      end if;
      if too_early then
        reminder := null;
        cycle := cycle + 1;
        status := 'ACTIVE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
      end if;
    elsif item.type = 'reminder_sent' then
      if status = 'ACTIVE' and cycle = (item.fact ->> 'cycle')::integer and (item.fact ->> 'sent_at')::timestamptz >= due.owed then
        reminder := item.fact ->> 'sent_at';
        refused_for_good := false;
        status := 'GRACE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
        due := clock_deadlines(
          terms, known.base_from, known.progress_from, known.extension_days, known.holds, known.requests,
          known.noted_at, reminder
        );
      elsif reminder is null and cycle = (item.fact ->> 'cycle')::integer then
        cycle := cycle + 1;
      end if;
    elsif item.type = 'reminder_bounced' and cycle = (item.fact ->> 'cycle')::integer then
      if reminder is null and coalesce(due.owed > item.at, true) then
        cycle := cycle + 1;
      else
        refused_for_good := true;
      end if;
    elsif item.type in ('converted', 'released', 'erased') then
      status := upper(item.type);
      ended_at := item.at;
      reminder := null;
      refused_for_good := false;
      transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
    end if;
  end loop;

  if status in ('PREREGISTERED', 'ACTIVE', 'GRACE') then
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

reset role;

-- migrate:down

set local role fristwerk_owner;
create or replace function clock_replay(
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
reset role;
