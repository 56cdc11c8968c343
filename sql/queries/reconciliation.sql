-- Reconciliations: when everything recorded was compared, what did not agree, what was put right.

-- name: oversee()!
-- The running transaction looks into every tenant, as far as policies let an overseer.
select set_config('app.oversees', 'on', true);

-- name: tenants()
-- As an overseer.
select t.id from tenant as t order by t.id;

-- name: last_of_each_tenant()
-- As an overseer: the newest finished run of each tenant.
select distinct on (r.tenant)
  r.tenant, r.id, r.asked_by, r.started_at, r.finished_at, r.leads_compared, r.workflows_asked, r.repaired, r.found,
  r.first_broken_audit
from reconciliation_run as r
where r.finished_at is not null
order by r.tenant asc, r.started_at desc;

-- name: begin_run(tenant, id, asked_by, started_at)!
-- Nothing where it is there already.
insert into reconciliation_run (tenant, id, asked_by, started_at)
values (:tenant::uuid, :id::uuid, :asked_by, :started_at::timestamptz)
on conflict (tenant, id) do nothing;

-- name: keep_finding(tenant, run, lead, check, detail, repaired)$
-- Nothing where it is known already.
insert into reconciliation_finding as f (tenant, run, lead, "check", detail, repaired)
values (:tenant::uuid, :run::uuid, :lead::uuid, :check, :detail, :repaired::boolean)
on conflict on constraint reconciliation_finding_once do update set
  detail = excluded.detail, repaired = excluded.repaired
where (f.detail, f.repaired) is distinct from (excluded.detail, excluded.repaired)
returning f.id;

-- name: finish_run(tenant, id, leads, workflows, first_broken, at)^
-- The counts by check are those of the findings kept.
update reconciliation_run as r set
  finished_at = :at::timestamptz, leads_compared = :leads::bigint, workflows_asked = :workflows::bigint,
  first_broken_audit = :first_broken::bigint,
  repaired = coalesce(counted.repaired, '{}'), found = coalesce(counted.found, '{}')
from (
  select
    jsonb_object_agg(f."check", f.mended) filter (where f.mended > 0) as repaired,
    jsonb_object_agg(f."check", f.open) filter (where f.open > 0) as found
  from (
    select g."check", count(*) filter (where g.repaired) as mended, count(*) filter (where not g.repaired) as open
    from reconciliation_finding as g
    where g.tenant = :tenant::uuid and g.run = :id::uuid
    group by g."check"
  ) as f
) as counted
where r.tenant = :tenant::uuid and r.id = :id::uuid
returning
  r.id, r.asked_by, r.started_at, r.finished_at, r.leads_compared, r.workflows_asked, r.repaired, r.found,
  r.first_broken_audit;

-- name: last_runs(tenant, most)
select
  r.id, r.asked_by, r.started_at, r.finished_at, r.leads_compared, r.workflows_asked, r.repaired, r.found,
  r.first_broken_audit
from reconciliation_run as r
where r.tenant = :tenant::uuid
order by r.started_at desc, r.id asc
limit :most::integer;

-- name: run_by_id(tenant, id)^
select
  r.id, r.asked_by, r.started_at, r.finished_at, r.leads_compared, r.workflows_asked, r.repaired, r.found,
  r.first_broken_audit
from reconciliation_run as r
where r.tenant = :tenant::uuid and r.id = :id::uuid;

-- name: findings_of(tenant, run, most)
select f.lead, f."check", f.detail, f.repaired
from reconciliation_finding as f
where f.tenant = :tenant::uuid and f.run = :run::uuid
order by f.repaired, f.id
limit :most::integer;
