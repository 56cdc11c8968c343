-- AI calls. As whoever asks: the functions see to it that money and audit are moved by nobody else.

-- name: open_call(call, lead, org, use_case, at, amount, until, tenant_cap, org_cap, threshold, sure, unsure, kept_since, refuse, patient)^
select o.standing, o.of_org, o.provider, o.model, o.size, o.answer, o.confidence
from ai_open(
  :call::uuid, :lead::uuid, :org::text, :use_case::text, :at::timestamptz, :amount::numeric, :until::timestamptz,
  :tenant_cap::numeric, :org_cap::numeric, :threshold::double precision, :sure::bytea [], :unsure::bytea [],
  :kept_since::timestamptz, :refuse::boolean, :patient::boolean
) as o;

-- name: step_call(call, at, attempts, keep, amount, until, tenant_cap, org_cap)$
select ai_step(
  :call::uuid, :at::timestamptz, :attempts::jsonb, :keep::jsonb, :amount::numeric, :until::timestamptz,
  :tenant_cap::numeric, :org_cap::numeric
);

-- name: take_turn(provider, at, per_minute)$
select ai_pace(:provider::text, :at::timestamptz, :per_minute::integer);

-- name: close_call(call, at, attempts, keep, outcome, decision, provider, model, size, confidence, milliseconds, told, answered)$
select ai_close(
  :call::uuid, :at::timestamptz, :attempts::jsonb, :keep::jsonb, :outcome::text, :decision::text, :provider::text,
  :model::text, :size::text, :confidence::double precision, :milliseconds::integer, :told::text, :answered::jsonb
);

-- name: staff_names()
-- Names of the tenant's own people, so that they are not told to anybody.
select u.display_name, u.email from app_user as u;

-- name: month_totals(tenant, since, before)^
select
  count(*) as calls,
  count(*) filter (where c.outcome = 'answered') as answered,
  count(*) filter (where c.decision = 'cached') as cached,
  count(*) filter (where c.decision in ('small', 'reduced')) as small,
  count(*) filter (where c.decision in ('escalated', 'large')) as large,
  count(*) filter (where c.outcome = 'budget-spent') as refused,
  count(*) filter (where c.outcome in ('unavailable', 'malformed', 'lost')) as failed,
  coalesce(sum(c.cost_eur), 0) as cost_eur,
  percentile_disc(0.95) within group (order by c.milliseconds) filter (where c.decision <> 'cached') as p95_ms
from ai_call as c
where c.tenant = :tenant::uuid and c.at >= :since::timestamptz and c.at < :before::timestamptz;

-- name: month_days(tenant, since, before)
select
  (c.at at time zone 'UTC')::date as day,
  count(*) as calls,
  count(*) filter (where c.decision = 'cached') as cached,
  sum(c.cost_eur) as cost_eur
from ai_call as c
where c.tenant = :tenant::uuid and c.at >= :since::timestamptz and c.at < :before::timestamptz
group by 1
order by 1;

-- name: month_cases(tenant, since, before)
select
  c.use_case,
  count(*) as calls,
  count(*) filter (where c.outcome = 'answered') as answered,
  count(*) filter (where c.decision = 'cached') as cached,
  count(*) filter (where c.decision in ('small', 'reduced')) as small,
  count(*) filter (where c.decision in ('escalated', 'large')) as large,
  sum(c.cost_eur) as cost_eur
from ai_call as c
where c.tenant = :tenant::uuid and c.at >= :since::timestamptz and c.at < :before::timestamptz
group by c.use_case
order by c.use_case;

-- name: month_models(tenant, since, before)
select
  a.provider, a.model,
  count(*) as asked,
  count(*) filter (where a.fault is not null) as failed,
  sum(a.input_tokens) as input_tokens,
  sum(a.output_tokens) as output_tokens,
  sum(a.cost_eur) as cost_eur,
  coalesce(sum(a.cost_eur) filter (where a.presumed), 0) as presumed_eur
from ai_call as c
inner join ai_attempt as a on a.tenant = c.tenant and a.call = c.id
where c.tenant = :tenant::uuid and c.at >= :since::timestamptz and c.at < :before::timestamptz
group by a.provider, a.model
order by a.provider, a.model;

-- name: month_budgets(tenant, month)
select b.org, b.booked, b.reserved
from ai_budget as b
where b.tenant = :tenant::uuid and b.month = :month::date
order by b.org;
