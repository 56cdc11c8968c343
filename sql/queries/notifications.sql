-- Notifications: who was told what, once. Times are parameters; the tenant is the transaction's context.

-- name: try_hold_notification(key)$
-- To the exclusion of every other session, until let go or the session ends. False if somebody else has it.
select pg_try_advisory_lock(hashtextextended(:key, 30));

-- name: let_go_of_notification(key)$
select pg_advisory_unlock(hashtextextended(:key, 30));

-- name: notification_by_id(tenant, id)^
select status, attempt, sent_at, code
from notification
where tenant = :tenant and id = :id;

-- name: begin_notification(tenant, id, lead, cycle, kind, recipient, channel, message_id, promised, at)$
-- A try starts. What was given up and is ordered again begins to count anew.
insert into notification (
  tenant, id, lead, cycle, kind, recipient, channel, message_id, status, attempt, promised, created_at, updated_at
)
values (
  :tenant, :id, :lead, :cycle, :kind, :recipient, :channel, :message_id, 'sending', 1,
  cast(:promised as text)::jsonb, :at, :at
)
on conflict on constraint notification_once do update
set
  attempt = case when notification.status = 'sending' then notification.attempt + 1 else 1 end,
  status = 'sending',
  message_id = excluded.message_id,
  promised = excluded.promised,
  code = null,
  updated_at = excluded.updated_at
where notification.status <> 'sent'
returning attempt;

-- name: finish_notification(tenant, id, status, sent_at, code, at)!
update notification
set status = :status, sent_at = :sent_at, code = :code, updated_at = :at
where tenant = :tenant and id = :id and status <> 'sent';

-- name: uncount_notification(tenant, id, code, at)!
-- No server saw this try.
update notification
set attempt = greatest(attempt - 1, 0), code = :code, updated_at = :at
where tenant = :tenant and id = :id and status = 'sending';

-- name: notified_lead(tenant, lead)^
-- With the policy its ledger begins under: facts say when the lead went over to another.
select l.company, l.city, opening_policy(l.tenant, l.id)::text as policy
from lead as l
join protection as p on p.tenant = l.tenant and p.lead = l.id
where l.tenant = :tenant and l.id = :lead;

-- name: notified_facts(tenant, lead)
select f.payload::text as payload
from fact as f
where f.tenant = :tenant and f.lead = :lead
order by f.revision;

-- name: notified_person(tenant, user)^
select u.id, u.email, u.display_name, u.locale, u.timezone, u.roles
from app_user as u
where u.tenant = :tenant and u.id = :user;

-- name: notified_roles(tenant, roles)
select u.id, u.email, u.display_name, u.locale, u.timezone, u.roles
from app_user as u
where u.tenant = :tenant and u.roles && cast(:roles as text[])
order by u.id;

-- name: notified_names(tenant, users)
select u.id, u.display_name
from app_user as u
where u.tenant = :tenant and u.id = any(cast(:users as text[]));
