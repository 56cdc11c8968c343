-- Mails that came in. As the worker, where nothing else is said; nothing in clear passes here.

-- name: mailbox_read_to(tenant, mailbox)^
select b.uid_validity, b.last_uid, b.read_at
from inbox_mailbox as b
where b.tenant = :tenant::uuid and b.mailbox = :mailbox::text;

-- name: read_on(tenant, mailbox, uid_validity, last_uid, at)!
-- Forward only, but for another numbering: that one begins where it is said.
insert into inbox_mailbox (tenant, mailbox, uid_validity, last_uid, read_at, looked_at)
values (:tenant::uuid, :mailbox::text, :uid_validity::bigint, :last_uid::bigint, :at::timestamptz, :at::timestamptz)
on conflict (tenant, mailbox) do update set
  last_uid = case
    when inbox_mailbox.uid_validity = excluded.uid_validity then greatest(inbox_mailbox.last_uid, excluded.last_uid)
    else excluded.last_uid
  end,
  uid_validity = excluded.uid_validity,
  read_at = excluded.read_at,
  looked_at = excluded.looked_at;

-- name: looked(tenant, mailbox, waits, at)!
update inbox_mailbox as b set waits = :waits::text, looked_at = :at::timestamptz
where b.tenant = :tenant::uuid and b.mailbox = :mailbox::text;

-- name: failed(tenant, mailbox, fault, at)!
insert into inbox_mailbox (tenant, mailbox, uid_validity, last_uid, read_at, fault, failed_at)
values (:tenant::uuid, :mailbox::text, 0, 0, :at::timestamptz, :fault::text, :at::timestamptz)
on conflict (tenant, mailbox) do update set waits = null, fault = excluded.fault, failed_at = excluded.failed_at;

-- name: add_mail_keys(tenant, mails, ids, kek_id, wrapped, at)!
-- Before the mails themselves; keys of mails that are known are none.
insert into mail_key (tenant, mail, id, kek_id, wrapped_key, created_at)
select :tenant::uuid, k.mail, k.id, :kek_id::text, k.wrapped, :at::timestamptz
from unnest(:mails::uuid [], :ids::uuid [], :wrapped::bytea []) as k (mail, id, wrapped)
on conflict (tenant, mail) do nothing;

-- name: known_mails(tenant, mails)
select m.id from inbound_mail as m where m.tenant = :tenant::uuid and m.id = any(:mails::uuid []);

-- name: add_mails(tenant, mailbox, uid_validity, read_at, ids, uids, fingerprints, received, sizes, cuts, attachments, natures, senders, subjects, bodies, linked, sender_indexes, keys, states, whys)!
insert into inbound_mail (
  tenant, mailbox, uid_validity, read_at, id, uid, fingerprint, received_at, size, cut, attachments, nature, sender,
  subject, body, linked, sender_index, key, state, why, settled_at
)
select
  :tenant::uuid, :mailbox::text, :uid_validity::bigint, :read_at::timestamptz, m.*,
  case when m.state = 'ignored' then :read_at::timestamptz end
from unnest(
  :ids::uuid [], :uids::bigint [], :fingerprints::bytea [], :received::timestamptz [], :sizes::bigint [],
  :cuts::boolean [], :attachments::integer [], :natures::text [], :senders::bytea [], :subjects::bytea [],
  :bodies::bytea [], :linked::bytea [], :sender_indexes::bytea [], :keys::uuid [], :states::text [], :whys::text []
) as m (
  id, uid, fingerprint, received_at, size, cut, attachments, nature, sender, subject, body, linked, sender_index, key,
  state, why
)
on conflict do nothing;

-- name: mails_to_bring(tenant, most)
select m.id, m.decided_at
from inbound_mail as m
where m.tenant = :tenant::uuid and m.brought_at is null and m.state in ('received', 'matched', 'bounce')
order by m.read_at, m.id
limit :most::integer;

-- name: brought(tenant, ids, decided, at)!
-- As they were seen: what a person has decided since is brought anew.
update inbound_mail as m set brought_at = :at::timestamptz
from unnest(:ids::uuid [], :decided::timestamptz []) as seen (id, decided_at)
where
  m.tenant = :tenant::uuid and m.id = seen.id and m.brought_at is null
  and m.decided_at is not distinct from seen.decided_at;

-- name: mail_to_sort(tenant, id)^
select
  m.id, m.nature, m.state, m.why, m.lead, m.match, m.confidence, m.received_at, m.key, m.sender, m.subject, m.body, m.linked,
  m.sender_index, m.category, m.notification, m.bounce_code, m.settled_at, k.kek_id, k.wrapped_key
from inbound_mail as m
left join mail_key as k on k.tenant = m.tenant and k.mail = m.id and k.id = m.key
where m.tenant = :tenant::uuid and m.id = :id::uuid
for update of m;

-- name: put_mail(tenant, id, state, why, lead, match, confidence, candidates, at)!
update inbound_mail as m set
  state = :state::text, why = :why::text, lead = :lead::uuid, match = :match::text, confidence = :confidence::numeric,
  candidates = :candidates::uuid [], sorted_at = :at::timestamptz,
  settled_at = case when :state::text in ('matched', 'bounce') then null else :at::timestamptz end
where m.tenant = :tenant::uuid and m.id = :id::uuid;

-- name: note_category(tenant, id, category, confidence)!
update inbound_mail as m set category = :category::text, category_confidence = :confidence::numeric
where m.tenant = :tenant::uuid and m.id = :id::uuid;

-- name: settle_mail(tenant, id, why, at)!
update inbound_mail as m set settled_at = :at::timestamptz, why = coalesce(:why::text, m.why)
where m.tenant = :tenant::uuid and m.id = :id::uuid and m.settled_at is null;

-- name: is_colleague(tenant, address)$
select exists (select from app_user as u where u.tenant = :tenant::uuid and lower(u.email) = :address::text);

-- name: leads_of_messages(tenant, message_ids)
select distinct n.lead, coalesce(p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE'), false) as living
from notification as n
left join protection as p on p.tenant = n.tenant and p.lead = n.lead
where n.tenant = :tenant::uuid and n.message_id = any(:message_ids::text []);

-- name: leads_by_sender(tenant, email_index, domain_index)
-- By the address or by its domain, whichever is given; of leads whose clock runs.
select distinct c.lead
from lead_contact as c
join protection as p on p.tenant = c.tenant and p.lead = c.lead and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
where
  c.tenant = :tenant::uuid
  and (c.email_index = :email_index::bytea or c.domain_index = :domain_index::bytea)
limit 11;

-- name: leads_by_company_name(tenant, names)
select l.id as lead
from lead as l
join protection as p on p.tenant = l.tenant and p.lead = l.id and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
where l.tenant = :tenant::uuid and split_part(l.company_key, '|', 1) = any(:names::text [])
limit 11;

-- name: is_being_sent(tenant, message_id)$
select exists (
  select from notification as n
  where
    n.tenant = :tenant::uuid and n.message_id = :message_id::text and n.channel = 'EMAIL' and n.status = 'sending'
);

-- name: bounced_notification(tenant, message_id, code, at)^
-- The mail of ours that came back, refused from now on; told again, the same. The instant is another server's,
-- whose clock may be behind ours, and in whole seconds.
update notification as n set
  status = 'bounced', code = :code::text, updated_at = greatest(n.sent_at, :at::timestamptz)
where
  n.tenant = :tenant::uuid and n.message_id = :message_id::text and n.channel = 'EMAIL' and n.status = 'sent'
  and n.sent_at <= :at::timestamptz + interval '10 minutes'
returning n.id, n.lead, n.cycle, n.kind, n.recipient;

-- name: note_bounce(tenant, id, notification, code)!
update inbound_mail as m set notification = :notification::uuid, bounce_code = :code::text
where m.tenant = :tenant::uuid and m.id = :id::uuid;

-- name: bounce_to_tell(tenant, id)^
select
  n.lead, n.cycle, n.kind, n.recipient, m.bounce_code, l.owner, m.settled_at,
  exists (
    select from fact as f
    where
      f.tenant = n.tenant and f.lead = n.lead and f.payload ->> 'type' = 'reminder_sent'
      and f.payload ->> 'cycle' = n.cycle
  ) as on_record
from inbound_mail as m
join notification as n on n.tenant = m.tenant and n.id = m.notification
join lead as l on l.tenant = n.tenant and l.id = n.lead
where m.tenant = :tenant::uuid and m.id = :id::uuid;

-- name: contacts_without_domain(tenant, most)
select c.lead, c.id, c.email, c.key, k.kek_id, k.wrapped_key
from lead_contact as c
join lead_key as k on k.tenant = c.tenant and k.lead = c.lead and k.id = c.key
where c.tenant = :tenant::uuid and c.email is not null and c.domain_index is null
order by c.id
limit :most::integer;

-- name: index_domains(tenant, ids, domain_indexes)!
update lead_contact as c set domain_index = d.domain_index
from unnest(:ids::uuid [], :domain_indexes::bytea []) as d (id, domain_index)
where c.tenant = :tenant::uuid and c.id = d.id and c.email is not null;

-- name: forget_old_mails(tenant, before, most, at)$
-- What nobody has taken: how many were emptied.
with old as (
  select m.id
  from inbound_mail as m
  where
    m.tenant = :tenant::uuid and m.key is not null and m.received_at < :before::timestamptz
    and m.state in ('unmatched', 'ignored', 'dismissed', 'bounce') and m.settled_at is not null
  limit :most::integer
), emptied as (
  update inbound_mail as m set
    sender = null, subject = null, body = null, linked = null, sender_index = null, key = null,
    erased_at = :at::timestamptz
  from old
  where m.tenant = :tenant::uuid and m.id = old.id
  returning m.id
), gone as (
  delete from mail_key as k using emptied
  where k.tenant = :tenant::uuid and k.mail = emptied.id
)
select count(*) from emptied;

-- name: mails_listed(tenant, states, lead, after_at, after_id, most)
-- As the application: those the caller may see, the newest first.
select
  m.id, m.received_at, m.size, m.cut, m.attachments, m.nature, m.state, m.why, m.lead, m.match, m.confidence,
  m.candidates, m.category, m.bounce_code, m.decided_by, m.decided_at, m.erased_at, m.key, m.sender, m.subject, m.body,
  m.settled_at, l.company, l.city, k.kek_id, k.wrapped_key
from inbound_mail as m
left join lead as l on l.tenant = m.tenant and l.id = m.lead
left join mail_key as k on k.tenant = m.tenant and k.mail = m.id and k.id = m.key
where
  m.tenant = :tenant::uuid and m.state = any(:states::text [])
  and (:lead::uuid is null or m.lead = :lead::uuid)
  and (:after_at::timestamptz is null or (m.received_at, m.id) < (:after_at::timestamptz, :after_id::uuid))
order by m.received_at desc, m.id desc
limit :most::integer;

-- name: mail_shown(tenant, id)^
-- As the application.
select
  m.id, m.received_at, m.size, m.cut, m.attachments, m.nature, m.state, m.why, m.lead, m.match, m.confidence,
  m.candidates, m.category, m.bounce_code, m.decided_by, m.decided_at, m.erased_at, m.key, m.sender, m.subject, m.body,
  m.settled_at, l.company, l.city, k.kek_id, k.wrapped_key
from inbound_mail as m
left join lead as l on l.tenant = m.tenant and l.id = m.lead
left join mail_key as k on k.tenant = m.tenant and k.mail = m.id and k.id = m.key
where m.tenant = :tenant::uuid and m.id = :id::uuid;

-- name: leads_named(tenant, leads)
-- As the application.
select l.id, l.company, l.city, l.owner from lead as l where l.tenant = :tenant::uuid and l.id = any(:leads::uuid []);

-- name: mails_counted(tenant)
-- As the application.
select m.state, count(*) as mails from inbound_mail as m where m.tenant = :tenant::uuid group by m.state;

-- name: assign_mail(tenant, id, lead, by, at)$
-- As the application: a manager says whose it is; its workflow is told anew.
update inbound_mail as m set
  state = 'matched', why = null, lead = :lead::uuid, match = 'hand', confidence = 1, candidates = '{}',
  brought_at = null, settled_at = null, decided_by = :by::text, decided_at = :at::timestamptz
where
  m.tenant = :tenant::uuid and m.id = :id::uuid and m.state in ('unmatched', 'ignored', 'dismissed')
  and m.settled_at is not null and m.erased_at is null
returning m.id;

-- name: dismiss_mail(tenant, id, by, at)$
-- As the application: it is nobody's.
update inbound_mail as m set
  state = 'dismissed', why = null, lead = null, match = null, confidence = null, candidates = '{}',
  decided_by = :by::text, decided_at = :at::timestamptz
where m.tenant = :tenant::uuid and m.id = :id::uuid and m.state = 'unmatched'
returning m.id;

-- name: mailboxes(tenant)
-- As the application.
select b.mailbox, b.waits, b.read_at, b.looked_at, b.failed_at, b.fault
from inbox_mailbox as b
where b.tenant = :tenant::uuid
order by b.mailbox;

-- name: waiting_to_be_brought(tenant)$
-- As the application.
select count(*) from inbound_mail as m
where m.tenant = :tenant::uuid and m.settled_at is null;
