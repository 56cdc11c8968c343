-- What is held about a person who works here. As the application role, in that person's own context.

-- name: own_account(tenant, user)
select u.id, u.email, u.display_name, u.locale, u.timezone, u.roles
from app_user as u
where u.tenant = :tenant::uuid and u.id = :user::text;

-- name: own_leads(tenant, user)
select
  l.id as lead, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.created_at, p.status,
  p.registered_at, p.last_progress_at, p.valid_until, p.ended_at
from lead as l
left join protection as p on p.tenant = l.tenant and p.lead = l.id
where l.tenant = :tenant::uuid and l.owner = :user::text
order by l.created_at, l.id;

-- name: own_facts(tenant, user)
select f.lead, f.revision, f.type, f.payload ->> 'kind' as kind, f.occurred_at, f.recorded_at
from fact as f
where f.tenant = :tenant::uuid and f.by = :user::text
order by f.recorded_at, f.lead, f.revision;

-- name: own_collaborations(tenant, user)
select c.lead, c.role, c.added_at
from collaborator as c
where c.tenant = :tenant::uuid and c.user_id = :user::text
order by c.added_at, c.lead;

-- name: own_notifications(tenant, user)
select n.lead, n.kind, n.channel, n.status, n.sent_at
from notification as n
where n.tenant = :tenant::uuid and n.recipient = :user::text
order by n.created_at, n.id;
