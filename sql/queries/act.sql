-- Acts of callers, and where a lead stands for them.

-- name: standing_of(tenant, lead, user)^
select
  l.id as lead, l.owner, c.role as share, p.status, coalesce(p.revision, 0) as revision, l.changed
from lead as l
left join protection as p on p.tenant = l.tenant and p.lead = l.id
left join collaborator as c on c.tenant = l.tenant and c.lead = l.id and c.user_id = :user::text
where l.tenant = :tenant::uuid and l.id = :lead::uuid;

-- name: enter_act(tenant, id, lead, act, actor, fact_id, idempotency_key, request_hash, opened_at, outdated, swept)$
-- The id if it is new. Some outdated acts go first, so that an outdated key is free again.
insert into act (tenant, id, lead, act, actor, fact_id, idempotency_key, request_hash, opened_at)
select
  :tenant::uuid, :id::uuid, :lead::uuid, :act::text, :actor::text, :fact_id::text, :idempotency_key::text,
  :request_hash::bytea, :opened_at::timestamptz
from act_purge(:outdated::timestamptz, :swept::integer, :idempotency_key::text) as purged
on conflict (tenant, idempotency_key) do nothing
returning id;

-- name: enter_act_at_once(tenant, user, roles, id, lead, act, fact_id, idempotency_key, request_hash, opened_at, outdated, swept)^
-- Context, standing and entry in one statement, for an act on a living lead that brings no words.
select a.owner, a.share
from act_enter(
  :tenant::uuid, :user::text, :roles::text, :id::uuid, :lead::uuid, :act::text, :fact_id::text, :idempotency_key::text,
  :request_hash::bytea, :opened_at::timestamptz, :outdated::timestamptz, :swept::integer
) as a;

-- name: act_of_key(tenant, idempotency_key)^
select a.id, a.lead, a.act, a.fact_id, a.request_hash, a.answered_at, a.status, a.location, a.answer
from act as a
where a.tenant = :tenant::uuid and a.idempotency_key = :idempotency_key::text;

-- name: answer_act(tenant, id, at, status, location, answer)!
update act as a set
  answered_at = :at::timestamptz, status = :status::integer, location = :location::text, answer = :answer::jsonb
where a.tenant = :tenant::uuid and a.id = :id::uuid and a.answered_at is null;

-- name: drop_act(tenant, id)!
delete from act as a where a.tenant = :tenant::uuid and a.id = :id::uuid;

-- name: purge_acts(outdated, most)$
select act_purge(:outdated::timestamptz, :most::integer, null);
