-- Personal data: what is there, what stands against erasing it, and the erasure itself. As the worker.

-- name: standing_for_erasure(tenant, lead, at)^
-- Nobody can bring the lead back, and nothing can be recorded, until the transaction ends.
select
  p.status, p.reason, p.ended_at,
  exists (
    select from legal_hold as h
    where h.tenant = p.tenant and h.lead = p.lead and (h.until is null or h.until > :at::timestamptz)
  ) as on_hold
from protection as p
where p.tenant = :tenant::uuid and p.lead = :lead::uuid
for update of p;

-- name: standing_before_erasure(tenant, lead, at)^
-- The same for whoever only looks.
select
  p.status, p.reason, p.ended_at,
  exists (
    select from legal_hold as h
    where h.tenant = p.tenant and h.lead = p.lead and (h.until is null or h.until > :at::timestamptz)
  ) as on_hold
from protection as p
where p.tenant = :tenant::uuid and p.lead = :lead::uuid;

-- name: lock_key(tenant, lead)$
-- Whoever is sealing something under it at this moment is waited for; whoever comes later finds none.
select k.id from lead_key as k where k.tenant = :tenant::uuid and k.lead = :lead::uuid for update;

-- name: what_is_held(tenant, lead)^
select
  (select count(*) from lead_key as k where k.tenant = :tenant::uuid and k.lead = :lead::uuid) as keys,
  count(c.key) filter (where c.kind = 'NOTE') as notes,
  count(c.key) filter (where c.kind <> 'NOTE') as contacts,
  count(c.email_index) + count(c.phone_index) + count(c.domain_index) as indexed,
  (
    select count(*) from sample_box as b
    where b.tenant = :tenant::uuid and b.lead = :lead::uuid and b.key is not null
  ) as sample_notes,
  (
    select count(*) from product_feedback as p
    where p.tenant = :tenant::uuid and p.lead = :lead::uuid and p.key is not null
  ) as comments,
  (
    select count(*) from feedback_invitation as i
    where i.tenant = :tenant::uuid and i.lead = :lead::uuid and i.closed_at is null
  ) as forms,
  (
    select count(*) from inbound_mail as m
    where m.tenant = :tenant::uuid and m.key is not null and mail_speaks_of(m, :lead::uuid)
  ) as mails,
  (
    select count(*) from contact_role as r where r.tenant = :tenant::uuid and r.lead = :lead::uuid
  ) as roles,
  (
    select count(*) from credit_check as k
    where k.tenant = :tenant::uuid and k.lead = :lead::uuid and k.erased_at is null
  ) as credit_checks,
  (
    select count(*) from ai_call as a
    where a.tenant = :tenant::uuid and a.lead = :lead::uuid and (a.told is not null or a.answered is not null)
  ) as ai_answers
from lead_contact as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: kept_ai_answers(tenant, lead)$
-- Those that serve whoever asks the same; for the worker's eyes only.
select count(*) from ai_cache as c where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: has_receipt(tenant, id)$
select exists (select from erasure_receipt as r where r.tenant = :tenant::uuid and r.id = :id::uuid);

-- name: is_in_clear(tenant, lead)$
select
  l.company_key <> erased_company_key(l.id)
from lead as l
where l.tenant = :tenant::uuid and l.id = :lead::uuid;

-- name: empty_contacts(tenant, lead)!
update lead_contact as c set
  key = null, name = null, email = null, phone = null, note = null, email_index = null, phone_index = null,
  domain_index = null, channel = null
where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: remove_contact_roles(tenant, lead)!
delete from contact_role as r where r.tenant = :tenant::uuid and r.lead = :lead::uuid;

-- name: empty_sample_notes(tenant, lead)!
update sample_box as b set notes = null, key = null
where b.tenant = :tenant::uuid and b.lead = :lead::uuid and b.key is not null;

-- name: empty_comments(tenant, lead)!
update product_feedback as p set comment = null, key = null
where p.tenant = :tenant::uuid and p.lead = :lead::uuid and p.key is not null;

-- name: close_forms(tenant, lead, at)!
update feedback_invitation as i set closed_at = :at::timestamptz, closed_as = 'erased'
where i.tenant = :tenant::uuid and i.lead = :lead::uuid and i.closed_at is null;

-- name: empty_mails(tenant, lead, at)!
-- Those of the lead, those that may be, and those its contacts have sent; before the contacts are emptied.
with gone as (
  update inbound_mail as m set
    sender = null, subject = null, body = null, linked = null, sender_index = null, key = null,
    erased_at = :at::timestamptz
  where m.tenant = :tenant::uuid and m.key is not null and mail_speaks_of(m, :lead::uuid)
  returning m.id
)
delete from mail_key as k using gone
where k.tenant = :tenant::uuid and k.mail = gone.id;

-- name: forget_ai_answers(tenant, lead)!
-- Told without personal data, and kept no longer all the same.
delete from ai_cache as c where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: empty_credit_checks(tenant, lead, at)!
-- Numbers of a sole trader lead to a person, and conditions are words; what was answered stays. What is pending
-- ends: nobody waits for it, and without its numbers it would be the same as its neighbour.
update credit_check as c set
  registration_no = null, vat_no = null, conditions = '{}', erased_at = :at::timestamptz,
  status = case when c.status = 'pending' then 'requires_review' else c.status end,
  degraded = case when c.status = 'pending' then 'erased' else c.degraded end,
  settled_at = coalesce(c.settled_at, :at::timestamptz)
where c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.erased_at is null;

-- name: empty_ai_calls(tenant, lead)!
update ai_call as c set told = null, answered = null
where c.tenant = :tenant::uuid and c.lead = :lead::uuid and (c.told is not null or c.answered is not null);

-- name: forget_clear_contacts(tenant, lead)!
delete from lead_contact_clear as c where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: destroy_key(tenant, lead)!
delete from lead_key as k where k.tenant = :tenant::uuid and k.lead = :lead::uuid;

-- name: pseudonymise(tenant, lead, name)!
update lead as l set
  company = :name::text, city = '–', postcode = null, external_id = null, company_key = erased_company_key(l.id)
where l.tenant = :tenant::uuid and l.id = :lead::uuid;

-- name: add_receipt(tenant, id, lead, at, by, cause, stores)!
insert into erasure_receipt (tenant, id, lead, at, by, cause, stores)
values (
  :tenant::uuid, :id::uuid, :lead::uuid, :at::timestamptz, :by::text, :cause::text, :stores::jsonb
);

-- name: tell_audit(what, lead, after, reason, at)$
select audit_tell(:what::text, :lead::uuid, null, null, :after::jsonb, :reason::text, :at::timestamptz);

-- name: receipts_of(tenant, lead)
select r.id, r.at, r.by, r.cause, r.stores
from erasure_receipt as r
where r.tenant = :tenant::uuid and r.lead = :lead::uuid
order by r.at, r.id;

-- name: put_legal_hold(tenant, lead, reason, until, placed_by, placed_at)!
insert into legal_hold (tenant, lead, reason, until, placed_by, placed_at)
values (:tenant::uuid, :lead::uuid, :reason::text, :until::timestamptz, :placed_by::text, :placed_at::timestamptz)
on conflict (tenant, lead) do update set
  reason = excluded.reason, until = excluded.until, placed_by = excluded.placed_by, placed_at = excluded.placed_at;

-- name: lift_legal_hold(tenant, lead)$
delete from legal_hold as h where h.tenant = :tenant::uuid and h.lead = :lead::uuid returning h.reason;

-- name: retention(tenant, at, objection_days)
-- By status: how many leads hold something sealed, since when their protection has been over at the
-- longest, and how many of them should hold nothing any more.
select
  p.status,
  count(*) as leads,
  count(*) filter (where held.sealed) as holding,
  min(p.ended_at) filter (where held.sealed) as oldest_end,
  count(*) filter (where held.sealed and held.kept) as on_hold,
  count(*) filter (
    where held.sealed and not held.kept and p.status in ('EXPIRED', 'RELEASED', 'ERASED')
    and p.ended_at <= :at::timestamptz - make_interval(days => :objection_days::integer)
  ) as overdue
from protection as p
cross join lateral (
  select
    exists (select from lead_key as k where k.tenant = p.tenant and k.lead = p.lead)
    or exists (
      select from lead_contact as c where c.tenant = p.tenant and c.lead = p.lead and c.key is not null
    ) as sealed,
    exists (
      select from legal_hold as h
      where h.tenant = p.tenant and h.lead = p.lead and (h.until is null or h.until > :at::timestamptz)
    ) as kept
) as held
where p.tenant = :tenant::uuid
group by p.status
order by p.status;

-- name: overdue(tenant, at, objection_days)
select p.lead
from protection as p
where
  p.tenant = :tenant::uuid and p.status in ('EXPIRED', 'RELEASED', 'ERASED')
  and p.ended_at <= :at::timestamptz - make_interval(days => :objection_days::integer)
  and exists (select from lead_key as k where k.tenant = p.tenant and k.lead = p.lead)
  and not exists (
    select from legal_hold as h
    where h.tenant = p.tenant and h.lead = p.lead and (h.until is null or h.until > :at::timestamptz)
  )
order by p.ended_at, p.lead;
