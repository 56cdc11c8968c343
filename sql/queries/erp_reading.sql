-- The ERP as people see it. As the application; the transaction's context says who it is.

-- name: pulls(tenant)
select p.resource, p.began_at, p.done_at, p.failed_at, p.problem, p.read, p.news, p.skipped
from erp_pull as p
where p.tenant = :tenant::uuid
order by p.resource;

-- name: orders(tenant, lead, troubled, most)
-- The newest first; of one lead, or only those a person has to look at.
select o.box, o.lead, l.company, l.city, o.state, o.number, o.due_at, o.problem, o.changed_at
from erp_order as o
join lead as l on l.tenant = o.tenant and l.id = o.lead
where
  o.tenant = :tenant::uuid and (:lead::uuid is null or o.lead = :lead::uuid)
  and (not :troubled::boolean or o.problem is not null)
order by o.changed_at desc, o.box
limit :most::integer;

-- name: events(tenant, lead, most)
-- The newest first.
select e.kind, e.subject, e.happened_at, e.learned_at, e.source, e.lead, l.company, l.city, e.settled_at, e.outcome
from erp_event as e
left join lead as l on l.tenant = e.tenant and l.id = e.lead
where e.tenant = :tenant::uuid and (:lead::uuid is null or e.lead = :lead::uuid)
order by e.learned_at desc, e.id
limit :most::integer;

-- name: backlog(tenant, since)^
select
  (select count(*) from erp_event as e where e.tenant = :tenant::uuid and e.settled_at is null) as waiting,
  (select min(e.learned_at) from erp_event as e where e.tenant = :tenant::uuid and e.settled_at is null) as oldest,
  (select count(*) from erp_order as o where o.tenant = :tenant::uuid and o.problem is not null) as troubled,
  (
    select count(*) from erp_event as e
    where e.tenant = :tenant::uuid and e.outcome = 'would-have-ended' and e.settled_at >= :since::timestamptz
  ) as withheld;

-- name: products(tenant, text, most)
-- What can be ordered, by name; those that hold the text in name or SKU.
select p.sku, p.name
from erp_product as p
where
  p.tenant = :tenant::uuid and p.active
  and (:text::text = '' or position(lower(:text::text) in lower(p.name || ' ' || p.sku)) > 0)
order by p.name, p.sku
limit :most::integer;

-- name: last_invoice(company_key, postcode, before)$
select erp_last_invoice(:company_key::text, :postcode::text, :before::date);

-- name: lead_to_check(tenant, lead)^
select l.company_key, l.postcode, coalesce(p.registered_at, l.created_at) as since
from lead as l
left join protection as p on p.tenant = l.tenant and p.lead = l.id
where l.tenant = :tenant::uuid and l.id = :lead::uuid;
