-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Facts and audit rows are written once. There is no grant to change them, and this refuses even a
-- superuser who did not mean it.
create function refuse_change() returns trigger
language plpgsql as $f$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'FW002';
end
$f$;

create trigger fact_append_only before update or delete on fact
for each row execute function refuse_change();
create trigger fact_never_truncated before truncate on fact
for each statement execute function refuse_change();
create trigger audit_event_append_only before update or delete on audit_event
for each row execute function refuse_change();
create trigger audit_event_never_truncated before truncate on audit_event
for each statement execute function refuse_change();
create trigger policy_version_append_only before update or delete on policy_version
for each row execute function refuse_change();

-- Revisions of a lead are 1, 2, 3 …: what comes in starts where the ledger ends, without a hole.
-- Uniqueness of (tenant, lead, revision) does the rest.
create function fact_revision_gapless() returns trigger
language plpgsql as $f$
declare
  added record;
begin
  -- Lead by lead, so that each is a search by key whatever the table grows to.
  for added in
    select tenant, lead, min(revision) as low, max(revision) as high, count(*) as n
    from added_fact
    group by tenant, lead
  loop
    if added.high - added.low + 1 <> added.n or (added.low > 1 and not exists (
      select from fact as f where f.tenant = added.tenant and f.lead = added.lead and f.revision = added.low - 1
    )) then
      raise exception 'gap in the revisions of lead % at %', added.lead, added.low using errcode = 'FW001';
    end if;
  end loop;
  return null;
end
$f$;

create trigger fact_gapless after insert on fact
referencing new table as added_fact
for each statement execute function fact_revision_gapless();

-- The audit chain. A row's text is canonical: a JSON array in fixed order, instants in UTC with
-- microseconds, the previous hash in hexadecimal.
create function audit_canonical(e audit_event) returns text
language sql immutable
return jsonb_build_array(
  e.tenant, e.seq, e.audit_id, e.actor, e.what, e.lead, e.fact_id, e.before, e.after, e.reason,
  to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), encode(e.prev_hash, 'hex')
)::text;

-- Whatever a writer says about place and hashes is overwritten. The head row serialises the writers
-- of a tenant, so audit rows are written last in a transaction.
create function audit_chain() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  head audit_head;
begin
  select * into head from audit_head as h where h.tenant = new.tenant for update;
  if not found then
    insert into audit_head (tenant, seq, hash) values (new.tenant, 0, sha256('')) on conflict do nothing;
    select * into head from audit_head as h where h.tenant = new.tenant for update;
  end if;
  if new.audit_id is not null and exists (
    select from audit_event as e where e.tenant = new.tenant and e.audit_id = new.audit_id
  ) then
    return null;  -- told before; must not move the head
  end if;
  new.seq := head.seq + 1;
  new.prev_hash := head.hash;
  new.hash := sha256(convert_to(audit_canonical(new), 'UTF8'));
  update audit_head set seq = new.seq, hash = new.hash where tenant = new.tenant;
  return new;
end
$f$;

create trigger audit_event_chain before insert on audit_event
for each row execute function audit_chain();

-- The first broken place of a tenant's chain, or null. A missing tail shows against the head.
create function audit_verify(p_tenant uuid) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  broken bigint;
begin
  if p_tenant is distinct from app_tenant() then
    raise exception 'the chain of another tenant cannot be verified from here' using errcode = 'insufficient_privilege';
  end if;
  with chain as (
    select
      e.seq,
      row_number() over w as place,
      e.prev_hash = lag(e.hash, 1, sha256('')) over w as linked,
      e.hash = sha256(convert_to(audit_canonical(e), 'UTF8')) as sound
    from audit_event as e
    where e.tenant = p_tenant
    window w as (order by e.seq)
  )
  select min(chain.place) into broken from chain
  where chain.seq <> chain.place or not chain.linked or not chain.sound;
  if broken is not null then
    return broken;
  end if;
  select coalesce(tail.seq, 0) + 1 into broken
  from audit_head as head
  left join lateral (
    select e.seq, e.hash from audit_event as e where e.tenant = p_tenant order by e.seq desc limit 1
  ) as tail on true
  where head.tenant = p_tenant and (head.seq, head.hash) is distinct from (coalesce(tail.seq, 0), coalesce(tail.hash, sha256('')));
  if not found then
    select 1 into broken from audit_event as e
    where e.tenant = p_tenant and not exists (select 1 from audit_head as head where head.tenant = p_tenant)
    limit 1;
  end if;
  return broken;
end
$f$;

grant execute on function audit_verify(uuid) to fristwerk_app, fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function audit_verify(uuid);
drop trigger audit_event_chain on audit_event;
drop function audit_chain();
drop function audit_canonical(audit_event);
drop trigger fact_gapless on fact;
drop function fact_revision_gapless();
drop trigger policy_version_append_only on policy_version;
drop trigger audit_event_never_truncated on audit_event;
drop trigger audit_event_append_only on audit_event;
drop trigger fact_never_truncated on fact;
drop trigger fact_append_only on fact;
drop function refuse_change();
reset role;
