-- The tenant's policy: the version that holds now, all there are, and who lives under which.

-- name: current_policy(tenant, at)^
select c.version, c.policy
from policy_current(:at::timestamptz) as c
where app_tenant() = :tenant::uuid;

-- name: policy_versions(tenant)
-- With the number of living leads under each.
select v.version, v.policy, coalesce(living.leads, 0) as leads
from policy_version as v
left join (
  select p.policy_version, count(*) as leads
  from protection as p
  where p.tenant = :tenant::uuid and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
  group by p.policy_version
) as living on living.policy_version = v.version
where v.tenant = :tenant::uuid
order by length(v.version), v.version;

-- name: closed_days(land, year)$
-- Holidays on working days, over the years a policy made in that year is resolved for.
select array(
  select day.closed
  from generate_series(:year::integer - 1, :year::integer + 4) as y (year)
  cross join lateral unnest(public_holidays(:land, y.year)) as day (closed)
  where extract(isodow from day.closed) < 6
  order by day.closed
);

-- name: count_living(tenant)$
select count(*) from protection as p
where p.tenant = :tenant::uuid and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE');

-- name: living_ledgers(tenant, after, most)
-- The next living leads by id, each with its whole ledger and the version it began under.
select
  p.lead, p.owner, p.revision, p.policy_version, l.external_id, ledger.facts,
  coalesce(ledger.replaced, p.policy_version) as first_version
from (
  select q.tenant, q.lead, q.owner, q.revision, q.policy_version
  from protection as q
  where
    q.tenant = :tenant::uuid and q.lead > :after::uuid and q.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
  order by q.lead
  limit :most::integer
) as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
cross join lateral (
  select
    jsonb_agg(f.payload order by f.revision) as facts,
    (array_agg(f.payload ->> 'replaces' order by f.revision) filter (where f.type = 'policy_adopted')) [1] as replaced
  from fact as f
  where f.tenant = p.tenant and f.lead = p.lead
) as ledger
where ledger.facts is not null
order by p.lead;

-- name: leads_to_adopt(tenant, version, from_version, only, after, most)
-- The next living leads under another version, or under just that one.
select p.lead, p.revision, p.policy_version, l.external_id
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid and p.lead > :after::uuid and p.policy_version <> :version
  and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
  and (:from_version::text is null or p.policy_version = :from_version::text)
  and (:only::uuid [] is null or p.lead = any(:only::uuid []))
order by p.lead
limit :most::integer;

-- name: count_to_adopt(tenant, version, from_version, only)$
select count(*) from protection as p
where
  p.tenant = :tenant::uuid and p.policy_version <> :version
  and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
  and (:from_version::text is null or p.policy_version = :from_version::text)
  and (:only::uuid [] is null or p.lead = any(:only::uuid []));
