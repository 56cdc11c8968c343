-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Every setting there is; the same rows as adapters/setting_definitions.py, which a test compares.
create table setting_definition (
  key text primary key check (key ~ '^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+$'),
  type text not null check (type in ('scalar', 'list', 'object')),
  scopes text [] not null check (scopes <> '{}' and scopes <@ array['global', 'tenant', 'org', 'user']),
  default_value jsonb not null,
  schema jsonb not null check (jsonb_typeof(schema) = 'object'),
  merge text not null check (merge in ('replace', 'append', 'merge'))
);

insert into setting_definition (key, type, scopes, default_value, schema, merge) values
  ('lead.protection.baseMonths', 'object', '{global}', '{"months": 6}',
   '{"type": "object", "properties": {"months": {"type": "integer", "minimum": 1, "maximum": 24}}, "required": ["months"], "additionalProperties": false}', 'replace'),
  ('lead.protection.progressDays', 'object', '{global}', '{"days": 60}',
   '{"type": "object", "properties": {"days": {"type": "integer", "minimum": 7, "maximum": 120}}, "required": ["days"], "additionalProperties": false}', 'replace'),
  ('lead.protection.graceDays', 'object', '{global}', '{"days": 10}',
   '{"type": "object", "properties": {"days": {"type": "integer", "minimum": 1, "maximum": 30}}, "required": ["days"], "additionalProperties": false}', 'replace'),
  ('lead.protection.mode', 'object', '{global}', '{"mode": "LEAST"}',
   '{"type": "object", "properties": {"mode": {"enum": ["LEAST", "GREATEST"]}}, "required": ["mode"], "additionalProperties": false}', 'replace'),
  ('lead.protection.counting', 'object', '{global, tenant}', '{"counting": "exact"}',
   '{"type": "object", "properties": {"counting": {"enum": ["exact", "calendar_days"]}}, "required": ["counting"], "additionalProperties": false}', 'replace'),
  ('lead.protection.workingDayRoll', 'object', '{global, tenant}', '{"roll": "off"}',
   '{"type": "object", "properties": {"roll": {"enum": ["off", "next_working_day"]}, "land": {"enum": ["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"]}}, "required": ["roll"], "additionalProperties": false, "if": {"properties": {"roll": {"const": "next_working_day"}}}, "then": {"required": ["land"]}}', 'replace'),
  ('lead.protection.holdApproval', 'object', '{global, tenant}', '{"approval": "required"}',
   '{"type": "object", "properties": {"approval": {"enum": ["required", "not_required"]}}, "required": ["approval"], "additionalProperties": false}', 'replace'),
  ('lead.protection.maxHoldDays', 'object', '{global, tenant}', '{"days": 60}',
   '{"type": "object", "properties": {"days": {"type": "integer", "minimum": 1, "maximum": 365}}, "required": ["days"], "additionalProperties": false}', 'replace'),
  ('lead.protection.noticeDays', 'object', '{global, tenant}', '{"days": [7, 14]}',
   '{"type": "object", "properties": {"days": {"type": "array", "prefixItems": [{"type": "integer", "minimum": 0, "maximum": 60}, {"type": "integer", "minimum": 0, "maximum": 90}], "items": false, "minItems": 2}}, "required": ["days"], "additionalProperties": false}', 'replace'),
  ('lead.protection.reminder.channels', 'list', '{tenant, org}', '["EMAIL", "INAPP"]',
   '{"type": "array", "items": {"enum": ["EMAIL", "INAPP", "TASK"]}, "uniqueItems": true}', 'append'),
  ('lead.protection.notify.roles', 'list', '{tenant, org}', '["manager"]',
   '{"type": "array", "items": {"enum": ["agent", "manager", "admin", "auditor"]}, "uniqueItems": true}', 'append'),
  ('ai.budget.monthly.cap', 'scalar', '{tenant, org}', '1000',
   '{"type": "number", "minimum": 0, "maximum": 1000000000}', 'replace'),
  ('ai.routing.confidence.threshold', 'scalar', '{tenant, org, user}', '0.7',
   '{"type": "number", "minimum": 0, "maximum": 1}', 'replace'),
  ('ai.routing.demotion.cooldown', 'scalar', '{tenant, org}', '"PT30M"',
   '{"type": "string", "pattern": "^PT(?=[0-9])([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9]{1,5}S)?$"}', 'replace'),
  ('ai.cache.ttl', 'scalar', '{tenant, org}', '"PT8H"',
   '{"type": "string", "pattern": "^PT(?=[0-9])([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9]{1,5}S)?$"}', 'replace'),
  ('ai.providers.openai.models', 'object', '{global, tenant}', '{}',
   '{"type": "object", "properties": {"small": {"type": ["string", "null"], "minLength": 1, "maxLength": 100}, "large": {"type": ["string", "null"], "minLength": 1, "maxLength": 100}}, "additionalProperties": false}', 'merge'),
  ('ai.providers.anthropic.models', 'object', '{global, tenant}', '{}',
   '{"type": "object", "properties": {"small": {"type": ["string", "null"], "minLength": 1, "maxLength": 100}, "large": {"type": ["string", "null"], "minLength": 1, "maxLength": 100}}, "additionalProperties": false}', 'merge'),
  ('credit.cache.ttl', 'scalar', '{tenant, org}', '"PT8H"',
   '{"type": "string", "pattern": "^PT(?=[0-9])([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9]{1,5}S)?$"}', 'replace'),
  ('credit.peak.slo.p95.ms', 'scalar', '{global}', '500',
   '{"type": "integer", "minimum": 100, "maximum": 2000}', 'replace'),
  ('credit.batch.window.ms', 'scalar', '{tenant, org}', '50',
   '{"type": "integer", "minimum": 0, "maximum": 2000}', 'replace'),
  ('sample.feedback.tokenDays', 'object', '{tenant, user}', '{"days": 30}',
   '{"type": "object", "properties": {"days": {"type": "integer", "minimum": 1, "maximum": 365}}, "required": ["days"], "additionalProperties": false}', 'replace'),
  ('sample.feedback.autoReminder', 'object', '{tenant, user}', '{"enabled": true}',
   '{"type": "object", "properties": {"enabled": {"type": "boolean"}}, "required": ["enabled"], "additionalProperties": false}', 'replace'),
  ('sample.feedback.ratePerHour', 'object', '{tenant, user}', '{"count": 100}',
   '{"type": "object", "properties": {"count": {"type": "integer", "minimum": 1, "maximum": 10000}}, "required": ["count"], "additionalProperties": false}', 'replace'),
  ('help.space.enduser', 'object', '{tenant, org}', '{}',
   '{"type": "object", "maxProperties": 100}', 'merge'),
  ('help.space.salesops', 'object', '{tenant, org}', '{}',
   '{"type": "object", "maxProperties": 100}', 'merge');

-- One value a key and place: of everybody (tenant null), of a tenant, of an org or a user in it. The JSON
-- value null stands for "taken back": the row stays, so that its revision never begins anew.
create table setting_value (
  id bigint generated always as identity primary key,
  tenant uuid references tenant (id),
  scope text not null check (scope in ('global', 'tenant', 'org', 'user')),
  scope_id text not null,
  key text not null references setting_definition (key),
  value jsonb not null,
  revision integer not null default 1,
  changed_by text not null check (changed_by <> ''),
  changed_at timestamptz not null,
  constraint setting_value_once unique nulls not distinct (tenant, scope, scope_id, key),
  constraint setting_value_place check (
    case scope
      when 'global' then tenant is null and scope_id = ''
      when 'tenant' then tenant is not null and scope_id = ''
      else tenant is not null and scope_id <> ''
    end
  )
);

-- The one tenant whose administrators may set values of everybody: the first one of the installation, or
-- the only one there was when this table came. Every other tenant's administrators set their tenant's.
create table operating_tenant (
  one boolean primary key default true check (one),
  tenant uuid not null unique references tenant (id)
);

alter table tenant no force row level security;
insert into operating_tenant (tenant) select t.id from tenant as t where (select count(*) from tenant) = 1;
alter table tenant force row level security;

create function first_tenant_operates() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  insert into operating_tenant (tenant) values (new.id) on conflict do nothing;
  return null;
end
$f$;

create trigger first_tenant_operates after insert on tenant
for each row execute function first_tenant_operates();

create function app_operates() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return exists (select from operating_tenant as o where o.tenant = app_tenant());

grant execute on function app_operates() to fristwerk_app, fristwerk_worker;

-- The outcome of a policy that was tried out on all living leads; kept for a day.
create table policy_rehearsal (
  tenant uuid not null references tenant (id),
  id uuid not null,
  draft jsonb not null check (jsonb_typeof(draft) = 'object'),
  requested_by text not null check (requested_by <> ''),
  as_of timestamptz not null,
  leads integer not null check (leads >= 0),
  done integer not null default 0 check (done >= 0),
  told_at timestamptz not null,
  finished_at timestamptz,
  summary jsonb,
  primary key (tenant, id)
);

create table policy_rehearsal_lead (
  tenant uuid not null,
  rehearsal uuid not null,
  lead uuid not null,
  outcome jsonb not null check (jsonb_typeof(outcome) = 'object'),
  primary key (tenant, rehearsal, lead),
  foreign key (tenant, rehearsal) references policy_rehearsal (tenant, id) on delete cascade,
  foreign key (tenant, lead) references lead (tenant, id) on delete cascade
);

create index policy_rehearsal_by_age on policy_rehearsal (tenant, as_of);
create index policy_rehearsal_lead_by_lead on policy_rehearsal_lead (tenant, lead);

-- What the schema of a value cannot say: where the key may be set, and that a row keeps its place.
create function setting_value_checked() returns trigger
language plpgsql as $f$
begin
  if not exists (select from setting_definition as d where d.key = new.key and new.scope = any(d.scopes)) then
    raise exception 'setting % cannot be set at scope %', new.key, new.scope using errcode = 'check_violation';
  end if;
  if tg_op = 'UPDATE' then
    if (new.tenant, new.scope, new.scope_id, new.key) is distinct from (old.tenant, old.scope, old.scope_id, old.key) then
      raise exception 'a setting keeps its place' using errcode = 'check_violation';
    end if;
    new.revision := old.revision + 1;
  else
    new.revision := 1;
  end if;
  return new;
end
$f$;

create trigger setting_value_checked before insert or update on setting_value
for each row execute function setting_value_checked();

-- Every change is audited, and told to all processes. A value of everybody is audited where the context is.
create function setting_value_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  place jsonb := jsonb_build_object('key', new.key, 'scope', new.scope)
    || case when new.scope_id = '' then '{}' else jsonb_build_object('scopeId', new.scope_id) end;
begin
  perform audit_tell(
    'setting-changed', null, null,
    case when tg_op = 'UPDATE' then place || jsonb_build_object('value', old.value, 'revision', old.revision) end,
    place || jsonb_build_object('value', new.value, 'revision', new.revision), null, new.changed_at
  );
  perform pg_notify('setting_changed', coalesce(new.tenant::text, ''));
  return null;
end
$f$;

-- At the end of the transaction, because the head of the tenant's chain stays locked from then on.
create constraint trigger setting_value_told after insert or update on setting_value
deferrable initially deferred for each row execute function setting_value_told();

-- The public holidays of a German Land in a year, Sundays left out that are none elsewhere; the law as of
-- 2023, when the newest came in, and Berlin's two that were held once.
create function public_holidays(land text, year integer) returns date []
language plpgsql immutable parallel safe as $f$
declare
  golden constant integer := year % 19;
  century constant integer := year / 100;
  age constant integer := (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
  weekday constant integer := (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - age - year % 4) % 7;
  late constant integer := (golden + 11 * age + 22 * weekday) / 451;
  easter constant date := make_date(
    year, (age + weekday - 7 * late + 114) / 31, (age + weekday - 7 * late + 114) % 31 + 1
  );
  penance constant date := make_date(year, 11, 22) - (extract(dow from make_date(year, 11, 22))::integer + 4) % 7;
begin
  return array(
    select distinct day.on_day
    from (
      values
      (make_date(year, 1, 1), null::text []),
      (make_date(year, 1, 6), '{BW, BY, ST}'),
      (make_date(year, 3, 8), '{BE, MV}'),
      (easter - 2, null),
      (easter + 1, null),
      (make_date(year, 5, 1), null),
      (easter + 39, null),
      (easter + 50, null),
      (easter + 60, '{BW, BY, HE, NW, RP, SL}'),
      (make_date(year, 8, 15), '{SL}'),
      (make_date(year, 9, 20), '{TH}'),
      (make_date(year, 10, 3), null),
      (make_date(year, 10, 31), '{BB, HB, HH, MV, NI, SN, ST, SH, TH}'),
      (make_date(year, 11, 1), '{BW, BY, NW, RP, SL}'),
      (penance, '{SN}'),
      (make_date(year, 12, 25), null),
      (make_date(year, 12, 26), null),
      (case year when 2025 then date '2025-05-08' when 2028 then date '2028-06-17' end, '{BE}')
    ) as day (on_day, lands)
    where day.on_day is not null and (day.lands is null or land = any(day.lands))
    order by day.on_day
  );
end
$f$;

-- What a version of the policy says where no setting does: `Policy()` of protection/policy.py, which a
-- test compares.
create function policy_defaults() returns jsonb
language sql immutable parallel safe
return '{
    "timezone": "Europe/Berlin",
    "base_months": 6,
    "progress_days": 60,
    "grace_days": 10,
    "mode": "LEAST",
    "counting": "exact",
    "working_day_roll": "off",
    "closed_days": [],
    "qualifying_kinds": ["QUALIFIED_CALL", "CUSTOMER_REACTION", "SCHEDULED_FOLLOWUP", "SAMPLE_FEEDBACK", "ROI_PRESENTATION"],
    "other_kinds": ["EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED"],
    "notice_progress_days": 7,
    "notice_base_days": 14,
    "preregistration_days": 10,
    "preregistration_notice_days": 3,
    "preregistration_delete_days": 60,
    "max_hold_days": 60,
    "extension_decision_days": 14
  }'::jsonb;

-- What holds in the tenant of the context for a key that tenants and everybody may set, and nobody below.
create function tenant_setting(p_key text) returns jsonb
language sql stable
return coalesce(
  (
    select nullif(v.value, 'null') from setting_value as v
    where v.tenant = app_tenant() and v.scope = 'tenant' and v.key = p_key
  ),
  (select nullif(v.value, 'null') from setting_value as v where v.tenant is null and v.key = p_key),
  (select d.default_value from setting_definition as d where d.key = p_key)
);

-- The policy that the settings of the tenant make, without a name. Public holidays on working days are
-- resolved here, from the year before to four years on (the longest base period and extension), so that a
-- deadline never depends on later opinions about them. A roll needs whole days: where the counting was set
-- back to seconds, it is off.
create function policy_composed(p_at timestamptz) returns jsonb
language sql stable
begin atomic
  select policy_defaults() || jsonb_build_object(
    'base_months', trunc((tenant_setting('lead.protection.baseMonths') ->> 'months')::numeric),
    'progress_days', trunc((tenant_setting('lead.protection.progressDays') ->> 'days')::numeric),
    'grace_days', trunc((tenant_setting('lead.protection.graceDays') ->> 'days')::numeric),
    'mode', tenant_setting('lead.protection.mode') -> 'mode',
    'counting', counted.counting,
    'working_day_roll', case when rolled.land is null then 'off' else 'next_working_day' end,
    'closed_days', coalesce((
      select jsonb_agg(day.closed order by day.closed)
      from generate_series(
        extract(year from p_at at time zone 'UTC')::integer - 1, extract(year from p_at at time zone 'UTC')::integer + 4
      ) as y (year)
      cross join lateral unnest(public_holidays(rolled.land, y.year)) as day (closed)
      where rolled.land is not null and extract(isodow from day.closed) < 6
    ), '[]'),
    'max_hold_days', trunc((tenant_setting('lead.protection.maxHoldDays') ->> 'days')::numeric),
    'notice_progress_days', trunc((tenant_setting('lead.protection.noticeDays') -> 'days' ->> 0)::numeric),
    'notice_base_days', trunc((tenant_setting('lead.protection.noticeDays') -> 'days' ->> 1)::numeric)
  )
  from (select tenant_setting('lead.protection.counting') ->> 'counting' as counting) as counted
  cross join lateral (
    select case when counted.counting = 'calendar_days' and told.roll ->> 'roll' = 'next_working_day' then told.roll ->> 'land' end as land
    from (select tenant_setting('lead.protection.workingDayRoll') as roll) as told
  ) as rolled;
end;

-- The version of the tenant of the context that says what its settings say; made where there is none. A
-- version that said the same before is taken again. Numbers that older versions lack count as 0 there.
create function policy_current(p_at timestamptz) returns table (version text, policy jsonb)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  here constant uuid := app_tenant();
  wanted constant jsonb := policy_composed(p_at);
  older constant jsonb := policy_defaults() || '{
    "preregistration_days": 0, "preregistration_notice_days": 0, "preregistration_delete_days": 0, "max_hold_days": 0
  }';
  made text;
begin
  for attempt in 1..2 loop
    return query
    select v.version, v.policy from policy_version as v
    where v.tenant = here and older || (v.policy - 'version') = wanted
    order by length(v.version) desc, v.version desc
    limit 1;
    if found then
      return;
    end if;
    -- Two at once: the second waits, and finds what the first has made.
    perform pg_advisory_xact_lock(hashtextextended('policy_version/' || here::text, 0));
  end loop;
  select 'contract-' || (coalesce(max(substring(v.version from '^contract-([0-9]{1,9})$')::integer), 0) + 1) into made
  from policy_version as v
  where v.tenant = here;
  perform set_config('app.policy_made', made, true), set_config('app.policy_made_at', p_at::text, true);
  insert into policy_version (tenant, version, policy) values (here, made, wanted || jsonb_build_object('version', made));
  return query select v.version, v.policy from policy_version as v where v.tenant = here and v.version = made;
end
$f$;

-- A version that settings made is audited; one that came with an import is told there.
create function policy_version_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if new.version = current_setting('app.policy_made', true) then
    perform audit_tell(
      'policy-version-made', null, null, null, new.policy, null, current_setting('app.policy_made_at')::timestamptz
    );
  end if;
  return null;
end
$f$;

create constraint trigger policy_version_told after insert on policy_version
deferrable initially deferred for each row execute function policy_version_told();

grant execute on function policy_current(timestamptz) to fristwerk_app, fristwerk_worker;
grant execute on function public_holidays(text, integer), policy_defaults() to fristwerk_app, fristwerk_worker;

do $enable$
declare
  tab text;
begin
  foreach tab in array array['setting_definition', 'setting_value', 'operating_tenant', 'policy_rehearsal', 'policy_rehearsal_lead'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
  end loop;
  foreach tab in array array['policy_rehearsal', 'policy_rehearsal_lead'] loop
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_remove on %I for delete to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy reader_read on %I for select to fristwerk_app
                    using (tenant = (select app_tenant()) and (select may_act(''read-settings'', null)))', tab);
    execute format('create policy reader_add on %I for insert to fristwerk_app
                    with check (tenant = (select app_tenant()) and (select may_act(''read-settings'', null)))', tab);
    execute format('create policy reader_remove on %I for delete to fristwerk_app
                    using (tenant = (select app_tenant()) and (select may_act(''read-settings'', null)))', tab);
  end loop;
end
$enable$;

create policy reader_change on policy_rehearsal for update to fristwerk_app
using (tenant = (select app_tenant()) and requested_by = (select app_user_id()))
with check (tenant = (select app_tenant()) and requested_by = (select app_user_id()));

create policy everybody_read on setting_definition for select to fristwerk_app, fristwerk_worker, fristwerk_owner
using ((select app_tenant()) is not null);

create policy tenant_read on operating_tenant for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on operating_tenant for insert to fristwerk_owner
with check (tenant = (select app_tenant()));

-- Values of everybody are read by all. They are written by the worker role, and by administrators of the
-- one tenant that operates the installation.
create policy tenant_read on setting_value for select to fristwerk_worker, fristwerk_owner
using ((tenant = (select app_tenant()) or tenant is null) and (select app_tenant()) is not null);
create policy tenant_add on setting_value for insert to fristwerk_worker
with check ((tenant = (select app_tenant()) or tenant is null) and (select app_tenant()) is not null);
create policy tenant_change on setting_value for update to fristwerk_worker
using ((tenant = (select app_tenant()) or tenant is null) and (select app_tenant()) is not null)
with check ((tenant = (select app_tenant()) or tenant is null) and (select app_tenant()) is not null);

create policy reader_read on setting_value for select to fristwerk_app
using (
  (tenant = (select app_tenant()) or tenant is null) and (select app_tenant()) is not null
  and (select may_act('read-settings', null))
);
create policy changer_add on setting_value for insert to fristwerk_app
with check (
  (tenant = (select app_tenant()) or tenant is null and (select app_operates()))
  and (select may_act('change-settings', null)) and changed_by = (select app_user_id())
);
create policy changer_change on setting_value for update to fristwerk_app
using (
  (tenant = (select app_tenant()) or tenant is null and (select app_operates()))
  and (select may_act('change-settings', null))
)
with check (
  (tenant = (select app_tenant()) or tenant is null and (select app_operates()))
  and (select may_act('change-settings', null)) and changed_by = (select app_user_id())
);

grant select on setting_definition, setting_value to fristwerk_app, fristwerk_worker;
grant select on operating_tenant to fristwerk_worker;
grant insert on setting_value to fristwerk_app, fristwerk_worker;
grant update (value, changed_by, changed_at) on setting_value to fristwerk_app, fristwerk_worker;
grant select, insert, delete on policy_rehearsal, policy_rehearsal_lead to fristwerk_app;
grant update (done, told_at, finished_at, summary) on policy_rehearsal to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table policy_rehearsal_lead;
drop table policy_rehearsal;
drop trigger policy_version_told on policy_version;
drop function policy_version_told();
drop function policy_current(timestamptz);
drop function policy_composed(timestamptz);
drop function policy_defaults();
drop function public_holidays(text, integer);
drop function tenant_setting(text);
drop table setting_value;
drop trigger first_tenant_operates on tenant;
drop function first_tenant_operates();
drop function app_operates();
drop table operating_tenant;
drop function setting_value_told();
drop function setting_value_checked();
drop table setting_definition;
reset role;
