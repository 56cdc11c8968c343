-- Leads registered many at a time over HTTP, kept for a day.

-- name: add_import(tenant, id, by, request_hash, dry_run, total, at)$
-- Nothing where it is there already.
insert into lead_import (tenant, id, requested_by, request_hash, dry_run, total, state, asked_at, told_at)
values (
  :tenant::uuid, :id::uuid, :by::text, :request_hash::bytea, :dry_run::boolean, :total::integer, 'running',
  :at::timestamptz, :at::timestamptz
)
on conflict (tenant, id) do nothing
returning id;

-- name: import_standing(tenant, id)^
select
  i.id, i.requested_by, i.request_hash, i.dry_run, i.total, i.state, i.asked_at, i.told_at, i.finished_at,
  c.done, c.registered, c.already_there, c.live_duplicate, c.similar_leads, c.refused
from lead_import as i
cross join lateral (
  select
    count(*) as done,
    count(*) filter (where r.outcome = 'registered') as registered,
    count(*) filter (where r.outcome = 'already-there') as already_there,
    count(*) filter (where r.outcome = 'live-duplicate') as live_duplicate,
    count(*) filter (where r.outcome = 'similar') as similar_leads,
    count(*) filter (where r.outcome = 'refused') as refused
  from lead_import_row as r
  where r.tenant = i.tenant and r.job = i.id
) as c
where i.tenant = :tenant::uuid and i.id = :id::uuid;

-- name: give_up_silent(tenant, by, since)!
-- What has told nothing since then is not running any more.
update lead_import as i set state = 'interrupted'
where
  i.tenant = :tenant::uuid and i.requested_by = :by::text and i.state = 'running' and i.told_at < :since::timestamptz;

-- name: take_up(tenant, id, at)!
update lead_import as i set state = 'running', told_at = :at::timestamptz
where i.tenant = :tenant::uuid and i.id = :id::uuid and i.state = 'interrupted';

-- name: numbers_done(tenant, id)
select r.number
from lead_import_row as r
where r.tenant = :tenant::uuid and r.job = :id::uuid;

-- name: add_rows(tenant, id, told)!
insert into lead_import_row (tenant, job, number, line, outcome, lead, faults)
select :tenant::uuid, :id::uuid, t.number, t.line, t.outcome, t.lead, t.faults
from jsonb_to_recordset(:told::jsonb) as t (number integer, line integer, outcome text, lead uuid, faults jsonb)
on conflict do nothing;

-- name: tell(tenant, id, at)!
update lead_import as i set told_at = :at::timestamptz
where i.tenant = :tenant::uuid and i.id = :id::uuid;

-- name: close(tenant, id, state, at)!
update lead_import as i set
  state = :state::text, told_at = :at::timestamptz,
  finished_at = case when :state::text = 'done' then :at::timestamptz end
where i.tenant = :tenant::uuid and i.id = :id::uuid and i.state = 'running';

-- name: rows(tenant, id, after, everything, most)
select r.number, r.line, r.outcome, r.lead, r.faults
from lead_import_row as r
where
  r.tenant = :tenant::uuid and r.job = :id::uuid and r.number > :after::integer
  and (:everything::boolean or r.outcome not in ('registered', 'already-there'))
order by r.number
limit :most::integer;

-- name: latest_imports(tenant, by, since, most)
-- The newest first.
select i.id, i.dry_run, i.total, i.state, i.asked_at
from lead_import as i
where i.tenant = :tenant::uuid and i.requested_by = :by::text and i.asked_at > :since::timestamptz
order by i.asked_at desc, i.id
limit :most::integer;

-- name: forget_before(tenant, by, before)!
delete from lead_import as i
where i.tenant = :tenant::uuid and i.requested_by = :by::text and i.asked_at < :before::timestamptz;

-- name: same_lead(tenant, owner, company_key, postcode, external_id, noted, registered_at, at)$
-- The live lead that a row means, if the caller may see it: of the same owner, company and place.
select l.id
from lead as l
inner join protection as p on p.tenant = l.tenant and p.lead = l.id
where
  l.tenant = :tenant::uuid and l.owner = :owner::text and l.company_key = :company_key::text
  and l.postcode is not distinct from :postcode::text
  and (:external_id::text is null or l.external_id = :external_id::text)
  and (:noted::boolean or p.status <> 'PREREGISTERED')
  and (:registered_at::timestamptz is null or p.registered_at = :registered_at::timestamptz)
  and keeps_others_away(p.status, p.valid_until, :at::timestamptz)
order by l.created_at, l.id
limit 1;
