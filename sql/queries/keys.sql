-- Turning over master keys: the wrapped keys of every tenant. As the owner, then as the worker.

-- name: open_tenants_to_owner()!
-- The owner of a table that does not force row security sees all of it. Taken back by the end of the transaction.
alter table tenant no force row level security;

-- name: close_tenants_to_owner()!
alter table tenant force row level security;

-- name: all_tenants()
select t.id, t.name from tenant as t order by t.name;

-- name: keys_by_master(tenant)
select k.kek_id, count(*) as leads, min(k.created_at) as since
from (
  select l.kek_id, l.created_at from lead_key as l where l.tenant = :tenant::uuid
  union all
  select m.kek_id, m.created_at from mail_key as m where m.tenant = :tenant::uuid
) as k
group by k.kek_id
order by k.kek_id;

-- name: keys_to_rewrap(tenant, kek_id, most)
select k.lead, k.id, k.kek_id, k.wrapped_key
from lead_key as k
where k.tenant = :tenant::uuid and k.kek_id <> :kek_id::text
order by k.lead
limit :most::integer
for update;

-- name: mail_keys_to_rewrap(tenant, kek_id, most)
select k.mail as lead, k.id, k.kek_id, k.wrapped_key
from mail_key as k
where k.tenant = :tenant::uuid and k.kek_id <> :kek_id::text
order by k.mail
limit :most::integer
for update;

-- name: rewrap_mails(tenant, leads, kek_id, wrapped)!
update mail_key as k set kek_id = :kek_id::text, wrapped_key = w.wrapped
from unnest(:leads::uuid [], :wrapped::bytea []) as w (mail, wrapped)
where k.tenant = :tenant::uuid and k.mail = w.mail;

-- name: rewrap(tenant, leads, kek_id, wrapped)!
update lead_key as k set kek_id = :kek_id::text, wrapped_key = w.wrapped
from unnest(:leads::uuid [], :wrapped::bytea []) as w (lead, wrapped)
where k.tenant = :tenant::uuid and k.lead = w.lead;
