-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- What somebody set going and looks at later: verifying the audit chain, living leads adopting a policy.
create table errand (
  tenant uuid not null references tenant (id),
  id uuid not null,
  kind text not null check (kind in ('audit-check', 'policy-adoption')),
  asked_by text not null check (asked_by <> ''),
  asked_at timestamptz not null,
  plan jsonb not null check (jsonb_typeof(plan) = 'object'),
  whole bigint not null check (whole >= 0),
  done bigint not null default 0 check (done >= 0),
  outcome jsonb not null default '{}' check (jsonb_typeof(outcome) = 'object'),
  told_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant, id)
);
create index errand_by_kind on errand (tenant, kind, asked_at);

alter table errand enable row level security;
alter table errand force row level security;

create policy tenant_read on errand for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- Whoever reads the audit of the tenant verifies it; whoever changes settings has leads adopt them.
create function errand_right(kind text) returns text
language sql immutable parallel safe
return case kind when 'audit-check' then 'read-audit' else 'change-settings' end;

create policy reader_read on errand for select to fristwerk_app
using (
  tenant = (select app_tenant()) and (select app_reads_all())
  and case kind when 'audit-check' then (select may_act('read-audit', null)) else (select may_act('read-settings', null)) end
);
create policy asker_add on errand for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and (select app_reads_all()) and asked_by = (select app_user_id())
  and may_act(errand_right(kind), null)
);
create policy asker_change on errand for update to fristwerk_app
using (tenant = (select app_tenant()) and asked_by = (select app_user_id()))
with check (tenant = (select app_tenant()) and asked_by = (select app_user_id()));

grant execute on function errand_right(text) to fristwerk_app;
grant select on errand to fristwerk_app, fristwerk_worker;
grant insert on errand to fristwerk_app;
grant update (done, outcome, told_at, finished_at) on errand to fristwerk_app;

-- The first row of this part of the tenant's chain that is not as it was written, or missing; null if it is
-- whole. Parts one after the other verify what `audit_verify` does in one go.
create function audit_part_broken(p_first bigint, p_last bigint) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  broken bigint;
  kept bigint;
begin
  if not coalesce(app_reads_all() and may_act('read-audit', null), false) then
    raise exception 'the audit of the tenant is not the caller''s to read' using errcode = 'insufficient_privilege';
  end if;
  select
    min(part.place) filter (where part.seq <> part.place or not part.linked or not part.sound), count(*)
  into broken, kept
  from (
    select
      e.seq,
      p_first - 1 + row_number() over w as place,
      e.prev_hash = coalesce(lag(e.hash) over w, case when p_first = 1 then sha256('') else (
        select b.hash from audit_event as b where b.tenant = app_tenant() and b.seq = p_first - 1
      ) end) as linked,
      e.hash = sha256(convert_to(audit_canonical(e), 'UTF8')) as sound
    from audit_event as e
    where e.tenant = app_tenant() and e.seq >= p_first and e.seq <= p_last
    window w as (order by e.seq)
  ) as part;
  return coalesce(broken, case when kept < p_last - p_first + 1 then p_first + kept end);
end
$f$;

-- Where the tenant's chain ends as it was last written, and how many rows it should have.
create function audit_end(out seq bigint, out hash bytea)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if not coalesce(app_reads_all() and may_act('read-audit', null), false) then
    raise exception 'the audit of the tenant is not the caller''s to read' using errcode = 'insufficient_privilege';
  end if;
  select h.seq, h.hash into seq, hash from audit_head as h where h.tenant = app_tenant();
  seq := coalesce(seq, 0);
  hash := coalesce(hash, sha256(''));
end
$f$;

grant execute on function audit_part_broken(bigint, bigint), audit_end() to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function audit_end();
drop function audit_part_broken(bigint, bigint);
drop table errand;
drop function errand_right(text);
reset role;
