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

-- name: close_call(call, at, attempts, keep, outcome, decision, provider, model, size, confidence, milliseconds, told, answered)$
select ai_close(
  :call::uuid, :at::timestamptz, :attempts::jsonb, :keep::jsonb, :outcome::text, :decision::text, :provider::text,
  :model::text, :size::text, :confidence::double precision, :milliseconds::integer, :told::text, :answered::jsonb
);

-- name: staff_names()
-- Names of the tenant's own people, so that they are not told to anybody.
select u.display_name, u.email from app_user as u;
