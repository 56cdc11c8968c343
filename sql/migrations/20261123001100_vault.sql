-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Personal data are sealed before they get here (adapters/sealing.py): version, nonce, ciphertext, tag.
create function is_sealed(value bytea) returns boolean
language sql immutable parallel safe
return pg_catalog.octet_length(value) >= 29 and pg_catalog.substr(value, 1, 1) = '\x01';

grant execute on function is_sealed(bytea) to fristwerk_app, fristwerk_worker;

-- One key a lead, wrapped by a master key that the database never sees. A lead that gets a new key after
-- an erasure gets a new id.
create table lead_key (
  tenant uuid not null,
  lead uuid not null,
  id uuid not null,
  kek_id text not null check (kek_id ~ '^[0-9a-f]{16}$'),
  wrapped_key bytea not null check (is_sealed(wrapped_key)),
  created_at timestamptz not null,
  primary key (tenant, lead),
  constraint lead_key_id_unique unique (tenant, lead, id),
  foreign key (tenant, lead) references lead (tenant, id)
);
create index lead_key_by_kek on lead_key (tenant, kek_id);

-- What stood in clear waits here until `fristwerk migrate` or the start of the stack has sealed it; then
-- the table is emptied by truncation, which leaves no old rows behind, and stays empty.
create table lead_contact_clear (
  tenant uuid not null,
  lead uuid not null,
  id uuid not null,
  name text,
  email text,
  phone text,
  note text,
  primary key (tenant, lead, id)
);
alter table lead_contact no force row level security;
insert into lead_contact_clear (tenant, lead, id, name, email, phone, note)
select c.tenant, c.lead, c.id, c.name, c.email, c.phone, c.note
from lead_contact as c
where num_nonnulls(c.name, c.email, c.phone, c.note) > 0;

-- The table is rewritten on purpose: its old file goes, and the clear text with it.
alter table lead_contact
-- squawk-ignore changing-column-type
alter column name type bytea using null,
-- squawk-ignore changing-column-type
alter column email type bytea using null,
-- squawk-ignore changing-column-type
alter column phone type bytea using null,
-- squawk-ignore changing-column-type
alter column note type bytea using null,
add column key uuid,
add column email_index bytea,
add column phone_index bytea;

-- No clear text, nothing sealed without its key, and no key destroyed while something sealed is left.
alter table lead_contact
-- squawk-ignore constraint-missing-not-valid
add constraint lead_contact_is_sealed check (
  (name is null or is_sealed(name)) and (email is null or is_sealed(email))
  and (phone is null or is_sealed(phone)) and (note is null or is_sealed(note))
),
-- squawk-ignore constraint-missing-not-valid
add constraint lead_contact_has_key check (
  key is not null or num_nonnulls(name, email, phone, note, email_index, phone_index) = 0
),
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add constraint lead_contact_sealed_under foreign key (tenant, lead, key) references lead_key (tenant, lead, id);
alter table lead_contact force row level security;

-- squawk-ignore require-concurrent-index-creation
create index lead_contact_by_email on lead_contact (tenant, email_index) where email_index is not null;
-- squawk-ignore require-concurrent-index-creation
create index lead_contact_by_phone on lead_contact (tenant, phone_index) where phone_index is not null;

-- A duty to keep a lead's personal data (a law, a dispute): stands against every erasure while it lasts.
create table legal_hold (
  tenant uuid not null,
  lead uuid not null,
  reason text not null check (length(reason) between 3 and 250),
  until timestamptz,
  placed_by text not null check (placed_by <> ''),
  placed_at timestamptz not null,
  primary key (tenant, lead),
  foreign key (tenant, lead) references lead (tenant, id)
);

-- The company key of a pre-registration that was erased: nobody's, and never a duplicate.
create function erased_company_key(lead uuid) returns text
language sql immutable parallel safe
return 'erased|' || lead::text;

grant execute on function erased_company_key(uuid) to fristwerk_app, fristwerk_worker;

-- Which company it was is not for the audit to remember: the erasure itself is told there.
drop trigger lead_told on lead;
create constraint trigger lead_told after update on lead
deferrable initially deferred for each row
when (old.changed <> new.changed and (old.company_key = new.company_key or new.company_key <> erased_company_key(new.id)))
execute function lead_told();

-- What was erased where. One row an erasure, never changed.
create table erasure_receipt (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  at timestamptz not null,
  by text not null check (by <> ''),
  cause text not null check (cause in ('lapse', 'request')),
  stores jsonb not null check (jsonb_typeof(stores) = 'object'),
  primary key (tenant, id),
  foreign key (tenant, lead) references lead (tenant, id)
);
create index erasure_receipt_by_lead on erasure_receipt (tenant, lead, at);
create trigger erasure_receipt_append_only before update or delete on erasure_receipt
for each row execute function refuse_change();
create trigger erasure_receipt_never_truncated before truncate on erasure_receipt
for each statement execute function refuse_change();

do $enable$
declare
  tab text;
begin
  foreach tab in array array['lead_key', 'lead_contact_clear', 'legal_hold', 'erasure_receipt'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['lead_key', 'legal_hold', 'erasure_receipt'] loop
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['lead_key', 'legal_hold'] loop
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_remove on %I for delete to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
end
$enable$;
create policy tenant_remove on lead_contact_clear for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- A key is for whoever may read what it opens, and is made by whoever may write what it seals.
create policy reader_read on lead_key for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_contact(lead)));
create policy writer_add on lead_key for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('add-note', lead));
create policy reader_read on legal_hold for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create policy reader_read on erasure_receipt for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));

grant select on lead_key, legal_hold, erasure_receipt to fristwerk_app;
grant insert on lead_key to fristwerk_app;
grant select, insert, update, delete on lead_key, legal_hold to fristwerk_worker;
grant select, insert on erasure_receipt to fristwerk_worker;
grant select, delete on lead_contact_clear to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
alter table lead_contact no force row level security;
alter table lead_contact_clear no force row level security;
do $sealed$
begin
  if exists (select from lead_contact as c where c.key is not null) or exists (select from lead_contact_clear) then
    raise exception 'there are sealed personal data; without their keys this way down would lose them';
  end if;
end
$sealed$;
drop table erasure_receipt;
drop trigger lead_told on lead;
create constraint trigger lead_told after update on lead
deferrable initially deferred for each row when (old.changed <> new.changed) execute function lead_told();
drop function erased_company_key(uuid);
drop table legal_hold;
drop index lead_contact_by_phone;
drop index lead_contact_by_email;
alter table lead_contact
drop constraint lead_contact_sealed_under,
drop constraint lead_contact_has_key,
drop constraint lead_contact_is_sealed,
drop column phone_index,
drop column email_index,
drop column key,
alter column note type text using null,
alter column phone type text using null,
alter column email type text using null,
alter column name type text using null;
alter table lead_contact force row level security;
drop table lead_contact_clear;
drop table lead_key;
drop function is_sealed(bytea);
reset role;
