-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- The inbox (domain.md section 10). What came in, whose it is, and what came of it.

-- How far a mailbox has been read, and how the reader fares; `mailbox` is a fingerprint of the account. Of one
-- that was never read UIDVALIDITY is 0.
create table inbox_mailbox (
  tenant uuid not null references tenant (id),
  mailbox text not null check (mailbox ~ '^[0-9a-f]{16}$'),
  uid_validity bigint not null check (uid_validity >= 0),
  last_uid bigint not null check (last_uid >= 0),
  read_at timestamptz not null,
  waits text check (waits in ('idle', 'poll')),
  looked_at timestamptz,
  failed_at timestamptz,
  fault text,
  primary key (tenant, mailbox)
);

-- One key a mail, as leads have one: a mail is sealed before anybody knows whose it is.
create table mail_key (
  tenant uuid not null references tenant (id),
  mail uuid not null,
  id uuid not null,
  kek_id text not null check (kek_id ~ '^[0-9a-f]{16}$'),
  wrapped_key bytea not null check (is_sealed(wrapped_key)),
  created_at timestamptz not null,
  primary key (tenant, mail),
  constraint mail_key_id_unique unique (tenant, mail, id)
);
create index mail_key_by_kek on mail_key (tenant, kek_id);

-- `fingerprint` and `sender_index` are keyed hashes. `linked` holds Message-IDs this one answers or names.
create table inbound_mail (
  tenant uuid not null,
  id uuid not null,
  mailbox text not null,
  uid_validity bigint not null,
  uid bigint not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 16),
  received_at timestamptz not null,
  read_at timestamptz not null,
  size bigint not null check (size >= 0),
  cut boolean not null,
  attachments integer not null check (attachments >= 0),
  nature text not null check (nature in ('mail', 'automatic', 'newsletter', 'bounce', 'unreadable')),
  sender bytea check (is_sealed(sender)),
  subject bytea check (is_sealed(subject)),
  body bytea check (is_sealed(body)),
  linked bytea check (is_sealed(linked)),
  sender_index bytea,
  key uuid,
  state text not null check (state in ('received', 'matched', 'unmatched', 'ignored', 'bounce', 'dismissed')),
  why text check (why ~ '^[a-z-]{2,40}$'),
  lead uuid,
  match text check (match in ('reply', 'address', 'domain', 'name', 'hand')),
  confidence numeric(3, 2) check (confidence between 0 and 1),
  candidates uuid [] not null default '{}',
  category text check (category ~ '^[A-Z_]{2,40}$'),
  category_confidence numeric(3, 2) check (category_confidence between 0 and 1),
  notification uuid,
  bounce_code text check (bounce_code ~ '^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$'),
  brought_at timestamptz,
  sorted_at timestamptz,
  settled_at timestamptz,
  decided_by text check (decided_by <> ''),
  decided_at timestamptz,
  erased_at timestamptz,
  primary key (tenant, id),
  constraint inbound_mail_once unique (tenant, fingerprint),
  constraint inbound_mail_has_key check (
    key is not null or num_nonnulls(sender, subject, body, linked, sender_index) = 0
  ),
  constraint inbound_mail_matched check ((state = 'matched') = (lead is not null and match is not null)),
  constraint inbound_mail_decided check ((decided_by is null) = (decided_at is null)),
  foreign key (tenant, mailbox) references inbox_mailbox (tenant, mailbox),
  foreign key (tenant, lead) references lead (tenant, id),
  foreign key (tenant, notification) references notification (tenant, id),
  constraint inbound_mail_sealed_under foreign key (tenant, id, key) references mail_key (tenant, mail, id)
);
create index inbound_mail_by_state on inbound_mail (tenant, state, received_at);
create index inbound_mail_by_lead on inbound_mail (tenant, lead, received_at) where lead is not null;
create index inbound_mail_by_sender on inbound_mail (tenant, sender_index) where sender_index is not null;
create index inbound_mail_to_bring on inbound_mail (tenant, read_at, id) where brought_at is null;
create index inbound_mail_by_notification on inbound_mail (tenant, notification) where notification is not null;

-- What an answer names is found by this: our own Message-IDs, and the companies a mail may speak of.
-- squawk-ignore require-concurrent-index-creation
create index notification_by_message on notification (tenant, message_id) where message_id is not null;
-- squawk-ignore require-concurrent-index-creation
create index lead_by_company on lead (tenant, split_part(company_key, '|', 1));

-- A contact's domain, as its address: a keyed hash. Filled where it is missing by whoever reads the inbox.
alter table lead_contact add column domain_index bytea;
-- squawk-ignore require-concurrent-index-creation
create index lead_contact_by_domain on lead_contact (tenant, domain_index) where domain_index is not null;
-- squawk-ignore require-concurrent-index-creation
create index lead_contact_without_domain on lead_contact (tenant, id)
where email is not null and domain_index is null;
alter table lead_contact
-- squawk-ignore constraint-missing-not-valid
add constraint lead_contact_domain_has_key check (key is not null or domain_index is null);

do $enable$
declare
  tab text;
begin
  foreach tab in array array['inbox_mailbox', 'mail_key', 'inbound_mail'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
  end loop;
end
$enable$;
create policy tenant_remove on mail_key for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- Mails of a lead are for whoever reads its contacts; mails of nobody for those who look after the tenant.
create function can_read_mail(lead uuid) returns boolean
language sql stable parallel safe
return app_reads_all() or (lead is not null and can_read_contact(lead));

create policy reader_read on inbox_mailbox for select to fristwerk_app
using (tenant = (select app_tenant()) and (select app_reads_all()));
create policy reader_read on inbound_mail for select to fristwerk_app
using (tenant = (select app_tenant()) and can_read_mail(lead));
create policy reader_read on mail_key for select to fristwerk_app
using (tenant = (select app_tenant()) and exists (
  select from inbound_mail as m where m.tenant = mail_key.tenant and m.id = mail_key.mail
));
-- Whose a mail is, a manager says, in his own name.
create policy decider_change on inbound_mail for update to fristwerk_app
using (tenant = (select app_tenant()) and (select app_has_role('manager', 'admin')))
with check (tenant = (select app_tenant()) and decided_by = (select app_user_id()));

grant execute on function can_read_mail(uuid) to fristwerk_app;
grant select on inbox_mailbox, inbound_mail, mail_key to fristwerk_app;
grant update (state, why, lead, match, confidence, candidates, brought_at, settled_at, decided_by, decided_at)
on inbound_mail to fristwerk_app;
grant select, insert, update on inbox_mailbox, inbound_mail to fristwerk_worker;
grant select, insert, update, delete on mail_key to fristwerk_worker;

-- Whether an erasure of the lead takes this mail with it: its own, one that may be, one of its contacts'.
create function mail_speaks_of(mail inbound_mail, p_lead uuid) returns boolean
language sql stable
return mail.lead is not distinct from p_lead or p_lead = any(mail.candidates) or mail.sender_index in (
  select c.email_index from lead_contact as c
  where c.tenant = mail.tenant and c.lead = p_lead and c.email_index is not null
);
grant execute on function mail_speaks_of(inbound_mail, uuid) to fristwerk_app, fristwerk_worker;

-- A mail that waits for its workflow: whoever brings it is told.
create function inbound_mail_waits() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform pg_notify('inbound_mail', '');
  return null;
end
$f$;
create trigger inbound_mail_came after insert on inbound_mail
for each statement execute function inbound_mail_waits();
create trigger inbound_mail_waits after update on inbound_mail
for each row when (old.brought_at is not null and new.brought_at is null) execute function inbound_mail_waits();

-- The audit: whose a person said a mail is; nothing of what it says.
create function inbound_mail_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform audit_tell(
    'mail-' || case new.state when 'matched' then 'assigned' else new.state end,
    coalesce(new.lead, old.lead), null,
    jsonb_strip_nulls(jsonb_build_object('mail', old.id, 'state', old.state, 'lead', old.lead, 'why', old.why)),
    jsonb_strip_nulls(jsonb_build_object('mail', new.id, 'state', new.state, 'lead', new.lead, 'why', new.why)),
    null, null
  );
  return null;
end
$f$;
create constraint trigger inbound_mail_decision_told after update on inbound_mail
deferrable initially deferred for each row
when (new.decided_at is not null and old.decided_at is distinct from new.decided_at)
execute function inbound_mail_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop policy reader_read on mail_key;
drop function mail_speaks_of(inbound_mail, uuid);
drop table inbound_mail;
drop function inbound_mail_told();
drop function inbound_mail_waits();
drop table mail_key;
drop table inbox_mailbox;
drop function can_read_mail(uuid);
alter table lead_contact drop constraint lead_contact_domain_has_key;
drop index lead_contact_without_domain;
drop index lead_contact_by_domain;
alter table lead_contact drop column domain_index;
drop index lead_by_company;
drop index notification_by_message;
reset role;
