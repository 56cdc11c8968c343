-- The ERP as the worker keeps it: what it told, and what that means for boxes and leads.

-- name: pull_of(tenant, resource)^
select p.read_until from erp_pull as p where p.tenant = :tenant::uuid and p.resource = :resource::text;

-- name: pull_begun(tenant, resource, at)!
insert into erp_pull (tenant, resource, first_at, began_at)
values (:tenant::uuid, :resource::text, :at::timestamptz, :at::timestamptz)
on conflict (tenant, resource) do update set began_at = excluded.began_at;

-- name: pull_done(tenant, resource, at, read, news, skipped, read_until)!
update erp_pull as p set
  done_at = :at::timestamptz, problem = null, read = :read::integer, news = :news::integer,
  skipped = :skipped::integer,
  read_until = greatest(p.read_until, :read_until::timestamptz)
where p.tenant = :tenant::uuid and p.resource = :resource::text;

-- name: pull_failed(tenant, resource, at, problem)!
update erp_pull as p set failed_at = :at::timestamptz, problem = :problem::text
where p.tenant = :tenant::uuid and p.resource = :resource::text;

-- name: keep_products(tenant, skus, erp_ids, names, actives, at)!
insert into erp_product (tenant, sku, erp_id, name, active, seen_at)
select :tenant::uuid, p.sku, p.erp_id, p.name, p.active, :at::timestamptz
from unnest(:skus::text [], :erp_ids::text [], :names::text [], :actives::boolean []) as p (sku, erp_id, name, active)
on conflict (tenant, sku) do update set
  erp_id = excluded.erp_id, name = excluded.name, active = excluded.active, seen_at = excluded.seen_at;

-- name: retire_products(tenant, seen_before)$
-- What a reading of everything did not find is not ordered any more.
with gone as (
  update erp_product as p set active = false
  where p.tenant = :tenant::uuid and p.active and p.seen_at < :seen_before::timestamptz
  returning p.sku
)
select count(*) from gone;

-- name: keep_customers(tenant, erp_ids, numbers, companies, cities, postcodes, keys, firsts, at)!
insert into erp_customer (tenant, erp_id, number, company, city, postcode, company_key, first_invoice_on, seen_at)
select :tenant::uuid, c.erp_id, c.number, c.company, c.city, c.postcode, c.key, c.first, :at::timestamptz
from unnest(
  :erp_ids::text [], :numbers::text [], :companies::text [], :cities::text [], :postcodes::text [], :keys::text [],
  :firsts::date []
) as c (erp_id, number, company, city, postcode, key, first)
on conflict (tenant, erp_id) do update set
  number = excluded.number, company = excluded.company, city = excluded.city, postcode = excluded.postcode,
  company_key = excluded.company_key, first_invoice_on = excluded.first_invoice_on, seen_at = excluded.seen_at;

-- name: keep_payments(tenant, erp_ids, invoices, days, amounts, at)!
insert into erp_payment (tenant, erp_id, invoice, paid_on, amount_eur, seen_at)
select :tenant::uuid, p.erp_id, p.invoice, p.day, p.amount, :at::timestamptz
from unnest(:erp_ids::text [], :invoices::text [], :days::date [], :amounts::numeric []) as p (erp_id, invoice, day, amount)
on conflict (tenant, erp_id) do update set
  invoice = excluded.invoice, paid_on = excluded.paid_on, amount_eur = excluded.amount_eur, seen_at = excluded.seen_at;

-- name: keep_invoices(tenant, erp_ids, numbers, customers, days, totals, cancelled, at)!
insert into erp_invoice (tenant, erp_id, number, customer, issued_on, total_eur, cancelled, seen_at)
select :tenant::uuid, i.erp_id, i.number, i.customer, i.day, i.total, i.cancelled, :at::timestamptz
from unnest(
  :erp_ids::text [], :numbers::text [], :customers::text [], :days::date [], :totals::numeric [], :cancelled::boolean []
) as i (erp_id, number, customer, day, total, cancelled)
on conflict (tenant, erp_id) do update set
  number = excluded.number, customer = excluded.customer, issued_on = excluded.issued_on,
  total_eur = excluded.total_eur, cancelled = excluded.cancelled, seen_at = excluded.seen_at;

-- name: add_event(tenant, id, kind, subject, happened_at, learned_at, source, lead, box)$
insert into erp_event (tenant, id, kind, subject, happened_at, learned_at, source, lead, box)
values (
  :tenant::uuid, :id::uuid, :kind::text, :subject::text, :happened_at::timestamptz, :learned_at::timestamptz,
  :source::text, :lead::uuid, :box::uuid
)
on conflict (tenant, id) do nothing
returning id;

-- name: unsettled(tenant, ids, most)
-- The oldest first; only these, if some are named.
select e.id, e.kind, e.subject, e.happened_at, e.lead, e.box
from erp_event as e
where e.tenant = :tenant::uuid and e.settled_at is null and (:ids::uuid [] is null or e.id = any(:ids::uuid []))
order by e.learned_at, e.id
limit :most::integer;

-- name: settle_event(tenant, id, at, outcome)!
update erp_event as e set settled_at = :at::timestamptz, outcome = :outcome::text
where e.tenant = :tenant::uuid and e.id = :id::uuid and e.settled_at is null;

-- name: box_to_change(tenant, box)^
-- The box, its order and its shipment, for as long as the transaction lasts nobody else's to change.
select
  b.id, b.lead, b.promised_at, b.cancelled_at, s.shipped_at, s.delivered_at, o.state, o.erp_id,
  o.due_at
from sample_box as b
left join shipment as s on s.tenant = b.tenant and s.box = b.id
left join erp_order as o on o.tenant = b.tenant and o.box = b.id
where b.tenant = :tenant::uuid and b.id = :box::uuid
for update of b;

-- name: box_of_order(tenant, erp_id)$
select o.box from erp_order as o where o.tenant = :tenant::uuid and o.erp_id = :erp_id::text;

-- name: keep_order(tenant, lead, box, state, erp_id, number, due_at, problem, at)!
insert into erp_order (tenant, lead, box, state, erp_id, number, due_at, problem, changed_at)
values (
  :tenant::uuid, :lead::uuid, :box::uuid, :state::text, :erp_id::text, :number::text, :due_at::timestamptz,
  :problem::text, :at::timestamptz
)
on conflict (tenant, box) do update set
  state = excluded.state, erp_id = coalesce(excluded.erp_id, erp_order.erp_id),
  number = coalesce(excluded.number, erp_order.number), due_at = coalesce(excluded.due_at, erp_order.due_at),
  problem = excluded.problem, changed_at = excluded.changed_at;

-- name: promise_box(tenant, box, promised_at)!
update sample_box as b set promised_at = :promised_at::timestamptz where b.tenant = :tenant::uuid and b.id = :box::uuid;

-- name: cancel_box(tenant, box, by, at)!
update sample_box as b set cancelled_by = :by::text, cancelled_at = :at::timestamptz
where b.tenant = :tenant::uuid and b.id = :box::uuid and b.cancelled_at is null;

-- name: keep_shipment(tenant, lead, box, by, shipped_at, delivered_at)!
insert into shipment (tenant, lead, box, shipped_by, shipped_at, delivered_by, delivered_at)
values (
  :tenant::uuid, :lead::uuid, :box::uuid, :by::text, :shipped_at::timestamptz,
  case when :delivered_at::timestamptz is not null then :by::text end, :delivered_at::timestamptz
)
on conflict (tenant, box) do update set
  shipped_at = excluded.shipped_at, delivered_by = coalesce(excluded.delivered_by, shipment.delivered_by),
  delivered_at = coalesce(excluded.delivered_at, shipment.delivered_at);

-- name: leads_of_customer(tenant, erp_id)
-- Living leads that this customer can be: by an account noted on a box, else by name and place.
select l.id, p.registered_at, c.first_invoice_on, c.number
from erp_customer as c
join lead as l on l.tenant = c.tenant
join protection as p on p.tenant = l.tenant and p.lead = l.id
where
  c.tenant = :tenant::uuid and c.erp_id = :erp_id::text and p.status in ('ACTIVE', 'GRACE')
  and (
    (
      l.company_key = c.company_key
      and (l.postcode is null or c.postcode is null or postcode_key(l.postcode) = postcode_key(c.postcode))
    )
    or exists (select from sample_box as b where b.tenant = l.tenant and b.lead = l.id and b.account = c.number)
  )
limit 2;

-- name: approvals_of(tenant, erp_id)
-- Every time the order waited for its price, the newest first.
select a.round, a.lead, a.asked_at, a.decided_at from erp_approval as a
where a.tenant = :tenant::uuid and a.erp_id = :erp_id::text
order by a.round desc;

-- name: keep_approval(tenant, lead, erp_id, round, number, asked_at, decided_at, at)!
insert into erp_approval (tenant, lead, erp_id, round, number, asked_at, decided_at, seen_at)
values (
  :tenant::uuid, :lead::uuid, :erp_id::text, :round::integer, :number::text, :asked_at::timestamptz,
  :decided_at::timestamptz, :at::timestamptz
)
on conflict (tenant, erp_id, round) do update set
  asked_at = excluded.asked_at, decided_at = excluded.decided_at, seen_at = excluded.seen_at;

-- name: customer_of_invoice(tenant, erp_id)^
select i.customer, i.number, i.issued_on, i.cancelled
from erp_invoice as i where i.tenant = :tenant::uuid and i.erp_id = :erp_id::text;

-- name: known_invoices(tenant, erp_ids)
select i.erp_id, i.cancelled from erp_invoice as i
where i.tenant = :tenant::uuid and i.erp_id = any(:erp_ids::text []);

-- name: box_to_order(tenant, box)^
-- What an order of samples says.
select
  b.lead, b.account, b.cancelled_at, s.shipped_at, l.company, l.city, l.postcode, o.state, o.erp_id,
  array(
    select i.sku from sample_item as i where i.tenant = b.tenant and i.box = b.id order by i.place
  ) as skus,
  array(
    select i.qty from sample_item as i where i.tenant = b.tenant and i.box = b.id order by i.place
  ) as qtys,
  array(
    select p.erp_id from sample_item as i
    left join erp_product as p on p.tenant = i.tenant and p.sku = i.sku
    where i.tenant = b.tenant and i.box = b.id order by i.place
  ) as products,
  (select c.erp_id from erp_customer as c where c.tenant = b.tenant and c.number = b.account limit 1) as customer
from sample_box as b
join lead as l on l.tenant = b.tenant and l.id = b.lead
left join shipment as s on s.tenant = b.tenant and s.box = b.id
left join erp_order as o on o.tenant = b.tenant and o.box = b.id
where b.tenant = :tenant::uuid and b.id = :box::uuid;

-- name: boxes_to_order(tenant, since, most)
-- Boxes that should be an order and are none, and orders of boxes that were called off.
select b.id as box, b.lead
from sample_box as b
left join erp_order as o on o.tenant = b.tenant and o.box = b.id
where
  b.tenant = :tenant::uuid and b.created_at >= :since::timestamptz
  and (o.box is null or (o.state = 'sent' and b.cancelled_at is not null))
order by b.created_at
limit :most::integer;

-- name: connected_since(tenant)^
-- Boxes promised before the ERP was connected are not ordered there. A tenant may still be on its way.
select
  exists (select from tenant as t where t.id = :tenant::uuid) as there,
  (select min(p.first_at) from erp_pull as p where p.tenant = :tenant::uuid) as since;

-- name: orders_to_check(tenant, since)
select o.box, o.lead, o.erp_id from erp_order as o
where o.tenant = :tenant::uuid and o.state = 'sent' and o.changed_at >= :since::timestamptz
order by o.changed_at, o.box;

-- name: first_of_lead(tenant, lead, erp_id, issued_on)^
-- The customer of an invoice, and whether it is the first since the lead was registered: nothing was billed to him
-- before, as far as the ERP tells.
select
  c.number,
  p.registered_at::date <= :issued_on::date + 1
  and coalesce(c.first_invoice_on >= p.registered_at::date, true)
  and not exists (
    select from erp_invoice as i
    where
      i.tenant = c.tenant and i.customer = c.erp_id and not i.cancelled and i.issued_on < p.registered_at::date
  ) as first
from erp_customer as c
join protection as p on p.tenant = c.tenant and p.lead = :lead::uuid
where c.tenant = :tenant::uuid and c.erp_id = :erp_id::text and p.status in ('ACTIVE', 'GRACE');

-- name: unsettled_of(tenant, subject, most)
select e.id from erp_event as e
where e.tenant = :tenant::uuid and e.subject = :subject::text and e.settled_at is null
order by e.learned_at, e.id
limit :most::integer;

-- name: mark_order(tenant, box, problem, at)!
update erp_order as o set problem = :problem::text, changed_at = :at::timestamptz
where o.tenant = :tenant::uuid and o.box = :box::uuid;
