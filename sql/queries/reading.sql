-- What the service reads of one lead, and the audit. The transaction's context says who reads.

-- name: protection_read(tenant, user, roles, lead)^
-- Context and read in one statement, for a reader who needs nothing else.
select p.* from protection_read(:tenant::uuid, :user::text, :roles::text, :lead::uuid) as p;

-- name: requests_of(tenant, lead)
-- The facts that made them name the words that go with them.
select
  r.request, r.kind, r.status, r.reason, r.start_at, r.end_at, r.days, r.next_step_at, r.requested_by, r.requested_at,
  r.decided_by, r.decided_at, asked.fact_id as asked_by_fact, told.fact_id as decided_by_fact
from request as r
left join lateral (
  select f.fact_id
  from fact as f
  where
    f.tenant = r.tenant and f.lead = r.lead and f.type in ('hold_requested', 'extension_requested')
    and f.payload ->> 'request' = r.request
  limit 1
) as asked on true
left join lateral (
  select f.fact_id
  from fact as f
  where
    f.tenant = r.tenant and f.lead = r.lead and f.type in ('request_decided', 'request_withdrawn')
    and f.payload ->> 'request' = r.request
  limit 1
) as told on true
where r.tenant = :tenant::uuid and r.lead = :lead::uuid
order by r.requested_at, r.request;

-- name: timeline_of(tenant, lead, before_at, before_key, most)
-- Facts and mails, the newest first. The cursor is the last row's place.
select e.at, e.key, e.fact_id, e.type, e.by, e.payload, e.status, e.code
from (
  select
    f.recorded_at as at, 'fact/' || lpad(f.revision::text, 9, '0') as key, f.fact_id, f.type, f.by, f.payload,
    null as status, null as code
  from fact as f
  where f.tenant = :tenant::uuid and f.lead = :lead::uuid
  union all
  select
    coalesce(n.sent_at, n.created_at), 'mail/' || n.id::text, null, n.kind, n.recipient, null, n.status, n.code
  from notification as n
  where n.tenant = :tenant::uuid and n.lead = :lead::uuid and n.channel = 'EMAIL'
) as e
where (e.at, e.key) < (:before_at::timestamptz, :before_key::text)
order by e.at desc, e.key desc
limit :most::integer;

-- name: facts_by_id(tenant, lead, fact_ids)
-- What corrections speak of.
select f.fact_id, f.payload
from fact as f
where f.tenant = :tenant::uuid and f.lead = :lead::uuid and f.fact_id = any(:fact_ids::text []);

-- name: audit_rows(tenant, lead, before, most)
-- Of one lead, or of the tenant, the newest first; each says whether it is whole and follows the one before.
select
  e.seq, e.audit_id, e.actor, e.what, e.lead, e.fact_id, e.before, e.after, e.reason, e.at,
  encode(e.prev_hash, 'hex') as prev_hash, encode(e.hash, 'hex') as hash, audit_row_is_whole(e) as whole
from audit_event as e
where
  e.tenant = :tenant::uuid and (:lead::uuid is null or e.lead = :lead::uuid) and e.seq < :before::bigint
order by e.seq desc
limit :most::integer;

-- name: audit_standing()^
select s.rows_kept, s.head_seq, encode(s.head_hash, 'hex') as head_hash, s.first_broken from audit_standing() as s;

-- name: people_named(tenant, ids)
select u.id, u.display_name
from app_user as u
where u.tenant = :tenant::uuid and u.id = any(:ids::text []);

-- name: zone_of_lead(tenant, lead)$
-- In which zone its times are told.
select v.policy ->> 'timezone'
from protection as p
inner join policy_version as v on v.tenant = p.tenant and v.version = p.policy_version
where p.tenant = :tenant::uuid and p.lead = :lead::uuid;

-- name: audit_holds(tenant, seq, hash)$
-- Whether a head that somebody kept elsewhere still is a row of the chain.
select (:seq::bigint = 0 and decode(:hash::text, 'hex') = sha256('')) or exists (
  select from audit_event as e
  where e.tenant = :tenant::uuid and e.seq = :seq::bigint and e.hash = decode(:hash::text, 'hex')
);
