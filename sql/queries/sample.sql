-- Samples as people see and change them. As the application; the transaction's context says who it is.

-- name: lead_of_box(tenant, box)$
select b.lead from sample_box as b where b.tenant = :tenant::uuid and b.id = :box::uuid;

-- name: place_of_phase(tenant, phase)^
select t.lead, t.box from test_phase as t where t.tenant = :tenant::uuid and t.id = :phase::uuid;

-- name: boxes_of(tenant, lead, box)
-- The newest first; one of them, if it is named.
select
  b.id, b.lead, b.account, b.notes, b.key, b.promised_at, b.created_by, b.created_at, b.cancelled_at,
  s.shipped_at, s.delivered_at, i.issued_at, i.expires_at, i.closed_at, i.closed_as
from sample_box as b
left join shipment as s on s.tenant = b.tenant and s.box = b.id
left join feedback_invitation as i on i.tenant = b.tenant and i.box = b.id
where b.tenant = :tenant::uuid and b.lead = :lead::uuid and (:box::uuid is null or b.id = :box::uuid)
order by b.created_at desc, b.id;

-- name: items_of(tenant, lead)
select c.box, c.sku, c.qty
from sample_item as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid
order by c.box, c.place;

-- name: phases_of(tenant, lead)
select t.box, t.id, t.stage, t.starts_at, t.ends_at
from test_phase as t
where t.tenant = :tenant::uuid and t.lead = :lead::uuid
order by t.starts_at, t.id;

-- name: results_of(tenant, lead)
select r.phase, r.sku, r.outcome, r.sell_through, r.waste_change
from test_result as r
join sample_item as c on c.tenant = r.tenant and c.box = r.box and c.sku = r.sku
where r.tenant = :tenant::uuid and r.lead = :lead::uuid
order by r.phase, c.place;

-- name: feedback_of(tenant, lead)
select f.box, f.id, f.source, f.contact_role, f.told_by, f.given_at, f.outcome
from feedback_submission as f
where f.tenant = :tenant::uuid and f.lead = :lead::uuid
order by f.given_at desc, f.id;

-- name: ratings_of(tenant, lead)
select p.submission, p.sku, p.rating, p.comment_id, p.comment, p.key
from product_feedback as p
join sample_item as c on c.tenant = p.tenant and c.box = p.box and c.sku = p.sku
where p.tenant = :tenant::uuid and p.lead = :lead::uuid
order by p.submission, c.place;

-- name: form_salt(box)$
-- What the token of an open form is made from, for whoever may pass its address on.
select feedback_salt(:box::uuid);

-- name: add_box(tenant, id, lead, account, promised_at, notes, key, by, at)!
insert into sample_box (tenant, id, lead, account, promised_at, notes, key, created_by, created_at)
values (
  :tenant::uuid, :id::uuid, :lead::uuid, :account::text, :promised_at::timestamptz, :notes::bytea, :key::uuid,
  :by::text, :at::timestamptz
);

-- name: add_items(tenant, lead, box, skus, qtys)!
insert into sample_item (tenant, lead, box, sku, qty, place)
select :tenant::uuid, :lead::uuid, :box::uuid, c.sku, c.qty, c.place
from unnest(:skus::text [], :qtys::integer []) with ordinality as c (sku, qty, place);

-- name: ship(tenant, lead, box, by, at)$
insert into shipment (tenant, lead, box, shipped_by, shipped_at)
values (:tenant::uuid, :lead::uuid, :box::uuid, :by::text, :at::timestamptz)
on conflict (tenant, box) do nothing
returning box;

-- name: deliver(tenant, box, by, at)$
update shipment as s set delivered_by = :by::text, delivered_at = :at::timestamptz
where s.tenant = :tenant::uuid and s.box = :box::uuid and s.delivered_at is null
returning s.box;

-- name: cancel(tenant, box, by, at)$
update sample_box as b set cancelled_by = :by::text, cancelled_at = :at::timestamptz
where b.tenant = :tenant::uuid and b.id = :box::uuid and b.cancelled_at is null
returning b.id;

-- name: add_phase(tenant, id, lead, box, stage, starts_at, ends_at, by, at)!
insert into test_phase (tenant, id, lead, box, stage, starts_at, ends_at, created_by, created_at)
values (
  :tenant::uuid, :id::uuid, :lead::uuid, :box::uuid, :stage::text, :starts_at::timestamptz, :ends_at::timestamptz,
  :by::text, :at::timestamptz
);

-- name: note_results(tenant, lead, box, phase, skus, outcomes, sell_throughs, waste_changes, by, at)!
-- Told again, the new one takes the old one's place.
insert into test_result (tenant, lead, box, phase, sku, outcome, sell_through, waste_change, told_by, told_at)
select
  :tenant::uuid, :lead::uuid, :box::uuid, :phase::uuid, r.sku, r.outcome, r.sell_through, r.waste_change,
  :by::text, :at::timestamptz
from unnest(:skus::text [], :outcomes::text [], :sell_throughs::numeric [], :waste_changes::numeric []) as
r (sku, outcome, sell_through, waste_change)
on conflict (tenant, phase, sku) do update set
  outcome = excluded.outcome, sell_through = excluded.sell_through, waste_change = excluded.waste_change,
  told_by = excluded.told_by, told_at = excluded.told_at;

-- name: add_submission(tenant, id, lead, box, source, contact_role, by, given_at, at)!
insert into feedback_submission (tenant, id, lead, box, source, contact_role, told_by, given_at, received_at)
values (
  :tenant::uuid, :id::uuid, :lead::uuid, :box::uuid, :source::text, :contact_role::text, :by::text,
  :given_at::timestamptz, :at::timestamptz
);

-- name: add_ratings(tenant, lead, box, submission, skus, ratings, comment_ids, comments, key)!
insert into product_feedback (tenant, lead, box, submission, sku, rating, comment_id, comment, key)
select
  :tenant::uuid, :lead::uuid, :box::uuid, :submission::uuid, r.sku, r.rating, r.comment_id, r.comment,
  case when r.comment is not null then :key::uuid end
from unnest(:skus::text [], :ratings::integer [], :comment_ids::uuid [], :comments::bytea []) as
r (sku, rating, comment_id, comment);
