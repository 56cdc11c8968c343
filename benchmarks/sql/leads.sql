-- Leads for benchmarks, added and counted as the superuser; nothing of it is ever part of the product.

-- name: add_tenant(tenant, version, policy)!
with made as (
  insert into tenant (id, name) values (:tenant::uuid, 'benchmark ' || (:tenant::uuid)::text)
)
insert into policy_version (tenant, version, policy) values (:tenant::uuid, :version, :policy::jsonb);

-- name: add_leads(tenant, leads)!
insert into lead (tenant, id, company, city, owner, company_key, created_at)
select :tenant::uuid, given.id, 'Gasthof ' || given.place, 'Erfurt', 'agent', 'gasthof ' || given.place, now()
from unnest(:leads::uuid []) with ordinality as given (id, place);

-- name: leads_recorded(tenant)$
select count(*) from protection as p where p.tenant = :tenant::uuid;

-- name: leads_paused(tenant)$
select count(*) from protection as p where p.tenant = :tenant::uuid and p.paused;

-- name: fill_leads(tenant, leads)!
-- So many leads of twenty agents, in every state a lead can be in, some with a hold.
insert into lead (tenant, id, external_id, company, city, postcode, industry, source, owner, company_key, created_at)
select
  :tenant::uuid, md5('lead ' || n)::uuid, 'L' || to_char(n, 'FM0000000'), 'Gasthof Zum Löwen ' || n || ' GmbH', 'Erfurt',
  to_char(10000 + n % 89999, 'FM00000'), 'HOTEL', 'REFERRAL', 'agent-' || n % 20, 'gasthof zum loewen ' || n || '|erfurt',
  timestamptz '2030-01-01' + n % 250 * interval '1 day'
from generate_series(1, :leads::integer) as n;

-- name: fill_protection(tenant, version)!
insert into protection (
  tenant, lead, revision, status, paused, owner, base_until, progress_until, reminder_due_at, grace_until, valid_until,
  reason, next_wake_up, cycle, active_holds, registered_at, last_progress_at, ended_at, policy_version, updated_at
)
select
  :tenant::uuid, l.id, 1 + l.n % 12, l.status, l.paused, l.owner,
  case when l.alive then l.created_at + interval '6 months' end,
  case when l.alive and not l.paused then l.created_at + interval '60 days' end,
  case when l.status = 'ACTIVE' and not l.paused then l.created_at + interval '60 days' end,
  case when l.status = 'GRACE' then l.created_at + interval '70 days' end,
  l.created_at + interval '70 days',
  case when l.status = 'EXPIRED' then 'INACTIVITY' end,
  case when l.alive and not l.paused then l.created_at + interval '53 days' end,
  1 + l.n % 4, case when l.paused then array['FFZ_PRICE_APPROVAL'] else '{}' end, l.created_at, l.created_at,
  case when not l.alive then l.created_at + interval '70 days' end, :version, l.created_at + interval '1 day'
from (
  select
    filled.*, filled.status in ('ACTIVE', 'GRACE') as alive, filled.n % 9 = 0 and filled.status = 'ACTIVE' as paused
  from (
    select
      lead.id, lead.owner, lead.created_at, numbered.n,
      (array['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'GRACE', 'EXPIRED', 'CONVERTED', 'RELEASED'])[1 + numbered.n % 8] as status
    from lead
    cross join lateral (select substr(lead.external_id, 2)::integer as n) as numbered
    where lead.tenant = :tenant::uuid
  ) as filled
) as l;

-- name: fill_audit(tenant)!
-- That each lead was registered, as the audit tells it; the chain is made by the table itself.
insert into audit_event (tenant, actor, what, lead, fact_id, before, after, at)
select
  l.tenant, l.owner, 'registered', l.id, 'r' || l.external_id, null,
  jsonb_build_object('status', p.status, 'valid_until', p.valid_until), timestamptz '2026-05-01' + n * interval '1 minute'
from (
  select lead.*, row_number() over (order by lead.external_id) as n
  from lead
  where lead.tenant = :tenant::uuid and lead.external_id is not null
) as l
inner join protection as p on p.tenant = l.tenant and p.lead = l.id
order by l.n;

-- name: bring_forward(tenant, since)!
-- As if the first of these leads had been registered then, so that a week has something to show.
with apart as (
  select :since::timestamptz - timestamptz '2030-01-01' as by
)
update protection as p
set
  registered_at = p.registered_at + apart.by, last_progress_at = p.last_progress_at + apart.by,
  base_until = p.base_until + apart.by, progress_until = p.progress_until + apart.by,
  reminder_due_at = p.reminder_due_at + apart.by, grace_until = p.grace_until + apart.by,
  valid_until = p.valid_until + apart.by, ended_at = p.ended_at + apart.by, next_wake_up = p.next_wake_up + apart.by
from apart
where p.tenant = :tenant::uuid and p.registered_at >= timestamptz '2030-01-01';

-- name: settle()!
vacuum (analyze) lead, protection;

-- name: settle_pages()!
vacuum (analyze) lead, protection, audit_event, fact;

-- name: bare_read(tenant, lead)^
select p.* from protection as p where p.tenant = :tenant::uuid and p.lead = :lead::uuid;

-- name: bare_list(tenant, most)
select p.*, l.company, l.city
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where p.tenant = :tenant::uuid
order by p.sorted_end, p.lead
limit :most::integer;

-- name: longest_history(tenant)$
-- The living lead about which most is known.
select f.lead
from fact as f
inner join protection as p on p.tenant = f.tenant and p.lead = f.lead
where f.tenant = :tenant::uuid and p.status in ('ACTIVE', 'GRACE')
group by f.lead
order by count(*) desc, f.lead
limit 1;

-- name: fill_boxes(tenant, boxes)!
-- A box of samples for each of the first leads.
with box as (
  insert into sample_box (tenant, id, lead, created_by, created_at)
  select l.tenant, md5('box ' || l.external_id)::uuid, l.id, l.owner, timestamptz '2026-05-01'
  from lead as l
  inner join protection as p on p.tenant = l.tenant and p.lead = l.id
  where l.tenant = :tenant::uuid and p.status = 'ACTIVE' and l.external_id ~ '^L[0-9]{7}$'
  order by l.external_id
  limit :boxes::integer
  returning tenant, id, lead
)

insert into sample_item (tenant, lead, box, sku, qty, place)
select b.tenant, b.lead, b.id, 'GOULASH-1', 2, 1 from box as b;

-- name: boxes(tenant)
select b.id as box, b.lead from sample_box as b where b.tenant = :tenant::uuid order by b.id;

-- name: make_bare_form()!
create table bare_form (id bigserial primary key, tenant uuid not null, said jsonb not null);

-- name: bare_form(tenant, said)!
insert into bare_form (tenant, said) values (:tenant::uuid, :said::jsonb);

-- name: database_size()$
-- Bytes of all tables and indexes.
select pg_database_size(current_database());

-- name: reminders_since(since)$
-- Reminders that went out from that instant on, by the ledger.
select count(*) from fact as f
where f.payload ->> 'type' = 'reminder_sent' and (f.payload ->> 'sent_at')::timestamptz >= :since::timestamptz;
