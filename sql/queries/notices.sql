-- What somebody was told inside the application, and what he did with it. Row security leaves out what
-- belongs to leads he no longer sees.

-- name: unread_notices(most)$
-- Those the caller has not opened yet, counted no further than `most`.
select notices_unread(:most::integer);

-- name: notices_of(tenant, user, channel, only_open, before_at, before_id, most)
-- The newest first. Of tasks the open ones are those not done, of the rest those not read.
select
  n.id, n.lead, n.kind, n.channel, n.sent_at, n.promised, m.read_at, m.done_at, l.company, l.city,
  p.status as lead_status, p.paused, p.valid_until
from notification as n
inner join protection as p on p.tenant = n.tenant and p.lead = n.lead
inner join lead as l on l.tenant = n.tenant and l.id = n.lead
left join notification_mark as m on m.tenant = n.tenant and m.notification = n.id
where
  n.tenant = :tenant::uuid and n.recipient = :user::text and n.channel in ('INAPP', 'TASK') and n.status = 'sent'
  and (:channel::text is null or n.channel = :channel::text)
  and (not :only_open::boolean or case n.channel when 'TASK' then m.done_at is null else m.read_at is null end)
  and (n.sent_at, n.id) < (:before_at::timestamptz, :before_id::uuid)
order by n.sent_at desc, n.id desc
limit :most::integer;

-- name: notice_about(tenant, user, id)$
-- The lead a notice of his is about; null where he has no such notice.
select n.lead
from notification as n
where
  n.tenant = :tenant::uuid and n.id = :id::uuid and n.recipient = :user::text and n.channel in ('INAPP', 'TASK')
  and n.status = 'sent';

-- name: read_notice(tenant, id, at)!
-- Once read it stays read since then.
insert into notification_mark (tenant, notification, read_at)
values (:tenant::uuid, :id::uuid, :at::timestamptz)
on conflict (tenant, notification) do nothing;

-- name: settle_notice(tenant, id, at)!
-- Of a task: done, or, where `at` is null, not done after all.
update notification_mark
set done_at = :at::timestamptz
where tenant = :tenant::uuid and notification = :id::uuid and (done_at is null) <> (:at::timestamptz is null);

-- name: read_all_notices(tenant, user, until, at)!
insert into notification_mark (tenant, notification, read_at)
select n.tenant, n.id, :at::timestamptz
from notification as n
where
  n.tenant = :tenant::uuid and n.recipient = :user::text and n.channel in ('INAPP', 'TASK') and n.status = 'sent'
  and n.sent_at <= :until::timestamptz
on conflict (tenant, notification) do nothing;
