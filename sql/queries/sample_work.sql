-- Boxes of samples as their workflow sees them. As the worker.

-- name: sample_seen(tenant, lead, box, delay)^
select
  l.owner,
  coalesce(p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'CONVERTED'), false) as wanted,
  b.promised_at, s.shipped_at, s.delivered_at, b.cancelled_at,
  (select max(t.ends_at) from test_phase as t where t.tenant = b.tenant and t.box = b.id) as phases_end_at,
  exists (select from feedback_submission as f where f.tenant = b.tenant and f.box = b.id) as rated,
  array(
    select f.id from feedback_submission as f
    where f.tenant = b.tenant and f.box = b.id and f.settled_at is null
    order by f.given_at, f.id limit 100
  ) as unsettled,
  i.id as invitation, i.issued_at, i.expires_at, i.closed_at,
  exists (select from hold as h where h.tenant = b.tenant and h.lead = b.lead and h.hold = :delay::text)
  or exists (select from request as r where r.tenant = b.tenant and r.lead = b.lead and r.request = :delay::text)
  as delay_known,
  exists (
    select from hold as h
    where h.tenant = b.tenant and h.lead = b.lead and h.hold = :delay::text and h.end_at is null
  )
  or exists (
    select from request as r
    where r.tenant = b.tenant and r.lead = b.lead and r.request = :delay::text and r.status = 'PENDING'
  ) as delay_lasts
from sample_box as b
join lead as l on l.tenant = b.tenant and l.id = b.lead
left join protection as p on p.tenant = b.tenant and p.lead = b.lead
left join shipment as s on s.tenant = b.tenant and s.box = b.id
left join feedback_invitation as i on i.tenant = b.tenant and i.box = b.id
where b.tenant = :tenant::uuid and b.lead = :lead::uuid and b.id = :box::uuid;

-- name: moments_of_box(tenant, box)^
select b.promised_at, s.shipped_at, s.delivered_at, b.cancelled_at
from sample_box as b
left join shipment as s on s.tenant = b.tenant and s.box = b.id
where b.tenant = :tenant::uuid and b.id = :box::uuid;

-- name: issue_invitation(tenant, id, lead, box, token_hash, salt, once, language, issued_at, expires_at)!
insert into feedback_invitation (tenant, id, lead, box, token_hash, salt, once, language, issued_at, expires_at)
values (
  :tenant::uuid, :id::uuid, :lead::uuid, :box::uuid, :token_hash::bytea, :salt::bytea, :once::boolean,
  :language::text, :issued_at::timestamptz, :expires_at::timestamptz
)
on conflict (tenant, box) do nothing;

-- name: close_invitation(tenant, box, at, why)!
update feedback_invitation as i set closed_at = :at::timestamptz, closed_as = :why::text
where i.tenant = :tenant::uuid and i.box = :box::uuid and i.closed_at is null;

-- name: submission_to_settle(tenant, box, id)^
select f.told_by, f.given_at, f.settled_at, f.outcome
from feedback_submission as f
where f.tenant = :tenant::uuid and f.box = :box::uuid and f.id = :id::uuid;

-- name: settle_submission(tenant, id, at, outcome)!
update feedback_submission as f set settled_at = :at::timestamptz, outcome = :outcome::text
where f.tenant = :tenant::uuid and f.id = :id::uuid and f.settled_at is null;

-- name: lead_status(tenant, lead)$
select p.status from protection as p where p.tenant = :tenant::uuid and p.lead = :lead::uuid;

-- name: invitation_to_mail(tenant, id)^
-- While it is open.
select
  i.lead, l.company, t.name as sender, l.owner, s.delivered_at, i.expires_at, i.language,
  array(
    select c.sku from sample_item as c where c.tenant = i.tenant and c.box = i.box order by c.place
  ) as skus
from feedback_invitation as i
join lead as l on l.tenant = i.tenant and l.id = i.lead
join tenant as t on t.id = i.tenant
left join shipment as s on s.tenant = i.tenant and s.box = i.box
where i.tenant = :tenant::uuid and i.id = :id::uuid and i.closed_at is null;

-- name: invitation_salt(tenant, id)$
select i.salt from feedback_invitation as i where i.tenant = :tenant::uuid and i.id = :id::uuid;

-- name: look_everywhere()$
-- Until the transaction ends: news of every tenant.
select set_config('app.sample_news', 'on', true);

-- name: waiting_news(most)
select n.tenant, n.id, n.lead, n.box, n.what, n.at
from sample_news as n
order by n.id
limit :most::integer;

-- name: drop_news(tenant, id)!
delete from sample_news as n where n.tenant = :tenant::uuid and n.id = :id::bigint;

-- name: living_leads(tenant, owner, most)
-- Leads of somebody whose clock runs, the first ones by name.
select l.id
from lead as l
join protection as p on p.tenant = l.tenant and p.lead = l.id
where l.tenant = :tenant::uuid and l.owner = :owner::text and p.status = 'ACTIVE' and not p.paused
order by l.external_id
limit :most::integer;
