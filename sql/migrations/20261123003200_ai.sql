-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- AI calls (domain.md section 9): what they cost, what they may cost, what was answered before. Money is EUR.
-- Prompts are told without personal data, so neither kept answers nor the audit hold any; what is kept of a
-- lead goes with its erasure all the same.

-- One row a call. `told` and `answered` only where the tenant keeps them; months are UTC months, as
-- providers bill. `lost_eur` is what was booked for a call whose process died with it.
create table ai_call (
  tenant uuid not null,
  id uuid not null,
  at timestamptz not null,
  actor text not null check (actor <> ''),
  org text check (org <> ''),
  lead uuid,
  use_case text not null check (use_case ~ '^[A-Z]+(_[A-Z]+)*$'),
  outcome text not null check (
    outcome in ('open', 'answered', 'unavailable', 'malformed', 'budget-spent', 'lost')
  ),
  decision text check (decision in ('cached', 'small', 'escalated', 'large', 'reduced')),
  provider text,
  model text,
  size text check (size in ('small', 'large')),
  confidence double precision check (confidence between 0 and 1),
  input_tokens integer not null default 0 check (input_tokens >= 0),
  output_tokens integer not null default 0 check (output_tokens >= 0),
  cost_eur numeric(16, 8) not null default 0 check (cost_eur >= 0),
  lost_eur numeric(16, 8) not null default 0 check (lost_eur >= 0),
  milliseconds integer check (milliseconds >= 0),
  told text,
  answered jsonb,
  primary key (tenant, id),
  constraint ai_call_decided check ((outcome = 'answered') = (decision is not null)),
  foreign key (tenant, lead) references lead (tenant, id)
);
create index ai_call_by_time on ai_call (tenant, at);
create index ai_call_by_lead on ai_call (tenant, lead) where lead is not null;

-- One question to one model; `presumed` is a cost nobody told us, so that it is the most it can be.
create table ai_attempt (
  tenant uuid not null,
  call uuid not null,
  number integer not null check (number > 0),
  provider text not null,
  model text not null,
  size text not null check (size in ('small', 'large')),
  input_tokens integer not null check (input_tokens >= 0),
  output_tokens integer not null check (output_tokens >= 0),
  cost_eur numeric(16, 8) not null check (cost_eur >= 0),
  presumed boolean not null,
  milliseconds integer not null check (milliseconds >= 0),
  fault text,
  confidence double precision check (confidence between 0 and 1),
  primary key (tenant, call, number),
  foreign key (tenant, call) references ai_call (tenant, id)
);

-- What a month holds: of the tenant (org '') and of each org.
create table ai_budget (
  tenant uuid not null,
  org text not null,
  month date not null check (extract(day from month) = 1),
  booked numeric(16, 8) not null default 0 check (booked >= 0),
  reserved numeric(16, 8) not null default 0 check (reserved >= 0),
  primary key (tenant, org, month)
);

-- Set aside for the question a call is asking now. One whose process died is booked as it stands.
create table ai_reservation (
  tenant uuid not null,
  call uuid not null,
  amount numeric(16, 8) not null check (amount > 0),
  until timestamptz not null,
  primary key (tenant, call),
  foreign key (tenant, call) references ai_call (tenant, id)
);
create index ai_reservation_over on ai_reservation (tenant, until);

-- When providers were asked, for their pace. Of one tenant all of them: the accounts are the installation's.
create table ai_asked (
  tenant uuid not null,
  provider text not null check (provider <> ''),
  at timestamptz not null,
  number bigint generated always as identity,
  primary key (tenant, provider, at, number)
);

create table ai_cache (
  tenant uuid not null,
  key bytea not null check (octet_length(key) = 32),
  lead uuid,
  use_case text not null,
  provider text not null,
  model text not null,
  size text not null check (size in ('small', 'large')),
  answer jsonb not null check (jsonb_typeof(answer) = 'object'),
  confidence double precision not null check (confidence between 0 and 1),
  kept_at timestamptz not null,
  until timestamptz not null check (until > kept_at),
  primary key (tenant, key),
  foreign key (tenant, lead) references lead (tenant, id)
);
create index ai_cache_over on ai_cache (tenant, until);
create index ai_cache_by_lead on ai_cache (tenant, lead) where lead is not null;

-- Everything about a tenant's money happens one after the other: no sum is read that another is changing.
create function ai_turn() returns void
language sql volatile
begin atomic
  select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('ai/' || app_tenant()::text, 0));
end;

create function ai_month(at timestamptz) returns date
language sql immutable parallel safe
return pg_catalog.date_trunc('month', at at time zone 'UTC')::date;

-- Changes what a month holds, of the tenant and of the org.
create function ai_move(p_org text, p_month date, p_booked numeric, p_reserved numeric) returns void
language sql volatile
begin atomic
  insert into ai_budget as b (tenant, org, month, booked, reserved)
  select app_tenant(), o.org, p_month, greatest(p_booked, 0), greatest(p_reserved, 0)
  from (select distinct unnest(array['', coalesce(p_org, '')]) as org) as o
  on conflict (tenant, org, month) do update set
    booked = b.booked + p_booked, reserved = b.reserved + p_reserved;
end;

-- Reservations that are over: their process died, the provider may have answered. Booked as they stand, so
-- that a month's bill never passes its cap.
create function ai_sweep(p_at timestamptz) returns void
language plpgsql volatile as $f$
declare
  gone record;
begin
  for gone in
    delete from ai_reservation as r using ai_call as c
    where r.tenant = app_tenant() and r.until <= p_at and c.tenant = r.tenant and c.id = r.call
    returning r.call, r.amount, c.org, c.at
  loop
    perform ai_move(gone.org, ai_month(gone.at), gone.amount, -gone.amount);
    update ai_call as c set
      outcome = 'lost', cost_eur = c.cost_eur + gone.amount, lost_eur = c.lost_eur + gone.amount
    where c.tenant = app_tenant() and c.id = gone.call;
  end loop;
end
$f$;

-- Whether an amount fits: 'reserved', 'tight' or 'spent', and whether it is the org's budget that is short.
create function ai_fits(
  p_org text, p_month date, p_amount numeric, p_tenant_cap numeric, p_org_cap numeric, out standing text, out of_org boolean
)
language plpgsql stable as $f$
declare
  cap numeric;
  held record;
begin
  standing := 'reserved';
  of_org := false;
  for held in
    select o.org, coalesce(b.booked, 0) as booked, coalesce(b.reserved, 0) as reserved
    from (values (''), (p_org)) as o (org)
    left join ai_budget as b on b.tenant = app_tenant() and b.org = o.org and b.month = p_month
    where o.org is not null
  loop
    cap := case when held.org = '' then p_tenant_cap else coalesce(p_org_cap, p_tenant_cap) end;
    if held.booked + p_amount > cap then
      standing := 'spent';
      of_org := held.org <> '';
      return;
    elsif held.booked + held.reserved + p_amount > cap then
      standing := 'tight';
      of_org := held.org <> '';
    end if;
  end loop;
end
$f$;

-- A call begins: the amount is set aside, unless there is an answer already; then the call is over.
create function ai_open(
  p_call uuid, p_lead uuid, p_org text, p_use_case text, p_at timestamptz, p_amount numeric, p_until timestamptz,
  p_tenant_cap numeric, p_org_cap numeric, p_threshold double precision, p_sure bytea [], p_unsure bytea [],
  p_kept_since timestamptz, p_refuse boolean, p_patient boolean,
  out standing text, out of_org boolean, out provider text, out model text, out size text, out answer jsonb,
  out confidence double precision
)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  month date := ai_month(p_at);
  kept record;
begin
  perform ai_turn();
  perform ai_sweep(p_at);
  select f.standing, f.of_org into standing, of_org
  from ai_fits(p_org, month, p_amount, p_tenant_cap, p_org_cap) as f;
  if standing = 'tight' and not p_patient then
    standing := 'spent';
  end if;
  -- The first of its list that counts: sure ones however sure they are, the others if they are sure enough.
  -- One that is not sure enough is told too: nobody needs to be asked that again.
  select
    c.provider, c.model, c.size, c.answer, c.confidence,
    k.sure or c.confidence >= p_threshold as counts
  into kept
  from (
    select u.key, u.place, true as sure from unnest(p_sure) with ordinality as u (key, place)
    union all
    select u.key, u.place, false from unnest(p_unsure) with ordinality as u (key, place)
  ) as k
  join ai_cache as c on c.tenant = app_tenant() and c.key = k.key
  where c.until > p_at and c.kept_at >= p_kept_since
  order by not (k.sure or c.confidence >= p_threshold), k.sure, k.place
  limit 1;
  if found then
    provider := kept.provider;
    model := kept.model;
    size := kept.size;
    answer := kept.answer;
    confidence := kept.confidence;
    -- Over the budget an answer that is not sure is better than none.
    if kept.counts or standing = 'spent' and p_refuse then
      standing := 'cached';
      -- No money moves, so nobody waits for the disk: of a server that dies at this moment the line is lost.
      perform set_config('synchronous_commit', 'off', true);
      insert into ai_call (
        tenant, id, at, actor, org, lead, use_case, outcome, decision, provider, model, size, confidence, milliseconds
      ) values (
        app_tenant(), p_call, p_at, app_user_id(), p_org, p_lead, p_use_case, 'answered', 'cached', kept.provider,
        kept.model, kept.size, kept.confidence, 0
      );
      return;
    end if;
  end if;
  if standing = 'reserved' or standing = 'spent' and p_refuse then
    insert into ai_call (tenant, id, at, actor, org, lead, use_case, outcome)
    values (
      app_tenant(), p_call, p_at, app_user_id(), p_org, p_lead, p_use_case,
      case standing when 'reserved' then 'open' else 'budget-spent' end
    );
  end if;
  if standing = 'reserved' then
    insert into ai_reservation (tenant, call, amount, until) values (app_tenant(), p_call, p_amount, p_until);
    perform ai_move(p_org, month, 0, p_amount);
  end if;
end
$f$;

-- What a call has asked is written down and booked; what was set aside for it is free.
create function ai_book(p_call uuid, p_at timestamptz, p_attempts jsonb, p_keep jsonb) returns ai_call
language plpgsql volatile as $f$
declare
  asked ai_call;
  freed numeric;
  cost numeric;
  found_tokens record;
begin
  perform ai_turn();
  select * into strict asked from ai_call as c
  where c.tenant = app_tenant() and c.id = p_call and c.actor = app_user_id() and c.outcome in ('open', 'lost');
  insert into ai_attempt (
    tenant, call, number, provider, model, size, input_tokens, output_tokens, cost_eur, presumed, milliseconds, fault,
    confidence
  )
  select
    app_tenant(), p_call,
    a.place + (select count(*) from ai_attempt as b where b.tenant = app_tenant() and b.call = p_call),
    a.told ->> 'provider', a.told ->> 'model', a.told ->> 'size', (a.told ->> 'inputTokens')::integer,
    (a.told ->> 'outputTokens')::integer, (a.told ->> 'costEur')::numeric, (a.told ->> 'presumed')::boolean,
    (a.told ->> 'milliseconds')::integer, a.told ->> 'fault', (a.told ->> 'confidence')::double precision
  from jsonb_array_elements(p_attempts) with ordinality as a (told, place);
  select
    coalesce(sum((a.told ->> 'costEur')::numeric), 0) as cost,
    coalesce(sum((a.told ->> 'inputTokens')::integer), 0) as input,
    coalesce(sum((a.told ->> 'outputTokens')::integer), 0) as output
  into found_tokens
  from jsonb_array_elements(p_attempts) as a (told);
  cost := found_tokens.cost;
  delete from ai_reservation as r where r.tenant = app_tenant() and r.call = p_call returning r.amount into freed;
  -- A call taken for lost that is there after all: what was booked for it is taken back.
  perform ai_move(asked.org, ai_month(asked.at), cost - asked.lost_eur, -coalesce(freed, 0));
  update ai_call as c set
    outcome = 'open', cost_eur = c.cost_eur - c.lost_eur + cost, lost_eur = 0,
    input_tokens = c.input_tokens + found_tokens.input, output_tokens = c.output_tokens + found_tokens.output
  where c.tenant = app_tenant() and c.id = p_call
  returning * into asked;
  if p_keep is not null then
    delete from ai_cache as c where c.tenant = app_tenant() and c.until <= p_at;
    insert into ai_cache as c (
      tenant, key, lead, use_case, provider, model, size, answer, confidence, kept_at, until
    ) values (
      app_tenant(), decode(p_keep ->> 'key', 'hex'), asked.lead, asked.use_case, p_keep ->> 'provider',
      p_keep ->> 'model', p_keep ->> 'size', p_keep -> 'answer', (p_keep ->> 'confidence')::double precision, p_at,
      (p_keep ->> 'until')::timestamptz
    )
    on conflict (tenant, key) do update set
      lead = excluded.lead, answer = excluded.answer, confidence = excluded.confidence, kept_at = excluded.kept_at,
      until = excluded.until;
  end if;
  return asked;
end
$f$;

-- One question is over, and the call wants to ask another.
create function ai_step(
  p_call uuid, p_at timestamptz, p_attempts jsonb, p_keep jsonb, p_amount numeric, p_until timestamptz,
  p_tenant_cap numeric, p_org_cap numeric
) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  asked ai_call := ai_book(p_call, p_at, p_attempts, p_keep);
  standing text;
begin
  perform ai_sweep(p_at);
  select f.standing into standing
  from ai_fits(asked.org, ai_month(asked.at), p_amount, p_tenant_cap, p_org_cap) as f;
  if standing = 'reserved' then
    insert into ai_reservation (tenant, call, amount, until) values (app_tenant(), p_call, p_amount, p_until);
    perform ai_move(asked.org, ai_month(asked.at), 0, p_amount);
  end if;
  return standing;
end
$f$;

-- A call is over.
create function ai_close(
  p_call uuid, p_at timestamptz, p_attempts jsonb, p_keep jsonb, p_outcome text, p_decision text, p_provider text,
  p_model text, p_size text, p_confidence double precision, p_milliseconds integer, p_told text, p_answered jsonb
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform ai_book(p_call, p_at, p_attempts, p_keep);
  update ai_call as c set
    outcome = p_outcome, decision = p_decision, provider = p_provider, model = p_model, size = p_size,
    confidence = p_confidence, milliseconds = p_milliseconds, told = p_told, answered = p_answered
  where c.tenant = app_tenant() and c.id = p_call;
end
$f$;

-- A provider is to be asked: null, and it counts; or it was asked so often within a minute that it is worth
-- coming back so many seconds later. Whoever has read his clock before the others and comes after them counts
-- them, too: no minute, wherever it begins, holds more.
create function ai_pace(p_provider text, p_at timestamptz, p_per_minute integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  free_at timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat('ai-pace/', app_tenant(), '/', p_provider), 0));
  delete from ai_asked as a
  where a.tenant = app_tenant() and a.provider = p_provider and a.at < p_at - interval '10 minutes';
  select a.at + interval '1 minute' into free_at
  from ai_asked as a
  where
    a.tenant = app_tenant() and a.provider = p_provider
    and a.at > p_at - interval '1 minute' and a.at < p_at + interval '1 minute'
  order by a.at desc
  offset p_per_minute - 1 limit 1;
  if found then
    return greatest(1, ceil(extract(epoch from free_at - p_at)))::integer;
  end if;
  insert into ai_asked (tenant, provider, at) values (app_tenant(), p_provider, p_at);
  return null;
end
$f$;

revoke execute on function ai_turn(), ai_month(timestamptz), ai_move(text, date, numeric, numeric),
ai_sweep(timestamptz), ai_pace(text, timestamptz, integer), ai_fits(text, date, numeric, numeric, numeric),
ai_book(uuid, timestamptz, jsonb, jsonb),
ai_open(
  uuid, uuid, text, text, timestamptz, numeric, timestamptz, numeric, numeric, double precision, bytea [], bytea [],
  timestamptz, boolean, boolean
),
ai_step(uuid, timestamptz, jsonb, jsonb, numeric, timestamptz, numeric, numeric),
ai_close(
  uuid, timestamptz, jsonb, jsonb, text, text, text, text, text, double precision, integer, text, jsonb
) from public;
grant execute on function
ai_open(
  uuid, uuid, text, text, timestamptz, numeric, timestamptz, numeric, numeric, double precision, bytea [], bytea [],
  timestamptz, boolean, boolean
),
ai_step(uuid, timestamptz, jsonb, jsonb, numeric, timestamptz, numeric, numeric),
ai_close(
  uuid, timestamptz, jsonb, jsonb, text, text, text, text, text, double precision, integer, text, jsonb
),
ai_pace(text, timestamptz, integer), ai_month(timestamptz) to fristwerk_app, fristwerk_worker;

do $enable$
declare
  tab text;
begin
  foreach tab in array array['ai_call', 'ai_attempt', 'ai_budget', 'ai_reservation', 'ai_asked', 'ai_cache'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['ai_call', 'ai_budget', 'ai_cache'] loop
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['ai_reservation', 'ai_asked', 'ai_cache'] loop
    execute format('create policy tenant_remove on %I for delete to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
end
$enable$;

-- Whoever reads the tenant reads what AI costs it; everybody his own calls.
create policy reader_read on ai_call for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or actor = (select app_user_id())));
create policy reader_read on ai_attempt for select to fristwerk_app
using (tenant = (select app_tenant()) and exists (
  select from ai_call as c where c.tenant = ai_attempt.tenant and c.id = ai_attempt.call
));
create policy reader_read on ai_budget for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()));

grant select on ai_call, ai_attempt, ai_budget to fristwerk_app;
grant select on ai_call, ai_attempt, ai_budget, ai_cache to fristwerk_worker;
-- An erasure takes away what was said of a lead.
grant update (told, answered) on ai_call to fristwerk_worker;
grant delete on ai_cache to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function ai_pace(text, timestamptz, integer);
drop function ai_close(
  uuid, timestamptz, jsonb, jsonb, text, text, text, text, text, double precision, integer, text, jsonb
);
drop function ai_step(uuid, timestamptz, jsonb, jsonb, numeric, timestamptz, numeric, numeric);
drop function ai_book(uuid, timestamptz, jsonb, jsonb);
drop function ai_open(
  uuid, uuid, text, text, timestamptz, numeric, timestamptz, numeric, numeric, double precision, bytea [], bytea [],
  timestamptz, boolean, boolean
);
drop function ai_fits(text, date, numeric, numeric, numeric);
drop function ai_sweep(timestamptz);
drop function ai_move(text, date, numeric, numeric);
drop function ai_month(timestamptz);
drop function ai_turn();
drop table ai_cache;
drop table ai_asked;
drop table ai_reservation;
drop table ai_budget;
drop table ai_attempt;
drop table ai_call;
reset role;
