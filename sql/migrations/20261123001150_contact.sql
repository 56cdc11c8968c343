-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Whoever may edit a lead may exchange its contact: the old one goes, a new one is sealed in its place.
create policy editor_remove on lead_contact for delete to fristwerk_app
using (
  tenant = (select app_tenant()) and kind = 'CONTACT' and may_act('edit-lead', lead) and can_read_contact(lead)
);

-- An exchanged contact is a change of the lead: its version moves on, and the audit is told that, not what.
-- A contact whose fact was refused never counted; what an erasure takes away it tells itself.
create function contact_exchanged() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if app_at() is not null and (old.fact_id is null or exists (
    select from fact as f
    where f.tenant = old.tenant and f.lead = old.lead and f.fact_id = old.fact_id
  )) then
    update lead as l set changed = l.changed + 1 where l.tenant = old.tenant and l.id = old.lead;
  end if;
  return null;
end
$f$;
create trigger contact_exchanged after delete on lead_contact
for each row when (old.kind = 'CONTACT') execute function contact_exchanged();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger contact_exchanged on lead_contact;
drop function contact_exchanged();
drop policy editor_remove on lead_contact;
reset role;
