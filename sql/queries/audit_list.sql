-- The audit as people look through it: by who, what, lead and time.

-- name: by_seq(tenant, owner, actor, what, lead, before, most)
-- The newest row first. With an owner, only rows about his leads.
select
  e.seq, e.audit_id, e.actor, e.what, e.lead, e.fact_id, e.before, e.after, e.reason, e.at,
  encode(e.prev_hash, 'hex') as prev_hash, encode(e.hash, 'hex') as hash, audit_row_is_whole(e) as whole
from audit_event as e
where
  e.tenant = :tenant::uuid and e.seq < :before::bigint
  and (:actor::text is null or e.actor = :actor::text) and (:what::text is null or e.what = :what::text)
  and (:lead::uuid is null or e.lead = :lead::uuid)
  and (:owner::text is null or exists (
    select from lead as l where l.tenant = e.tenant and l.id = e.lead and l.owner = :owner::text
  ))
order by e.seq desc
limit :most::integer;

-- name: by_time(tenant, owner, actor, what, lead, since, until, before, most)
-- The same within a time; the newest instant first. What was recorded late stands where it belongs.
select
  e.seq, e.audit_id, e.actor, e.what, e.lead, e.fact_id, e.before, e.after, e.reason, e.at,
  encode(e.prev_hash, 'hex') as prev_hash, encode(e.hash, 'hex') as hash, audit_row_is_whole(e) as whole
from audit_event as e
where
  e.tenant = :tenant::uuid and e.at >= :since::timestamptz and e.at <= :until::timestamptz
  and (e.at, e.seq) < (:until::timestamptz, :before::bigint)
  and (:actor::text is null or e.actor = :actor::text) and (:what::text is null or e.what = :what::text)
  and (:lead::uuid is null or e.lead = :lead::uuid)
  and (:owner::text is null or exists (
    select from lead as l where l.tenant = e.tenant and l.id = e.lead and l.owner = :owner::text
  ))
order by e.at desc, e.seq desc
limit :most::integer;

-- name: of_setting(tenant, key, most)
-- How a setting was changed, the newest change first.
select
  e.seq, e.audit_id, e.actor, e.what, e.lead, e.fact_id, e.before, e.after, e.reason, e.at,
  encode(e.prev_hash, 'hex') as prev_hash, encode(e.hash, 'hex') as hash, audit_row_is_whole(e) as whole
from audit_event as e
where e.tenant = :tenant::uuid and e.what = 'setting-changed' and e.after ->> 'key' = :key
order by e.at desc, e.seq desc
limit :most::integer;

-- name: names_of_leads(tenant, leads)
select l.id, l.company, l.city
from lead as l
where l.tenant = :tenant::uuid and l.id = any(:leads::uuid []);
