-- The mails of a tenant, as those who look after them see them.

-- name: recent(tenant, before, before_id, most)
-- The newest first. Whom a mail to a customer went to stands in the vault, not here.
select
  n.id, n.lead, l.company, l.city, n.kind, n.recipient, u.display_name, n.status, n.attempt, n.code,
  n.sent_at, n.updated_at, coalesce(p.problem = 'reminder-bounced', false) as refused
from (
  select m.*
  from notification as m
  where
    m.tenant = :tenant::uuid and m.channel = 'EMAIL'
    and (m.updated_at, m.id) < (:before::timestamptz, :before_id::uuid)
  order by m.updated_at desc, m.id desc
  limit :most::integer
) as n
join lead as l on l.tenant = n.tenant and l.id = n.lead
left join protection as p on p.tenant = n.tenant and p.lead = n.lead
left join app_user as u on u.tenant = n.tenant and u.id = n.recipient
order by n.updated_at desc, n.id desc;

-- name: recent_open(tenant, statuses, before, before_id, most)
-- Those of these states, none of which is `sent`: few, and found by their own index.
select
  n.id, n.lead, l.company, l.city, n.kind, n.recipient, u.display_name, n.status, n.attempt, n.code,
  n.sent_at, n.updated_at, coalesce(p.problem = 'reminder-bounced', false) as refused
from (
  select m.*
  from notification as m
  where
    m.tenant = :tenant::uuid and m.channel = 'EMAIL' and m.status <> 'sent'
    and m.status = any(:statuses::text [])
    and (m.updated_at, m.id) < (:before::timestamptz, :before_id::uuid)
  order by m.updated_at desc, m.id desc
  limit :most::integer
) as n
join lead as l on l.tenant = n.tenant and l.id = n.lead
left join protection as p on p.tenant = n.tenant and p.lead = n.lead
left join app_user as u on u.tenant = n.tenant and u.id = n.recipient
order by n.updated_at desc, n.id desc;

-- name: place(tenant, lead)^
select l.company, l.city from lead as l where l.tenant = :tenant::uuid and l.id = :lead::uuid;
