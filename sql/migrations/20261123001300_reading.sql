-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- One lead's protection with the holds for which its clock stands still, in one statement: context and
-- read together, one round trip. The holds are those of the moment the row speaks of, so that they and
-- `paused` never contradict each other; between two wake-ups of the lead nothing changes.
create function protection_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid)
returns table (
  revision integer, status text, paused boolean, owner text, assigned_at timestamptz, last_progress_at timestamptz,
  reminder_due_at timestamptz, grace_until timestamptz, base_until timestamptz, progress_until timestamptz,
  valid_until timestamptz, reason text, policy_version text, updated_at timestamptz, active_holds jsonb
)
language plpgsql rows 1 as $f$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true);
  return query
    select
      p.revision, p.status, p.paused, p.owner, p.assigned_at, p.last_progress_at, p.reminder_due_at, p.grace_until,
      p.base_until, p.progress_until, p.valid_until, p.reason, p.policy_version, p.updated_at,
      case when p.paused then (
        select jsonb_agg(
          jsonb_build_object(
            'id', h.hold, 'reason', h.reason, 'startAt', clock_text(h.start_at), 'endAt', clock_text(h.end_at)
          )
          order by h.start_at, h.hold
        )
        from hold as h
        where
          h.tenant = p.tenant and h.lead = p.lead and h.start_at <= p.updated_at
          and coalesce(h.end_at > p.updated_at, true)
      ) end
    from protection as p
    where p.tenant = p_tenant and p.lead = p_lead;
end
$f$;

-- Whether this row of the audit is as it was written, and follows the row before it. Its reader may be
-- one who does not see that other row, so this looks with the owner's eyes and says yes or no.
create function audit_row_is_whole(e audit_event) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return
  e.tenant = app_tenant()
  and e.hash = sha256(convert_to(audit_canonical(e), 'UTF8'))
  and e.prev_hash = coalesce(
    (select b.hash from audit_event as b where b.tenant = e.tenant and b.seq = e.seq - 1), sha256('')
  )
  and (e.seq = 1 or exists (select from audit_event as b where b.tenant = e.tenant and b.seq = e.seq - 1));

-- The whole chain of the context's tenant: how long it is, where it ends, and its first broken place.
-- For whoever reads the tenant's audit.
create function audit_standing(
  out rows_kept bigint, out head_seq bigint, out head_hash bytea, out first_broken bigint
)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if not coalesce(app_reads_all() and may_act('read-audit', null), false) then
    raise exception 'the audit of the tenant is not the caller''s to read' using errcode = 'insufficient_privilege';
  end if;
  select count(*) into rows_kept from audit_event as e where e.tenant = app_tenant();
  select h.seq, h.hash into head_seq, head_hash from audit_head as h where h.tenant = app_tenant();
  head_seq := coalesce(head_seq, 0);
  head_hash := coalesce(head_hash, sha256(''));
  first_broken := audit_verify(app_tenant());
end
$f$;

grant execute on function protection_read(uuid, text, text, uuid), audit_row_is_whole(audit_event), audit_standing()
to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function audit_standing();
drop function audit_row_is_whole(audit_event);
drop function protection_read(uuid, text, text, uuid);
reset role;
