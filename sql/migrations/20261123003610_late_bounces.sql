-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- As before (migration 1040), but for a reminder that comes back after the mail server had taken it: its grace
-- ends, because it has reached nobody (protection/lifecycle.py does the same).
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
      if reminder is not null then
        -- It came back after it had counted: it has reached nobody, so it opened no grace.
        reminder := null;
        refused_for_good := true;
        status := 'ACTIVE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
        due := clock_deadlines(
          terms, known.base_from, known.progress_from, known.extension_days, known.holds, known.requests,
          known.noted_at, null
        );
      elsif coalesce(due.owed > item.at, true) then
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
