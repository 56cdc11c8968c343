-- What the database knows of the systems outside.

-- name: database_version()$
select current_setting('server_version');

-- name: mails_sent(tenant, kinds)^
-- The last mail that a server has taken over.
select max(last.sent_at) as last_sent
from unnest(:kinds::text []) as k (kind)
cross join lateral (
  select n.sent_at
  from notification as n
  where n.tenant = :tenant::uuid and n.kind = k.kind and n.channel = 'EMAIL' and n.status = 'sent'
  order by n.updated_at desc
  limit 1
) as last;

-- name: mails_open(tenant, since)^
-- What waits, what was given up, what was refused lately, and why the last one was.
select
  count(*) filter (where n.status = 'sending') as waiting,
  min(n.created_at) filter (where n.status = 'sending') as oldest_waiting,
  count(*) filter (where n.status = 'dead') as dead,
  count(*) filter (where n.status = 'bounced' and n.updated_at >= :since::timestamptz) as bounced,
  max(n.updated_at) filter (where n.status in ('dead', 'bounced')) as last_failed,
  (array_agg(n.code order by n.updated_at desc) filter (where n.status in ('dead', 'bounced'))) [1] as last_code,
  (array_agg(n.code order by n.updated_at desc) filter (where n.status = 'sending' and n.code is not null)) [1]
    as waiting_code
from notification as n
where n.tenant = :tenant::uuid and n.status <> 'sent' and n.channel = 'EMAIL';
