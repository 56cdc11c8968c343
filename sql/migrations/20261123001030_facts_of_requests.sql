-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Whether the contract has a place for this fact, apart from the status of the lead.
create function clock_accepts(policy jsonb, hold_ids text [], requests jsonb, ledger jsonb, fact jsonb) returns boolean
language sql immutable parallel safe
return case fact ->> 'type'
  when 'registered' then
    (fact ->> 'registered_at')::timestamptz <= (fact ->> 'recorded_at')::timestamptz + interval '1 minute'
  when 'activity' then
    (policy -> 'qualifying_kinds') || (policy -> 'other_kinds') ? (fact ->> 'kind')
    and (fact ->> 'occurred_at')::timestamptz <= (fact ->> 'recorded_at')::timestamptz
  when 'hold_placed' then
    fact ->> 'hold' <> all(hold_ids)
    and not requests @> jsonb_build_array(jsonb_build_object('request', fact -> 'hold'))
  when 'hold_released' then
    fact ->> 'hold' = any(hold_ids)
    and coalesce((fact ->> 'ended_at')::timestamptz <= (fact ->> 'recorded_at')::timestamptz, true)
  when 'extension_granted' then (fact ->> 'days')::integer between 1 and 730
  when 'hold_requested' then
    fact ->> 'request' <> all(hold_ids)
    and not requests @> jsonb_build_array(jsonb_build_object('request', fact -> 'request'))
  when 'extension_requested' then
    coalesce((fact ->> 'days')::integer between 1 and 730, true)
    and fact ->> 'request' <> all(hold_ids)
    and not requests @> jsonb_build_array(jsonb_build_object('request', fact -> 'request'))
    and not requests @> '[{"for_hold": false, "closed_by": null}]'
  when 'request_decided' then exists (
    select
    from jsonb_array_elements(requests) as asked
    where
      asked.value @> jsonb_build_object('request', fact -> 'request', 'closed_by', null)
      and asked.value -> 'by' <> fact -> 'by'
      and case
        when (asked.value ->> 'for_hold')::boolean then fact ->> 'days' is null
        else
          fact ->> 'start_at' is null and fact ->> 'end_at' is null
          and (not (fact ->> 'approved')::boolean or coalesce((fact ->> 'days')::integer between 1 and 730, false))
      end
  )
  when 'request_withdrawn' then
    requests @> jsonb_build_array(jsonb_build_object('request', fact -> 'request', 'closed_by', null))
  when 'policy_adopted' then
    policy ->> 'version' = fact ->> 'replaces'
    and clock_terms(fact -> 'policy') ->> 'version' = fact ->> 'version'
  when 'corrected' then exists (
    select
    from jsonb_array_elements(ledger) as wrong
    cross join lateral (
      select case wrong.value ->> 'type'
        when 'registered' then '{registered_at}'::text []
        when 'activity' then '{kind, occurred_at}'
        when 'hold_placed' then '{reason, start_at, end_at}'
        when 'hold_requested' then '{reason, start_at, end_at}'
        when 'hold_released' then '{ended_at}'
        when 'extension_granted' then '{days}'
        when 'request_decided' then '{days, start_at, end_at}'
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
            when 'hold_released' then coalesce(
              ((wrong.value || right_one.put) ->> 'ended_at')::timestamptz <= (wrong.value ->> 'recorded_at')::timestamptz, true
            )
            when 'extension_granted' then ((wrong.value || right_one.put) ->> 'days')::integer between 1 and 730
            when 'request_decided' then
              coalesce(((wrong.value || right_one.put) ->> 'days')::integer between 1 and 730, true)
            else coalesce(
              ((wrong.value || right_one.put) ->> 'end_at')::timestamptz
              > ((wrong.value || right_one.put) ->> 'start_at')::timestamptz, true
            )
          end
      end
  )
  else true
end;

grant execute on function clock_accepts(jsonb, text [], jsonb, jsonb, jsonb)
to fristwerk_app, fristwerk_worker, fristwerk_report;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function clock_accepts(jsonb, text [], jsonb, jsonb, jsonb);
reset role;
