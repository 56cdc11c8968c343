-- Errands: what somebody set going and looks at later.

-- name: add_errand(tenant, id, kind, by, at, plan, whole)$
-- Nothing where it is there already.
insert into errand (tenant, id, kind, asked_by, asked_at, plan, whole, told_at)
values (
  :tenant::uuid, :id::uuid, :kind, :by, :at::timestamptz, :plan::jsonb, :whole::bigint, :at::timestamptz
)
on conflict do nothing
returning id;

-- name: errand(tenant, id, kind)^
select e.id, e.kind, e.asked_by, e.asked_at, e.plan, e.whole, e.done, e.outcome, e.told_at, e.finished_at
from errand as e
where e.tenant = :tenant::uuid and e.id = :id::uuid and e.kind = :kind;

-- name: latest(tenant, kind, most)
select e.id, e.kind, e.asked_by, e.asked_at, e.plan, e.whole, e.done, e.outcome, e.told_at, e.finished_at
from errand as e
where e.tenant = :tenant::uuid and e.kind = :kind
order by e.asked_at desc, e.id asc
limit :most::integer;

-- name: runs_since(tenant, kind, since)$
-- Whether one has told of itself since then and is not finished.
select exists (
  select from errand as e
  where e.tenant = :tenant::uuid and e.kind = :kind and e.finished_at is null and e.told_at > :since::timestamptz
);

-- name: tell(tenant, id, done, outcome, at)!
update errand as e set done = :done::bigint, outcome = :outcome::jsonb, told_at = :at::timestamptz
where e.tenant = :tenant::uuid and e.id = :id::uuid;

-- name: finish(tenant, id, done, outcome, at)!
update errand as e set
  done = :done::bigint, outcome = :outcome::jsonb, told_at = :at::timestamptz, finished_at = :at::timestamptz
where e.tenant = :tenant::uuid and e.id = :id::uuid;

-- name: chain_end()^
-- Where the tenant's audit chain ends.
select c.seq, encode(c.hash, 'hex') as hash from audit_end() as c;

-- name: part_broken(first, last)$
select audit_part_broken(:first::bigint, :last::bigint);
