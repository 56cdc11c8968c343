-- Corrections that came after the lapse.

-- name: list_late(tenant, lead, corrects, replacement, by, at, ended_at, kept_until)!
-- What was said last of a fact takes the place of what was said before.
insert into late_correction (tenant, lead, corrects, replacement, told_by, told_at, ended_at, kept_until)
values (
  :tenant::uuid, :lead::uuid, :corrects::text, :replacement::jsonb, :by::text, :at::timestamptz,
  :ended_at::timestamptz, :kept_until::timestamptz
)
on conflict (tenant, lead, corrects) do update set
  replacement = excluded.replacement, told_by = excluded.told_by, told_at = excluded.told_at,
  ended_at = excluded.ended_at, kept_until = excluded.kept_until
where
  (late_correction.replacement, late_correction.ended_at)
  is distinct from (excluded.replacement, excluded.ended_at);

-- name: late_corrections(tenant, after_at, after_lead, after_corrects, most)
-- The oldest first; only of leads that have not been brought back since.
select c.lead, l.company, l.city, l.owner, c.corrects, c.replacement, c.told_by, c.told_at, c.ended_at, c.kept_until
from late_correction as c
inner join lead as l on l.tenant = c.tenant and l.id = c.lead
inner join protection as p on p.tenant = c.tenant and p.lead = c.lead
where
  c.tenant = :tenant::uuid and p.status = 'EXPIRED' and p.ended_at = c.ended_at
  and (c.told_at, c.lead, c.corrects) > (:after_at::timestamptz, :after_lead::uuid, :after_corrects::text)
order by c.told_at, c.lead, c.corrects
limit :most::integer;
