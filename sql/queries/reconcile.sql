-- Everything that is recorded about leads, side by side, for comparison with the engine.

-- name: recorded_leads(tenant, only, after, most)
-- `twin` is what SQL computes from the ledger alone, as of the moment the projection speaks of.
select
  l.id, l.external_id, l.created_at, opening_policy(l.tenant, l.id) as policy, to_jsonb(p) as projection, ledger.facts,
  ledger.revisions, ledger.unaudited, held.holds, asked.requests, to_jsonb(twin) as twin, moment.as_of
from lead as l
left join protection as p on p.tenant = l.tenant and p.lead = l.id
cross join lateral (
  select
    coalesce(jsonb_agg(f.payload order by f.revision), '[]') as facts,
    coalesce(array_agg(f.revision order by f.revision), '{}') as revisions,
    max(f.recorded_at) as newest,
    count(*) filter (
      where not exists (
        select from audit_event as e where e.tenant = f.tenant and e.lead = f.lead and e.fact_id = f.fact_id
      )
    ) as unaudited
  from fact as f
  where f.tenant = l.tenant and f.lead = l.id
) as ledger
cross join lateral (
  select coalesce(jsonb_agg(to_jsonb(h) - 'tenant' - 'lead' order by h.hold), '[]') as holds
  from hold as h
  where h.tenant = l.tenant and h.lead = l.id
) as held
cross join lateral (
  select coalesce(jsonb_agg(to_jsonb(r) - 'tenant' - 'lead' order by r.request), '[]') as requests
  from request as r
  where r.tenant = l.tenant and r.lead = l.id
) as asked
cross join lateral (select greatest(p.updated_at, ledger.newest) as as_of) as moment
left join lateral lead_clock(l.tenant, l.id, moment.as_of) as twin on p.lead is not null
where
  l.tenant = :tenant::uuid and l.id > :after::uuid and (:only::uuid is null or l.id = :only::uuid)
order by l.id
limit :most::integer;

-- name: count_leads(tenant, only)$
select count(*) from lead as l where l.tenant = :tenant::uuid and (:only::uuid is null or l.id = :only::uuid);

-- name: known_leads_of(tenant, leads)
select l.id from lead as l where l.tenant = :tenant::uuid and l.id = any(:leads::uuid []);
