-- The audit chain.

-- name: audit_of_lead(tenant, lead, after, most)
select e.seq, e.actor, e.what, e.lead, e.fact_id, e.before, e.after, e.reason, e.at
from audit_event as e
where e.tenant = :tenant::uuid and e.lead = :lead::uuid and e.seq > :after::bigint
order by e.seq
limit :most::integer;

-- name: audit_first_broken(tenant)$
select audit_verify(:tenant::uuid);
