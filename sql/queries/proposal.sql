-- What was proposed about leads, and what people decided. The transaction's context says who it is.

-- name: propose(tenant, id, lead, kind, source, subject_id, facts, confidence, at)$
insert into proposal (tenant, id, lead, kind, source, subject_id, facts, confidence, created_at)
select
  :tenant::uuid, :id::uuid, :lead::uuid, :kind::text, :source::text, :subject_id::text, :facts::jsonb,
  :confidence::numeric, :at::timestamptz
from protection as p
where p.tenant = :tenant::uuid and p.lead = :lead::uuid and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
on conflict (tenant, kind, source, subject_id) do nothing
returning id;

-- name: proposal_of(tenant, id)^
select
  p.id, p.lead, l.company, l.city, l.owner, p.kind, p.source, p.subject_id, p.facts, p.confidence, p.created_at, p.state,
  p.decided_by, p.decided_at, p.settled_at, may_decide_proposal(p.kind, p.lead) as mine
from proposal as p
join lead as l on l.tenant = p.tenant and l.id = p.lead
where p.tenant = :tenant::uuid and p.id = :id::uuid;

-- name: proposals_of(tenant, lead, mine, waiting, after_at, after_id, most)
select
  p.id, p.lead, l.company, l.city, l.owner, p.kind, p.source, p.subject_id, p.facts, p.confidence, p.created_at, p.state,
  p.decided_by, p.decided_at, p.settled_at, may_decide_proposal(p.kind, p.lead) as mine
from proposal as p
join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid
  and (:lead::uuid is null or p.lead = :lead::uuid)
  and (
    not :waiting::boolean or p.state = 'open' or (p.state = 'confirmed' and p.settled_at is null)
  )
  and (
    :after_at::timestamptz is null or (p.created_at, p.id) > (:after_at::timestamptz, :after_id::uuid)
  )
  and (not :mine::boolean or may_decide_proposal(p.kind, p.lead))
order by p.created_at, p.id
limit :most::integer;

-- name: decide_proposal(tenant, id, state, by, at)$
-- What was confirmed and is not done yet may be confirmed by somebody else, who then does it.
update proposal as p set state = :state::text, decided_by = :by::text, decided_at = :at::timestamptz
where
  p.tenant = :tenant::uuid and p.id = :id::uuid
  and (p.state = 'open' or (p.state = 'confirmed' and p.settled_at is null and :state::text = 'confirmed'))
returning p.id;

-- name: give_back(tenant, id, by)!
update proposal as p set state = 'open', decided_by = null, decided_at = null
where
  p.tenant = :tenant::uuid and p.id = :id::uuid and p.state = 'confirmed' and p.settled_at is null
  and p.decided_by = :by::text;

-- name: expire(tenant, id, by)!
update proposal as p set state = 'expired'
where
  p.tenant = :tenant::uuid and p.id = :id::uuid and p.state = 'confirmed' and p.settled_at is null
  and p.decided_by = :by::text;

-- name: settle_proposal(tenant, id, by, at)!
update proposal as p set settled_at = :at::timestamptz
where
  p.tenant = :tenant::uuid and p.id = :id::uuid and p.state = 'confirmed' and p.settled_at is null
  and p.decided_by = :by::text;

-- name: note_class(tenant, lead, segment, potential, by, at)!
insert into lead_class (tenant, lead, segment, potential, told_by, told_at)
values (:tenant::uuid, :lead::uuid, :segment::text, :potential::text, :by::text, :at::timestamptz)
on conflict (tenant, lead) do update set
  segment = excluded.segment, potential = excluded.potential, told_by = excluded.told_by, told_at = excluded.told_at;

-- name: note_contact_role(tenant, lead, contact, role, by, at)!
insert into contact_role (tenant, lead, contact, role, told_by, told_at)
values (:tenant::uuid, :lead::uuid, :contact::uuid, :role::text, :by::text, :at::timestamptz)
on conflict (tenant, lead, contact) do update set
  role = excluded.role, told_by = excluded.told_by, told_at = excluded.told_at;

-- name: class_of(tenant, lead)^
select c.segment, c.potential from lead_class as c where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: contact_roles_of(tenant, lead)
select c.contact, c.role
from contact_role as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid
order by c.told_at, c.contact;
