-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- A contact added where there was none is a change of the lead as well: its version moves on and the audit
-- is told. One that comes with a fact is told by the fact; one that takes another's place was counted when
-- that one went.
create function contact_added() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if app_at() is not null and coalesce(current_setting('app.contact_exchanged', true), '') <> new.lead::text
  and exists (select from protection as p where p.tenant = new.tenant and p.lead = new.lead) then
    update lead as l set changed = l.changed + 1 where l.tenant = new.tenant and l.id = new.lead;
  end if;
  return null;
end
$f$;
create trigger contact_added after insert on lead_contact
for each row when (new.kind = 'CONTACT' and new.fact_id is null) execute function contact_added();

create or replace function contact_exchanged() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if app_at() is not null and (old.fact_id is null or exists (
    select from fact as f
    where f.tenant = old.tenant and f.lead = old.lead and f.fact_id = old.fact_id
  )) then
    perform set_config('app.contact_exchanged', old.lead::text, true);
    update lead as l set changed = l.changed + 1 where l.tenant = old.tenant and l.id = old.lead;
  end if;
  return null;
end
$f$;

-- What was changed is named: a contact never by its value, which is personal.
create or replace function lead_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  was jsonb := jsonb_build_object(
    'externalId', old.external_id, 'company', old.company, 'city', old.city, 'postcode', old.postcode,
    'industry', old.industry, 'source', old.source
  );
  is_now jsonb := jsonb_build_object(
    'externalId', new.external_id, 'company', new.company, 'city', new.city, 'postcode', new.postcode,
    'industry', new.industry, 'source', new.source
  );
begin
  perform audit_tell(
    case when was = is_now then 'contact-changed' else 'lead-edited' end, new.id, null,
    jsonb_object_agg(w.key, w.value), jsonb_object_agg(w.key, is_now -> w.key), null, null
  )
  from jsonb_each(was) as w
  where w.value <> is_now -> w.key;
  return null;
end
$f$;

reset role;

-- migrate:down

set local role fristwerk_owner;
create or replace function lead_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  was jsonb := jsonb_build_object(
    'externalId', old.external_id, 'company', old.company, 'city', old.city, 'postcode', old.postcode,
    'industry', old.industry, 'source', old.source
  );
  is_now jsonb := jsonb_build_object(
    'externalId', new.external_id, 'company', new.company, 'city', new.city, 'postcode', new.postcode,
    'industry', new.industry, 'source', new.source
  );
begin
  perform audit_tell(
    'lead-edited', new.id, null, jsonb_object_agg(w.key, w.value), jsonb_object_agg(w.key, is_now -> w.key), null, null
  )
  from jsonb_each(was) as w
  where w.value <> is_now -> w.key;
  return null;
end
$f$;
create or replace function contact_exchanged() returns trigger
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
drop trigger contact_added on lead_contact;
drop function contact_added();
reset role;
