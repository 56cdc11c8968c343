-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- The door for acts that bring no words, in one statement with its context: enters the act of a caller who may
-- (row security says so) on a lead that lives, and answers what the lead is to him. No row, and nothing entered,
-- where there is more to be looked at: no such lead, an ended one, a key that is known.
create function act_enter(
  p_tenant uuid, p_user text, p_roles text, p_id uuid, p_lead uuid, p_act text, p_fact_id text, p_key text,
  p_hash bytea, p_opened_at timestamptz, p_outdated timestamptz, p_swept integer
) returns table (owner text, share text)
language plpgsql rows 1 set plan_cache_mode = force_generic_plan as $f$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true), set_config('app.at', clock_text(p_opened_at), true);
  if p_swept > 0 then
    perform act_purge(p_outdated, p_swept, p_key);
  end if;
  return query
    with standing as (
      select l.owner, c.role as share
      from lead as l
      left join protection as p on p.tenant = l.tenant and p.lead = l.id
      left join collaborator as c on c.tenant = l.tenant and c.lead = l.id and c.user_id = p_user
      where
        l.tenant = p_tenant and l.id = p_lead and coalesce(p.status, 'ACTIVE') in ('PREREGISTERED', 'ACTIVE', 'GRACE')
    ),
    entered as (
      insert into act (tenant, id, lead, act, actor, fact_id, idempotency_key, request_hash, opened_at)
      select p_tenant, p_id, p_lead, p_act, p_user, p_fact_id, p_key, p_hash, p_opened_at
      from standing
      on conflict (tenant, idempotency_key) do nothing
      returning id
    )
    select standing.owner, standing.share
    from standing
    cross join entered;
end
$f$;

-- One fact of a lead in one statement, context included.
create function fact_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid, p_fact_id text) returns jsonb
language plpgsql as $f$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true);
  return (
    select f.payload from fact as f where f.tenant = p_tenant and f.lead = p_lead and f.fact_id = p_fact_id
  );
end
$f$;

grant execute on function
act_enter(uuid, text, text, uuid, uuid, text, text, text, bytea, timestamptz, timestamptz, integer),
fact_read(uuid, text, text, uuid, text)
to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function fact_read(uuid, text, text, uuid, text);
drop function act_enter(uuid, text, text, uuid, uuid, text, text, text, bytea, timestamptz, timestamptz, integer);
reset role;
