CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';
CREATE FUNCTION public.act_enter(p_tenant uuid, p_user text, p_roles text, p_id uuid, p_lead uuid, p_act text, p_fact_id text, p_key text, p_hash bytea, p_opened_at timestamp with time zone, p_outdated timestamp with time zone, p_swept integer) RETURNS TABLE(owner text, share text)
    LANGUAGE plpgsql ROWS 1
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
$$;
ALTER FUNCTION public.act_enter(p_tenant uuid, p_user text, p_roles text, p_id uuid, p_lead uuid, p_act text, p_fact_id text, p_key text, p_hash bytea, p_opened_at timestamp with time zone, p_outdated timestamp with time zone, p_swept integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid;
ALTER FUNCTION public.app_tenant() OWNER TO fristwerk_owner;
CREATE TABLE public.act (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid,
    act text NOT NULL,
    actor text NOT NULL,
    fact_id text,
    idempotency_key text,
    request_hash bytea,
    opened_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    status integer,
    location text,
    answer jsonb,
    CONSTRAINT act_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT act_answered CHECK (((answered_at IS NULL) = (status IS NULL))),
    CONSTRAINT act_fact_id_check CHECK ((fact_id <> ''::text)),
    CONSTRAINT act_idempotency_key_check CHECK (((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 200))),
    CONSTRAINT act_key_has_hash CHECK (((idempotency_key IS NULL) OR (request_hash IS NOT NULL))),
    CONSTRAINT act_status_check CHECK (((status >= 200) AND (status <= 599)))
);
ALTER TABLE ONLY public.act FORCE ROW LEVEL SECURITY;
ALTER TABLE public.act OWNER TO fristwerk_owner;
CREATE FUNCTION public.act_purge(p_before timestamp with time zone, p_most integer, p_key text) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 WITH oldest AS (
          SELECT a.id
            FROM public.act a
           WHERE ((a.tenant = public.app_tenant()) AND (a.opened_at < act_purge.p_before))
           ORDER BY a.opened_at
          LIMIT act_purge.p_most
          FOR UPDATE OF a SKIP LOCKED
         ), gone AS (
          DELETE FROM public.act a
           WHERE ((a.tenant = public.app_tenant()) AND (a.opened_at < act_purge.p_before) AND ((a.idempotency_key = act_purge.p_key) OR (a.id IN ( SELECT o.id
                    FROM oldest o))))
           RETURNING 1 AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;
ALTER FUNCTION public.act_purge(p_before timestamp with time zone, p_most integer, p_key text) OWNER TO fristwerk_owner;
CREATE TABLE public.ai_call (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    org text,
    lead uuid,
    use_case text NOT NULL,
    outcome text NOT NULL,
    decision text,
    provider text,
    model text,
    size text,
    confidence double precision,
    input_tokens integer DEFAULT 0 NOT NULL,
    output_tokens integer DEFAULT 0 NOT NULL,
    cost_eur numeric(16,8) DEFAULT 0 NOT NULL,
    lost_eur numeric(16,8) DEFAULT 0 NOT NULL,
    milliseconds integer,
    told text,
    answered jsonb,
    CONSTRAINT ai_call_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT ai_call_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT ai_call_cost_eur_check CHECK ((cost_eur >= (0)::numeric)),
    CONSTRAINT ai_call_decided CHECK (((outcome = 'answered'::text) = (decision IS NOT NULL))),
    CONSTRAINT ai_call_decision_check CHECK ((decision = ANY (ARRAY['cached'::text, 'small'::text, 'escalated'::text, 'large'::text, 'reduced'::text]))),
    CONSTRAINT ai_call_input_tokens_check CHECK ((input_tokens >= 0)),
    CONSTRAINT ai_call_lost_eur_check CHECK ((lost_eur >= (0)::numeric)),
    CONSTRAINT ai_call_milliseconds_check CHECK ((milliseconds >= 0)),
    CONSTRAINT ai_call_org_check CHECK ((org <> ''::text)),
    CONSTRAINT ai_call_outcome_check CHECK ((outcome = ANY (ARRAY['open'::text, 'answered'::text, 'unavailable'::text, 'malformed'::text, 'budget-spent'::text, 'lost'::text]))),
    CONSTRAINT ai_call_output_tokens_check CHECK ((output_tokens >= 0)),
    CONSTRAINT ai_call_size_check CHECK ((size = ANY (ARRAY['small'::text, 'large'::text]))),
    CONSTRAINT ai_call_use_case_check CHECK ((use_case ~ '^[A-Z]+(_[A-Z]+)*$'::text))
);
ALTER TABLE ONLY public.ai_call FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_call OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_book(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb) RETURNS public.ai_call
    LANGUAGE plpgsql
    AS $$
declare
  asked ai_call;
  freed numeric;
  cost numeric;
  found_tokens record;
begin
  perform ai_turn();
  select * into strict asked from ai_call as c
  where c.tenant = app_tenant() and c.id = p_call and c.actor = app_user_id() and c.outcome in ('open', 'lost');
  insert into ai_attempt (
    tenant, call, number, provider, model, size, input_tokens, output_tokens, cost_eur, presumed, milliseconds, fault,
    confidence
  )
  select
    app_tenant(), p_call,
    a.place + (select count(*) from ai_attempt as b where b.tenant = app_tenant() and b.call = p_call),
    a.told ->> 'provider', a.told ->> 'model', a.told ->> 'size', (a.told ->> 'inputTokens')::integer,
    (a.told ->> 'outputTokens')::integer, (a.told ->> 'costEur')::numeric, (a.told ->> 'presumed')::boolean,
    (a.told ->> 'milliseconds')::integer, a.told ->> 'fault', (a.told ->> 'confidence')::double precision
  from jsonb_array_elements(p_attempts) with ordinality as a (told, place);
  select
    coalesce(sum((a.told ->> 'costEur')::numeric), 0) as cost,
    coalesce(sum((a.told ->> 'inputTokens')::integer), 0) as input,
    coalesce(sum((a.told ->> 'outputTokens')::integer), 0) as output
  into found_tokens
  from jsonb_array_elements(p_attempts) as a (told);
  cost := found_tokens.cost;
  delete from ai_reservation as r where r.tenant = app_tenant() and r.call = p_call returning r.amount into freed;
  -- A call taken for lost that is there after all: what was booked for it is taken back.
  perform ai_move(asked.org, ai_month(asked.at), cost - asked.lost_eur, -coalesce(freed, 0));
  update ai_call as c set
    outcome = 'open', cost_eur = c.cost_eur - c.lost_eur + cost, lost_eur = 0,
    input_tokens = c.input_tokens + found_tokens.input, output_tokens = c.output_tokens + found_tokens.output
  where c.tenant = app_tenant() and c.id = p_call
  returning * into asked;
  if p_keep is not null then
    delete from ai_cache as c where c.tenant = app_tenant() and c.until <= p_at;
    insert into ai_cache as c (
      tenant, key, lead, use_case, provider, model, size, answer, confidence, kept_at, until
    ) values (
      app_tenant(), decode(p_keep ->> 'key', 'hex'), asked.lead, asked.use_case, p_keep ->> 'provider',
      p_keep ->> 'model', p_keep ->> 'size', p_keep -> 'answer', (p_keep ->> 'confidence')::double precision, p_at,
      (p_keep ->> 'until')::timestamptz
    )
    on conflict (tenant, key) do update set
      lead = excluded.lead, answer = excluded.answer, confidence = excluded.confidence, kept_at = excluded.kept_at,
      until = excluded.until;
  end if;
  return asked;
end
$$;
ALTER FUNCTION public.ai_book(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_close(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_outcome text, p_decision text, p_provider text, p_model text, p_size text, p_confidence double precision, p_milliseconds integer, p_told text, p_answered jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform ai_book(p_call, p_at, p_attempts, p_keep);
  update ai_call as c set
    outcome = p_outcome, decision = p_decision, provider = p_provider, model = p_model, size = p_size,
    confidence = p_confidence, milliseconds = p_milliseconds, told = p_told, answered = p_answered
  where c.tenant = app_tenant() and c.id = p_call;
end
$$;
ALTER FUNCTION public.ai_close(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_outcome text, p_decision text, p_provider text, p_model text, p_size text, p_confidence double precision, p_milliseconds integer, p_told text, p_answered jsonb) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_fits(p_org text, p_month date, p_amount numeric, p_tenant_cap numeric, p_org_cap numeric, OUT standing text, OUT of_org boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
declare
  cap numeric;
  held record;
begin
  standing := 'reserved';
  of_org := false;
  for held in
    select o.org, coalesce(b.booked, 0) as booked, coalesce(b.reserved, 0) as reserved
    from (values (''), (p_org)) as o (org)
    left join ai_budget as b on b.tenant = app_tenant() and b.org = o.org and b.month = p_month
    where o.org is not null
  loop
    cap := case when held.org = '' then p_tenant_cap else coalesce(p_org_cap, p_tenant_cap) end;
    if held.booked + p_amount > cap then
      standing := 'spent';
      of_org := held.org <> '';
      return;
    elsif held.booked + held.reserved + p_amount > cap then
      standing := 'tight';
      of_org := held.org <> '';
    end if;
  end loop;
end
$$;
ALTER FUNCTION public.ai_fits(p_org text, p_month date, p_amount numeric, p_tenant_cap numeric, p_org_cap numeric, OUT standing text, OUT of_org boolean) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_month(at timestamp with time zone) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (date_trunc('month'::text, (at AT TIME ZONE 'UTC'::text)))::date;
ALTER FUNCTION public.ai_month(at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE TABLE public.ai_budget (
    tenant uuid NOT NULL,
    org text NOT NULL,
    month date NOT NULL,
    booked numeric(16,8) DEFAULT 0 NOT NULL,
    reserved numeric(16,8) DEFAULT 0 NOT NULL,
    CONSTRAINT ai_budget_booked_check CHECK ((booked >= (0)::numeric)),
    CONSTRAINT ai_budget_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT ai_budget_reserved_check CHECK ((reserved >= (0)::numeric))
);
ALTER TABLE ONLY public.ai_budget FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_budget OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_move(p_org text, p_month date, p_booked numeric, p_reserved numeric) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.ai_budget AS b (tenant, org, month, booked, reserved)  SELECT public.app_tenant() AS app_tenant,
             o.org,
             ai_move.p_month AS p_month,
             GREATEST(ai_move.p_booked, (0)::numeric) AS "greatest",
             GREATEST(ai_move.p_reserved, (0)::numeric) AS "greatest"
            FROM ( SELECT DISTINCT unnest(ARRAY[''::text, COALESCE(ai_move.p_org, ''::text)]) AS org) o ON CONFLICT(tenant, org, month) DO UPDATE SET booked = (b.booked + ai_move.p_booked), reserved = (b.reserved + ai_move.p_reserved);
END;
ALTER FUNCTION public.ai_move(p_org text, p_month date, p_booked numeric, p_reserved numeric) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_open(p_call uuid, p_lead uuid, p_org text, p_use_case text, p_at timestamp with time zone, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric, p_threshold double precision, p_sure bytea[], p_unsure bytea[], p_kept_since timestamp with time zone, p_refuse boolean, p_patient boolean, OUT standing text, OUT of_org boolean, OUT provider text, OUT model text, OUT size text, OUT answer jsonb, OUT confidence double precision) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  month date := ai_month(p_at);
  kept record;
begin
  perform ai_turn();
  perform ai_sweep(p_at);
  select f.standing, f.of_org into standing, of_org
  from ai_fits(p_org, month, p_amount, p_tenant_cap, p_org_cap) as f;
  if standing = 'tight' and not p_patient then
    standing := 'spent';
  end if;
  -- The first of its list that counts: sure ones however sure they are, the others if they are sure enough.
  -- One that is not sure enough is told too: nobody needs to be asked that again.
  select
    c.provider, c.model, c.size, c.answer, c.confidence,
    k.sure or c.confidence >= p_threshold as counts
  into kept
  from (
    select u.key, u.place, true as sure from unnest(p_sure) with ordinality as u (key, place)
    union all
    select u.key, u.place, false from unnest(p_unsure) with ordinality as u (key, place)
  ) as k
  join ai_cache as c on c.tenant = app_tenant() and c.key = k.key
  where c.until > p_at and c.kept_at >= p_kept_since
  order by not (k.sure or c.confidence >= p_threshold), k.sure, k.place
  limit 1;
  if found then
    provider := kept.provider;
    model := kept.model;
    size := kept.size;
    answer := kept.answer;
    confidence := kept.confidence;
    -- Over the budget an answer that is not sure is better than none.
    if kept.counts or standing = 'spent' and p_refuse then
      standing := 'cached';
      -- No money moves, so nobody waits for the disk: of a server that dies at this moment the line is lost.
      perform set_config('synchronous_commit', 'off', true);
      insert into ai_call (
        tenant, id, at, actor, org, lead, use_case, outcome, decision, provider, model, size, confidence, milliseconds
      ) values (
        app_tenant(), p_call, p_at, app_user_id(), p_org, p_lead, p_use_case, 'answered', 'cached', kept.provider,
        kept.model, kept.size, kept.confidence, 0
      );
      return;
    end if;
  end if;
  if standing = 'reserved' or standing = 'spent' and p_refuse then
    insert into ai_call (tenant, id, at, actor, org, lead, use_case, outcome)
    values (
      app_tenant(), p_call, p_at, app_user_id(), p_org, p_lead, p_use_case,
      case standing when 'reserved' then 'open' else 'budget-spent' end
    );
  end if;
  if standing = 'reserved' then
    insert into ai_reservation (tenant, call, amount, until) values (app_tenant(), p_call, p_amount, p_until);
    perform ai_move(p_org, month, 0, p_amount);
  end if;
end
$$;
ALTER FUNCTION public.ai_open(p_call uuid, p_lead uuid, p_org text, p_use_case text, p_at timestamp with time zone, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric, p_threshold double precision, p_sure bytea[], p_unsure bytea[], p_kept_since timestamp with time zone, p_refuse boolean, p_patient boolean, OUT standing text, OUT of_org boolean, OUT provider text, OUT model text, OUT size text, OUT answer jsonb, OUT confidence double precision) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_pace(p_provider text, p_at timestamp with time zone, p_per_minute integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  free_at timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat('ai-pace/', app_tenant(), '/', p_provider), 0));
  delete from ai_asked as a
  where a.tenant = app_tenant() and a.provider = p_provider and a.at < p_at - interval '10 minutes';
  select a.at + interval '1 minute' into free_at
  from ai_asked as a
  where
    a.tenant = app_tenant() and a.provider = p_provider
    and a.at > p_at - interval '1 minute' and a.at < p_at + interval '1 minute'
  order by a.at desc
  offset p_per_minute - 1 limit 1;
  if found then
    return greatest(1, ceil(extract(epoch from free_at - p_at)))::integer;
  end if;
  insert into ai_asked (tenant, provider, at) values (app_tenant(), p_provider, p_at);
  return null;
end
$$;
ALTER FUNCTION public.ai_pace(p_provider text, p_at timestamp with time zone, p_per_minute integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_step(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  asked ai_call := ai_book(p_call, p_at, p_attempts, p_keep);
  standing text;
begin
  perform ai_sweep(p_at);
  select f.standing into standing
  from ai_fits(asked.org, ai_month(asked.at), p_amount, p_tenant_cap, p_org_cap) as f;
  if standing = 'reserved' then
    insert into ai_reservation (tenant, call, amount, until) values (app_tenant(), p_call, p_amount, p_until);
    perform ai_move(asked.org, ai_month(asked.at), 0, p_amount);
  end if;
  return standing;
end
$$;
ALTER FUNCTION public.ai_step(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_sweep(p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  gone record;
begin
  for gone in
    delete from ai_reservation as r using ai_call as c
    where r.tenant = app_tenant() and r.until <= p_at and c.tenant = r.tenant and c.id = r.call
    returning r.call, r.amount, c.org, c.at
  loop
    perform ai_move(gone.org, ai_month(gone.at), gone.amount, -gone.amount);
    update ai_call as c set
      outcome = 'lost', cost_eur = c.cost_eur + gone.amount, lost_eur = c.lost_eur + gone.amount
    where c.tenant = app_tenant() and c.id = gone.call;
  end loop;
end
$$;
ALTER FUNCTION public.ai_sweep(p_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ai_turn() RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT pg_advisory_xact_lock(hashtextextended(('ai/'::text || (public.app_tenant())::text), (0)::bigint)) AS pg_advisory_xact_lock;
END;
ALTER FUNCTION public.ai_turn() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_has_role(VARIADIC wanted text[]) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE((string_to_array(NULLIF(current_setting('app.roles'::text, true), ''::text), ','::text) && wanted), false);
ALTER FUNCTION public.app_has_role(VARIADIC wanted text[]) OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_user_id() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('app.user'::text, true), ''::text);
ALTER FUNCTION public.app_user_id() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_agent() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN public.app_has_role(VARIADIC ARRAY['agent'::text]) THEN public.app_user_id() ELSE NULL::text END;
ALTER FUNCTION public.app_agent() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.at'::text, true), ''::text))::timestamp with time zone;
ALTER FUNCTION public.app_at() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_feedback() RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN decode(NULLIF(current_setting('app.feedback'::text, true), ''::text), 'hex'::text);
ALTER FUNCTION public.app_feedback() OWNER TO fristwerk_owner;
CREATE TABLE public.operating_tenant (
    one boolean DEFAULT true NOT NULL,
    tenant uuid NOT NULL,
    CONSTRAINT operating_tenant_one_check CHECK (one)
);
ALTER TABLE ONLY public.operating_tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE public.operating_tenant OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_operates() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (EXISTS (SELECT FROM public.operating_tenant o WHERE (o.tenant = public.app_tenant())));
ALTER FUNCTION public.app_operates() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_oversees() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (COALESCE(current_setting('app.oversees'::text, true), ''::text) = 'on'::text);
ALTER FUNCTION public.app_oversees() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_reads_all() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN public.app_has_role(VARIADIC ARRAY['manager'::text, 'admin'::text, 'auditor'::text]);
ALTER FUNCTION public.app_reads_all() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_reason() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('app.reason'::text, true), ''::text);
ALTER FUNCTION public.app_reason() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_sends_news() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (COALESCE(current_setting('app.sample_news'::text, true), ''::text) = 'on'::text);
ALTER FUNCTION public.app_sends_news() OWNER TO fristwerk_owner;
CREATE TABLE public.collaborator (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    user_id text NOT NULL,
    role text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT collaborator_added_by_check CHECK ((added_by <> ''::text)),
    CONSTRAINT collaborator_role_check CHECK ((role = ANY (ARRAY['VIEW'::text, 'ASSIST'::text, 'NEGOTIATE'::text])))
);
ALTER TABLE ONLY public.collaborator FORCE ROW LEVEL SECURITY;
ALTER TABLE public.collaborator OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_shared_leads() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT c.lead
    FROM public.collaborator c
   WHERE ((c.tenant = public.app_tenant()) AND (c.user_id = public.app_agent()));
END;
ALTER FUNCTION public.app_shared_leads() OWNER TO fristwerk_owner;
CREATE FUNCTION public.app_sought() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('app.sought'::text, true), ''::text);
ALTER FUNCTION public.app_sought() OWNER TO fristwerk_owner;
CREATE TABLE public.audit_event (
    tenant uuid NOT NULL,
    seq bigint NOT NULL,
    audit_id text,
    actor text NOT NULL,
    what text NOT NULL,
    lead uuid,
    fact_id text,
    before jsonb,
    after jsonb,
    reason text,
    at timestamp with time zone NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL
);
ALTER TABLE ONLY public.audit_event FORCE ROW LEVEL SECURITY;
ALTER TABLE public.audit_event OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_canonical(e public.audit_event) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (jsonb_build_array((e).tenant, (e).seq, (e).audit_id, (e).actor, (e).what, (e).lead, (e).fact_id, (e).before, (e).after, (e).reason, to_char(((e).at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text), encode((e).prev_hash, 'hex'::text)))::text;
ALTER FUNCTION public.audit_canonical(e public.audit_event) OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.audit_chain() OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_end(OUT seq bigint, OUT hash bytea) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if not coalesce(app_reads_all() and may_act('read-audit', null), false) then
    raise exception 'the audit of the tenant is not the caller''s to read' using errcode = 'insufficient_privilege';
  end if;
  select h.seq, h.hash into seq, hash from audit_head as h where h.tenant = app_tenant();
  seq := coalesce(seq, 0);
  hash := coalesce(hash, sha256(''));
end
$$;
ALTER FUNCTION public.audit_end(OUT seq bigint, OUT hash bytea) OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_part_broken(p_first bigint, p_last bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.audit_part_broken(p_first bigint, p_last bigint) OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_row_is_whole(e public.audit_event) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (((e).tenant = public.app_tenant()) AND ((e).hash = sha256(convert_to(public.audit_canonical(e), 'UTF8'::name))) AND ((e).prev_hash = COALESCE((SELECT b.hash FROM public.audit_event b WHERE ((b.tenant = (audit_row_is_whole.e).tenant) AND (b.seq = ((audit_row_is_whole.e).seq - 1)))), sha256('\x'::bytea))) AND (((e).seq = 1) OR (EXISTS (SELECT FROM public.audit_event b WHERE ((b.tenant = (audit_row_is_whole.e).tenant) AND (b.seq = ((audit_row_is_whole.e).seq - 1)))))));
ALTER FUNCTION public.audit_row_is_whole(e public.audit_event) OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_standing(OUT rows_kept bigint, OUT head_seq bigint, OUT head_hash bytea, OUT first_broken bigint) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.audit_standing(OUT rows_kept bigint, OUT head_seq bigint, OUT head_hash bytea, OUT first_broken bigint) OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_tell(p_what text, p_lead uuid, p_fact_id text, p_before jsonb, p_after jsonb, p_reason text, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if app_user_id() is null or coalesce(p_at, app_at()) is null then
    raise exception 'an act needs somebody who does it and its instant (app.user, app.at)' using errcode = 'FW004';
  end if;
  insert into audit_event (tenant, actor, what, lead, fact_id, before, after, reason, at)
  values (
    app_tenant(), app_user_id(), p_what, p_lead, p_fact_id, p_before, p_after, coalesce(p_reason, app_reason()),
    coalesce(p_at, app_at())
  );
end
$$;
ALTER FUNCTION public.audit_tell(p_what text, p_lead uuid, p_fact_id text, p_before jsonb, p_after jsonb, p_reason text, p_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.audit_verify(p_tenant uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.audit_verify(p_tenant uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.fold(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN TRIM(BOTH ' '::text FROM regexp_replace(regexp_replace(NORMALIZE(regexp_replace(NORMALIZE(replace(replace(replace(replace(replace(replace(replace(NORMALIZE(casefold((NORMALIZE(said, NFKC) COLLATE pg_unicode_fast)), NFC), 'ä'::text, 'ae'::text), 'ö'::text, 'oe'::text), 'ü'::text, 'ue'::text), 'ø'::text, 'oe'::text), 'œ'::text, 'oe'::text), 'æ'::text, 'ae'::text), 'ł'::text, 'l'::text), NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text), NFC), '[&+]'::text, ' und '::text, 'g'::text), '[\u0001-/:-@\[-`{-\u00bf\u00d7\u00f7\u02b0-\u02ff\u058a\u05be\u05f3\u05f4\u060c\u061b\u061f\u06d4\u0964\u0965\u1680\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u303f\u30fb\ue000-\uf8ff\ufe00-\ufe6f\ufeff\ufff9-\uffff\U0001f000-\U0001faff\U000e0000-\U0010ffff]+'::text, ' '::text, 'g'::text));
ALTER FUNCTION public.fold(said text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.fold_joined(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(words, '(?<![0-9]) | (?![0-9])'::text, ''::text, 'g'::text);
ALTER FUNCTION public.fold_joined(words text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.fold_verbatim(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(casefold((said COLLATE pg_unicode_fast)), '[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+'::text, ''::text, 'g'::text);
ALTER FUNCTION public.fold_verbatim(said text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.city_key(city text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN COALESCE(NULLIF(public.fold_joined(public.fold(city)), ''::text), public.fold_verbatim(city));
ALTER FUNCTION public.city_key(city text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_text(moment timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((to_char((moment AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS'::text) || CASE WHEN (((EXTRACT(microseconds FROM (moment AT TIME ZONE 'UTC'::text)))::bigint % (1000000)::bigint) = 0) THEN ''::text ELSE to_char((moment AT TIME ZONE 'UTC'::text), '.US'::text) END) || 'Z'::text);
ALTER FUNCTION public.clock_text(moment timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_listed(id uuid, external_id text, company text, city text, postcode text, industry text, source text, owner text, created_at timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT ("left"((row_to_json(told.*))::text, '-1'::integer) || ','::text) FROM (SELECT lead_listed.id AS id, lead_listed.external_id AS "externalId", lead_listed.company AS company, lead_listed.city AS city, lead_listed.postcode AS postcode, lead_listed.industry AS industry, lead_listed.source AS source, lead_listed.owner AS owner, public.clock_text(lead_listed.created_at) AS "createdAt") told);
ALTER FUNCTION public.lead_listed(id uuid, external_id text, company text, city text, postcode text, industry text, source text, owner text, created_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.postcode_key(postcode text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(public.fold(postcode), ' '::text, ''::text);
ALTER FUNCTION public.postcode_key(postcode text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.without_legal_forms(folded text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
declare
  forms constant text [] := array[
    'ag', 'kg', 'kgaa', 'ohg', 'og', 'keg', 'gbr', 'se', 'eg', 'egen', 'ev', 'ek', 'ekfm', 'ekfr', 'eu',
    'gmbh', 'ggmbh', 'mbh', 'gesmbh', 'stggmbh', 'ug', 'haftungsbeschraenkt', 'partg', 'partmbb', 'partgmbb',
    'cokg', 'cokgaa', 'coohg', 'undcokg', 'undcokgaa', 'undcoohg', 'gmbhcokg', 'gmbhcokgaa', 'gmbhcoohg',
    'gmbhundcokg', 'gmbhundcokgaa', 'gmbhundcoohg',
    'ltd', 'limited', 'inc', 'llc', 'plc', 'bv', 'sarl', 'sro', 'spzoo'
  ];
  dotted constant text [] := array['spa', 'sa', 'sas', 'srl', 'nv', 'as', 'ab'];
  longest constant integer := 19;
  words text [] := string_to_array(folded, ' ');
  many integer := cardinality(words);
  letters text;
  stripped boolean := true;
begin
  while stripped and many > 1 loop
    stripped := false;
    for taken in reverse least(longest, many - 1) .. 1 loop
      letters := array_to_string(words[many - taken + 1 : many], '');
      if letters = any(forms) or (taken > 1 and length(letters) = taken and letters = any(dotted)) then
        many := many - taken;
        stripped := true;
        exit;
      end if;
    end loop;
  end loop;
  return array_to_string(words[1 : many], ' ');
end
$$;
ALTER FUNCTION public.without_legal_forms(folded text) OWNER TO fristwerk_owner;
CREATE TABLE public.lead (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    external_id text,
    company text NOT NULL,
    city text NOT NULL,
    postcode text,
    industry text,
    source text,
    owner text NOT NULL,
    company_key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    name_words text GENERATED ALWAYS AS ("left"(COALESCE(NULLIF(public.without_legal_forms(public.fold(company)), ''::text), public.fold_verbatim(company)), 100)) STORED COLLATE pg_catalog."C",
    city_key text GENERATED ALWAYS AS ("left"(public.city_key(city), 100)) STORED COLLATE pg_catalog."C",
    postcode_key text GENERATED ALWAYS AS (NULLIF("left"(public.postcode_key(COALESCE(postcode, ''::text)), 100), ''::text)) STORED COLLATE pg_catalog."C",
    search_words text GENERATED ALWAYS AS (((((public.fold(company) || ' '::text) || public.fold(city)) || ' '::text) || public.fold(COALESCE(postcode, ''::text)))) STORED COLLATE pg_catalog."C",
    listed text GENERATED ALWAYS AS (public.lead_listed(id, external_id, company, city, postcode, industry, source, owner, created_at)) STORED,
    CONSTRAINT lead_city_check CHECK ((city <> ''::text)),
    CONSTRAINT lead_company_check CHECK ((company <> ''::text)),
    CONSTRAINT lead_company_key_check CHECK ((company_key <> ''::text)),
    CONSTRAINT lead_external_id_check CHECK ((external_id <> ''::text)),
    CONSTRAINT lead_owner_check CHECK ((owner <> ''::text)),
    CONSTRAINT lead_source_check CHECK ((source = ANY (ARRAY['TRADE_FAIR'::text, 'REFERRAL'::text, 'PHONE'::text, 'WEB_FORM'::text, 'PARTNER'::text, 'OTHER'::text])))
);
ALTER TABLE ONLY public.lead FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead OWNER TO fristwerk_owner;
CREATE TABLE public.permission (
    act text NOT NULL,
    grantee text NOT NULL,
    scope text NOT NULL,
    CONSTRAINT permission_grantee_check CHECK ((grantee = ANY (ARRAY['agent'::text, 'manager'::text, 'admin'::text, 'auditor'::text, 'VIEW'::text, 'ASSIST'::text, 'NEGOTIATE'::text]))),
    CONSTRAINT permission_scope_check CHECK ((scope = ANY (ARRAY['tenant'::text, 'own'::text, 'self'::text, 'shared'::text, 'never'::text])))
);
ALTER TABLE ONLY public.permission FORCE ROW LEVEL SECURITY;
ALTER TABLE public.permission OWNER TO fristwerk_owner;
CREATE FUNCTION public.may_act(p_act text, p_lead uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (SELECT ((public.app_tenant() IS NOT NULL) AND (public.app_user_id() IS NOT NULL) AND (NOT COALESCE(bool_or((p.scope = 'never'::text)), false)) AND COALESCE(bool_or(CASE p.scope WHEN 'tenant'::text THEN ((may_act.p_lead IS NULL) OR (l.id IS NOT NULL)) WHEN 'own'::text THEN (l.owner = public.app_user_id()) WHEN 'self'::text THEN ((may_act.p_lead IS NULL) OR (l.owner = public.app_user_id())) WHEN 'shared'::text THEN (l.owner <> public.app_user_id()) ELSE NULL::boolean END), false)) FROM ((public.permission p LEFT JOIN public.lead l ON (((l.tenant = public.app_tenant()) AND (l.id = may_act.p_lead)))) LEFT JOIN public.collaborator c ON (((c.tenant = public.app_tenant()) AND (c.lead = may_act.p_lead) AND (c.user_id = public.app_agent())))) WHERE ((p.act = may_act.p_act) AND CASE WHEN (p.scope = 'shared'::text) THEN (p.grantee = c.role) ELSE public.app_has_role(VARIADIC ARRAY[p.grantee]) END));
ALTER FUNCTION public.may_act(p_act text, p_lead uuid) OWNER TO fristwerk_owner;
CREATE TABLE public.protection (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    revision integer NOT NULL,
    status text NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    owner text NOT NULL,
    base_until timestamp with time zone,
    progress_until timestamp with time zone,
    reminder_due_at timestamp with time zone,
    grace_until timestamp with time zone,
    valid_until timestamp with time zone,
    reason text,
    next_wake_up timestamp with time zone,
    cycle integer DEFAULT 1 NOT NULL,
    active_holds text[] DEFAULT '{}'::text[] NOT NULL,
    problem text,
    registered_at timestamp with time zone,
    last_progress_at timestamp with time zone,
    ended_at timestamp with time zone,
    policy_version text NOT NULL,
    refused_facts integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    name_words text COLLATE pg_catalog."C",
    city_key text COLLATE pg_catalog."C",
    search_words text COLLATE pg_catalog."C",
    assigned_at timestamp with time zone,
    listed text DEFAULT ''::text NOT NULL,
    sorted_end timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    sorted_start timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    act_by timestamp with time zone,
    CONSTRAINT protection_refused_facts_check CHECK ((refused_facts >= 0)),
    CONSTRAINT protection_revision_check CHECK ((revision >= 0)),
    CONSTRAINT protection_status_check CHECK ((status = ANY (ARRAY['PREREGISTERED'::text, 'ACTIVE'::text, 'GRACE'::text, 'EXPIRED'::text, 'CONVERTED'::text, 'RELEASED'::text, 'ERASED'::text])))
);
ALTER TABLE ONLY public.protection FORCE ROW LEVEL SECURITY;
ALTER TABLE public.protection OWNER TO fristwerk_owner;
CREATE FUNCTION public.can_read_contact(lead uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (public.may_act('read-contact'::text, lead) AND (public.app_reads_all() OR COALESCE((SELECT (p.status = ANY (ARRAY['PREREGISTERED'::text, 'ACTIVE'::text, 'GRACE'::text, 'CONVERTED'::text])) FROM public.protection p WHERE ((p.tenant = public.app_tenant()) AND (p.lead = can_read_contact.lead))), true)));
ALTER FUNCTION public.can_read_contact(lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.can_read_lead(lead uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN public.may_act('read-lead'::text, lead);
ALTER FUNCTION public.can_read_lead(lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.can_read_mail(lead uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (public.app_reads_all() OR ((lead IS NOT NULL) AND public.can_read_contact(lead)));
ALTER FUNCTION public.can_read_mail(lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_terms(policy jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (jsonb_build_object('version', 'contract-1', 'timezone', 'Europe/Berlin', 'base_months', 6, 'progress_days', 60, 'grace_days', 10, 'mode', 'LEAST', 'counting', 'exact', 'working_day_roll', 'off', 'closed_days', jsonb_build_array(), 'qualifying_kinds', '["QUALIFIED_CALL", "CUSTOMER_REACTION", "SCHEDULED_FOLLOWUP", "SAMPLE_FEEDBACK", "ROI_PRESENTATION"]'::jsonb, 'other_kinds', '["EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED"]'::jsonb, 'preregistration_days', 0, 'preregistration_delete_days', 0, 'extension_decision_days', 14) || policy);
ALTER FUNCTION public.clock_terms(policy jsonb) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_accepts(policy jsonb, hold_ids text[], requests jsonb, ledger jsonb, fact jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE (fact ->> 'type'::text) WHEN 'registered'::text THEN (((fact ->> 'registered_at'::text))::timestamp with time zone <= (((fact ->> 'recorded_at'::text))::timestamp with time zone + '00:01:00'::interval)) WHEN 'activity'::text THEN ((((policy -> 'qualifying_kinds'::text) || (policy -> 'other_kinds'::text)) ? (fact ->> 'kind'::text)) AND (((fact ->> 'occurred_at'::text))::timestamp with time zone <= ((fact ->> 'recorded_at'::text))::timestamp with time zone)) WHEN 'hold_placed'::text THEN (((fact ->> 'hold'::text) <> ALL (hold_ids)) AND (NOT (requests @> jsonb_build_array(jsonb_build_object('request', (fact -> 'hold'::text)))))) WHEN 'hold_released'::text THEN (((fact ->> 'hold'::text) = ANY (hold_ids)) AND COALESCE((((fact ->> 'ended_at'::text))::timestamp with time zone <= ((fact ->> 'recorded_at'::text))::timestamp with time zone), true)) WHEN 'extension_granted'::text THEN ((((fact ->> 'days'::text))::integer >= 1) AND (((fact ->> 'days'::text))::integer <= 730)) WHEN 'hold_requested'::text THEN (((fact ->> 'request'::text) <> ALL (hold_ids)) AND (NOT (requests @> jsonb_build_array(jsonb_build_object('request', (fact -> 'request'::text)))))) WHEN 'extension_requested'::text THEN (COALESCE(((((fact ->> 'days'::text))::integer >= 1) AND (((fact ->> 'days'::text))::integer <= 730)), true) AND ((fact ->> 'request'::text) <> ALL (hold_ids)) AND (NOT (requests @> jsonb_build_array(jsonb_build_object('request', (fact -> 'request'::text))))) AND (NOT (requests @> '[{"for_hold": false, "closed_by": null}]'::jsonb))) WHEN 'request_decided'::text THEN (EXISTS (SELECT FROM jsonb_array_elements(clock_accepts.requests) asked(value) WHERE ((asked.value @> jsonb_build_object('request', (clock_accepts.fact -> 'request'::text), 'closed_by', NULL::unknown)) AND ((asked.value -> 'by'::text) <> (clock_accepts.fact -> 'by'::text)) AND CASE WHEN ((asked.value ->> 'for_hold'::text))::boolean THEN ((clock_accepts.fact ->> 'days'::text) IS NULL) ELSE (((clock_accepts.fact ->> 'start_at'::text) IS NULL) AND ((clock_accepts.fact ->> 'end_at'::text) IS NULL) AND ((NOT ((clock_accepts.fact ->> 'approved'::text))::boolean) OR COALESCE(((((clock_accepts.fact ->> 'days'::text))::integer >= 1) AND (((clock_accepts.fact ->> 'days'::text))::integer <= 730)), false))) END))) WHEN 'request_withdrawn'::text THEN (requests @> jsonb_build_array(jsonb_build_object('request', (fact -> 'request'::text), 'closed_by', NULL::unknown))) WHEN 'policy_adopted'::text THEN (((policy ->> 'version'::text) = (fact ->> 'replaces'::text)) AND ((public.clock_terms((fact -> 'policy'::text)) ->> 'version'::text) = (fact ->> 'version'::text))) WHEN 'corrected'::text THEN (EXISTS (SELECT FROM ((jsonb_array_elements(clock_accepts.ledger) wrong(value) CROSS JOIN LATERAL (SELECT CASE (wrong.value ->> 'type'::text) WHEN 'registered'::text THEN '{registered_at}'::text[] WHEN 'activity'::text THEN '{kind,occurred_at}'::text[] WHEN 'hold_placed'::text THEN '{reason,start_at,end_at}'::text[] WHEN 'hold_requested'::text THEN '{reason,start_at,end_at}'::text[] WHEN 'hold_released'::text THEN '{ended_at}'::text[] WHEN 'extension_granted'::text THEN '{days}'::text[] WHEN 'request_decided'::text THEN '{days,start_at,end_at}'::text[] ELSE NULL::text[] END AS fields) may) CROSS JOIN LATERAL (SELECT NULLIF((clock_accepts.fact -> 'replacement'::text), 'null'::jsonb) AS put) right_one) WHERE (((wrong.value ->> 'fact_id'::text) = (clock_accepts.fact ->> 'corrects'::text)) AND (may.fields IS NOT NULL) AND CASE WHEN (right_one.put IS NULL) THEN ((wrong.value ->> 'type'::text) <> 'registered'::text) ELSE (((right_one.put - may.fields) = '{}'::jsonb) AND CASE (wrong.value ->> 'type'::text) WHEN 'registered'::text THEN ((((wrong.value || right_one.put) ->> 'registered_at'::text))::timestamp with time zone <= (((wrong.value ->> 'recorded_at'::text))::timestamp with time zone + '00:01:00'::interval)) WHEN 'activity'::text THEN ((((clock_accepts.policy -> 'qualifying_kinds'::text) || (clock_accepts.policy -> 'other_kinds'::text)) ? ((wrong.value || right_one.put) ->> 'kind'::text)) AND ((((wrong.value || right_one.put) ->> 'occurred_at'::text))::timestamp with time zone <= ((wrong.value ->> 'recorded_at'::text))::timestamp with time zone)) WHEN 'hold_released'::text THEN COALESCE(((((wrong.value || right_one.put) ->> 'ended_at'::text))::timestamp with time zone <= ((wrong.value ->> 'recorded_at'::text))::timestamp with time zone), true) WHEN 'extension_granted'::text THEN (((((wrong.value || right_one.put) ->> 'days'::text))::integer >= 1) AND ((((wrong.value || right_one.put) ->> 'days'::text))::integer <= 730)) WHEN 'request_decided'::text THEN COALESCE((((((wrong.value || right_one.put) ->> 'days'::text))::integer >= 1) AND ((((wrong.value || right_one.put) ->> 'days'::text))::integer <= 730)), true) ELSE COALESCE(((((wrong.value || right_one.put) ->> 'end_at'::text))::timestamp with time zone > (((wrong.value || right_one.put) ->> 'start_at'::text))::timestamp with time zone), true) END) END))) ELSE true END;
ALTER FUNCTION public.clock_accepts(policy jsonb, hold_ids text[], requests jsonb, ledger jsonb, fact jsonb) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_instant(wall timestamp without time zone, zone text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT COALESCE(max(reading.at) FILTER (WHERE ((reading.at AT TIME ZONE clock_instant.zone) = clock_instant.wall)), max(reading.at)) AS "coalesce" FROM (((VALUES ('-24:00:00'::interval), ('24:00:00'::interval)) side(step) CROSS JOIN LATERAL (SELECT ((clock_instant.wall AT TIME ZONE 'UTC'::text) + side.step) AS near) around) CROSS JOIN LATERAL (SELECT ((clock_instant.wall - ((around.near AT TIME ZONE clock_instant.zone) - (around.near AT TIME ZONE 'UTC'::text))) AT TIME ZONE 'UTC'::text) AS at) reading));
ALTER FUNCTION public.clock_instant(wall timestamp without time zone, zone text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_days_later(moment timestamp with time zone, days integer, zone text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (days > 0) THEN public.clock_instant(((moment AT TIME ZONE zone) + make_interval(days => days)), zone) ELSE NULL::timestamp with time zone END;
ALTER FUNCTION public.clock_days_later(moment timestamp with time zone, days integer, zone text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_deadlines(policy jsonb, base_from timestamp with time zone, progress_from timestamp with time zone, extension_days integer, holds tstzmultirange, requests jsonb, noted_at timestamp with time zone, reminder timestamp with time zone, OUT base_until timestamp with time zone, OUT progress_until timestamp with time zone, OUT owed timestamp with time zone, OUT reminder_due_at timestamp with time zone, OUT grace_until timestamp with time zone, OUT ends_at timestamp with time zone, OUT end_reason text, OUT valid_until timestamp with time zone) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
declare
  zone constant text := policy ->> 'timezone';
  least_mode constant boolean := policy ->> 'mode' = 'LEAST';
  grace constant integer := policy ->> 'grace_days';
  due timestamptz;
  cap timestamptz;
begin
  if base_from is null then
    valid_until := clock_days_later(noted_at, (policy ->> 'preregistration_days')::integer, zone);
    ends_at := clock_days_later(noted_at, (policy ->> 'preregistration_delete_days')::integer, zone);
    end_reason := case when ends_at is not null then 'UNPURSUED' end;
    return;
  end if;
  base_until := clock_period_end(policy, base_from, (policy ->> 'base_months')::integer, extension_days, holds, false);
  progress_until := clock_period_end(policy, progress_from, 0, (policy ->> 'progress_days')::integer, holds, true);
  owed := case when least_mode then progress_until else nullif(greatest(
    coalesce(base_until, 'infinity'), coalesce(progress_until, 'infinity')
  ), 'infinity') end;
  due := clock_first_running(holds, owed);
  if least_mode then
    -- An extension request that is open when the base period is over is decided first, within its days.
    select greatest(base_until, max(least(
      clock_days_later(base_until, (policy ->> 'extension_decision_days')::integer, zone),
      (asked.value ->> 'closed_at')::timestamptz
    ))) into cap
    from jsonb_array_elements(requests) as asked
    where
      not (asked.value ->> 'for_hold')::boolean
      and coalesce(asked.value ->> 'closed_by' in ('request_decided', 'request_withdrawn'), true)
      and (asked.value ->> 'asked_at')::timestamptz < base_until
      and coalesce((asked.value ->> 'closed_at')::timestamptz > base_until, true)
      and (policy ->> 'extension_decision_days')::integer > 0;
  end if;
  if reminder is not null then
    grace_until := clock_period_end(policy, reminder, 0, grace, holds, true);
    valid_until := least(cap, grace_until);
  else
    if cap is null or due < cap then
      reminder_due_at := due;
    end if;
    valid_until := least(cap, clock_period_end(policy, reminder_due_at, 0, grace, holds, true));
  end if;
  ends_at := least(cap, grace_until);
  end_reason := case when ends_at = cap then 'BASE_PERIOD' when ends_at is not null then 'INACTIVITY' end;
end
$$;
ALTER FUNCTION public.clock_deadlines(policy jsonb, base_from timestamp with time zone, progress_from timestamp with time zone, extension_days integer, holds tstzmultirange, requests jsonb, noted_at timestamp with time zone, reminder timestamp with time zone, OUT base_until timestamp with time zone, OUT progress_until timestamp with time zone, OUT owed timestamp with time zone, OUT reminder_due_at timestamp with time zone, OUT grace_until timestamp with time zone, OUT ends_at timestamp with time zone, OUT end_reason text, OUT valid_until timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_first_running(holds tstzmultirange, moment timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (holds @> moment) THEN (SELECT upper(held.held) AS upper FROM unnest(clock_first_running.holds) held(held) WHERE (held.held @> clock_first_running.moment)) ELSE moment END;
ALTER FUNCTION public.clock_first_running(holds tstzmultirange, moment timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_known(policy jsonb, ledger jsonb, OUT base_from timestamp with time zone, OUT progress_from timestamp with time zone, OUT extension_days integer, OUT holds tstzmultirange, OUT hold_ids text[], OUT requests jsonb, OUT noted_at timestamp with time zone) RETURNS record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH listed AS (
          SELECT said.place,
             said.fact
            FROM jsonb_array_elements(clock_known.ledger) WITH ORDINALITY said(fact, place)
         ), correction AS (
          SELECT DISTINCT ON ((listed.fact ->> 'corrects'::text)) (listed.fact ->> 'corrects'::text) AS fact_id,
             NULLIF((listed.fact -> 'replacement'::text), 'null'::jsonb) AS put
            FROM listed
           WHERE ((listed.fact ->> 'type'::text) = 'corrected'::text)
           ORDER BY (listed.fact ->> 'corrects'::text), listed.place DESC
         ), known AS (
          SELECT listed.place,
             changed.fact,
             (changed.fact ->> 'type'::text) AS type,
             ((changed.fact ->> 'recorded_at'::text))::timestamp with time zone AS recorded_at
            FROM ((listed
              LEFT JOIN correction ON ((correction.fact_id = (listed.fact ->> 'fact_id'::text))))
              CROSS JOIN LATERAL ( SELECT (listed.fact || COALESCE(correction.put, '{}'::jsonb)) AS fact) changed)
           WHERE ((correction.fact_id IS NULL) OR (correction.put IS NOT NULL))
         ), base_start AS (
          SELECT known.place,
             COALESCE(((known.fact ->> 'registered_at'::text))::timestamp with time zone, known.recorded_at) AS at
            FROM known
           WHERE ((known.type = 'registered'::text) OR ((known.type = ANY (ARRAY['transferred'::text, 'reinstated'::text])) AND ((known.fact ->> 'restart_base'::text))::boolean))
           ORDER BY known.place DESC
          LIMIT 1
         ), tenure AS (
          SELECT
                 CASE
                     WHEN ((known.recorded_at - ((known.fact ->> 'registered_at'::text))::timestamp with time zone) <= '00:01:00'::interval) THEN ((known.fact ->> 'registered_at'::text))::timestamp with time zone
                     ELSE known.recorded_at
                 END AS at
            FROM known
           WHERE (known.type = ANY (ARRAY['registered'::text, 'transferred'::text, 'reinstated'::text]))
           ORDER BY known.place DESC
          LIMIT 1
         ), asked AS (
          SELECT ask.place,
             (ask.fact ->> 'request'::text) AS request,
             (ask.type = 'hold_requested'::text) AS for_hold,
             ask.fact,
             ask.recorded_at AS asked_at,
             closing.place AS closed_place,
             closing.type AS closed_by,
             closing.recorded_at AS closed_at,
             closing.fact AS answer,
             COALESCE(((closing.type = 'request_decided'::text) AND ((closing.fact ->> 'approved'::text))::boolean), false) AS approved
            FROM (known ask
              LEFT JOIN LATERAL ( SELECT told.place,
                     told.type,
                     told.recorded_at,
                     told.fact
                    FROM known told
                   WHERE ((told.place > ask.place) AND ((told.type = ANY (ARRAY['converted'::text, 'released'::text, 'lapsed'::text, 'erased'::text])) OR ((told.type = ANY (ARRAY['request_decided'::text, 'request_withdrawn'::text])) AND ((told.fact ->> 'request'::text) = (ask.fact ->> 'request'::text)))))
                   ORDER BY told.place
                  LIMIT 1) closing ON (true))
           WHERE (ask.type = ANY (ARRAY['hold_requested'::text, 'extension_requested'::text]))
         ), granted AS (
          SELECT known.place,
             ((known.fact ->> 'days'::text))::integer AS days
            FROM known
           WHERE (known.type = 'extension_granted'::text)
         UNION ALL
          SELECT asked.closed_place,
             (COALESCE((asked.answer ->> 'days'::text), (asked.fact ->> 'days'::text)))::integer AS "coalesce"
            FROM asked
           WHERE (asked.approved AND (NOT asked.for_hold))
         ), placed AS (
          SELECT known.place,
             (known.fact ->> 'hold'::text) AS hold,
             ((known.fact ->> 'start_at'::text))::timestamp with time zone AS start_at,
             ((known.fact ->> 'end_at'::text))::timestamp with time zone AS end_at
            FROM known
           WHERE (known.type = 'hold_placed'::text)
         UNION ALL
          SELECT asked.closed_place,
             asked.request,
             (COALESCE((asked.answer ->> 'start_at'::text), (asked.fact ->> 'start_at'::text)))::timestamp with time zone AS "coalesce",
             (COALESCE((asked.answer ->> 'end_at'::text), (asked.fact ->> 'end_at'::text)))::timestamp with time zone AS "coalesce"
            FROM asked
           WHERE (asked.approved AND asked.for_hold)
         ), held AS (
          SELECT placed.hold,
             placed.start_at,
             LEAST(placed.end_at, ( SELECT min(COALESCE(((freed.fact ->> 'ended_at'::text))::timestamp with time zone, freed.recorded_at)) AS min
                    FROM known freed
                   WHERE ((freed.type = 'hold_released'::text) AND ((freed.fact ->> 'hold'::text) = placed.hold) AND (freed.place > placed.place)))) AS end_at
            FROM placed
         )
  SELECT ( SELECT base_start.at
            FROM base_start) AS at,
     ( SELECT GREATEST(tenure.at, max(((done.fact ->> 'occurred_at'::text))::timestamp with time zone)) AS "greatest"
            FROM (tenure
              LEFT JOIN known done ON (((done.type = 'activity'::text) AND ((clock_known.policy -> 'qualifying_kinds'::text) ? (done.fact ->> 'kind'::text)))))
           GROUP BY tenure.at) AS "greatest",
     ( SELECT (COALESCE(sum(granted.days), (0)::bigint))::integer AS "coalesce"
            FROM granted
           WHERE (granted.place > ( SELECT base_start.place
                    FROM base_start))) AS "coalesce",
     ( SELECT COALESCE(range_agg(tstzrange(held.start_at,
                 CASE
                     WHEN (held.end_at IS NOT NULL) THEN GREATEST(held.start_at, held.end_at)
                     ELSE NULL::timestamp with time zone
                 END)), '{}'::tstzmultirange) AS "coalesce"
            FROM held) AS "coalesce",
     ( SELECT COALESCE(array_agg(held.hold), '{}'::text[]) AS "coalesce"
            FROM held) AS "coalesce",
     ( SELECT COALESCE(jsonb_agg(jsonb_build_object('request', asked.request, 'for_hold', asked.for_hold, 'by', (asked.fact -> 'by'::text), 'closed_by', asked.closed_by, 'asked_at', public.clock_text(asked.asked_at), 'closed_at', public.clock_text(asked.closed_at)) ORDER BY asked.place), '[]'::jsonb) AS "coalesce"
            FROM asked) AS "coalesce",
     ( SELECT max(known.recorded_at) AS max
            FROM known
           WHERE (known.type = 'preregistered'::text)) AS max;
END;
ALTER FUNCTION public.clock_known(policy jsonb, ledger jsonb, OUT base_from timestamp with time zone, OUT progress_from timestamp with time zone, OUT extension_days integer, OUT holds tstzmultirange, OUT hold_ids text[], OUT requests jsonb, OUT noted_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_period_end(policy jsonb, anchor timestamp with time zone, months integer, days integer, holds tstzmultirange, rolls boolean) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
declare
  zone constant text := policy ->> 'timezone';
  step constant interval := make_interval(months => months, days => days);
  wall timestamp := anchor at time zone zone;
  closed date [];
  budget interval;
  ends_at timestamptz;
  last_day date;
begin
  rolls := rolls and policy ->> 'working_day_roll' = 'next_working_day';
  if rolls then
    closed := array(select value::date from jsonb_array_elements_text(policy -> 'closed_days'));
  end if;
  if policy ->> 'counting' = 'calendar_days' then
    -- Dates no part of a hold touches, counted from the day after the anchor's.
    select lower(span.free) + ((wall::date + step)::date - wall::date - span.counted)::integer - 1 into last_day
    from (
      select
        run.free,
        coalesce(sum(upper(run.free) - lower(run.free)) over (
          order by run.free rows between unbounded preceding and 1 preceding
        ), 0) as counted
      from unnest(
        datemultirange(daterange(wall::date + 1, null)) - coalesce((
          select range_agg(daterange(
            (lower(held) at time zone zone)::date,
            ((upper(held) - interval '1 microsecond') at time zone zone)::date, '[]'
          ))
          from unnest(holds) as held
        ), '{}'::datemultirange)
      ) as run (free)
    ) as span
    where upper(span.free) is null
      or span.counted + (upper(span.free) - lower(span.free)) >= (wall::date + step)::date - wall::date
    order by span.free
    limit 1;
    if rolls then
      last_day := clock_working_day(last_day, closed);
    end if;
    return clock_instant((last_day + 1)::timestamp, zone);
  end if;
  -- Elapsed time is reckoned between UTC wall times, where a day is always 24 hours.
  budget := (clock_instant(wall + step, zone) at time zone 'UTC') - (anchor at time zone 'UTC');
  select ((span.begins + (budget - span.ran)) at time zone 'UTC') into ends_at
  from (
    select
      run.begins,
      run.ends,
      coalesce(sum(run.ends - run.begins) over (
        order by run.begins rows between unbounded preceding and 1 preceding
      ), interval '0') as ran
    from unnest(tstzmultirange(tstzrange(anchor, null)) - holds) as running (free)
    cross join lateral (
      select lower(running.free) at time zone 'UTC' as begins, upper(running.free) at time zone 'UTC' as ends
    ) as run
  ) as span
  where span.ends is null or span.ran + (span.ends - span.begins) >= budget
  order by span.begins
  limit 1;
  if rolls and ends_at is not null then
    wall := ends_at at time zone zone;
    last_day := clock_working_day(wall::date, closed);
    if last_day <> wall::date then
      return clock_instant(last_day + wall::time, zone);
    end if;
  end if;
  return ends_at;
end
$$;
ALTER FUNCTION public.clock_period_end(policy jsonb, anchor timestamp with time zone, months integer, days integer, holds tstzmultirange, rolls boolean) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_replay(policy jsonb, registered_at timestamp with time zone, facts jsonb, as_of timestamp with time zone, assume_reminders boolean DEFAULT true) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
declare
  terms jsonb := clock_terms(policy);
  new_terms jsonb;
  item record;
  known record;
  told record;
  due record;
  ahead record;
  ledger jsonb := '[]';
  status text;
  newest timestamptz := '-infinity';
  reminder timestamptz;
  cycle integer := 1;
  refused_for_good boolean := false;
  answered boolean;
  too_early boolean;
  ended_at timestamptz;
  end_reason text;
  goes_out timestamptz;
  fine boolean;
  moves boolean;
  transitions jsonb := '[]';
  rejected jsonb := '[]';
begin
  select
    null::timestamptz as base_from, null::timestamptz as progress_from, 0 as extension_days,
    '{}'::tstzmultirange as holds, '{}'::text [] as hold_ids, '[]'::jsonb as requests, null::timestamptz as noted_at
  into known;
  for item in
    select played.place, played.fact, played.fact ->> 'type' as type, (played.fact ->> 'recorded_at')::timestamptz as at
    from (
      select 0 as place, jsonb_build_object(
        'type', 'registered', 'recorded_at', registered_at, 'registered_at', registered_at
      ) as fact
      where registered_at is not null
      union all
      select given.place, given.fact from jsonb_array_elements(facts) with ordinality as given (fact, place)
      where (given.fact ->> 'recorded_at')::timestamptz <= as_of
      union all
      select 2147483647, jsonb_build_object('type', 'as_of', 'recorded_at', as_of)
    ) as played
    order by played.place
  loop
    -- What the time has brought by now.
    while status in ('PREREGISTERED', 'ACTIVE', 'GRACE') loop
      goes_out := case when assume_reminders then clock_first_running(known.holds, greatest(due.reminder_due_at, newest)) end;
      if due.reminder_due_at is not null and goes_out < coalesce(due.ends_at, 'infinity') then
        exit when goes_out > item.at;
        reminder := goes_out;
        newest := goes_out;
        status := 'GRACE';
        transitions := transitions || jsonb_build_object('at', clock_text(goes_out), 'to', status);
        due := clock_deadlines(
          terms, known.base_from, known.progress_from, known.extension_days, known.holds, known.requests,
          known.noted_at, reminder
        );
      else
        exit when due.ends_at is null or greatest(due.ends_at, newest) > item.at;
        ended_at := due.ends_at;
        end_reason := due.end_reason;
        status := case end_reason when 'UNPURSUED' then 'ERASED' else 'EXPIRED' end;
        newest := greatest(ended_at, newest);
        reminder := null;
        refused_for_good := false;
        transitions := transitions || jsonb_build_object('at', clock_text(ended_at), 'to', status, 'reason', end_reason);
        -- Whether or not anybody recorded it, the end voids what was still to be decided.
        ledger := ledger || jsonb_build_object('type', 'lapsed', 'recorded_at', clock_text(newest));
      end if;
    end loop;
    exit when item.type = 'as_of';
    fine := item.at >= newest
      and not ledger @> jsonb_build_array(jsonb_build_object('fact_id', item.fact -> 'fact_id'))
      and case item.type
        when 'preregistered' then status is null
        when 'registered' then coalesce(status = 'PREREGISTERED', true)
        when 'reinstated' then status in ('EXPIRED', 'RELEASED') and known.base_from is not null
        when 'lapsed' then
          status in ('EXPIRED', 'ERASED') and ended_at = (item.fact ->> 'at')::timestamptz
          and end_reason = item.fact ->> 'reason'
        else status in ('ACTIVE', 'GRACE')
          or (status = 'PREREGISTERED' and item.type in ('released', 'erased', 'policy_adopted'))
      end
      and clock_accepts(terms, known.hold_ids, known.requests, ledger, item.fact);
    moves := item.type in (
      'preregistered', 'registered', 'hold_placed', 'hold_released', 'extension_granted', 'hold_requested',
      'extension_requested', 'request_decided', 'request_withdrawn', 'policy_adopted', 'transferred', 'reinstated', 'corrected'
    ) or (item.type = 'activity' and terms -> 'qualifying_kinds' ? (item.fact ->> 'kind'));
    if fine and moves then
      new_terms := case when item.type = 'policy_adopted' then clock_terms(item.fact -> 'policy') else terms end;
      told := clock_known(new_terms, ledger || item.fact);
      ahead := clock_deadlines(
        new_terms, told.base_from, told.progress_from, told.extension_days, told.holds, told.requests, told.noted_at, reminder
      );
      -- A reminder that went out before it was owed, as known now, is void.
      too_early := coalesce(reminder < coalesce(ahead.owed, 'infinity'), false);
      if too_early then
        ahead := clock_deadlines(
          new_terms, told.base_from, told.progress_from, told.extension_days, told.holds, told.requests, told.noted_at, null
        );
      end if;
      -- What is meant to prolong protection, or to change its rules, never ends it.
      if item.type in ('reinstated', 'policy_adopted')
        or (item.type = 'request_decided' and (item.fact ->> 'approved')::boolean) then
        fine := coalesce(ahead.ends_at > item.at, true);
      end if;
    end if;
    if not coalesce(fine, false) then
      rejected := rejected || to_jsonb(item.place - 1);
      continue;
    end if;
    ledger := ledger || item.fact;
    newest := item.at;
    if moves then
      -- A reminder refused for good is no problem any more once none is owed.
      answered := refused_for_good and coalesce(ahead.owed > item.at, true);
      refused_for_good := refused_for_good and not answered;
      if status is not null and reminder is null and (answered or told.progress_from is distinct from known.progress_from) then
        cycle := cycle + 1;
      end if;
      terms := new_terms;
      known := told;
      due := ahead;
      if item.type in ('preregistered', 'registered', 'reinstated') then
        status := case item.type when 'preregistered' then 'PREREGISTERED' else 'ACTIVE' end;
        ended_at := null;
        end_reason := null;
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
      end if;
      if too_early then
        reminder := null;
        cycle := cycle + 1;
        status := 'ACTIVE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
      end if;
    elsif item.type = 'reminder_sent' then
      if status = 'ACTIVE' and cycle = (item.fact ->> 'cycle')::integer and (item.fact ->> 'sent_at')::timestamptz >= due.owed then
        reminder := item.fact ->> 'sent_at';
        refused_for_good := false;
        status := 'GRACE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
        due := clock_deadlines(
          terms, known.base_from, known.progress_from, known.extension_days, known.holds, known.requests,
          known.noted_at, reminder
        );
      elsif reminder is null and cycle = (item.fact ->> 'cycle')::integer then
        cycle := cycle + 1;
      end if;
    elsif item.type = 'reminder_bounced' and cycle = (item.fact ->> 'cycle')::integer then
      if reminder is not null then
        -- It came back after it had counted: it has reached nobody, so it opened no grace.
        reminder := null;
        refused_for_good := true;
        status := 'ACTIVE';
        transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
        due := clock_deadlines(
          terms, known.base_from, known.progress_from, known.extension_days, known.holds, known.requests,
          known.noted_at, null
        );
      elsif coalesce(due.owed > item.at, true) then
        cycle := cycle + 1;
      else
        refused_for_good := true;
      end if;
    elsif item.type in ('converted', 'released', 'erased') then
      status := upper(item.type);
      ended_at := item.at;
      reminder := null;
      refused_for_good := false;
      transitions := transitions || jsonb_build_object('at', clock_text(item.at), 'to', status);
    end if;
  end loop;
  if status in ('PREREGISTERED', 'ACTIVE', 'GRACE') then
    return jsonb_build_object(
      'as_of', clock_text(as_of), 'status', status, 'paused', known.holds @> as_of,
      'base_until', clock_text(due.base_until), 'progress_until', clock_text(due.progress_until),
      'reminder_due_at', clock_text(due.reminder_due_at), 'grace_until', clock_text(due.grace_until),
      'valid_until', clock_text(due.valid_until), 'reason', null, 'cycle', cycle,
      'transitions', transitions, 'rejected_facts', rejected
    );
  end if;
  return jsonb_build_object(
    'as_of', clock_text(as_of), 'status', status, 'paused', false, 'base_until', null, 'progress_until', null,
    'reminder_due_at', null, 'grace_until', null, 'valid_until', clock_text(ended_at), 'reason', end_reason,
    'cycle', cycle, 'transitions', transitions, 'rejected_facts', rejected
  );
end
$$;
ALTER FUNCTION public.clock_replay(policy jsonb, registered_at timestamp with time zone, facts jsonb, as_of timestamp with time zone, assume_reminders boolean) OWNER TO fristwerk_owner;
CREATE FUNCTION public.clock_working_day(day date, closed date[]) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT min(candidate.day) AS min FROM (SELECT (clock_working_day.day + step.step) AS day FROM generate_series(0, (4 + (4 * COALESCE(cardinality(clock_working_day.closed), 0)))) step(step)) candidate WHERE ((EXTRACT(isodow FROM candidate.day) < (6)::numeric) AND (candidate.day <> ALL (COALESCE(clock_working_day.closed, '{}'::date[])))));
ALTER FUNCTION public.clock_working_day(day date, closed date[]) OWNER TO fristwerk_owner;
CREATE FUNCTION public.collaborator_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform audit_tell(
    case tg_op when 'INSERT' then 'collaborator-added' when 'UPDATE' then 'collaborator-changed' else 'collaborator-removed' end,
    coalesce(new.lead, old.lead), null,
    case when tg_op <> 'INSERT' then jsonb_build_object('user', old.user_id, 'role', old.role) end,
    case when tg_op <> 'DELETE' then jsonb_build_object('user', new.user_id, 'role', new.role) end,
    null, case when tg_op <> 'DELETE' then new.added_at end
  );
  return null;
end
$$;
ALTER FUNCTION public.collaborator_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.company_key(company text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN COALESCE(NULLIF(public.fold_joined(public.without_legal_forms(public.fold(company))), ''::text), NULLIF(public.fold_joined(public.fold(company)), ''::text), public.fold_verbatim(company));
ALTER FUNCTION public.company_key(company text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.contact_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if app_at() is not null and coalesce(current_setting('app.contact_exchanged', true), '') <> new.lead::text
  and exists (select from protection as p where p.tenant = new.tenant and p.lead = new.lead) then
    update lead as l set changed = l.changed + 1 where l.tenant = new.tenant and l.id = new.lead;
  end if;
  return null;
end
$$;
ALTER FUNCTION public.contact_added() OWNER TO fristwerk_owner;
CREATE FUNCTION public.contact_exchanged() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.contact_exchanged() OWNER TO fristwerk_owner;
CREATE FUNCTION public.credit_check_waits() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform pg_notify('credit_waits', '');
  return null;
end
$$;
ALTER FUNCTION public.credit_check_waits() OWNER TO fristwerk_owner;
CREATE TABLE public.credit_check (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    account text NOT NULL,
    country text NOT NULL,
    registration_no text,
    vat_no text,
    amount numeric(14,2) NOT NULL,
    bucket numeric(14,2) NOT NULL,
    currency text NOT NULL,
    purpose text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    degraded text,
    bureau_id text,
    grade text,
    credit_limit numeric(14,2),
    conditions text[] DEFAULT '{}'::text[] NOT NULL,
    valid_until timestamp with time zone,
    decided_at timestamp with time zone,
    settled_at timestamp with time zone,
    took_ms integer,
    followed_at timestamp with time zone,
    erased_at timestamp with time zone,
    CONSTRAINT credit_check_account_check CHECK ((account ~ '^[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}$'::text)),
    CONSTRAINT credit_check_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT credit_check_approved CHECK (((status <> 'approved'::text) OR ((credit_limit IS NOT NULL) AND (decided_at IS NOT NULL)))),
    CONSTRAINT credit_check_bureau_id_check CHECK (((bureau_id <> ''::text) AND (length(bureau_id) <= 100))),
    CONSTRAINT credit_check_check CHECK ((bucket >= amount)),
    CONSTRAINT credit_check_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT credit_check_credit_limit_check CHECK ((credit_limit >= (0)::numeric)),
    CONSTRAINT credit_check_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT credit_check_decided CHECK (((decided_at IS NULL) OR (settled_at IS NOT NULL))),
    CONSTRAINT credit_check_degraded_check CHECK ((degraded <> ''::text)),
    CONSTRAINT credit_check_erased CHECK (((erased_at IS NULL) OR ((status <> 'pending'::text) AND (registration_no IS NULL) AND (vat_no IS NULL) AND (conditions = '{}'::text[])))),
    CONSTRAINT credit_check_grade_check CHECK ((grade = ANY (ARRAY['A'::text, 'B'::text, 'C'::text, 'D'::text]))),
    CONSTRAINT credit_check_purpose_check CHECK ((purpose = ANY (ARRAY['SAMPLES'::text, 'FIRST_ORDER'::text, 'CONVERSION'::text, 'CREDIT_LINE'::text, 'OTHER'::text]))),
    CONSTRAINT credit_check_registration_no_check CHECK (((registration_no <> ''::text) AND (length(registration_no) <= 60))),
    CONSTRAINT credit_check_requested_by_check CHECK ((requested_by <> ''::text)),
    CONSTRAINT credit_check_settled CHECK (((status = 'pending'::text) = (settled_at IS NULL))),
    CONSTRAINT credit_check_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'declined'::text, 'requires_review'::text]))),
    CONSTRAINT credit_check_took_ms_check CHECK ((took_ms >= 0)),
    CONSTRAINT credit_check_vat_no_check CHECK ((vat_no ~ '^[A-Z]{2}[A-Z0-9+*]{2,13}$'::text))
);
ALTER TABLE ONLY public.credit_check FORCE ROW LEVEL SECURITY;
ALTER TABLE public.credit_check OWNER TO fristwerk_owner;
CREATE FUNCTION public.credit_enter(p_tenant uuid, p_user text, p_roles text, p_at timestamp with time zone, p_ids uuid[], p_leads uuid[], p_accounts text[], p_countries text[], p_registrations text[], p_vats text[], p_amounts numeric[], p_buckets numeric[], p_currencies text[], p_purposes text[], p_fresh timestamp with time zone[], p_own boolean[]) RETURNS TABLE(place bigint, owner text, share text, lead_status text, company text, is_new boolean, known public.credit_check)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true), set_config('app.at', clock_text(p_at), true);
  return query
    with seen as (
      select q.*, l.company, l.owner, s.role as share, p.status as lead_status, c.known
      from unnest(
        p_ids, p_leads, p_accounts, p_countries, p_registrations, p_vats, p_amounts, p_buckets, p_currencies, p_purposes,
        p_fresh, p_own
      ) with ordinality as q (
        id, lead, account, country, registration_no, vat_no, amount, bucket, currency, purpose, fresh, own, place
      )
      inner join lead as l on l.tenant = p_tenant and l.id = q.lead
      left join protection as p on p.tenant = p_tenant and p.lead = q.lead
      left join collaborator as s on s.tenant = p_tenant and s.lead = q.lead and s.user_id = p_user
      left join lateral (
        select k as known
        from credit_check as k
        where
          not q.own and k.tenant = p_tenant and k.account = q.account and k.bucket = q.bucket and k.currency = q.currency
          and k.country = q.country and k.registration_no is not distinct from q.registration_no
          and k.vat_no is not distinct from q.vat_no and k.erased_at is null
          and (
            k.lead = q.lead
            or l.company_key = (select o.company_key from lead as o where o.tenant = k.tenant and o.id = k.lead)
          )
          and case
            when k.status = 'pending' then k.lead = q.lead and k.amount = q.amount
            else
              k.decided_at is not null and k.settled_at > q.fresh
              and (k.valid_until is null or k.valid_until > p_at)
              and (
                k.amount = q.amount or (k.status = 'approved' and k.credit_limit >= q.amount)
                or (k.status <> 'approved' and k.amount <= q.amount)
              )
          end
        order by k.status = 'pending', k.lead <> q.lead, k.settled_at desc
        limit 1
      ) as c on true
    ),
    added as (
      insert into credit_check (
        tenant, id, lead, account, country, registration_no, vat_no, amount, bucket, currency, purpose, requested_by,
        requested_at
      )
      select
        p_tenant, s.id, s.lead, s.account, s.country, s.registration_no, s.vat_no, s.amount, s.bucket, s.currency,
        s.purpose, p_user, p_at
      from seen as s
      where
        (s.known).id is null and coalesce(s.lead_status, 'ACTIVE') in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'CONVERTED')
        and may_act('log-activity', s.lead)
      on conflict do nothing
      returning id
    )
    select s.place, s.owner, s.share, s.lead_status, s.company, a.id is not null, s.known
    from seen as s
    left join added as a on a.id = s.id
    order by s.place;
end
$$;
ALTER FUNCTION public.credit_enter(p_tenant uuid, p_user text, p_roles text, p_at timestamp with time zone, p_ids uuid[], p_leads uuid[], p_accounts text[], p_countries text[], p_registrations text[], p_vats text[], p_amounts numeric[], p_buckets numeric[], p_currencies text[], p_purposes text[], p_fresh timestamp with time zone[], p_own boolean[]) OWNER TO fristwerk_owner;
CREATE FUNCTION public.credit_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  secret text [] := array['tenant', 'lead', 'registration_no', 'vat_no', 'conditions', 'took_ms', 'followed_at'];
begin
  perform audit_tell(
    tg_argv[0], new.lead, null,
    case when tg_op = 'UPDATE' then jsonb_strip_nulls(to_jsonb(old) - secret) end,
    jsonb_strip_nulls(to_jsonb(new) - secret), null, null
  );
  return null;
end
$$;
ALTER FUNCTION public.credit_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.email_key(email text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower((regexp_replace(email, '^[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$'::text, ''::text, 'g'::text) COLLATE pg_unicode_fast));
ALTER FUNCTION public.email_key(email text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.erased_company_key(lead uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ('erased|'::text || (lead)::text);
ALTER FUNCTION public.erased_company_key(lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.erasure_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform audit_tell('erasure-requested', new.lead, null, null, null, null, new.opened_at);
  return null;
end
$$;
ALTER FUNCTION public.erasure_told() OWNER TO fristwerk_owner;
CREATE TABLE public.erp_customer (
    tenant uuid NOT NULL,
    erp_id text NOT NULL,
    number text NOT NULL,
    company text NOT NULL,
    city text NOT NULL,
    postcode text,
    company_key text NOT NULL,
    first_invoice_on date,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT erp_customer_company_check CHECK ((company <> ''::text)),
    CONSTRAINT erp_customer_company_key_check CHECK ((company_key <> ''::text)),
    CONSTRAINT erp_customer_erp_id_check CHECK ((erp_id <> ''::text)),
    CONSTRAINT erp_customer_number_check CHECK ((number <> ''::text))
);
ALTER TABLE ONLY public.erp_customer FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_customer OWNER TO fristwerk_owner;
CREATE TABLE public.erp_invoice (
    tenant uuid NOT NULL,
    erp_id text NOT NULL,
    number text NOT NULL,
    customer text NOT NULL,
    issued_on date NOT NULL,
    total_eur numeric(14,2) NOT NULL,
    cancelled boolean NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT erp_invoice_customer_check CHECK ((customer <> ''::text)),
    CONSTRAINT erp_invoice_erp_id_check CHECK ((erp_id <> ''::text))
);
ALTER TABLE ONLY public.erp_invoice FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_invoice OWNER TO fristwerk_owner;
CREATE FUNCTION public.erp_last_invoice(p_company_key text, p_postcode text, p_before date) RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (SELECT max(i.issued_on) AS max FROM (public.erp_customer c JOIN public.erp_invoice i ON (((i.tenant = c.tenant) AND (i.customer = c.erp_id)))) WHERE ((c.tenant = public.app_tenant()) AND (public.app_user_id() IS NOT NULL) AND (c.company_key = erp_last_invoice.p_company_key) AND (NOT i.cancelled) AND (i.total_eur > (0)::numeric) AND (i.issued_on < erp_last_invoice.p_before) AND ((erp_last_invoice.p_postcode IS NULL) OR (c.postcode IS NULL) OR (public.postcode_key(c.postcode) = public.postcode_key(erp_last_invoice.p_postcode)))));
ALTER FUNCTION public.erp_last_invoice(p_company_key text, p_postcode text, p_before date) OWNER TO fristwerk_owner;
CREATE FUNCTION public.erp_order_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform audit_tell(
    'sample-order-' || new.state, new.lead, null, null,
    jsonb_strip_nulls(jsonb_build_object('box', new.box, 'number', new.number, 'problem', new.problem)), null,
    new.changed_at
  );
  return null;
end
$$;
ALTER FUNCTION public.erp_order_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.errand_right(kind text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE kind WHEN 'audit-check'::text THEN 'read-audit'::text ELSE 'change-settings'::text END;
ALTER FUNCTION public.errand_right(kind text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.fact_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid, p_fact_id text) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true);
  return (
    select f.payload from fact as f where f.tenant = p_tenant and f.lead = p_lead and f.fact_id = p_fact_id
  );
end
$$;
ALTER FUNCTION public.fact_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid, p_fact_id text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.fact_revision_gapless() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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
$$;
ALTER FUNCTION public.fact_revision_gapless() OWNER TO fristwerk_owner;
CREATE FUNCTION public.feedback_counted(p_key bytea, p_at timestamp with time zone, p_most integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
  this_minute timestamptz := date_bin('1 minute', p_at, 'epoch');
  since timestamptz := date_bin('1 minute', p_at, 'epoch') - interval '60 minutes';
  counted bigint;
  oldest timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(encode(p_key, 'hex'), 27));
  select sum(r.n), min(r.minute) into counted, oldest
  from feedback_rate as r
  where r.key = p_key and r.minute >= since;
  if coalesce(counted, 0) >= p_most then
    return greatest(1, ceil(extract(epoch from oldest + interval '61 minutes' - p_at)))::integer;
  end if;
  insert into feedback_rate as r (key, minute, n) values (p_key, this_minute, 1)
  on conflict (key, minute) do update set n = r.n + 1;
  delete from feedback_rate as r
  where (r.key, r.minute) in (
    select o.key, o.minute from feedback_rate as o
    where o.minute < since - interval '60 minutes'
    order by o.minute limit 20 for update skip locked
  );
  return null;
end
$$;
ALTER FUNCTION public.feedback_counted(p_key bytea, p_at timestamp with time zone, p_most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.feedback_give(p_hash bytea, p_at timestamp with time zone, p_submission uuid, p_role text, p_skus text[], p_ratings integer[], p_comment_ids uuid[], p_comments bytea[], p_key uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  asked feedback_invitation;
begin
  perform set_config('app.tenant', '', true), set_config('app.feedback', encode(p_hash, 'hex'), true);
  select * into asked from feedback_invitation as i where i.token_hash = p_hash;
  if asked.id is null then
    return false;
  end if;
  perform set_config('app.tenant', asked.tenant::text, true), set_config('app.user', 'feedback-form', true),
    set_config('app.at', clock_text(p_at), true);
  -- Two at once: the second waits here, and finds the form closed.
  select * into asked from feedback_invitation as i where i.tenant = asked.tenant and i.id = asked.id for update;
  if asked.closed_at is not null or asked.expires_at <= p_at then
    return false;
  end if;
  insert into feedback_submission
    (tenant, id, lead, box, invitation, source, contact_role, told_by, given_at, received_at)
  values (asked.tenant, p_submission, asked.lead, asked.box, asked.id, 'FORM', p_role, 'feedback-form', p_at, p_at);
  insert into product_feedback (tenant, lead, box, submission, sku, rating, comment_id, comment, key)
  select
    asked.tenant, asked.lead, asked.box, p_submission, s.sku, s.rating, s.comment_id, s.comment,
    case when s.comment is not null then p_key end
  from unnest(p_skus, p_ratings, p_comment_ids, p_comments) as s (sku, rating, comment_id, comment);
  if asked.once then
    update feedback_invitation as i set closed_at = p_at, closed_as = 'used'
    where i.tenant = asked.tenant and i.id = asked.id;
  end if;
  insert into notification
    (tenant, id, lead, cycle, kind, recipient, channel, status, attempt, sent_at, created_at, updated_at)
  select asked.tenant, gen_random_uuid(), l.id, p_submission::text, 'feedback-received', l.owner, 'INAPP', 'sent', 1, p_at, p_at, p_at
  from lead as l
  where l.tenant = asked.tenant and l.id = asked.lead;
  return true;
exception when foreign_key_violation then
  -- The lead's key was destroyed at this moment: nothing can be kept any more.
  return false;
end
$$;
ALTER FUNCTION public.feedback_give(p_hash bytea, p_at timestamp with time zone, p_submission uuid, p_role text, p_skus text[], p_ratings integer[], p_comment_ids uuid[], p_comments bytea[], p_key uuid) OWNER TO fristwerk_owner;
CREATE TABLE public.setting_value (
    id bigint NOT NULL,
    tenant uuid,
    scope text NOT NULL,
    scope_id text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT setting_value_changed_by_check CHECK ((changed_by <> ''::text)),
    CONSTRAINT setting_value_place CHECK (
CASE scope
    WHEN 'global'::text THEN ((tenant IS NULL) AND (scope_id = ''::text))
    WHEN 'tenant'::text THEN ((tenant IS NOT NULL) AND (scope_id = ''::text))
    ELSE ((tenant IS NOT NULL) AND (scope_id <> ''::text))
END),
    CONSTRAINT setting_value_scope_check CHECK ((scope = ANY (ARRAY['global'::text, 'tenant'::text, 'org'::text, 'user'::text])))
);
ALTER TABLE ONLY public.setting_value FORCE ROW LEVEL SECURITY;
ALTER TABLE public.setting_value OWNER TO fristwerk_owner;
CREATE FUNCTION public.feedback_limit(p_tenant uuid, p_lead uuid, p_else integer) RETURNS integer
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT COALESCE(( SELECT ((v.value ->> 'count'::text))::integer AS int4
            FROM public.setting_value v
           WHERE ((v.tenant = feedback_limit.p_tenant) AND (v.key = 'sample.feedback.ratePerHour'::text) AND (jsonb_typeof(v.value) = 'object'::text) AND ((v.scope = 'tenant'::text) OR ((v.scope = 'user'::text) AND (v.scope_id = ( SELECT l.owner
                    FROM public.lead l
                   WHERE ((l.tenant = feedback_limit.p_tenant) AND (l.id = feedback_limit.p_lead)))))))
           ORDER BY (v.scope = 'user'::text) DESC
          LIMIT 1), p_else) AS "coalesce";
END;
ALTER FUNCTION public.feedback_limit(p_tenant uuid, p_lead uuid, p_else integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.feedback_look(p_hash bytea, p_range bytea, p_at timestamp with time zone, p_most integer) RETURNS TABLE(verdict text, retry_after integer, tenant uuid, lead uuid, locale text, skus text[], key uuid, kek_id text, wrapped_key bytea)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  asked feedback_invitation;
  most integer := p_most;
  pause integer;
begin
  perform set_config('app.tenant', '', true), set_config('app.feedback', encode(p_hash, 'hex'), true);
  select * into asked from feedback_invitation as i where i.token_hash = p_hash;
  if asked.id is not null then
    perform set_config('app.tenant', asked.tenant::text, true);
    most := feedback_limit(asked.tenant, asked.lead, p_most);
    perform set_config('app.tenant', '', true);
  end if;
  pause := feedback_counted(p_range, p_at, most);
  if pause is null then
    pause := feedback_counted(sha256(p_hash), p_at, most);
  end if;
  if pause is not null then
    return query select 'slow', pause, null::uuid, null::uuid, null, null::text [], null::uuid, null, null::bytea;
    return;
  end if;
  if asked.id is null or asked.closed_at is not null or asked.expires_at <= p_at then
    return query select 'gone', null::integer, null::uuid, null::uuid, null, null::text [], null::uuid, null, null::bytea;
    return;
  end if;
  perform set_config('app.tenant', asked.tenant::text, true);
  return query
    select
      'open', null::integer, asked.tenant, asked.lead, asked.language,
      array(
        select s.sku from sample_item as s where s.tenant = asked.tenant and s.box = asked.box order by s.place
      ),
      k.id, k.kek_id, k.wrapped_key
    from lead_key as k
    where k.tenant = asked.tenant and k.lead = asked.lead;
  if not found then
    -- Erased: nothing that is said could be kept.
    return query select 'gone', null::integer, null::uuid, null::uuid, null, null::text [], null::uuid, null, null::bytea;
  end if;
end
$$;
ALTER FUNCTION public.feedback_look(p_hash bytea, p_range bytea, p_at timestamp with time zone, p_most integer) OWNER TO fristwerk_owner;
CREATE TABLE public.feedback_invitation (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    token_hash bytea NOT NULL,
    salt bytea NOT NULL,
    once boolean NOT NULL,
    language text NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_as text,
    CONSTRAINT feedback_invitation_check CHECK ((expires_at > issued_at)),
    CONSTRAINT feedback_invitation_closed CHECK (((closed_at IS NULL) = (closed_as IS NULL))),
    CONSTRAINT feedback_invitation_closed_as_check CHECK ((closed_as = ANY (ARRAY['used'::text, 'closed'::text, 'cancelled'::text, 'erased'::text]))),
    CONSTRAINT feedback_invitation_language_check CHECK ((language = ANY (ARRAY['de'::text, 'en'::text]))),
    CONSTRAINT feedback_invitation_salt_check CHECK ((octet_length(salt) >= 16)),
    CONSTRAINT feedback_invitation_token_hash_check CHECK ((octet_length(token_hash) = 32))
);
ALTER TABLE ONLY public.feedback_invitation FORCE ROW LEVEL SECURITY;
ALTER TABLE public.feedback_invitation OWNER TO fristwerk_owner;
CREATE FUNCTION public.feedback_salt(p_box uuid) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (SELECT i.salt FROM public.feedback_invitation i WHERE ((i.tenant = public.app_tenant()) AND (i.box = feedback_salt.p_box) AND (i.closed_at IS NULL) AND public.may_act('log-activity'::text, i.lead)));
ALTER FUNCTION public.feedback_salt(p_box uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.first_tenant_operates() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  insert into operating_tenant (tenant) values (new.id) on conflict do nothing;
  return null;
end
$$;
ALTER FUNCTION public.first_tenant_operates() OWNER TO fristwerk_owner;
CREATE FUNCTION public.keeps_others_away(p_status text, p_valid_until timestamp with time zone, p_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE COALESCE(p_status, 'ACTIVE'::text) WHEN 'ACTIVE'::text THEN true WHEN 'GRACE'::text THEN true WHEN 'PREREGISTERED'::text THEN COALESCE((p_valid_until > p_at), true) ELSE false END;
ALTER FUNCTION public.keeps_others_away(p_status text, p_valid_until timestamp with time zone, p_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (SELECT l.id FROM (public.lead l LEFT JOIN public.protection p ON (((p.tenant = l.tenant) AND (p.lead = l.id)))) WHERE ((l.tenant = live_duplicate.p_tenant) AND (l.company_key = live_duplicate.p_company_key) AND (l.id IS DISTINCT FROM live_duplicate.p_except) AND ((live_duplicate.p_postcode IS NULL) OR (l.postcode IS NULL) OR (l.postcode = live_duplicate.p_postcode)) AND public.keeps_others_away(p.status, p.valid_until, live_duplicate.p_at)) ORDER BY l.created_at, l.id LIMIT 1);
ALTER FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (public.live_duplicate(p_tenant, p_company_key, p_postcode, p_at, p_except) IS NOT NULL);
ALTER FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN public.has_live_duplicate(p_tenant, p_company_key, p_postcode, NULL::timestamp with time zone, NULL::uuid);
ALTER FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.hold_campaign_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if tg_op = 'INSERT' then
    perform audit_tell(
      'hold-campaign-asked', null, null, null,
      jsonb_build_object(
        'campaign', new.id, 'reason', new.reason, 'startAt', new.start_at, 'endAt', new.end_at, 'leads', new.leads,
        'filter', new.wanted
      ),
      null, new.asked_at
    );
  else
    perform audit_tell(
      'hold-campaign-end-asked', null, null, null, jsonb_build_object('campaign', new.id), null, new.end_asked_at
    );
  end if;
  return null;
end
$$;
ALTER FUNCTION public.hold_campaign_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.inbound_mail_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.inbound_mail_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.inbound_mail_waits() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform pg_notify('inbound_mail', '');
  return null;
end
$$;
ALTER FUNCTION public.inbound_mail_waits() OWNER TO fristwerk_owner;
CREATE FUNCTION public.is_sealed(value bytea) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((octet_length(value) >= 29) AND (substr(value, 1, 1) = '\x01'::bytea));
ALTER FUNCTION public.is_sealed(value bytea) OWNER TO fristwerk_owner;
CREATE FUNCTION public.kpi_gather(p_zone text, p_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  here constant uuid := app_tenant();
  since bigint;
  days_of text;
  told bigint;
  until bigint;
begin
  if here is null or app_user_id() is null then
    raise exception 'figures are of a tenant, and for somebody' using errcode = 'insufficient_privilege';
  end if;
  select h.seq into told from audit_head as h where h.tenant = here;
  if told is null then
    return 0;
  end if;
  insert into kpi_progress (tenant, seq, zone) values (here, 0, p_zone) on conflict do nothing;
  select p.seq, p.zone into since, days_of from kpi_progress as p where p.tenant = here for update skip locked;
  if since is null then
    return null;
  end if;
  if days_of <> p_zone then
    delete from kpi_day as d where d.tenant = here;
    delete from kpi_hold_day as d where d.tenant = here;
    delete from kpi_span as s where s.tenant = here;
    delete from kpi_lead as l where l.tenant = here;
    since := 0;
  end if;
  until := least(told, since + p_most);
  if until = since and days_of = p_zone then
    return 0;
  end if;
  -- What a lead was before is what was counted of it last: a row's own "before" speaks of its instant, at
  -- which a deadline may have passed that only this row tells.
  with told_of as materialized (
    select
      e.lead, e.seq, (e.at at time zone p_zone)::date as day, e.what,
      e.before ->> 'status' = 'GRACE' and e.after ->> 'status' = 'ACTIVE' and e.what = 'activity' as back,
      coalesce(lag(e.after ->> 'status') over w, k.status) as was,
      coalesce(lag(e.after ->> 'owner') over w, k.owner) as was_of,
      e.after ->> 'status' as now_is, e.after ->> 'owner' as now_of
    from audit_event as e
    left join kpi_lead as k on k.tenant = here and k.lead = e.lead
    where
      e.tenant = here and e.seq > since and e.seq <= until and e.fact_id is not null and e.lead is not null
      and e.after ->> 'status' is not null and e.after ->> 'owner' is not null
    window w as (partition by e.lead order by e.seq)
  ),
  kept as (
    insert into kpi_lead (tenant, lead, status, owner)
    select distinct on (t.lead) here, t.lead, t.now_is, t.now_of from told_of as t
    order by t.lead asc, t.seq desc
    on conflict (tenant, lead) do update set status = excluded.status, owner = excluded.owner
    where (kpi_lead.status, kpi_lead.owner) <> (excluded.status, excluded.owner)
  ),
  moved as (
    select t.day, t.was_of as owner, t.was as status, -1 as step, '' as what, false as back
    from told_of as t
    where t.was is not null and (t.was, t.was_of) <> (t.now_is, t.now_of)
    union all
    select
      t.day, t.now_of, t.now_is, case when (t.was, t.was_of) is distinct from (t.now_is, t.now_of) then 1 else 0 end,
      case when t.was is null then 'entered' else t.what end,
      coalesce(t.back, false)
    from told_of as t
  )
  insert into kpi_day as k (
    tenant, day, owner, preregistered, active, grace, expired, converted, released, erased, entered, activities,
    reminded, bounced, reactivated, lapsed, won
  )
  select
    here, m.day, coalesce(m.owner, ''),
    coalesce(sum(m.step) filter (where m.status = 'PREREGISTERED'), 0),
    coalesce(sum(m.step) filter (where m.status = 'ACTIVE'), 0),
    coalesce(sum(m.step) filter (where m.status = 'GRACE'), 0),
    coalesce(sum(m.step) filter (where m.status = 'EXPIRED'), 0),
    coalesce(sum(m.step) filter (where m.status = 'CONVERTED'), 0),
    coalesce(sum(m.step) filter (where m.status = 'RELEASED'), 0),
    coalesce(sum(m.step) filter (where m.status = 'ERASED'), 0),
    count(*) filter (where m.what = 'entered'),
    count(*) filter (where m.what = 'activity'),
    count(*) filter (where m.what = 'reminder_sent'),
    count(*) filter (where m.what = 'reminder_bounced'),
    count(*) filter (where m.back),
    count(*) filter (where m.what = 'lapsed'),
    count(*) filter (where m.what = 'converted')
  from moved as m
  group by grouping sets ((m.day, m.owner), (m.day))
  on conflict (tenant, owner, day) do update set
    preregistered = k.preregistered + excluded.preregistered,
    active = k.active + excluded.active,
    grace = k.grace + excluded.grace,
    expired = k.expired + excluded.expired,
    converted = k.converted + excluded.converted,
    released = k.released + excluded.released,
    erased = k.erased + excluded.erased,
    entered = k.entered + excluded.entered,
    activities = k.activities + excluded.activities,
    reminded = k.reminded + excluded.reminded,
    bounced = k.bounced + excluded.bounced,
    reactivated = k.reactivated + excluded.reactivated,
    lapsed = k.lapsed + excluded.lapsed,
    won = k.won + excluded.won;
  -- A lead whose ledger has moved on: what was counted of its holds is taken back, what holds now is counted.
  with touched as materialized (
    select distinct e.lead
    from audit_event as e
    where e.tenant = here and e.seq > since and e.seq <= until and e.fact_id is not null and e.lead is not null
  ),
  current as materialized (
    select h.lead, h.reason, p.owner, range_agg(tstzrange(h.start_at, least(h.end_at, p.ended_at))) as spans
    from touched as t
    inner join hold as h on h.tenant = here and h.lead = t.lead
    inner join protection as p on p.tenant = here and p.lead = t.lead
    where h.start_at < coalesce(least(h.end_at, p.ended_at), 'infinity')
    group by h.lead, h.reason, p.owner
  ),
  gone as (
    delete from kpi_span as s using touched as t
    where
      s.tenant = here and s.lead = t.lead and not exists (
        select from current as c where c.lead = s.lead and c.reason = s.reason
      )
    returning s.lead, s.reason, s.owner, s.spans
  ),
  known as materialized (
    select s.lead, s.reason, s.owner, s.spans
    from kpi_span as s
    inner join current as c on c.lead = s.lead and c.reason = s.reason
    where s.tenant = here
  ),
  put as (
    insert into kpi_span (tenant, lead, reason, owner, spans)
    select here, c.lead, c.reason, c.owner, c.spans from current as c
    on conflict (tenant, lead, reason) do update set owner = excluded.owner, spans = excluded.spans
    where (kpi_span.owner, kpi_span.spans) <> (excluded.owner, excluded.spans)
  ),
  changed as (
    select -1 as step, g.reason, g.owner, g.spans from gone as g
    union all
    select -1, k.reason, k.owner, k.spans from known as k
    union all
    select 1, c.reason, c.owner, c.spans from current as c
  )
  insert into kpi_hold_day as k (tenant, day, owner, reason, share, standing)
  select
    here, part.day, coalesce(c.owner, ''), c.reason, sum(c.step * part.share), sum(c.step * part.standing)
  from changed as c
  cross join lateral kpi_hold_parts(c.spans, p_zone) as part
  group by grouping sets ((part.day, c.reason, c.owner), (part.day, c.reason))
  having sum(c.step * part.share) <> 0 or sum(c.step * part.standing) <> 0
  on conflict (tenant, owner, day, reason) do update set
    share = k.share + excluded.share, standing = k.standing + excluded.standing;
  update kpi_progress as p set seq = until, zone = p_zone where p.tenant = here;
  return told - until;
end
$$;
ALTER FUNCTION public.kpi_gather(p_zone text, p_most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.kpi_hold_parts(spans tstzmultirange, zone text) RETURNS TABLE(day date, share bigint, standing integer)
    LANGUAGE sql IMMUTABLE ROWS 6 PARALLEL SAFE
    AS $$
  with edge as (
    select
      lower(s.span) as moment, 1 as step, (lower(s.span) at time zone zone)::date as day
    from unnest(spans) as s (span)
    where lower(s.span) is not null
    union all
    select upper(s.span), -1, (upper(s.span) at time zone zone)::date
    from unnest(spans) as s (span)
    where upper(s.span) is not null
  ),
  measured as (
    select
      e.moment, e.step, e.day, e.day::timestamp at time zone zone as day_begin,
      (e.day + 1)::timestamp at time zone zone as day_end
    from edge as e
  )
  select
    m.day,
    round(
      1000000 * case
        when m.step > 0 then extract(epoch from m.day_end - m.moment)
        else extract(epoch from m.moment - m.day_begin)
      end / extract(epoch from m.day_end - m.day_begin)
    )::bigint,
    case when m.step > 0 then 0 else -1 end
  from measured as m
  union all
  select m.day + 1, 0, 1
  from measured as m
  where m.step > 0
$$;
ALTER FUNCTION public.kpi_hold_parts(spans tstzmultirange, zone text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.late_correction_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform audit_tell(
    'correction-came-late', new.lead, null, jsonb_build_object('endedAt', clock_text(new.ended_at)),
    jsonb_build_object(
      'corrects', new.corrects, 'replacement', new.replacement, 'keptUntil', clock_text(new.kept_until)
    ),
    null, new.told_at
  );
  return null;
end
$$;
ALTER FUNCTION public.late_correction_told() OWNER TO fristwerk_owner;
CREATE TABLE public.fact (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    revision integer NOT NULL,
    fact_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    by text NOT NULL,
    payload jsonb NOT NULL,
    CONSTRAINT fact_fact_id_check CHECK ((fact_id <> ''::text)),
    CONSTRAINT fact_payload_check CHECK ((jsonb_typeof(payload) = 'object'::text)),
    CONSTRAINT fact_revision_check CHECK ((revision > 0)),
    CONSTRAINT fact_type_check CHECK ((type <> ''::text))
);
ALTER TABLE ONLY public.fact FORCE ROW LEVEL SECURITY;
ALTER TABLE public.fact OWNER TO fristwerk_owner;
CREATE TABLE public.policy_version (
    tenant uuid NOT NULL,
    version text NOT NULL,
    policy jsonb NOT NULL,
    CONSTRAINT policy_version_policy_check CHECK ((jsonb_typeof(policy) = 'object'::text)),
    CONSTRAINT policy_version_version_check CHECK ((version <> ''::text))
);
ALTER TABLE ONLY public.policy_version FORCE ROW LEVEL SECURITY;
ALTER TABLE public.policy_version OWNER TO fristwerk_owner;
CREATE FUNCTION public.opening_policy(p_tenant uuid, p_lead uuid) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT v.policy FROM (public.protection p JOIN public.policy_version v ON (((v.tenant = p.tenant) AND (v.version = COALESCE((SELECT (f.payload ->> 'replaces'::text) FROM public.fact f WHERE ((f.tenant = p.tenant) AND (f.lead = p.lead) AND (f.type = 'policy_adopted'::text)) ORDER BY f.revision LIMIT 1), p.policy_version))))) WHERE ((p.tenant = opening_policy.p_tenant) AND (p.lead = opening_policy.p_lead)));
ALTER FUNCTION public.opening_policy(p_tenant uuid, p_lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamp with time zone) RETURNS TABLE(revision integer, status text, paused boolean, base_until timestamp with time zone, progress_until timestamp with time zone, reminder_due_at timestamp with time zone, grace_until timestamp with time zone, valid_until timestamp with time zone, reason text, cycle integer)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT ledger.revision,
     told.status,
     told.paused,
     told.base_until,
     told.progress_until,
     told.reminder_due_at,
     told.grace_until,
     told.valid_until,
     told.reason,
     told.cycle
    FROM ((public.protection p
      CROSS JOIN LATERAL ( SELECT max(f.revision) AS revision,
             jsonb_agg(f.payload ORDER BY f.revision) AS facts
            FROM public.fact f
           WHERE ((f.tenant = p.tenant) AND (f.lead = p.lead) AND (f.recorded_at <= lead_clock.p_as_of))) ledger)
      CROSS JOIN LATERAL jsonb_to_record(public.clock_replay(public.opening_policy(p.tenant, p.lead), NULL::timestamp with time zone, ledger.facts, lead_clock.p_as_of, false)) told(status text, paused boolean, base_until timestamp with time zone, progress_until timestamp with time zone, reminder_due_at timestamp with time zone, grace_until timestamp with time zone, valid_until timestamp with time zone, reason text, cycle integer))
   WHERE ((p.tenant = lead_clock.p_tenant) AND (p.lead = lead_clock.p_lead) AND (ledger.facts IS NOT NULL));
END;
ALTER FUNCTION public.lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_described() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if (new.company_key, new.postcode) is distinct from (old.company_key, old.postcode) then
    perform pg_advisory_xact_lock(hashtextextended(new.tenant::text || new.company_key, 0));
    if has_live_duplicate(new.tenant, new.company_key, new.postcode, app_at(), new.id)
      and keeps_others_away(
        (select p.status from protection as p where p.tenant = new.tenant and p.lead = new.id), null, null
      )
      and not may_act('govern', new.id)
    then
      raise exception 'a live lead of the same company and place exists' using errcode = 'FW003';
    end if;
  end if;
  new.changed := old.changed + 1;
  return new;
end
$$;
ALTER FUNCTION public.lead_described() OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_key(company text, city text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((public.company_key(company) || '|'::text) || public.city_key(city));
ALTER FUNCTION public.lead_key(company text, city text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_named() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if tg_op = 'INSERT' then
    insert into lead_search (tenant, lead, words) values (new.tenant, new.id, new.search_words);
    return null;
  end if;
  perform set_config('app.sought', '%', true);
  update lead_search as s set words = new.search_words where s.tenant = new.tenant and s.lead = new.id;
  perform set_config('app.sought', '', true);
  update protection as p
  set name_words = new.name_words, city_key = new.city_key, search_words = new.search_words
  where p.tenant = new.tenant and p.lead = new.id;
  return null;
end
$$;
ALTER FUNCTION public.lead_named() OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_page(p_tenant uuid, p_user text, p_roles text, p_owner text, p_shared boolean, p_after_key timestamp with time zone, p_after_lead uuid, p_most integer) RETURNS TABLE(items bytea, last_key timestamp with time zone, last_lead uuid)
    LANGUAGE plpgsql ROWS 1
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true);
  return query
    with page as (
      (
        select p.lead, p.listed, p.sorted_end as place
        from protection as p
        where
          p_owner is null and not p_shared and p.tenant = p_tenant
          and (p.sorted_end, p.lead) > (p_after_key, p_after_lead)
        order by p.sorted_end, p.lead
        limit 201
      )
      union all
      (
        select p.lead, p.listed, p.sorted_end as place
        from protection as p
        where
          p.tenant = p_tenant and p.owner = p_owner
          and (p.sorted_end, p.lead) > (p_after_key, p_after_lead)
        order by p.sorted_end, p.lead
        limit 201
      )
      union all
      (
        select p.lead, p.listed, p.sorted_end as place
        from protection as p
        where
          p_shared and p.tenant = p_tenant and p.owner <> p_user
          and p.lead = any(array(select s.lead from app_shared_leads() as s (lead)))
          and (p.sorted_end, p.lead) > (p_after_key, p_after_lead)
        order by p.sorted_end, p.lead
        limit 201
      )
      order by place, lead
      limit p_most + 1
    ),
    numbered as (
      select page.lead, page.listed, page.place, row_number() over (order by page.place, page.lead) as n from page
    )
    select
      convert_to(
        coalesce(
          string_agg(l.listed || numbered.listed, ',' order by numbered.n) filter (where numbered.n <= p_most), ''
        ),
        'UTF8'
      ),
      case when count(*) > p_most then (array_agg(numbered.place order by numbered.n))[p_most] end,
      case when count(*) > p_most then (array_agg(numbered.lead order by numbered.n))[p_most] end
    from numbered
    inner join lead as l on l.tenant = p_tenant and l.id = numbered.lead;
end
$$;
ALTER FUNCTION public.lead_page(p_tenant uuid, p_user text, p_roles text, p_owner text, p_shared boolean, p_after_key timestamp with time zone, p_after_lead uuid, p_most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
  entry jsonb;
  added integer;
begin
  if app_tenant() is null then
    perform set_config('app.tenant', p_tenant::text, true);
  elsif app_tenant() <> p_tenant then
    raise exception 'leads are registered in the tenant of the transaction' using errcode = 'insufficient_privilege';
  end if;
  if refuse_duplicates then
    for entry in
      select e.lead from (select value -> 'lead' as lead from jsonb_array_elements(entries)) as e
      order by e.lead ->> 'company_key'
    loop
      -- Two registrations of the same company at the same moment: the second waits for the first.
      perform pg_advisory_xact_lock(hashtextextended(p_tenant::text || (entry ->> 'company_key'), 0));
      continue when exists (select from lead as l where l.tenant = p_tenant and l.id = (entry ->> 'id')::uuid);
      if has_live_duplicate(
        p_tenant, entry ->> 'company_key', entry ->> 'postcode', (entry ->> 'created_at')::timestamptz,
        (entry ->> 'id')::uuid
      ) then
        raise exception 'a live lead of the same company and place exists' using errcode = 'FW003';
      end if;
    end loop;
  end if;
  insert into lead (tenant, id, external_id, company, city, postcode, industry, source, owner, company_key, created_at)
  select p_tenant, r.id, r.external_id, r.company, r.city, r.postcode, r.industry, r.source, r.owner, r.company_key, r.created_at
  from jsonb_array_elements(entries) as e
  cross join lateral jsonb_populate_record(null::lead, e.value -> 'lead') as r
  on conflict (tenant, id) do nothing;
  get diagnostics added = row_count;
  insert into lead_contact (tenant, lead, id, kind, fact_id, name, email, phone, note, occurred_at, channel)
  select
    p_tenant, (e.value -> 'lead' ->> 'id')::uuid, r.id, r.kind, r.fact_id, r.name, r.email, r.phone, r.note,
    r.occurred_at, r.channel
  from jsonb_array_elements(entries) as e
  cross join lateral jsonb_populate_recordset(null::lead_contact, e.value -> 'contacts') as r
  on conflict (tenant, lead, id) do nothing;
  return added;
end
$$;
ALTER FUNCTION public.lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_registered() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  insert into lead_to_classify (tenant, lead, at)
  select new.tenant, new.lead, new.updated_at
  from ai_classifies as c
  where c.tenant = new.tenant
  on conflict (tenant, lead) do nothing;
  if found then
    perform pg_notify('lead_to_classify', '');
  end if;
  return null;
end
$$;
ALTER FUNCTION public.lead_registered() OWNER TO fristwerk_owner;
CREATE FUNCTION public.lead_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
$$;
ALTER FUNCTION public.lead_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.leads_saying(patterns text[], most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if app_reads_all() then
    perform set_config('app.sought', patterns[1], true);
    return query select s.lead from lead_search as s where s.words like all(patterns) limit most;
    perform set_config('app.sought', '', true);
  end if;
end
$$;
ALTER FUNCTION public.leads_saying(patterns text[], most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.ledger_record(p_tenant uuid, commands jsonb) RETURNS integer[]
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $_$
declare
  command record;
  held record;
  clash record;
  fresh text [];
  heard text [];
  another text;
  last_revision integer;
  stored integer;
  revisions integer [] := array_fill(0, array[jsonb_array_length(commands)]);
  audits jsonb [] := array_fill(null::jsonb, array[jsonb_array_length(commands)]);
begin
  perform set_config('app.tenant', p_tenant::text, true);
  -- In the order of the leads, so that two batches cannot deadlock.
  for command in
    select
      c.place, (c.value ->> 'lead')::uuid as lead, c.value -> 'facts' as facts, c.value -> 'projection' as projection,
      c.value -> 'holds' as holds, coalesce(c.value -> 'requests', '[]') as requests, c.value -> 'audit' as audit,
      jsonb_array_length(c.value -> 'facts') as facts_told,
      (c.value -> 'facts' -> 0 ->> 'revision')::integer as first_revision,
      jsonb_path_exists(c.value, '$.facts[*] ? (@.type == "corrected")') as corrects,
      jsonb_path_exists(c.value, '$.facts[*] ? (@.type == "policy_adopted")') as adopts
    from jsonb_array_elements(commands) with ordinality as c (value, place)
    order by 2
  loop
    select p.revision, p.owner into held
    from protection as p
    where p.tenant = p_tenant and p.lead = command.lead
    for update;
    if command.first_revision is distinct from coalesce(held.revision, 0) + 1 then
      -- Not simply the next facts: some are known already, or somebody is wrong.
      select known.fact_id, known.revision into clash
      from jsonb_array_elements(command.facts) as f
      inner join fact as known on known.tenant = p_tenant and known.lead = command.lead
        and (known.fact_id = f.value ->> 'fact_id' or known.revision = (f.value ->> 'revision')::integer)
      where (known.fact_id, known.revision, known.payload)
        is distinct from (f.value ->> 'fact_id', (f.value ->> 'revision')::integer, f.value - 'revision')
      limit 1;
      if found then
        raise exception 'lead % already holds another fact under fact_id % or revision %',
          command.lead, clash.fact_id, clash.revision using errcode = 'FW001';
      end if;
      command.facts := coalesce((
        select jsonb_agg(f.value order by f.place)
        from jsonb_array_elements(command.facts) with ordinality as f (value, place)
        where not exists (
          select from fact as known
          where known.tenant = p_tenant and known.lead = command.lead and known.fact_id = f.value ->> 'fact_id'
        )
      ), '[]');
    end if;
    fresh := '{}';
    if command.facts <> '[]' then
      with added as (
        insert into fact (tenant, lead, revision, fact_id, type, occurred_at, recorded_at, by, payload)
        select
          p_tenant, command.lead, (f.value ->> 'revision')::integer, f.value ->> 'fact_id', f.value ->> 'type',
          coalesce(
            f.value ->> 'occurred_at', f.value ->> 'registered_at', f.value ->> 'start_at', f.value ->> 'ended_at',
            f.value ->> 'sent_at', f.value ->> 'at', f.value ->> 'recorded_at'
          )::timestamptz,
          (f.value ->> 'recorded_at')::timestamptz, f.value ->> 'by', f.value - 'revision'
        from jsonb_array_elements(command.facts) as f
        returning fact_id, revision
      )
      select array_agg(added.fact_id), max(added.revision) into fresh, last_revision from added;
    else
      select coalesce(max(f.revision), 0) into last_revision
      from fact as f
      where f.tenant = p_tenant and f.lead = command.lead;
    end if;
    -- A policy that a lead goes over to is known under its version, and never as another one.
    if command.adopts then
      insert into policy_version (tenant, version, policy)
      select p_tenant, f.value ->> 'version', f.value -> 'policy'
      from jsonb_array_elements(command.facts) as f
      where f.value ->> 'type' = 'policy_adopted'
      on conflict (tenant, version) do nothing;
      select v.version into another
      from jsonb_array_elements(command.facts) as f
      inner join policy_version as v on v.tenant = p_tenant and v.version = f.value ->> 'version'
      where f.value ->> 'type' = 'policy_adopted' and v.policy <> f.value -> 'policy'
      limit 1;
      if found then
        raise exception 'policy version % exists already and says something else', another using errcode = 'FW001';
      end if;
    end if;
    -- Audit rows without a fact are known by their audit_id.
    heard := '{}';
    if jsonb_path_exists(command.audit, '$[*].audit_id') then
      select coalesce(array_agg(known.audit_id), '{}') into heard
      from audit_event as known
      where known.tenant = p_tenant
        and known.audit_id = any(array(select a.value ->> 'audit_id' from jsonb_array_elements(command.audit) as a));
    end if;
    select coalesce(jsonb_agg(a.value order by a.place), '[]') into command.audit
    from jsonb_array_elements(command.audit) with ordinality as a (value, place)
    where case
      when a.value ->> 'audit_id' is not null then a.value ->> 'audit_id' <> all(heard)
      when a.value ->> 'fact_id' is not null then a.value ->> 'fact_id' = any(fresh)
      else fresh <> '{}'
    end;
    -- What brings neither a fact nor an audit row that is new is a repetition and changes nothing,
    -- unless it never was about any.
    stored := null;
    if fresh <> '{}' or command.audit <> '[]' or (command.facts_told = 0 and heard = '{}') then
      if (command.projection ->> 'revision')::integer > last_revision
        or (fresh <> '{}' and (command.projection ->> 'revision')::integer < last_revision) then
        raise exception 'the projection of lead % claims revision %, the ledger ends with %',
          command.lead, command.projection ->> 'revision', last_revision using errcode = 'FW001';
      end if;
      insert into protection as p
      select told.* from jsonb_populate_record(null::protection, command.projection) as told
      on conflict (tenant, lead) do update set
        revision = excluded.revision, status = excluded.status, paused = excluded.paused, owner = excluded.owner,
        base_until = excluded.base_until, progress_until = excluded.progress_until,
        reminder_due_at = excluded.reminder_due_at, grace_until = excluded.grace_until,
        valid_until = excluded.valid_until, reason = excluded.reason, next_wake_up = excluded.next_wake_up,
        cycle = excluded.cycle, active_holds = excluded.active_holds, problem = excluded.problem,
        registered_at = excluded.registered_at, last_progress_at = excluded.last_progress_at,
        assigned_at = excluded.assigned_at, ended_at = excluded.ended_at, policy_version = excluded.policy_version,
        refused_facts = excluded.refused_facts, updated_at = excluded.updated_at
      where p.revision <= excluded.revision
      returning p.revision into stored;
    end if;
    if stored is not null then
      if command.projection ->> 'owner' is distinct from held.owner then
        update lead as l set owner = command.projection ->> 'owner'
        where l.tenant = p_tenant and l.id = command.lead and l.owner <> command.projection ->> 'owner';
      end if;
      delete from hold as h
      where h.tenant = p_tenant and h.lead = command.lead
        and h.hold <> all(array(select told.value ->> 'hold' from jsonb_array_elements(command.holds) as told));
      if command.holds <> '[]' then
        insert into hold as h (tenant, lead, hold, reason, start_at, end_at, placed_by)
        select p_tenant, command.lead, told.hold, told.reason, told.start_at, told.end_at, told.placed_by
        from jsonb_populate_recordset(null::hold, command.holds) as told
        on conflict (tenant, lead, hold) do update set
          reason = excluded.reason, start_at = excluded.start_at, end_at = excluded.end_at,
          placed_by = excluded.placed_by
        where (h.reason, h.start_at, h.end_at, h.placed_by)
          is distinct from (excluded.reason, excluded.start_at, excluded.end_at, excluded.placed_by);
      end if;
      -- Most leads never had a request. Only a correction makes one disappear.
      if command.requests <> '[]' or command.corrects then
        delete from request as r
        where r.tenant = p_tenant and r.lead = command.lead
          and r.request <> all(array(select told.value ->> 'request' from jsonb_array_elements(command.requests) as told));
        insert into request as r (
          tenant, lead, request, kind, status, reason, start_at, end_at, days, next_step_at, requested_by, requested_at,
          decided_by, decided_at
        )
        select
          p_tenant, command.lead, told.request, told.kind, told.status, told.reason, told.start_at, told.end_at,
          told.days, told.next_step_at, told.requested_by, told.requested_at, told.decided_by, told.decided_at
        from jsonb_populate_recordset(null::request, command.requests) as told
        on conflict (tenant, lead, request) do update set
          kind = excluded.kind, status = excluded.status, reason = excluded.reason, start_at = excluded.start_at,
          end_at = excluded.end_at, days = excluded.days, next_step_at = excluded.next_step_at,
          requested_by = excluded.requested_by, requested_at = excluded.requested_at, decided_by = excluded.decided_by,
          decided_at = excluded.decided_at
        where r is distinct from excluded;
      end if;
    end if;
    revisions[command.place] := coalesce(stored, held.revision, 0);
    audits[command.place] := jsonb_build_object('lead', command.lead, 'rows', command.audit);
  end loop;
  -- Last, because the head of the tenant's chain stays locked from here to the end.
  insert into audit_event (tenant, audit_id, actor, what, lead, fact_id, before, after, reason, at)
  select
    p_tenant, a.value ->> 'audit_id', a.value ->> 'actor', a.value ->> 'what', (told.by_lead ->> 'lead')::uuid,
    a.value ->> 'fact_id', nullif(a.value -> 'before', 'null'), nullif(a.value -> 'after', 'null'),
    a.value ->> 'reason', (a.value ->> 'at')::timestamptz
  from unnest(audits) with ordinality as told (by_lead, place)
  cross join lateral jsonb_array_elements(told.by_lead -> 'rows') with ordinality as a (value, place)
  order by told.place, a.place;
  return revisions;
end
$_$;
ALTER FUNCTION public.ledger_record(p_tenant uuid, commands jsonb) OWNER TO fristwerk_owner;
CREATE FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN public.live_duplicate(p_tenant, p_company_key, p_postcode, NULL::timestamp with time zone, NULL::uuid);
ALTER FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) OWNER TO fristwerk_owner;
CREATE TABLE public.inbound_mail (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    mailbox text NOT NULL,
    uid_validity bigint NOT NULL,
    uid bigint NOT NULL,
    fingerprint bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL,
    size bigint NOT NULL,
    cut boolean NOT NULL,
    attachments integer NOT NULL,
    nature text NOT NULL,
    sender bytea,
    subject bytea,
    body bytea,
    linked bytea,
    sender_index bytea,
    key uuid,
    state text NOT NULL,
    why text,
    lead uuid,
    match text,
    confidence numeric(3,2),
    candidates uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    category text,
    category_confidence numeric(3,2),
    notification uuid,
    bounce_code text,
    brought_at timestamp with time zone,
    sorted_at timestamp with time zone,
    settled_at timestamp with time zone,
    decided_by text,
    decided_at timestamp with time zone,
    erased_at timestamp with time zone,
    CONSTRAINT inbound_mail_attachments_check CHECK ((attachments >= 0)),
    CONSTRAINT inbound_mail_body_check CHECK (public.is_sealed(body)),
    CONSTRAINT inbound_mail_bounce_code_check CHECK ((bounce_code ~ '^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$'::text)),
    CONSTRAINT inbound_mail_category_check CHECK ((category ~ '^[A-Z_]{2,40}$'::text)),
    CONSTRAINT inbound_mail_category_confidence_check CHECK (((category_confidence >= (0)::numeric) AND (category_confidence <= (1)::numeric))),
    CONSTRAINT inbound_mail_confidence_check CHECK (((confidence >= (0)::numeric) AND (confidence <= (1)::numeric))),
    CONSTRAINT inbound_mail_decided CHECK (((decided_by IS NULL) = (decided_at IS NULL))),
    CONSTRAINT inbound_mail_decided_by_check CHECK ((decided_by <> ''::text)),
    CONSTRAINT inbound_mail_fingerprint_check CHECK ((octet_length(fingerprint) = 16)),
    CONSTRAINT inbound_mail_has_key CHECK (((key IS NOT NULL) OR (num_nonnulls(sender, subject, body, linked, sender_index) = 0))),
    CONSTRAINT inbound_mail_linked_check CHECK (public.is_sealed(linked)),
    CONSTRAINT inbound_mail_match_check CHECK ((match = ANY (ARRAY['reply'::text, 'address'::text, 'domain'::text, 'name'::text, 'hand'::text]))),
    CONSTRAINT inbound_mail_matched CHECK (((state = 'matched'::text) = ((lead IS NOT NULL) AND (match IS NOT NULL)))),
    CONSTRAINT inbound_mail_nature_check CHECK ((nature = ANY (ARRAY['mail'::text, 'automatic'::text, 'newsletter'::text, 'bounce'::text, 'unreadable'::text]))),
    CONSTRAINT inbound_mail_sender_check CHECK (public.is_sealed(sender)),
    CONSTRAINT inbound_mail_size_check CHECK ((size >= 0)),
    CONSTRAINT inbound_mail_state_check CHECK ((state = ANY (ARRAY['received'::text, 'matched'::text, 'unmatched'::text, 'ignored'::text, 'bounce'::text, 'dismissed'::text]))),
    CONSTRAINT inbound_mail_subject_check CHECK (public.is_sealed(subject)),
    CONSTRAINT inbound_mail_why_check CHECK ((why ~ '^[a-z-]{2,40}$'::text))
);
ALTER TABLE ONLY public.inbound_mail FORCE ROW LEVEL SECURITY;
ALTER TABLE public.inbound_mail OWNER TO fristwerk_owner;
CREATE TABLE public.lead_contact (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    fact_id text,
    name bytea,
    email bytea,
    phone bytea,
    note bytea,
    occurred_at timestamp with time zone,
    channel text,
    key uuid,
    email_index bytea,
    phone_index bytea,
    domain_index bytea,
    CONSTRAINT lead_contact_domain_has_key CHECK (((key IS NOT NULL) OR (domain_index IS NULL))),
    CONSTRAINT lead_contact_has_key CHECK (((key IS NOT NULL) OR (num_nonnulls(name, email, phone, note, email_index, phone_index) = 0))),
    CONSTRAINT lead_contact_is_sealed CHECK ((((name IS NULL) OR public.is_sealed(name)) AND ((email IS NULL) OR public.is_sealed(email)) AND ((phone IS NULL) OR public.is_sealed(phone)) AND ((note IS NULL) OR public.is_sealed(note)))),
    CONSTRAINT lead_contact_kind_check CHECK ((kind = ANY (ARRAY['CONTACT'::text, 'FIRST_CONTACT'::text, 'NOTE'::text])))
);
ALTER TABLE ONLY public.lead_contact FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_contact OWNER TO fristwerk_owner;
CREATE FUNCTION public.mail_speaks_of(mail public.inbound_mail, p_lead uuid) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN ((NOT ((mail).lead IS DISTINCT FROM p_lead)) OR (p_lead = ANY ((mail).candidates)) OR ((mail).sender_index IN (SELECT c.email_index FROM public.lead_contact c WHERE ((c.tenant = (mail_speaks_of.mail).tenant) AND (c.lead = mail_speaks_of.p_lead) AND (c.email_index IS NOT NULL)))));
ALTER FUNCTION public.mail_speaks_of(mail public.inbound_mail, p_lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.mail_turn_ask(p_mail uuid, p_urgency integer, p_at timestamp with time zone, p_connections integer, p_minute integer, p_hour integer, p_lease interval, p_present interval) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  per_minute integer := case when p_urgency = 0 then p_minute else greatest(1, p_minute - ceil(p_minute / 10.0)::integer) end;
  per_hour integer := case when p_urgency = 0 then p_hour else greatest(1, p_hour - ceil(p_hour / 10.0)::integer) end;
  free_minute timestamptz;
  free_hour timestamptz;
  back timestamptz;
  others integer;
  asked mail_turn;
begin
  perform pg_advisory_xact_lock(hashtextextended('mail-turn', 31));
  perform set_config('app.tenant', '', true);
  delete from mail_turn as t
  where t.holds_until <= p_at or (t.holds_until is null and greatest(t.seen_at, t.back_at) < p_at - 5 * p_present);
  delete from mail_handed as h where h.at <= p_at - interval '1 hour';
  insert into mail_turn as t (mail, urgency, asked_at, seen_at) values (p_mail, p_urgency, p_at, p_at)
  on conflict (mail) do update set seen_at = p_at, back_at = null, holds_until = null
  returning t.* into asked;
  free_minute := mail_window_free(p_at, interval '1 minute', per_minute);
  free_hour := mail_window_free(p_at, interval '1 hour', per_hour);
  if free_minute is not null or free_hour is not null then
    select count(*) into others
    from mail_turn as t where t.back_at > p_at and t.urgency <= p_urgency and t.mail <> p_mail;
    back := greatest(
      free_minute + others * (interval '1 minute' / per_minute), free_hour + others * (interval '1 hour' / per_hour)
    );
    back := least(back, p_at + interval '1 hour');
    update mail_turn as t set back_at = back where t.mail = p_mail;
    return greatest(1, ceil(extract(epoch from back - p_at) * 1000))::integer;
  end if;
  select count(*) into others
  from mail_turn as t
  where
    t.mail <> p_mail and (
      t.holds_until is not null
      or (
        t.back_at is null and t.seen_at > p_at - p_present
        and (t.urgency, t.asked_at, t.mail) < (asked.urgency, asked.asked_at, asked.mail)
      )
    );
  if others >= p_connections then
    return greatest(1, extract(epoch from p_present) * 1000 / 10)::integer;
  end if;
  update mail_turn as t set holds_until = p_at + p_lease where t.mail = p_mail;
  insert into mail_handed (at) values (p_at);
  return null;
end
$$;
ALTER FUNCTION public.mail_turn_ask(p_mail uuid, p_urgency integer, p_at timestamp with time zone, p_connections integer, p_minute integer, p_hour integer, p_lease interval, p_present interval) OWNER TO fristwerk_owner;
CREATE FUNCTION public.mail_turn_done(p_mail uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform set_config('app.tenant', '', true);
  delete from mail_turn as t where t.mail = p_mail;
end
$$;
ALTER FUNCTION public.mail_turn_done(p_mail uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.mail_turn_keep(p_mail uuid, p_until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform set_config('app.tenant', '', true);
  update mail_turn as t set holds_until = p_until where t.mail = p_mail and t.holds_until is not null;
end
$$;
ALTER FUNCTION public.mail_turn_keep(p_mail uuid, p_until timestamp with time zone) OWNER TO fristwerk_owner;
CREATE TABLE public.mail_handed (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.mail_handed FORCE ROW LEVEL SECURITY;
ALTER TABLE public.mail_handed OWNER TO fristwerk_owner;
CREATE FUNCTION public.mail_window_free(p_at timestamp with time zone, p_window interval, p_most integer) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN (SELECT (h.at + mail_window_free.p_window) FROM public.mail_handed h WHERE (h.at > (mail_window_free.p_at - mail_window_free.p_window)) ORDER BY h.at DESC OFFSET (mail_window_free.p_most - 1) LIMIT 1);
ALTER FUNCTION public.mail_window_free(p_at timestamp with time zone, p_window interval, p_most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.may_decide_proposal(kind text, lead uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN public.may_act(CASE kind WHEN 'CONVERSION'::text THEN 'govern'::text ELSE 'edit-lead'::text END, lead);
ALTER FUNCTION public.may_decide_proposal(kind text, lead uuid) OWNER TO fristwerk_owner;
CREATE TABLE public.notification (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    cycle text NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    message_id text,
    status text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    promised jsonb,
    code text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT notification_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT notification_status_check CHECK ((status = ANY (ARRAY['sending'::text, 'sent'::text, 'bounced'::text, 'dead'::text])))
);
ALTER TABLE ONLY public.notification FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification OWNER TO fristwerk_owner;
CREATE TABLE public.notification_mark (
    tenant uuid NOT NULL,
    notification uuid NOT NULL,
    read_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone
);
ALTER TABLE ONLY public.notification_mark FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_mark OWNER TO fristwerk_owner;
CREATE FUNCTION public.notices_unread(p_most integer) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT (count(*))::integer AS count
    FROM ( SELECT
            FROM public.notification n
           WHERE ((n.tenant = public.app_tenant()) AND (n.recipient = public.app_user_id()) AND (n.channel = ANY (ARRAY['INAPP'::text, 'TASK'::text])) AND (n.status = 'sent'::text) AND (NOT (EXISTS ( SELECT
                    FROM public.notification_mark m
                   WHERE ((m.tenant = n.tenant) AND (m.notification = n.id))))) AND (public.app_reads_all() OR (EXISTS ( SELECT
                    FROM public.lead l
                   WHERE ((l.tenant = n.tenant) AND (l.id = n.lead) AND (l.owner = public.app_agent())))) OR (n.lead IN ( SELECT public.app_shared_leads() AS app_shared_leads))))
          LIMIT notices_unread.p_most) few;
END;
ALTER FUNCTION public.notices_unread(p_most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.notifications_called_off() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  with left_over as materialized (
    select n.id
    from notification as n
    where
      n.tenant = new.tenant and n.lead = new.lead and n.status = 'sending'
      and n.kind in (
        'reminder', 'notice-progress', 'notice-base', 'notice-preregistration', 'notice-hold', 'request-made'
      )
  )
  update notification as n set status = 'dead', code = 'superseded', updated_at = new.updated_at
  from left_over
  where
    n.tenant = new.tenant and n.id = left_over.id
    and pg_try_advisory_xact_lock(hashtextextended(left_over.id::text, 30));
  return null;
end
$$;
ALTER FUNCTION public.notifications_called_off() OWNER TO fristwerk_owner;
CREATE FUNCTION public.phone_key(phone text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $_$
declare
  dialled text := substring(regexp_replace(normalize(phone, NFKC), '\( *0 *\)', '', 'g') from '[+0-9][^A-Za-z;#,]*');
  digits text := regexp_replace(dialled, '[^0-9]', '', 'g');
begin
  if dialled like '+%' then
    digits := regexp_replace(digits, '^490', '49');
  elsif digits like '00%' then
    digits := regexp_replace(substr(digits, 3), '^490', '49');
  else
    digits := '49' || regexp_replace(digits, '^0', '');
  end if;
  return case when digits ~ '^[1-9][0-9]{6,14}$' then '+' || digits else '' end;
end
$_$;
ALTER FUNCTION public.phone_key(phone text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.policy_defaults() RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '{"mode": "LEAST", "counting": "exact", "timezone": "Europe/Berlin", "grace_days": 10, "base_months": 6, "closed_days": [], "other_kinds": ["EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED"], "max_hold_days": 60, "progress_days": 60, "notice_base_days": 14, "qualifying_kinds": ["QUALIFIED_CALL", "CUSTOMER_REACTION", "SCHEDULED_FOLLOWUP", "SAMPLE_FEEDBACK", "ROI_PRESENTATION"], "working_day_roll": "off", "notice_progress_days": 7, "preregistration_days": 10, "extension_decision_days": 14, "preregistration_delete_days": 60, "preregistration_notice_days": 3}'::jsonb;
ALTER FUNCTION public.policy_defaults() OWNER TO fristwerk_owner;
CREATE FUNCTION public.public_holidays(land text, year integer) RETURNS date[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
declare
  golden constant integer := year % 19;
  century constant integer := year / 100;
  age constant integer := (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
  weekday constant integer := (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - age - year % 4) % 7;
  late constant integer := (golden + 11 * age + 22 * weekday) / 451;
  easter constant date := make_date(
    year, (age + weekday - 7 * late + 114) / 31, (age + weekday - 7 * late + 114) % 31 + 1
  );
  penance constant date := make_date(year, 11, 22) - (extract(dow from make_date(year, 11, 22))::integer + 4) % 7;
begin
  return array(
    select distinct day.on_day
    from (
      values
      (make_date(year, 1, 1), null::text []),
      (make_date(year, 1, 6), '{BW, BY, ST}'),
      (make_date(year, 3, 8), '{BE, MV}'),
      (easter - 2, null),
      (easter + 1, null),
      (make_date(year, 5, 1), null),
      (easter + 39, null),
      (easter + 50, null),
      (easter + 60, '{BW, BY, HE, NW, RP, SL}'),
      (make_date(year, 8, 15), '{SL}'),
      (make_date(year, 9, 20), '{TH}'),
      (make_date(year, 10, 3), null),
      (make_date(year, 10, 31), '{BB, HB, HH, MV, NI, SN, ST, SH, TH}'),
      (make_date(year, 11, 1), '{BW, BY, NW, RP, SL}'),
      (penance, '{SN}'),
      (make_date(year, 12, 25), null),
      (make_date(year, 12, 26), null),
      (case year when 2025 then date '2025-05-08' when 2028 then date '2028-06-17' end, '{BE}')
    ) as day (on_day, lands)
    where day.on_day is not null and (day.lands is null or land = any(day.lands))
    order by day.on_day
  );
end
$$;
ALTER FUNCTION public.public_holidays(land text, year integer) OWNER TO fristwerk_owner;
CREATE TABLE public.setting_definition (
    key text NOT NULL,
    type text NOT NULL,
    scopes text[] NOT NULL,
    default_value jsonb NOT NULL,
    schema jsonb NOT NULL,
    merge text NOT NULL,
    CONSTRAINT setting_definition_key_check CHECK ((key ~ '^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+$'::text)),
    CONSTRAINT setting_definition_merge_check CHECK ((merge = ANY (ARRAY['replace'::text, 'append'::text, 'merge'::text]))),
    CONSTRAINT setting_definition_schema_check CHECK ((jsonb_typeof(schema) = 'object'::text)),
    CONSTRAINT setting_definition_scopes_check CHECK (((scopes <> '{}'::text[]) AND (scopes <@ ARRAY['global'::text, 'tenant'::text, 'org'::text, 'user'::text]))),
    CONSTRAINT setting_definition_type_check CHECK ((type = ANY (ARRAY['scalar'::text, 'list'::text, 'object'::text])))
);
ALTER TABLE ONLY public.setting_definition FORCE ROW LEVEL SECURITY;
ALTER TABLE public.setting_definition OWNER TO fristwerk_owner;
CREATE FUNCTION public.tenant_setting(p_key text) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN COALESCE((SELECT NULLIF(v.value, 'null'::jsonb) AS "nullif" FROM public.setting_value v WHERE ((v.tenant = public.app_tenant()) AND (v.scope = 'tenant'::text) AND (v.key = tenant_setting.p_key))), (SELECT NULLIF(v.value, 'null'::jsonb) AS "nullif" FROM public.setting_value v WHERE ((v.tenant IS NULL) AND (v.key = tenant_setting.p_key))), (SELECT d.default_value FROM public.setting_definition d WHERE (d.key = tenant_setting.p_key)));
ALTER FUNCTION public.tenant_setting(p_key text) OWNER TO fristwerk_owner;
CREATE FUNCTION public.policy_composed(p_at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT (public.policy_defaults() || jsonb_build_object('base_months', trunc(((public.tenant_setting('lead.protection.baseMonths'::text) ->> 'months'::text))::numeric), 'progress_days', trunc(((public.tenant_setting('lead.protection.progressDays'::text) ->> 'days'::text))::numeric), 'grace_days', trunc(((public.tenant_setting('lead.protection.graceDays'::text) ->> 'days'::text))::numeric), 'mode', (public.tenant_setting('lead.protection.mode'::text) -> 'mode'::text), 'counting', counted.counting, 'working_day_roll',
         CASE
             WHEN (rolled.land IS NULL) THEN 'off'::text
             ELSE 'next_working_day'::text
         END, 'closed_days', COALESCE(( SELECT jsonb_agg(day.closed ORDER BY day.closed) AS jsonb_agg
            FROM (generate_series(((EXTRACT(year FROM (policy_composed.p_at AT TIME ZONE 'UTC'::text)))::integer - 1), ((EXTRACT(year FROM (policy_composed.p_at AT TIME ZONE 'UTC'::text)))::integer + 4)) y(year)
              CROSS JOIN LATERAL unnest(public.public_holidays(rolled.land, y.year)) day(closed))
           WHERE ((rolled.land IS NOT NULL) AND (EXTRACT(isodow FROM day.closed) < (6)::numeric))), '[]'::jsonb), 'max_hold_days', trunc(((public.tenant_setting('lead.protection.maxHoldDays'::text) ->> 'days'::text))::numeric), 'notice_progress_days', trunc((((public.tenant_setting('lead.protection.noticeDays'::text) -> 'days'::text) ->> 0))::numeric), 'notice_base_days', trunc((((public.tenant_setting('lead.protection.noticeDays'::text) -> 'days'::text) ->> 1))::numeric)))
    FROM (( SELECT (public.tenant_setting('lead.protection.counting'::text) ->> 'counting'::text) AS counting) counted
      CROSS JOIN LATERAL ( SELECT
                 CASE
                     WHEN ((counted.counting = 'calendar_days'::text) AND ((told.roll ->> 'roll'::text) = 'next_working_day'::text)) THEN (told.roll ->> 'land'::text)
                     ELSE NULL::text
                 END AS land
            FROM ( SELECT public.tenant_setting('lead.protection.workingDayRoll'::text) AS roll) told) rolled);
END;
ALTER FUNCTION public.policy_composed(p_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.policy_current(p_at timestamp with time zone) RETURNS TABLE(version text, policy jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
declare
  here constant uuid := app_tenant();
  wanted constant jsonb := policy_composed(p_at);
  older constant jsonb := policy_defaults() || '{
    "preregistration_days": 0, "preregistration_notice_days": 0, "preregistration_delete_days": 0, "max_hold_days": 0
  }';
  made text;
begin
  for attempt in 1..2 loop
    return query
    select v.version, v.policy from policy_version as v
    where v.tenant = here and older || (v.policy - 'version') = wanted
    order by length(v.version) desc, v.version desc
    limit 1;
    if found then
      return;
    end if;
    -- Two at once: the second waits, and finds what the first has made.
    perform pg_advisory_xact_lock(hashtextextended('policy_version/' || here::text, 0));
  end loop;
  select 'contract-' || (coalesce(max(substring(v.version from '^contract-([0-9]{1,9})$')::integer), 0) + 1) into made
  from policy_version as v
  where v.tenant = here;
  perform set_config('app.policy_made', made, true), set_config('app.policy_made_at', p_at::text, true);
  insert into policy_version (tenant, version, policy) values (here, made, wanted || jsonb_build_object('version', made));
  return query select v.version, v.policy from policy_version as v where v.tenant = here and v.version = made;
end
$_$;
ALTER FUNCTION public.policy_current(p_at timestamp with time zone) OWNER TO fristwerk_owner;
CREATE FUNCTION public.policy_version_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  if new.version = current_setting('app.policy_made', true) then
    perform audit_tell(
      'policy-version-made', null, null, null, new.policy, null, current_setting('app.policy_made_at')::timestamptz
    );
  end if;
  return null;
end
$$;
ALTER FUNCTION public.policy_version_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.proposal_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  -- What ends with protection, the ledger's writer does, in nobody's name.
  insert into audit_event (tenant, actor, what, lead, after, reason, at)
  values (
    new.tenant, coalesce(app_user_id(), new.decided_by),
    case when tg_op = 'INSERT' then 'proposed' else 'proposal-' || new.state end, new.lead,
    jsonb_strip_nulls(jsonb_build_object(
      'proposal', new.id, 'kind', new.kind, 'source', new.source, 'subject', new.subject_id, 'confidence', new.confidence
    )),
    app_reason(), coalesce(app_at(), new.decided_at, new.created_at)
  );
  return null;
end
$$;
ALTER FUNCTION public.proposal_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.proposals_end() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  update proposal as p set state = 'expired', decided_by = 'end-of-protection', decided_at = coalesce(new.ended_at, new.updated_at)
  where p.tenant = new.tenant and p.lead = new.lead and p.state = 'open';
  return null;
end
$$;
ALTER FUNCTION public.proposals_end() OWNER TO fristwerk_owner;
CREATE FUNCTION public.protection_listed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  select substr(row_to_json(told)::text, 2) into new.listed
  from (
    select
      new.status, new.paused, new.active_holds as "activeHolds", clock_text(new.registered_at) as "registeredAt",
      clock_text(new.last_progress_at) as "lastQualActivityAt", clock_text(new.reminder_due_at) as "reminderDueAt",
      clock_text(new.grace_until) as "graceUntil", clock_text(new.base_until) as "baseUntil",
      clock_text(new.progress_until) as "progressUntil", clock_text(new.valid_until) as "validUntil", new.reason,
      new.problem, new.policy_version as "policyVersion", new.revision, clock_text(new.updated_at) as "updatedAt"
  ) as told;
  new.sorted_end := coalesce(new.valid_until, 'infinity');
  new.sorted_start := coalesce(new.registered_at, 'infinity');
  return new;
end
$$;
ALTER FUNCTION public.protection_listed() OWNER TO fristwerk_owner;
CREATE FUNCTION public.protection_named() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  select l.name_words, l.city_key, l.search_words into new.name_words, new.city_key, new.search_words
  from lead as l
  where l.tenant = new.tenant and l.id = new.lead;
  return new;
end
$$;
ALTER FUNCTION public.protection_named() OWNER TO fristwerk_owner;
CREATE FUNCTION public.protection_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid) RETURNS TABLE(revision integer, status text, paused boolean, owner text, assigned_at timestamp with time zone, last_progress_at timestamp with time zone, reminder_due_at timestamp with time zone, grace_until timestamp with time zone, base_until timestamp with time zone, progress_until timestamp with time zone, valid_until timestamp with time zone, reason text, policy_version text, updated_at timestamp with time zone, active_holds jsonb)
    LANGUAGE plpgsql ROWS 1
    AS $$
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
$$;
ALTER FUNCTION public.protection_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.protection_status(p_tenant uuid, p_user text, p_roles text, p_lead uuid) RETURNS SETOF public.protection
    LANGUAGE plpgsql ROWS 1
    AS $$
begin
  perform set_config('app.tenant', p_tenant::text, true), set_config('app.user', p_user, true),
    set_config('app.roles', p_roles, true);
  return query select * from protection as p where p.tenant = p_tenant and p.lead = p_lead;
end
$$;
ALTER FUNCTION public.protection_status(p_tenant uuid, p_user text, p_roles text, p_lead uuid) OWNER TO fristwerk_owner;
CREATE FUNCTION public.protection_to_act() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  new.act_by := case
    when new.status = 'ACTIVE' then coalesce(new.reminder_due_at, new.valid_until)
    when new.status in ('GRACE', 'PREREGISTERED') then new.valid_until
  end;
  return new;
end
$$;
ALTER FUNCTION public.protection_to_act() OWNER TO fristwerk_owner;
CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'FW002';
end
$$;
ALTER FUNCTION public.refuse_change() OWNER TO fristwerk_owner;
CREATE FUNCTION public.resend_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform audit_tell('reminder-asked-again', new.lead, null, null, null, null, new.opened_at);
  return null;
end
$$;
ALTER FUNCTION public.resend_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.sample_news_written() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  told jsonb := to_jsonb(new);
begin
  insert into sample_news (tenant, lead, box, what, at)
  values (new.tenant, new.lead, (told ->> tg_argv[1])::uuid, tg_argv[0], (told ->> tg_argv[2])::timestamptz);
  perform pg_notify('sample_news', '');
  return null;
end
$$;
ALTER FUNCTION public.sample_news_written() OWNER TO fristwerk_owner;
CREATE FUNCTION public.sample_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  secret text [] := array['tenant', 'lead', 'notes', 'key', 'token_hash', 'salt', 'comment', 'comment_id'];
begin
  perform audit_tell(
    tg_argv[0], new.lead, null,
    case when tg_op = 'UPDATE' then jsonb_strip_nulls(to_jsonb(old) - secret) end,
    jsonb_strip_nulls(to_jsonb(new) - secret), null, null
  );
  return null;
end
$$;
ALTER FUNCTION public.sample_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.setting_value_checked() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if not exists (select from setting_definition as d where d.key = new.key and new.scope = any(d.scopes)) then
    raise exception 'setting % cannot be set at scope %', new.key, new.scope using errcode = 'check_violation';
  end if;
  if tg_op = 'UPDATE' then
    if (new.tenant, new.scope, new.scope_id, new.key) is distinct from (old.tenant, old.scope, old.scope_id, old.key) then
      raise exception 'a setting keeps its place' using errcode = 'check_violation';
    end if;
    new.revision := old.revision + 1;
  else
    new.revision := 1;
  end if;
  return new;
end
$$;
ALTER FUNCTION public.setting_value_checked() OWNER TO fristwerk_owner;
CREATE FUNCTION public.setting_value_told() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  place jsonb := jsonb_build_object('key', new.key, 'scope', new.scope)
    || case when new.scope_id = '' then '{}' else jsonb_build_object('scopeId', new.scope_id) end;
begin
  perform audit_tell(
    'setting-changed', null, null,
    case when tg_op = 'UPDATE' then place || jsonb_build_object('value', old.value, 'revision', old.revision) end,
    place || jsonb_build_object('value', new.value, 'revision', new.revision), null, new.changed_at
  );
  perform pg_notify('setting_changed', coalesce(new.tenant::text, ''));
  return null;
end
$$;
ALTER FUNCTION public.setting_value_told() OWNER TO fristwerk_owner;
CREATE FUNCTION public.shares_end_with_tenure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  handed_by text;
  handed_at timestamptz;
begin
  if not exists (select from collaborator as c where c.tenant = new.tenant and c.lead = new.id) then
    return null;
  end if;
  select f.by, f.recorded_at into handed_by, handed_at
  from fact as f
  where f.tenant = new.tenant and f.lead = new.id
  order by f.revision desc limit 1;
  perform set_config('app.user', coalesce(handed_by, app_user_id()), true),
    set_config('app.at', coalesce(handed_at, app_at())::text, true),
    set_config('app.reason', 'tenure-ended', true);
  set constraints collaborator_told immediate;
  delete from collaborator as c where c.tenant = new.tenant and c.lead = new.id;
  set constraints collaborator_told deferred;
  return null;
end
$$;
ALTER FUNCTION public.shares_end_with_tenure() OWNER TO fristwerk_owner;
CREATE FUNCTION public.similar_leads(p_company text, p_city text, p_postcode text, p_at timestamp with time zone, p_except uuid, p_least real, p_most integer) RETURNS TABLE(lead uuid, company text, city text, score real)
    LANGUAGE sql STABLE ROWS 5
    BEGIN ATOMIC
 SELECT l.id,
     l.company,
     l.city,
     likeness.score
    FROM (((public.lead l
      JOIN public.protection p ON (((p.tenant = l.tenant) AND (p.lead = l.id))))
      CROSS JOIN LATERAL ( SELECT COALESCE(NULLIF(public.without_legal_forms(public.fold(similar_leads.p_company)), ''::text), public.fold_verbatim(similar_leads.p_company)) AS words) asked)
      CROSS JOIN LATERAL ( SELECT GREATEST(public.similarity(l.name_words, asked.words), public.similarity(replace(l.name_words, ' '::text, ''::text), replace(asked.words, ' '::text, ''::text))) AS score) likeness)
   WHERE ((l.tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ((l.city_key = "left"(public.city_key(similar_leads.p_city), 100)) OR (l.postcode_key = "left"(public.postcode_key(similar_leads.p_postcode), 100))) AND (l.id IS DISTINCT FROM similar_leads.p_except) AND (likeness.score >= similar_leads.p_least) AND public.keeps_others_away(p.status, p.valid_until, similar_leads.p_at))
   ORDER BY likeness.score DESC, l.name_words, l.id
  LIMIT similar_leads.p_most;
END;
ALTER FUNCTION public.similar_leads(p_company text, p_city text, p_postcode text, p_at timestamp with time zone, p_except uuid, p_least real, p_most integer) OWNER TO fristwerk_owner;
CREATE FUNCTION public.webhook_event_waits() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  perform pg_notify('webhook_event', '');
  if tg_op = 'UPDATE' then
    perform audit_tell(
      'webhook-replayed', null, null, jsonb_build_object('outcome', old.outcome),
      jsonb_build_object('source', new.source, 'event', new.event_id, 'round', new.round), null, new.replayed_at
    );
  end if;
  return null;
end
$$;
ALTER FUNCTION public.webhook_event_waits() OWNER TO fristwerk_owner;
CREATE TABLE public.ai_asked (
    tenant uuid NOT NULL,
    provider text NOT NULL,
    at timestamp with time zone NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT ai_asked_provider_check CHECK ((provider <> ''::text))
);
ALTER TABLE ONLY public.ai_asked FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_asked OWNER TO fristwerk_owner;
ALTER TABLE public.ai_asked ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ai_asked_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ai_attempt (
    tenant uuid NOT NULL,
    call uuid NOT NULL,
    number integer NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    size text NOT NULL,
    input_tokens integer NOT NULL,
    output_tokens integer NOT NULL,
    cost_eur numeric(16,8) NOT NULL,
    presumed boolean NOT NULL,
    milliseconds integer NOT NULL,
    fault text,
    confidence double precision,
    CONSTRAINT ai_attempt_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT ai_attempt_cost_eur_check CHECK ((cost_eur >= (0)::numeric)),
    CONSTRAINT ai_attempt_input_tokens_check CHECK ((input_tokens >= 0)),
    CONSTRAINT ai_attempt_milliseconds_check CHECK ((milliseconds >= 0)),
    CONSTRAINT ai_attempt_number_check CHECK ((number > 0)),
    CONSTRAINT ai_attempt_output_tokens_check CHECK ((output_tokens >= 0)),
    CONSTRAINT ai_attempt_size_check CHECK ((size = ANY (ARRAY['small'::text, 'large'::text])))
);
ALTER TABLE ONLY public.ai_attempt FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_attempt OWNER TO fristwerk_owner;
CREATE TABLE public.ai_cache (
    tenant uuid NOT NULL,
    key bytea NOT NULL,
    lead uuid,
    use_case text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    size text NOT NULL,
    answer jsonb NOT NULL,
    confidence double precision NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT ai_cache_answer_check CHECK ((jsonb_typeof(answer) = 'object'::text)),
    CONSTRAINT ai_cache_check CHECK ((until > kept_at)),
    CONSTRAINT ai_cache_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT ai_cache_key_check CHECK ((octet_length(key) = 32)),
    CONSTRAINT ai_cache_size_check CHECK ((size = ANY (ARRAY['small'::text, 'large'::text])))
);
ALTER TABLE ONLY public.ai_cache FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_cache OWNER TO fristwerk_owner;
CREATE TABLE public.ai_classifies (
    tenant uuid NOT NULL,
    since timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.ai_classifies FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_classifies OWNER TO fristwerk_owner;
CREATE TABLE public.ai_reservation (
    tenant uuid NOT NULL,
    call uuid NOT NULL,
    amount numeric(16,8) NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT ai_reservation_amount_check CHECK ((amount > (0)::numeric))
);
ALTER TABLE ONLY public.ai_reservation FORCE ROW LEVEL SECURITY;
ALTER TABLE public.ai_reservation OWNER TO fristwerk_owner;
CREATE TABLE public.app_user (
    tenant uuid NOT NULL,
    id text NOT NULL,
    email text,
    display_name text NOT NULL,
    locale text DEFAULT 'de'::text NOT NULL,
    timezone text DEFAULT 'Europe/Berlin'::text NOT NULL,
    roles text[] DEFAULT '{agent}'::text[] NOT NULL,
    CONSTRAINT app_user_id_check CHECK ((id <> ''::text)),
    CONSTRAINT app_user_locale_check CHECK ((locale = ANY (ARRAY['de'::text, 'en'::text]))),
    CONSTRAINT app_user_roles_check CHECK ((roles <@ ARRAY['agent'::text, 'manager'::text, 'admin'::text, 'auditor'::text]))
);
ALTER TABLE ONLY public.app_user FORCE ROW LEVEL SECURITY;
ALTER TABLE public.app_user OWNER TO fristwerk_owner;
CREATE TABLE public.audit_head (
    tenant uuid NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
ALTER TABLE ONLY public.audit_head FORCE ROW LEVEL SECURITY;
ALTER TABLE public.audit_head OWNER TO fristwerk_owner;
CREATE TABLE public.calendar_feed (
    tenant uuid NOT NULL,
    secret_hash bytea NOT NULL,
    user_id text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT calendar_feed_secret_hash_check CHECK ((length(secret_hash) = 32)),
    CONSTRAINT calendar_feed_user_id_check CHECK ((user_id <> ''::text))
);
ALTER TABLE ONLY public.calendar_feed FORCE ROW LEVEL SECURITY;
ALTER TABLE public.calendar_feed OWNER TO fristwerk_owner;
CREATE TABLE public.contact_role (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    contact uuid NOT NULL,
    role text NOT NULL,
    told_by text NOT NULL,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT contact_role_role_check CHECK ((role = ANY (ARRAY['CHEF'::text, 'BUYER'::text, 'GM'::text, 'OTHER'::text]))),
    CONSTRAINT contact_role_told_by_check CHECK ((told_by <> ''::text))
);
ALTER TABLE ONLY public.contact_role FORCE ROW LEVEL SECURITY;
ALTER TABLE public.contact_role OWNER TO fristwerk_owner;
CREATE TABLE public.erasure_receipt (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    by text NOT NULL,
    cause text NOT NULL,
    stores jsonb NOT NULL,
    CONSTRAINT erasure_receipt_by_check CHECK ((by <> ''::text)),
    CONSTRAINT erasure_receipt_cause_check CHECK ((cause = ANY (ARRAY['lapse'::text, 'request'::text]))),
    CONSTRAINT erasure_receipt_stores_check CHECK ((jsonb_typeof(stores) = 'object'::text))
);
ALTER TABLE ONLY public.erasure_receipt FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erasure_receipt OWNER TO fristwerk_owner;
CREATE TABLE public.erp_approval (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    erp_id text NOT NULL,
    round integer NOT NULL,
    number text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT erp_approval_check CHECK ((decided_at >= asked_at)),
    CONSTRAINT erp_approval_erp_id_check CHECK ((erp_id <> ''::text)),
    CONSTRAINT erp_approval_round_check CHECK ((round >= 1))
);
ALTER TABLE ONLY public.erp_approval FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_approval OWNER TO fristwerk_owner;
CREATE TABLE public.erp_event (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    learned_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    lead uuid,
    box uuid,
    settled_at timestamp with time zone,
    outcome text,
    CONSTRAINT erp_event_kind_check CHECK ((kind = ANY (ARRAY['order-due'::text, 'order-cancelled'::text, 'samples-shipped'::text, 'samples-delivered'::text, 'price-asked'::text, 'price-decided'::text, 'invoice-issued'::text, 'invoice-cancelled'::text]))),
    CONSTRAINT erp_event_settled CHECK (((settled_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT erp_event_source_check CHECK ((source = ANY (ARRAY['sync'::text, 'reconcile'::text, 'webhook'::text]))),
    CONSTRAINT erp_event_subject_check CHECK ((subject <> ''::text))
);
ALTER TABLE ONLY public.erp_event FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_event OWNER TO fristwerk_owner;
CREATE TABLE public.erp_order (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    state text NOT NULL,
    erp_id text,
    number text,
    due_at timestamp with time zone,
    problem text,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT erp_order_sent CHECK (((state <> ALL (ARRAY['sent'::text, 'cancelled'::text])) OR (erp_id IS NOT NULL))),
    CONSTRAINT erp_order_state_check CHECK ((state = ANY (ARRAY['sent'::text, 'refused'::text, 'cancelled'::text, 'not-needed'::text])))
);
ALTER TABLE ONLY public.erp_order FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_order OWNER TO fristwerk_owner;
CREATE TABLE public.erp_payment (
    tenant uuid NOT NULL,
    erp_id text NOT NULL,
    invoice text NOT NULL,
    paid_on date NOT NULL,
    amount_eur numeric(14,2) NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT erp_payment_erp_id_check CHECK ((erp_id <> ''::text)),
    CONSTRAINT erp_payment_invoice_check CHECK ((invoice <> ''::text))
);
ALTER TABLE ONLY public.erp_payment FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_payment OWNER TO fristwerk_owner;
CREATE TABLE public.erp_product (
    tenant uuid NOT NULL,
    sku text NOT NULL,
    erp_id text NOT NULL,
    name text NOT NULL,
    active boolean NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT erp_product_erp_id_check CHECK ((erp_id <> ''::text)),
    CONSTRAINT erp_product_name_check CHECK ((name <> ''::text)),
    CONSTRAINT erp_product_sku_check CHECK ((sku ~ '^[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}$'::text))
);
ALTER TABLE ONLY public.erp_product FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_product OWNER TO fristwerk_owner;
CREATE TABLE public.erp_pull (
    tenant uuid NOT NULL,
    resource text NOT NULL,
    first_at timestamp with time zone NOT NULL,
    began_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    failed_at timestamp with time zone,
    problem text,
    read integer DEFAULT 0 NOT NULL,
    news integer DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    read_until timestamp with time zone,
    CONSTRAINT erp_pull_news_check CHECK ((news >= 0)),
    CONSTRAINT erp_pull_read_check CHECK ((read >= 0)),
    CONSTRAINT erp_pull_resource_check CHECK ((resource = ANY (ARRAY['products'::text, 'customers'::text, 'orders'::text, 'shipments'::text, 'invoices'::text, 'payments'::text, 'reconcile'::text]))),
    CONSTRAINT erp_pull_skipped_check CHECK ((skipped >= 0))
);
ALTER TABLE ONLY public.erp_pull FORCE ROW LEVEL SECURITY;
ALTER TABLE public.erp_pull OWNER TO fristwerk_owner;
CREATE TABLE public.errand (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    plan jsonb NOT NULL,
    whole bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    outcome jsonb DEFAULT '{}'::jsonb NOT NULL,
    told_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT errand_asked_by_check CHECK ((asked_by <> ''::text)),
    CONSTRAINT errand_done_check CHECK ((done >= 0)),
    CONSTRAINT errand_kind_check CHECK ((kind = ANY (ARRAY['audit-check'::text, 'policy-adoption'::text]))),
    CONSTRAINT errand_outcome_check CHECK ((jsonb_typeof(outcome) = 'object'::text)),
    CONSTRAINT errand_plan_check CHECK ((jsonb_typeof(plan) = 'object'::text)),
    CONSTRAINT errand_whole_check CHECK ((whole >= 0))
);
ALTER TABLE ONLY public.errand FORCE ROW LEVEL SECURITY;
ALTER TABLE public.errand OWNER TO fristwerk_owner;
CREATE UNLOGGED TABLE public.feedback_rate (
    key bytea NOT NULL,
    minute timestamp with time zone NOT NULL,
    n integer NOT NULL
);
ALTER TABLE ONLY public.feedback_rate FORCE ROW LEVEL SECURITY;
ALTER TABLE public.feedback_rate OWNER TO fristwerk_owner;
CREATE TABLE public.feedback_submission (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    invitation uuid,
    source text NOT NULL,
    contact_role text NOT NULL,
    told_by text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    outcome text,
    CONSTRAINT feedback_submission_check CHECK ((received_at >= given_at)),
    CONSTRAINT feedback_submission_contact_role_check CHECK ((contact_role = ANY (ARRAY['CHEF'::text, 'BUYER'::text, 'GM'::text, 'OTHER'::text]))),
    CONSTRAINT feedback_submission_of_form CHECK (((source = 'FORM'::text) = (invitation IS NOT NULL))),
    CONSTRAINT feedback_submission_settled CHECK (((settled_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT feedback_submission_source_check CHECK ((source = ANY (ARRAY['EMAIL'::text, 'FORM'::text, 'PHONE'::text, 'VISIT'::text]))),
    CONSTRAINT feedback_submission_told_by_check CHECK ((told_by <> ''::text))
);
ALTER TABLE ONLY public.feedback_submission FORCE ROW LEVEL SECURITY;
ALTER TABLE public.feedback_submission OWNER TO fristwerk_owner;
CREATE TABLE public.hold (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    hold text NOT NULL,
    reason text NOT NULL,
    start_at timestamp with time zone NOT NULL,
    end_at timestamp with time zone,
    placed_by text,
    CONSTRAINT hold_hold_check CHECK ((hold <> ''::text))
);
ALTER TABLE ONLY public.hold FORCE ROW LEVEL SECURITY;
ALTER TABLE public.hold OWNER TO fristwerk_owner;
CREATE TABLE public.hold_campaign (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    wanted jsonb NOT NULL,
    request_hash bytea NOT NULL,
    reason text NOT NULL,
    start_at timestamp with time zone NOT NULL,
    end_at timestamp with time zone,
    leads integer NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    end_asked_by text,
    end_asked_at timestamp with time zone,
    CONSTRAINT hold_campaign_asked_by_check CHECK ((asked_by <> ''::text)),
    CONSTRAINT hold_campaign_check CHECK ((end_at > start_at)),
    CONSTRAINT hold_campaign_end_asked CHECK (((end_asked_by IS NULL) = (end_asked_at IS NULL))),
    CONSTRAINT hold_campaign_end_asked_by_check CHECK ((end_asked_by <> ''::text)),
    CONSTRAINT hold_campaign_leads_check CHECK (((leads >= 1) AND (leads <= 5000))),
    CONSTRAINT hold_campaign_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT hold_campaign_request_hash_check CHECK (((length(request_hash) >= 16) AND (length(request_hash) <= 64))),
    CONSTRAINT hold_campaign_wanted_check CHECK ((jsonb_typeof(wanted) = 'object'::text))
);
ALTER TABLE ONLY public.hold_campaign FORCE ROW LEVEL SECURITY;
ALTER TABLE public.hold_campaign OWNER TO fristwerk_owner;
CREATE TABLE public.hold_campaign_lead (
    tenant uuid NOT NULL,
    campaign uuid NOT NULL,
    lead uuid NOT NULL,
    state text NOT NULL,
    code text,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT hold_campaign_lead_code_check CHECK ((code <> ''::text)),
    CONSTRAINT hold_campaign_lead_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'placed'::text, 'refused'::text, 'ended'::text, 'left-out'::text])))
);
ALTER TABLE ONLY public.hold_campaign_lead FORCE ROW LEVEL SECURITY;
ALTER TABLE public.hold_campaign_lead OWNER TO fristwerk_owner;
CREATE TABLE public.inbox_mailbox (
    tenant uuid NOT NULL,
    mailbox text NOT NULL,
    uid_validity bigint NOT NULL,
    last_uid bigint NOT NULL,
    read_at timestamp with time zone NOT NULL,
    waits text,
    looked_at timestamp with time zone,
    failed_at timestamp with time zone,
    fault text,
    CONSTRAINT inbox_mailbox_last_uid_check CHECK ((last_uid >= 0)),
    CONSTRAINT inbox_mailbox_mailbox_check CHECK ((mailbox ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT inbox_mailbox_uid_validity_check CHECK ((uid_validity >= 0)),
    CONSTRAINT inbox_mailbox_waits_check CHECK ((waits = ANY (ARRAY['idle'::text, 'poll'::text])))
);
ALTER TABLE ONLY public.inbox_mailbox FORCE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_mailbox OWNER TO fristwerk_owner;
CREATE TABLE public.kpi_day (
    tenant uuid NOT NULL,
    day date NOT NULL,
    owner text NOT NULL,
    preregistered integer DEFAULT 0 NOT NULL,
    active integer DEFAULT 0 NOT NULL,
    grace integer DEFAULT 0 NOT NULL,
    expired integer DEFAULT 0 NOT NULL,
    converted integer DEFAULT 0 NOT NULL,
    released integer DEFAULT 0 NOT NULL,
    erased integer DEFAULT 0 NOT NULL,
    entered integer DEFAULT 0 NOT NULL,
    activities integer DEFAULT 0 NOT NULL,
    reminded integer DEFAULT 0 NOT NULL,
    bounced integer DEFAULT 0 NOT NULL,
    reactivated integer DEFAULT 0 NOT NULL,
    lapsed integer DEFAULT 0 NOT NULL,
    won integer DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY public.kpi_day FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_day OWNER TO fristwerk_owner;
CREATE TABLE public.kpi_hold_day (
    tenant uuid NOT NULL,
    day date NOT NULL,
    owner text NOT NULL,
    reason text NOT NULL,
    share bigint DEFAULT 0 NOT NULL,
    standing integer DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY public.kpi_hold_day FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_hold_day OWNER TO fristwerk_owner;
CREATE TABLE public.kpi_lead (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    status text NOT NULL,
    owner text NOT NULL
);
ALTER TABLE ONLY public.kpi_lead FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_lead OWNER TO fristwerk_owner;
CREATE TABLE public.kpi_progress (
    tenant uuid NOT NULL,
    seq bigint NOT NULL,
    zone text NOT NULL,
    CONSTRAINT kpi_progress_seq_check CHECK ((seq >= 0)),
    CONSTRAINT kpi_progress_zone_check CHECK ((zone <> ''::text))
);
ALTER TABLE ONLY public.kpi_progress FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_progress OWNER TO fristwerk_owner;
CREATE TABLE public.kpi_span (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    reason text NOT NULL,
    owner text NOT NULL,
    spans tstzmultirange NOT NULL
);
ALTER TABLE ONLY public.kpi_span FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_span OWNER TO fristwerk_owner;
CREATE TABLE public.late_correction (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    corrects text NOT NULL,
    replacement jsonb,
    told_by text NOT NULL,
    told_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    kept_until timestamp with time zone,
    CONSTRAINT late_correction_corrects_check CHECK ((corrects <> ''::text)),
    CONSTRAINT late_correction_replacement_check CHECK ((jsonb_typeof(replacement) = 'object'::text)),
    CONSTRAINT late_correction_told_by_check CHECK ((told_by <> ''::text))
);
ALTER TABLE ONLY public.late_correction FORCE ROW LEVEL SECURITY;
ALTER TABLE public.late_correction OWNER TO fristwerk_owner;
CREATE TABLE public.lead_class (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    segment text NOT NULL,
    potential text NOT NULL,
    told_by text NOT NULL,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT lead_class_potential_check CHECK ((potential = ANY (ARRAY['HIGH'::text, 'MEDIUM'::text, 'LOW'::text]))),
    CONSTRAINT lead_class_segment_check CHECK ((segment ~ '^[A-Z][A-Z_]{1,39}$'::text)),
    CONSTRAINT lead_class_told_by_check CHECK ((told_by <> ''::text))
);
ALTER TABLE ONLY public.lead_class FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_class OWNER TO fristwerk_owner;
CREATE TABLE public.lead_contact_clear (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    id uuid NOT NULL,
    name text,
    email text,
    phone text,
    note text
);
ALTER TABLE ONLY public.lead_contact_clear FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_contact_clear OWNER TO fristwerk_owner;
CREATE TABLE public.lead_import (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    requested_by text NOT NULL,
    request_hash bytea,
    dry_run boolean NOT NULL,
    total integer NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    told_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT lead_import_finished CHECK (((finished_at IS NOT NULL) = (state = 'done'::text))),
    CONSTRAINT lead_import_request_hash_check CHECK ((length(request_hash) = 32)),
    CONSTRAINT lead_import_requested_by_check CHECK ((requested_by <> ''::text)),
    CONSTRAINT lead_import_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'interrupted'::text]))),
    CONSTRAINT lead_import_total_check CHECK (((total >= 1) AND (total <= 10000)))
);
ALTER TABLE ONLY public.lead_import FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_import OWNER TO fristwerk_owner;
CREATE TABLE public.lead_import_row (
    tenant uuid NOT NULL,
    job uuid NOT NULL,
    number integer NOT NULL,
    line integer,
    outcome text NOT NULL,
    lead uuid,
    faults jsonb NOT NULL,
    CONSTRAINT lead_import_row_faults_check CHECK ((jsonb_typeof(faults) = 'array'::text)),
    CONSTRAINT lead_import_row_line_check CHECK ((line >= 1)),
    CONSTRAINT lead_import_row_number_check CHECK (((number >= 1) AND (number <= 10000))),
    CONSTRAINT lead_import_row_outcome_check CHECK ((outcome = ANY (ARRAY['registered'::text, 'already-there'::text, 'live-duplicate'::text, 'similar'::text, 'refused'::text])))
);
ALTER TABLE ONLY public.lead_import_row FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_import_row OWNER TO fristwerk_owner;
CREATE TABLE public.lead_key (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    id uuid NOT NULL,
    kek_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT lead_key_kek_id_check CHECK ((kek_id ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT lead_key_wrapped_key_check CHECK (public.is_sealed(wrapped_key))
);
ALTER TABLE ONLY public.lead_key FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_key OWNER TO fristwerk_owner;
CREATE TABLE public.lead_search (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    words text NOT NULL COLLATE pg_catalog."C"
);
ALTER TABLE ONLY public.lead_search FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_search OWNER TO fristwerk_owner;
CREATE TABLE public.lead_to_classify (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.lead_to_classify FORCE ROW LEVEL SECURITY;
ALTER TABLE public.lead_to_classify OWNER TO fristwerk_owner;
CREATE TABLE public.legal_hold (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    reason text NOT NULL,
    until timestamp with time zone,
    placed_by text NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    CONSTRAINT legal_hold_placed_by_check CHECK ((placed_by <> ''::text)),
    CONSTRAINT legal_hold_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 250)))
);
ALTER TABLE ONLY public.legal_hold FORCE ROW LEVEL SECURITY;
ALTER TABLE public.legal_hold OWNER TO fristwerk_owner;
ALTER TABLE public.mail_handed ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.mail_handed_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.mail_key (
    tenant uuid NOT NULL,
    mail uuid NOT NULL,
    id uuid NOT NULL,
    kek_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT mail_key_kek_id_check CHECK ((kek_id ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT mail_key_wrapped_key_check CHECK (public.is_sealed(wrapped_key))
);
ALTER TABLE ONLY public.mail_key FORCE ROW LEVEL SECURITY;
ALTER TABLE public.mail_key OWNER TO fristwerk_owner;
CREATE TABLE public.mail_turn (
    mail uuid NOT NULL,
    urgency integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    back_at timestamp with time zone,
    holds_until timestamp with time zone,
    CONSTRAINT mail_turn_one_state CHECK (((back_at IS NULL) OR (holds_until IS NULL))),
    CONSTRAINT mail_turn_urgency_check CHECK (((urgency >= 0) AND (urgency <= 2)))
);
ALTER TABLE ONLY public.mail_turn FORCE ROW LEVEL SECURITY;
ALTER TABLE public.mail_turn OWNER TO fristwerk_owner;
CREATE TABLE public.policy_rehearsal (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    draft jsonb NOT NULL,
    requested_by text NOT NULL,
    as_of timestamp with time zone NOT NULL,
    leads integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    told_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    summary jsonb,
    CONSTRAINT policy_rehearsal_done_check CHECK ((done >= 0)),
    CONSTRAINT policy_rehearsal_draft_check CHECK ((jsonb_typeof(draft) = 'object'::text)),
    CONSTRAINT policy_rehearsal_leads_check CHECK ((leads >= 0)),
    CONSTRAINT policy_rehearsal_requested_by_check CHECK ((requested_by <> ''::text))
);
ALTER TABLE ONLY public.policy_rehearsal FORCE ROW LEVEL SECURITY;
ALTER TABLE public.policy_rehearsal OWNER TO fristwerk_owner;
CREATE TABLE public.policy_rehearsal_lead (
    tenant uuid NOT NULL,
    rehearsal uuid NOT NULL,
    lead uuid NOT NULL,
    outcome jsonb NOT NULL,
    CONSTRAINT policy_rehearsal_lead_outcome_check CHECK ((jsonb_typeof(outcome) = 'object'::text))
);
ALTER TABLE ONLY public.policy_rehearsal_lead FORCE ROW LEVEL SECURITY;
ALTER TABLE public.policy_rehearsal_lead OWNER TO fristwerk_owner;
CREATE TABLE public.product_feedback (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    submission uuid NOT NULL,
    sku text NOT NULL,
    rating integer NOT NULL,
    comment_id uuid NOT NULL,
    comment bytea,
    key uuid,
    CONSTRAINT product_feedback_comment_check CHECK (public.is_sealed(comment)),
    CONSTRAINT product_feedback_has_key CHECK (((comment IS NULL) OR (key IS NOT NULL))),
    CONSTRAINT product_feedback_rating_check CHECK (((rating >= 1) AND (rating <= 5)))
);
ALTER TABLE ONLY public.product_feedback FORCE ROW LEVEL SECURITY;
ALTER TABLE public.product_feedback OWNER TO fristwerk_owner;
CREATE TABLE public.proposal (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    subject_id text NOT NULL,
    facts jsonb NOT NULL,
    confidence numeric(4,3),
    created_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT proposal_confidence_check CHECK (((confidence >= (0)::numeric) AND (confidence <= (1)::numeric))),
    CONSTRAINT proposal_decided CHECK ((((state = 'open'::text) = (decided_by IS NULL)) AND ((decided_by IS NULL) = (decided_at IS NULL)))),
    CONSTRAINT proposal_decided_by_check CHECK ((decided_by <> ''::text)),
    CONSTRAINT proposal_facts_check CHECK ((jsonb_typeof(facts) = 'object'::text)),
    CONSTRAINT proposal_kind_check CHECK ((kind = ANY (ARRAY['CUSTOMER_REACTION'::text, 'CONVERSION'::text, 'LEAD_CLASS'::text, 'CONTACT_ROLE'::text]))),
    CONSTRAINT proposal_settled CHECK (((settled_at IS NULL) OR (state = 'confirmed'::text))),
    CONSTRAINT proposal_source_check CHECK ((source ~ '^[a-z][a-z0-9-]{0,39}$'::text)),
    CONSTRAINT proposal_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'rejected'::text, 'expired'::text]))),
    CONSTRAINT proposal_subject_id_check CHECK ((subject_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}$'::text))
);
ALTER TABLE ONLY public.proposal FORCE ROW LEVEL SECURITY;
ALTER TABLE public.proposal OWNER TO fristwerk_owner;
CREATE TABLE public.reconciliation_finding (
    tenant uuid NOT NULL,
    run uuid NOT NULL,
    id bigint NOT NULL,
    lead uuid,
    "check" text NOT NULL,
    detail text NOT NULL,
    repaired boolean NOT NULL,
    CONSTRAINT reconciliation_finding_check_check CHECK (("check" <> ''::text))
);
ALTER TABLE ONLY public.reconciliation_finding FORCE ROW LEVEL SECURITY;
ALTER TABLE public.reconciliation_finding OWNER TO fristwerk_owner;
ALTER TABLE public.reconciliation_finding ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reconciliation_finding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.reconciliation_run (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    asked_by text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    leads_compared bigint DEFAULT 0 NOT NULL,
    workflows_asked bigint DEFAULT 0 NOT NULL,
    repaired jsonb DEFAULT '{}'::jsonb NOT NULL,
    found jsonb DEFAULT '{}'::jsonb NOT NULL,
    first_broken_audit bigint,
    CONSTRAINT reconciliation_run_asked_by_check CHECK ((asked_by <> ''::text)),
    CONSTRAINT reconciliation_run_found_check CHECK ((jsonb_typeof(found) = 'object'::text)),
    CONSTRAINT reconciliation_run_leads_compared_check CHECK ((leads_compared >= 0)),
    CONSTRAINT reconciliation_run_repaired_check CHECK ((jsonb_typeof(repaired) = 'object'::text)),
    CONSTRAINT reconciliation_run_workflows_asked_check CHECK ((workflows_asked >= 0))
);
ALTER TABLE ONLY public.reconciliation_run FORCE ROW LEVEL SECURITY;
ALTER TABLE public.reconciliation_run OWNER TO fristwerk_owner;
CREATE TABLE public.request (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    request text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    reason text,
    start_at timestamp with time zone,
    end_at timestamp with time zone,
    days integer,
    next_step_at timestamp with time zone,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    CONSTRAINT request_kind_check CHECK ((kind = ANY (ARRAY['HOLD'::text, 'EXTENSION'::text]))),
    CONSTRAINT request_request_check CHECK ((request <> ''::text)),
    CONSTRAINT request_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'APPROVED'::text, 'REJECTED'::text, 'WITHDRAWN'::text, 'VOID'::text])))
);
ALTER TABLE ONLY public.request FORCE ROW LEVEL SECURITY;
ALTER TABLE public.request OWNER TO fristwerk_owner;
CREATE TABLE public.sample_box (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    account text,
    promised_at timestamp with time zone,
    notes bytea,
    key uuid,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    cancelled_by text,
    cancelled_at timestamp with time zone,
    CONSTRAINT sample_box_account_check CHECK ((account ~ '^[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}$'::text)),
    CONSTRAINT sample_box_cancelled CHECK (((cancelled_by IS NULL) = (cancelled_at IS NULL))),
    CONSTRAINT sample_box_cancelled_by_check CHECK ((cancelled_by <> ''::text)),
    CONSTRAINT sample_box_created_by_check CHECK ((created_by <> ''::text)),
    CONSTRAINT sample_box_has_key CHECK (((notes IS NULL) OR (key IS NOT NULL))),
    CONSTRAINT sample_box_notes_check CHECK (public.is_sealed(notes))
);
ALTER TABLE ONLY public.sample_box FORCE ROW LEVEL SECURITY;
ALTER TABLE public.sample_box OWNER TO fristwerk_owner;
CREATE TABLE public.sample_item (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    sku text NOT NULL,
    qty integer NOT NULL,
    place integer NOT NULL,
    CONSTRAINT sample_item_qty_check CHECK (((qty >= 1) AND (qty <= 100000))),
    CONSTRAINT sample_item_sku_check CHECK ((sku ~ '^[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}$'::text))
);
ALTER TABLE ONLY public.sample_item FORCE ROW LEVEL SECURITY;
ALTER TABLE public.sample_item OWNER TO fristwerk_owner;
CREATE TABLE public.sample_news (
    tenant uuid NOT NULL,
    id bigint NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    what text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT sample_news_what_check CHECK ((what = ANY (ARRAY['opened'::text, 'shipped'::text, 'delivered'::text, 'test-phase'::text, 'feedback'::text, 'cancel'::text])))
);
ALTER TABLE ONLY public.sample_news FORCE ROW LEVEL SECURITY;
ALTER TABLE public.sample_news OWNER TO fristwerk_owner;
ALTER TABLE public.sample_news ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sample_news_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.setting_value ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.setting_value_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.shipment (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    shipped_by text NOT NULL,
    shipped_at timestamp with time zone NOT NULL,
    delivered_by text,
    delivered_at timestamp with time zone,
    CONSTRAINT shipment_check CHECK ((delivered_at >= shipped_at)),
    CONSTRAINT shipment_delivered CHECK (((delivered_by IS NULL) = (delivered_at IS NULL))),
    CONSTRAINT shipment_delivered_by_check CHECK ((delivered_by <> ''::text)),
    CONSTRAINT shipment_shipped_by_check CHECK ((shipped_by <> ''::text))
);
ALTER TABLE ONLY public.shipment FORCE ROW LEVEL SECURITY;
ALTER TABLE public.shipment OWNER TO fristwerk_owner;
CREATE TABLE public.tenant (
    id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT tenant_name_check CHECK ((name <> ''::text))
);
ALTER TABLE ONLY public.tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE public.tenant OWNER TO fristwerk_owner;
CREATE TABLE public.test_phase (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    stage text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT test_phase_check CHECK ((ends_at > starts_at)),
    CONSTRAINT test_phase_created_by_check CHECK ((created_by <> ''::text)),
    CONSTRAINT test_phase_stage_check CHECK ((stage = ANY (ARRAY['SAMPLE'::text, 'TRIAL'::text, 'PRODUCTION_CANDIDATE'::text])))
);
ALTER TABLE ONLY public.test_phase FORCE ROW LEVEL SECURITY;
ALTER TABLE public.test_phase OWNER TO fristwerk_owner;
CREATE TABLE public.test_result (
    tenant uuid NOT NULL,
    lead uuid NOT NULL,
    box uuid NOT NULL,
    phase uuid NOT NULL,
    sku text NOT NULL,
    outcome text NOT NULL,
    sell_through numeric(7,2),
    waste_change numeric(7,2),
    told_by text NOT NULL,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT test_result_outcome_check CHECK ((outcome = ANY (ARRAY['SUCCESS'::text, 'MIXED'::text, 'FAIL'::text]))),
    CONSTRAINT test_result_told_by_check CHECK ((told_by <> ''::text))
);
ALTER TABLE ONLY public.test_result FORCE ROW LEVEL SECURITY;
ALTER TABLE public.test_result OWNER TO fristwerk_owner;
CREATE TABLE public.upstream_standing (
    tenant uuid NOT NULL,
    system text NOT NULL,
    process text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    failures integer NOT NULL,
    answered_at timestamp with time zone,
    failed_at timestamp with time zone,
    fault text,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT upstream_standing_failures_check CHECK ((failures >= 0)),
    CONSTRAINT upstream_standing_fault_check CHECK ((fault ~ '^[a-z][a-z-]{0,39}$'::text)),
    CONSTRAINT upstream_standing_process_check CHECK ((process ~ '^[a-z][a-z0-9-]{0,39}$'::text)),
    CONSTRAINT upstream_standing_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'probing'::text]))),
    CONSTRAINT upstream_standing_system_check CHECK ((system ~ '^[a-z][a-z0-9-]{0,39}$'::text))
);
ALTER TABLE ONLY public.upstream_standing FORCE ROW LEVEL SECURITY;
ALTER TABLE public.upstream_standing OWNER TO fristwerk_owner;
CREATE TABLE public.web_session (
    tenant uuid NOT NULL,
    id_hash bytea NOT NULL,
    user_id text NOT NULL,
    roles text[] NOT NULL,
    org text,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT web_session_check CHECK ((ends_at > started_at)),
    CONSTRAINT web_session_id_hash_check CHECK ((length(id_hash) = 32)),
    CONSTRAINT web_session_org_check CHECK ((org <> ''::text)),
    CONSTRAINT web_session_roles_check CHECK ((((cardinality(roles) >= 1) AND (cardinality(roles) <= 10)) AND (roles <@ ARRAY['agent'::text, 'manager'::text, 'admin'::text, 'auditor'::text]))),
    CONSTRAINT web_session_user_id_check CHECK ((user_id <> ''::text))
);
ALTER TABLE ONLY public.web_session FORCE ROW LEVEL SECURITY;
ALTER TABLE public.web_session OWNER TO fristwerk_owner;
CREATE TABLE public.webhook_event (
    tenant uuid NOT NULL,
    id uuid NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    body bytea,
    state text DEFAULT 'waiting'::text NOT NULL,
    round integer DEFAULT 1 NOT NULL,
    told_at timestamp with time zone,
    settled_at timestamp with time zone,
    outcome text,
    replayed_by text,
    replayed_at timestamp with time zone,
    CONSTRAINT webhook_event_body_check CHECK (public.is_sealed(body)),
    CONSTRAINT webhook_event_event_id_check CHECK ((event_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$'::text)),
    CONSTRAINT webhook_event_handled_without_body CHECK (((state <> 'handled'::text) OR (body IS NULL))),
    CONSTRAINT webhook_event_kind_check CHECK ((kind ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$'::text)),
    CONSTRAINT webhook_event_outcome_check CHECK ((outcome ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,59}$'::text)),
    CONSTRAINT webhook_event_replayed CHECK ((((replayed_by IS NULL) = (replayed_at IS NULL)) AND ((round = 1) = (replayed_by IS NULL)))),
    CONSTRAINT webhook_event_replayed_by_check CHECK ((replayed_by <> ''::text)),
    CONSTRAINT webhook_event_round_check CHECK (((round >= 1) AND (round <= 1000))),
    CONSTRAINT webhook_event_settled CHECK ((((state = 'waiting'::text) = (settled_at IS NULL)) AND ((settled_at IS NULL) = (outcome IS NULL)))),
    CONSTRAINT webhook_event_source_check CHECK ((source = ANY (ARRAY['xentral'::text, 'allianz'::text]))),
    CONSTRAINT webhook_event_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'handled'::text, 'dead'::text]))),
    CONSTRAINT webhook_event_waits_with_body CHECK (((state <> 'waiting'::text) OR (body IS NOT NULL)))
);
ALTER TABLE ONLY public.webhook_event FORCE ROW LEVEL SECURITY;
ALTER TABLE public.webhook_event OWNER TO fristwerk_owner;
ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_key_unique UNIQUE (tenant, idempotency_key);
ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.ai_asked
    ADD CONSTRAINT ai_asked_pkey PRIMARY KEY (tenant, provider, at, number);
ALTER TABLE ONLY public.ai_attempt
    ADD CONSTRAINT ai_attempt_pkey PRIMARY KEY (tenant, call, number);
ALTER TABLE ONLY public.ai_budget
    ADD CONSTRAINT ai_budget_pkey PRIMARY KEY (tenant, org, month);
ALTER TABLE ONLY public.ai_cache
    ADD CONSTRAINT ai_cache_pkey PRIMARY KEY (tenant, key);
ALTER TABLE ONLY public.ai_call
    ADD CONSTRAINT ai_call_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.ai_classifies
    ADD CONSTRAINT ai_classifies_pkey PRIMARY KEY (tenant);
ALTER TABLE ONLY public.ai_reservation
    ADD CONSTRAINT ai_reservation_pkey PRIMARY KEY (tenant, call);
ALTER TABLE ONLY public.app_user
    ADD CONSTRAINT app_user_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.audit_event
    ADD CONSTRAINT audit_event_pkey PRIMARY KEY (tenant, seq);
ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (tenant);
ALTER TABLE ONLY public.audit_event
    ADD CONSTRAINT audit_id_unique UNIQUE (tenant, audit_id);
ALTER TABLE ONLY public.calendar_feed
    ADD CONSTRAINT calendar_feed_pkey PRIMARY KEY (tenant, secret_hash);
ALTER TABLE ONLY public.collaborator
    ADD CONSTRAINT collaborator_pkey PRIMARY KEY (tenant, lead, user_id);
ALTER TABLE ONLY public.contact_role
    ADD CONSTRAINT contact_role_pkey PRIMARY KEY (tenant, lead, contact);
ALTER TABLE ONLY public.credit_check
    ADD CONSTRAINT credit_check_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.erasure_receipt
    ADD CONSTRAINT erasure_receipt_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.erp_approval
    ADD CONSTRAINT erp_approval_pkey PRIMARY KEY (tenant, erp_id, round);
ALTER TABLE ONLY public.erp_customer
    ADD CONSTRAINT erp_customer_pkey PRIMARY KEY (tenant, erp_id);
ALTER TABLE ONLY public.erp_event
    ADD CONSTRAINT erp_event_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.erp_invoice
    ADD CONSTRAINT erp_invoice_pkey PRIMARY KEY (tenant, erp_id);
ALTER TABLE ONLY public.erp_order
    ADD CONSTRAINT erp_order_pkey PRIMARY KEY (tenant, box);
ALTER TABLE ONLY public.erp_payment
    ADD CONSTRAINT erp_payment_pkey PRIMARY KEY (tenant, erp_id);
ALTER TABLE ONLY public.erp_product
    ADD CONSTRAINT erp_product_pkey PRIMARY KEY (tenant, sku);
ALTER TABLE ONLY public.erp_pull
    ADD CONSTRAINT erp_pull_pkey PRIMARY KEY (tenant, resource);
ALTER TABLE ONLY public.errand
    ADD CONSTRAINT errand_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.fact
    ADD CONSTRAINT fact_id_unique UNIQUE (tenant, lead, fact_id);
ALTER TABLE ONLY public.fact
    ADD CONSTRAINT fact_pkey PRIMARY KEY (tenant, lead, revision);
ALTER TABLE ONLY public.feedback_invitation
    ADD CONSTRAINT feedback_invitation_of_box UNIQUE (tenant, lead, box, id);
ALTER TABLE ONLY public.feedback_invitation
    ADD CONSTRAINT feedback_invitation_once UNIQUE (tenant, box);
ALTER TABLE ONLY public.feedback_invitation
    ADD CONSTRAINT feedback_invitation_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.feedback_invitation
    ADD CONSTRAINT feedback_invitation_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.feedback_rate
    ADD CONSTRAINT feedback_rate_pkey PRIMARY KEY (key, minute);
ALTER TABLE ONLY public.feedback_submission
    ADD CONSTRAINT feedback_submission_of_box UNIQUE (tenant, lead, box, id);
ALTER TABLE ONLY public.feedback_submission
    ADD CONSTRAINT feedback_submission_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.hold_campaign_lead
    ADD CONSTRAINT hold_campaign_lead_pkey PRIMARY KEY (tenant, campaign, lead);
ALTER TABLE ONLY public.hold_campaign
    ADD CONSTRAINT hold_campaign_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (tenant, lead, hold);
ALTER TABLE ONLY public.inbound_mail
    ADD CONSTRAINT inbound_mail_once UNIQUE (tenant, fingerprint);
ALTER TABLE ONLY public.inbound_mail
    ADD CONSTRAINT inbound_mail_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.inbox_mailbox
    ADD CONSTRAINT inbox_mailbox_pkey PRIMARY KEY (tenant, mailbox);
ALTER TABLE ONLY public.kpi_day
    ADD CONSTRAINT kpi_day_pkey PRIMARY KEY (tenant, owner, day);
ALTER TABLE ONLY public.kpi_hold_day
    ADD CONSTRAINT kpi_hold_day_pkey PRIMARY KEY (tenant, owner, day, reason);
ALTER TABLE ONLY public.kpi_lead
    ADD CONSTRAINT kpi_lead_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.kpi_progress
    ADD CONSTRAINT kpi_progress_pkey PRIMARY KEY (tenant);
ALTER TABLE ONLY public.kpi_span
    ADD CONSTRAINT kpi_span_pkey PRIMARY KEY (tenant, lead, reason);
ALTER TABLE ONLY public.late_correction
    ADD CONSTRAINT late_correction_pkey PRIMARY KEY (tenant, lead, corrects);
ALTER TABLE ONLY public.lead_class
    ADD CONSTRAINT lead_class_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.lead_contact_clear
    ADD CONSTRAINT lead_contact_clear_pkey PRIMARY KEY (tenant, lead, id);
ALTER TABLE ONLY public.lead_contact
    ADD CONSTRAINT lead_contact_pkey PRIMARY KEY (tenant, lead, id);
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_external_id_unique UNIQUE (tenant, external_id);
ALTER TABLE ONLY public.lead_import
    ADD CONSTRAINT lead_import_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.lead_import_row
    ADD CONSTRAINT lead_import_row_pkey PRIMARY KEY (tenant, job, number);
ALTER TABLE ONLY public.lead_key
    ADD CONSTRAINT lead_key_id_unique UNIQUE (tenant, lead, id);
ALTER TABLE ONLY public.lead_key
    ADD CONSTRAINT lead_key_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.lead_search
    ADD CONSTRAINT lead_search_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.lead_to_classify
    ADD CONSTRAINT lead_to_classify_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.legal_hold
    ADD CONSTRAINT legal_hold_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.mail_handed
    ADD CONSTRAINT mail_handed_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mail_key
    ADD CONSTRAINT mail_key_id_unique UNIQUE (tenant, mail, id);
ALTER TABLE ONLY public.mail_key
    ADD CONSTRAINT mail_key_pkey PRIMARY KEY (tenant, mail);
ALTER TABLE ONLY public.mail_turn
    ADD CONSTRAINT mail_turn_pkey PRIMARY KEY (mail);
ALTER TABLE ONLY public.notification_mark
    ADD CONSTRAINT notification_mark_pkey PRIMARY KEY (tenant, notification);
ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_once UNIQUE (tenant, lead, cycle, kind, recipient, channel);
ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.operating_tenant
    ADD CONSTRAINT operating_tenant_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.operating_tenant
    ADD CONSTRAINT operating_tenant_tenant_key UNIQUE (tenant);
ALTER TABLE ONLY public.permission
    ADD CONSTRAINT permission_pkey PRIMARY KEY (act, grantee);
ALTER TABLE ONLY public.policy_rehearsal_lead
    ADD CONSTRAINT policy_rehearsal_lead_pkey PRIMARY KEY (tenant, rehearsal, lead);
ALTER TABLE ONLY public.policy_rehearsal
    ADD CONSTRAINT policy_rehearsal_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (tenant, version);
ALTER TABLE ONLY public.product_feedback
    ADD CONSTRAINT product_feedback_pkey PRIMARY KEY (tenant, submission, sku);
ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_once UNIQUE (tenant, kind, source, subject_id);
ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.protection
    ADD CONSTRAINT protection_pkey PRIMARY KEY (tenant, lead);
ALTER TABLE ONLY public.reconciliation_finding
    ADD CONSTRAINT reconciliation_finding_once UNIQUE NULLS NOT DISTINCT (tenant, run, lead, "check");
ALTER TABLE ONLY public.reconciliation_finding
    ADD CONSTRAINT reconciliation_finding_pkey PRIMARY KEY (tenant, run, id);
ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (tenant, lead, request);
ALTER TABLE ONLY public.sample_box
    ADD CONSTRAINT sample_box_of_lead UNIQUE (tenant, lead, id);
ALTER TABLE ONLY public.sample_box
    ADD CONSTRAINT sample_box_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.sample_item
    ADD CONSTRAINT sample_item_pkey PRIMARY KEY (tenant, box, sku);
ALTER TABLE ONLY public.sample_news
    ADD CONSTRAINT sample_news_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.setting_definition
    ADD CONSTRAINT setting_definition_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.setting_value
    ADD CONSTRAINT setting_value_once UNIQUE NULLS NOT DISTINCT (tenant, scope, scope_id, key);
ALTER TABLE ONLY public.setting_value
    ADD CONSTRAINT setting_value_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shipment
    ADD CONSTRAINT shipment_pkey PRIMARY KEY (tenant, box);
ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT tenant_name_key UNIQUE (name);
ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.test_phase
    ADD CONSTRAINT test_phase_of_box UNIQUE (tenant, lead, box, id);
ALTER TABLE ONLY public.test_phase
    ADD CONSTRAINT test_phase_pkey PRIMARY KEY (tenant, id);
ALTER TABLE ONLY public.test_result
    ADD CONSTRAINT test_result_pkey PRIMARY KEY (tenant, phase, sku);
ALTER TABLE ONLY public.upstream_standing
    ADD CONSTRAINT upstream_standing_pkey PRIMARY KEY (tenant, system, process);
ALTER TABLE ONLY public.web_session
    ADD CONSTRAINT web_session_pkey PRIMARY KEY (tenant, id_hash);
ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_once UNIQUE (tenant, source, event_id);
ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_pkey PRIMARY KEY (tenant, id);
CREATE INDEX act_by_opened_at ON public.act USING btree (tenant, opened_at);
CREATE INDEX ai_cache_by_lead ON public.ai_cache USING btree (tenant, lead) WHERE (lead IS NOT NULL);
CREATE INDEX ai_cache_over ON public.ai_cache USING btree (tenant, until);
CREATE INDEX ai_call_by_lead ON public.ai_call USING btree (tenant, lead) WHERE (lead IS NOT NULL);
CREATE INDEX ai_call_by_time ON public.ai_call USING btree (tenant, at);
CREATE INDEX ai_reservation_over ON public.ai_reservation USING btree (tenant, until);
CREATE INDEX audit_event_by_actor ON public.audit_event USING btree (tenant, actor, seq);
CREATE INDEX audit_event_by_kind ON public.audit_event USING btree (tenant, what, at);
CREATE INDEX audit_event_by_lead ON public.audit_event USING btree (tenant, lead, seq);
CREATE INDEX audit_event_by_time ON public.audit_event USING btree (tenant, at, seq);
CREATE INDEX audit_event_reactivated ON public.audit_event USING btree (tenant, at) WHERE ((what = 'activity'::text) AND ((before ->> 'status'::text) = 'GRACE'::text) AND ((after ->> 'status'::text) = 'ACTIVE'::text));
CREATE UNIQUE INDEX calendar_feed_in_force ON public.calendar_feed USING btree (tenant, user_id) WHERE (revoked_at IS NULL);
CREATE INDEX collaborator_by_user ON public.collaborator USING btree (tenant, user_id, lead);
CREATE INDEX credit_check_by_account ON public.credit_check USING btree (tenant, account, bucket, currency, requested_at);
CREATE INDEX credit_check_by_lead ON public.credit_check USING btree (tenant, lead, requested_at);
CREATE INDEX credit_check_by_time ON public.credit_check USING btree (tenant, requested_at);
CREATE UNIQUE INDEX credit_check_in_flight ON public.credit_check USING btree (tenant, lead, account, country, COALESCE(registration_no, ''::text), COALESCE(vat_no, ''::text), amount, currency) WHERE (status = 'pending'::text);
CREATE INDEX credit_check_unfollowed ON public.credit_check USING btree (tenant, requested_at) WHERE ((status = 'pending'::text) AND (followed_at IS NULL));
CREATE INDEX erasure_receipt_by_lead ON public.erasure_receipt USING btree (tenant, lead, at);
CREATE INDEX erp_approval_by_lead ON public.erp_approval USING btree (tenant, lead);
CREATE INDEX erp_customer_by_key ON public.erp_customer USING btree (tenant, company_key);
CREATE INDEX erp_customer_by_number ON public.erp_customer USING btree (tenant, number);
CREATE INDEX erp_event_by_lead ON public.erp_event USING btree (tenant, lead, learned_at);
CREATE INDEX erp_event_by_time ON public.erp_event USING btree (tenant, learned_at, id);
CREATE INDEX erp_event_unsettled ON public.erp_event USING btree (tenant, learned_at, id) WHERE (settled_at IS NULL);
CREATE INDEX erp_invoice_by_customer ON public.erp_invoice USING btree (tenant, customer, issued_on);
CREATE INDEX erp_order_by_state ON public.erp_order USING btree (tenant, state, changed_at);
CREATE INDEX errand_by_kind ON public.errand USING btree (tenant, kind, asked_at);
CREATE INDEX feedback_rate_by_minute ON public.feedback_rate USING btree (minute);
CREATE INDEX feedback_submission_by_box ON public.feedback_submission USING btree (tenant, box, given_at);
CREATE INDEX feedback_submission_by_lead ON public.feedback_submission USING btree (tenant, lead, given_at);
CREATE INDEX hold_bounded ON public.hold USING btree (tenant, end_at) WHERE (end_at IS NOT NULL);
CREATE INDEX hold_campaign_by_asked_at ON public.hold_campaign USING btree (tenant, asked_at, id);
CREATE INDEX hold_campaign_lead_by_lead ON public.hold_campaign_lead USING btree (tenant, lead);
CREATE INDEX hold_campaign_lead_open ON public.hold_campaign_lead USING btree (tenant, campaign, lead) WHERE (state = ANY (ARRAY['waiting'::text, 'placed'::text]));
CREATE INDEX hold_open ON public.hold USING btree (tenant, start_at, lead, hold) WHERE (end_at IS NULL);
CREATE INDEX inbound_mail_by_lead ON public.inbound_mail USING btree (tenant, lead, received_at) WHERE (lead IS NOT NULL);
CREATE INDEX inbound_mail_by_notification ON public.inbound_mail USING btree (tenant, notification) WHERE (notification IS NOT NULL);
CREATE INDEX inbound_mail_by_sender ON public.inbound_mail USING btree (tenant, sender_index) WHERE (sender_index IS NOT NULL);
CREATE INDEX inbound_mail_by_state ON public.inbound_mail USING btree (tenant, state, received_at);
CREATE INDEX inbound_mail_to_bring ON public.inbound_mail USING btree (tenant, read_at, id) WHERE (brought_at IS NULL);
CREATE INDEX kpi_span_by_reason ON public.kpi_span USING btree (tenant, reason, lead);
CREATE INDEX late_correction_by_time ON public.late_correction USING btree (tenant, told_at, lead, corrects);
CREATE INDEX lead_by_city ON public.lead USING btree (tenant, city_key, id);
CREATE INDEX lead_by_company ON public.lead USING btree (tenant, split_part(company_key, '|'::text, 1));
CREATE INDEX lead_by_company_key ON public.lead USING btree (tenant, company_key);
CREATE INDEX lead_by_owner ON public.lead USING btree (tenant, owner, id);
CREATE INDEX lead_by_postcode ON public.lead USING btree (tenant, postcode_key, id) WHERE (postcode_key IS NOT NULL);
CREATE INDEX lead_contact_by_domain ON public.lead_contact USING btree (tenant, domain_index) WHERE (domain_index IS NOT NULL);
CREATE INDEX lead_contact_by_email ON public.lead_contact USING btree (tenant, email_index) WHERE (email_index IS NOT NULL);
CREATE INDEX lead_contact_by_fact ON public.lead_contact USING btree (tenant, lead, fact_id) WHERE (fact_id IS NOT NULL);
CREATE INDEX lead_contact_by_phone ON public.lead_contact USING btree (tenant, phone_index) WHERE (phone_index IS NOT NULL);
CREATE INDEX lead_contact_without_domain ON public.lead_contact USING btree (tenant, id) WHERE ((email IS NOT NULL) AND (domain_index IS NULL));
CREATE UNIQUE INDEX lead_import_one_at_a_time ON public.lead_import USING btree (tenant, requested_by) WHERE (state = 'running'::text);
CREATE INDEX lead_import_row_by_lead ON public.lead_import_row USING btree (tenant, lead);
CREATE INDEX lead_key_by_kek ON public.lead_key USING btree (tenant, kek_id);
CREATE INDEX lead_search_by_words ON public.lead_search USING gin (words public.gin_trgm_ops);
CREATE INDEX mail_handed_by_time ON public.mail_handed USING btree (at);
CREATE INDEX mail_key_by_kek ON public.mail_key USING btree (tenant, kek_id);
CREATE INDEX notification_by_kind ON public.notification USING btree (tenant, kind, updated_at);
CREATE INDEX notification_by_message ON public.notification USING btree (tenant, message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX notification_inside ON public.notification USING btree (tenant, recipient, sent_at, id) WHERE ((channel = ANY (ARRAY['INAPP'::text, 'TASK'::text])) AND (status = 'sent'::text));
CREATE INDEX notification_mailed ON public.notification USING btree (tenant, updated_at DESC, id DESC) WHERE (channel = 'EMAIL'::text);
CREATE INDEX notification_open ON public.notification USING btree (tenant, status, updated_at) WHERE (status <> 'sent'::text);
CREATE INDEX policy_rehearsal_by_age ON public.policy_rehearsal USING btree (tenant, as_of);
CREATE INDEX policy_rehearsal_lead_by_lead ON public.policy_rehearsal_lead USING btree (tenant, lead);
CREATE INDEX product_feedback_by_lead ON public.product_feedback USING btree (tenant, lead);
CREATE INDEX proposal_by_lead ON public.proposal USING btree (tenant, lead, created_at);
CREATE INDEX proposal_waiting ON public.proposal USING btree (tenant, created_at, id) WHERE ((state = 'open'::text) OR ((state = 'confirmed'::text) AND (settled_at IS NULL)));
CREATE INDEX protection_by_city ON public.protection USING btree (tenant, city_key, sorted_end, lead);
CREATE INDEX protection_by_end ON public.protection USING btree (tenant, sorted_end, lead);
CREATE INDEX protection_by_name ON public.protection USING btree (tenant, name_words, lead);
CREATE INDEX protection_by_next_wake_up ON public.protection USING btree (tenant, next_wake_up) WHERE (next_wake_up IS NOT NULL);
CREATE INDEX protection_by_owner ON public.protection USING btree (tenant, owner, sorted_end, lead);
CREATE INDEX protection_by_owner_name ON public.protection USING btree (tenant, owner, name_words, lead);
CREATE INDEX protection_by_policy_version ON public.protection USING btree (tenant, policy_version);
CREATE INDEX protection_by_reminder ON public.protection USING btree (tenant, reminder_due_at, lead) WHERE (reminder_due_at IS NOT NULL);
CREATE INDEX protection_by_start ON public.protection USING btree (tenant, sorted_start, lead);
CREATE INDEX protection_by_status ON public.protection USING btree (tenant, status, sorted_end, lead);
CREATE INDEX protection_by_updated_at ON public.protection USING btree (tenant, updated_at, lead);
CREATE INDEX protection_living ON public.protection USING btree (tenant, sorted_end, lead) WHERE (status = ANY (ARRAY['PREREGISTERED'::text, 'ACTIVE'::text, 'GRACE'::text]));
CREATE INDEX protection_paused ON public.protection USING btree (tenant, sorted_end, lead) WHERE paused;
CREATE INDEX protection_to_act ON public.protection USING btree (tenant, act_by, lead) INCLUDE (owner, status) WHERE (act_by IS NOT NULL);
CREATE INDEX protection_to_act_of_owner ON public.protection USING btree (tenant, owner, act_by, lead) INCLUDE (status) WHERE (act_by IS NOT NULL);
CREATE INDEX protection_with_problem ON public.protection USING btree (tenant, lead) WHERE (problem IS NOT NULL);
CREATE INDEX reconciliation_run_by_start ON public.reconciliation_run USING btree (tenant, started_at DESC);
CREATE INDEX request_by_person ON public.request USING btree (tenant, requested_by, decided_at, lead, request);
CREATE INDEX request_decided ON public.request USING btree (tenant, decided_at) WHERE (decided_at IS NOT NULL);
CREATE INDEX request_pending ON public.request USING btree (tenant, requested_at, lead, request) WHERE (status = 'PENDING'::text);
CREATE INDEX sample_box_by_age ON public.sample_box USING btree (tenant, created_at);
CREATE INDEX sample_box_by_lead ON public.sample_box USING btree (tenant, lead, created_at);
CREATE INDEX sample_news_by_box ON public.sample_news USING btree (tenant, box);
CREATE INDEX test_phase_by_box ON public.test_phase USING btree (tenant, box, starts_at);
CREATE INDEX test_result_by_item ON public.test_result USING btree (tenant, box, sku);
CREATE INDEX web_session_by_end ON public.web_session USING btree (tenant, ends_at);
CREATE INDEX webhook_event_by_time ON public.webhook_event USING btree (tenant, received_at, id);
CREATE INDEX webhook_event_dead ON public.webhook_event USING btree (tenant, settled_at, id) WHERE (state = 'dead'::text);
CREATE INDEX webhook_event_waiting ON public.webhook_event USING btree (source, received_at, id) WHERE (state = 'waiting'::text);
CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON public.audit_event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER audit_event_chain BEFORE INSERT ON public.audit_event FOR EACH ROW EXECUTE FUNCTION public.audit_chain();
CREATE TRIGGER audit_event_never_truncated BEFORE TRUNCATE ON public.audit_event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE CONSTRAINT TRIGGER collaborator_told AFTER INSERT OR DELETE OR UPDATE ON public.collaborator DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.collaborator_told();
CREATE TRIGGER contact_added AFTER INSERT ON public.lead_contact FOR EACH ROW WHEN (((new.kind = 'CONTACT'::text) AND (new.fact_id IS NULL))) EXECUTE FUNCTION public.contact_added();
CREATE TRIGGER contact_exchanged AFTER DELETE ON public.lead_contact FOR EACH ROW WHEN ((old.kind = 'CONTACT'::text)) EXECUTE FUNCTION public.contact_exchanged();
CREATE CONSTRAINT TRIGGER credit_check_answered_told AFTER UPDATE ON public.credit_check DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) OR (old.decided_at IS DISTINCT FROM new.decided_at))) EXECUTE FUNCTION public.credit_told('credit-check-answered');
CREATE CONSTRAINT TRIGGER credit_check_told AFTER INSERT ON public.credit_check DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.credit_told('credit-check-asked');
CREATE TRIGGER credit_check_waits AFTER UPDATE ON public.credit_check FOR EACH ROW WHEN (((new.status = 'pending'::text) AND (new.followed_at IS NULL))) EXECUTE FUNCTION public.credit_check_waits();
CREATE TRIGGER erasure_receipt_append_only BEFORE DELETE OR UPDATE ON public.erasure_receipt FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER erasure_receipt_never_truncated BEFORE TRUNCATE ON public.erasure_receipt FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE CONSTRAINT TRIGGER erasure_told AFTER INSERT ON public.act DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.act = 'erase'::text)) EXECUTE FUNCTION public.erasure_told();
CREATE TRIGGER erp_order_changed_told AFTER UPDATE ON public.erp_order FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION public.erp_order_told();
CREATE TRIGGER erp_order_told AFTER INSERT ON public.erp_order FOR EACH ROW EXECUTE FUNCTION public.erp_order_told();
CREATE TRIGGER fact_append_only BEFORE DELETE OR UPDATE ON public.fact FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER fact_gapless AFTER INSERT ON public.fact REFERENCING NEW TABLE AS added_fact FOR EACH STATEMENT EXECUTE FUNCTION public.fact_revision_gapless();
CREATE TRIGGER fact_never_truncated BEFORE TRUNCATE ON public.fact FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE CONSTRAINT TRIGGER feedback_invitation_closed_told AFTER UPDATE ON public.feedback_invitation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.closed_at IS DISTINCT FROM new.closed_at)) EXECUTE FUNCTION public.sample_told('feedback-closed');
CREATE CONSTRAINT TRIGGER feedback_invitation_told AFTER INSERT ON public.feedback_invitation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('feedback-invited');
CREATE TRIGGER feedback_submission_news AFTER INSERT ON public.feedback_submission FOR EACH ROW EXECUTE FUNCTION public.sample_news_written('feedback', 'box', 'received_at');
CREATE CONSTRAINT TRIGGER feedback_submission_told AFTER INSERT ON public.feedback_submission DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('feedback-given');
CREATE TRIGGER first_tenant_operates AFTER INSERT ON public.tenant FOR EACH ROW EXECUTE FUNCTION public.first_tenant_operates();
CREATE CONSTRAINT TRIGGER hold_campaign_told AFTER INSERT OR UPDATE ON public.hold_campaign DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.hold_campaign_told();
CREATE TRIGGER inbound_mail_came AFTER INSERT ON public.inbound_mail FOR EACH STATEMENT EXECUTE FUNCTION public.inbound_mail_waits();
CREATE CONSTRAINT TRIGGER inbound_mail_decision_told AFTER UPDATE ON public.inbound_mail DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.decided_at IS NOT NULL) AND (old.decided_at IS DISTINCT FROM new.decided_at))) EXECUTE FUNCTION public.inbound_mail_told();
CREATE TRIGGER inbound_mail_waits AFTER UPDATE ON public.inbound_mail FOR EACH ROW WHEN (((old.brought_at IS NOT NULL) AND (new.brought_at IS NULL))) EXECUTE FUNCTION public.inbound_mail_waits();
CREATE TRIGGER late_correction_told AFTER INSERT OR UPDATE ON public.late_correction FOR EACH ROW EXECUTE FUNCTION public.late_correction_told();
CREATE TRIGGER lead_described BEFORE UPDATE ON public.lead FOR EACH ROW WHEN ((((((((old.external_id IS DISTINCT FROM new.external_id) OR (old.company IS DISTINCT FROM new.company)) OR (old.city IS DISTINCT FROM new.city)) OR (old.postcode IS DISTINCT FROM new.postcode)) OR (old.industry IS DISTINCT FROM new.industry)) OR (old.source IS DISTINCT FROM new.source)) OR (old.company_key IS DISTINCT FROM new.company_key))) EXECUTE FUNCTION public.lead_described();
CREATE TRIGGER lead_named_anew AFTER UPDATE ON public.lead FOR EACH ROW WHEN ((((old.company IS DISTINCT FROM new.company) OR (old.city IS DISTINCT FROM new.city)) OR (old.postcode IS DISTINCT FROM new.postcode))) EXECUTE FUNCTION public.lead_named();
CREATE TRIGGER lead_named_first AFTER INSERT ON public.lead FOR EACH ROW EXECUTE FUNCTION public.lead_named();
CREATE CONSTRAINT TRIGGER lead_told AFTER UPDATE ON public.lead DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.changed <> new.changed) AND ((old.company_key = new.company_key) OR (new.company_key <> public.erased_company_key(new.id))))) EXECUTE FUNCTION public.lead_told();
CREATE TRIGGER notifications_called_off AFTER UPDATE OF status ON public.protection FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (new.status = ANY (ARRAY['EXPIRED'::text, 'CONVERTED'::text, 'RELEASED'::text, 'ERASED'::text])))) EXECUTE FUNCTION public.notifications_called_off();
CREATE TRIGGER policy_version_append_only BEFORE DELETE OR UPDATE ON public.policy_version FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE CONSTRAINT TRIGGER policy_version_told AFTER INSERT ON public.policy_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.policy_version_told();
CREATE CONSTRAINT TRIGGER product_feedback_told AFTER INSERT ON public.product_feedback DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('product-rated');
CREATE CONSTRAINT TRIGGER proposal_decided_told AFTER UPDATE ON public.proposal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.state <> new.state)) EXECUTE FUNCTION public.proposal_told();
CREATE CONSTRAINT TRIGGER proposal_told AFTER INSERT ON public.proposal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.proposal_told();
CREATE TRIGGER protection_begins_classifying AFTER INSERT ON public.protection FOR EACH ROW WHEN (((new.status = ANY (ARRAY['ACTIVE'::text, 'GRACE'::text])) AND (new.registered_at > (new.updated_at - '1 day'::interval)))) EXECUTE FUNCTION public.lead_registered();
CREATE TRIGGER protection_ends_proposals AFTER UPDATE ON public.protection FOR EACH ROW WHEN (((old.status <> new.status) AND (new.status = ANY (ARRAY['EXPIRED'::text, 'CONVERTED'::text, 'RELEASED'::text, 'ERASED'::text])))) EXECUTE FUNCTION public.proposals_end();
CREATE TRIGGER protection_listed BEFORE INSERT OR UPDATE ON public.protection FOR EACH ROW EXECUTE FUNCTION public.protection_listed();
CREATE TRIGGER protection_named BEFORE INSERT ON public.protection FOR EACH ROW EXECUTE FUNCTION public.protection_named();
CREATE TRIGGER protection_registered_classifying AFTER UPDATE ON public.protection FOR EACH ROW WHEN (((old.status = 'PREREGISTERED'::text) AND (new.status = ANY (ARRAY['ACTIVE'::text, 'GRACE'::text])) AND (new.registered_at > (new.updated_at - '1 day'::interval)))) EXECUTE FUNCTION public.lead_registered();
CREATE TRIGGER protection_to_act BEFORE INSERT OR UPDATE ON public.protection FOR EACH ROW EXECUTE FUNCTION public.protection_to_act();
CREATE CONSTRAINT TRIGGER resend_told AFTER INSERT ON public.act DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.act = 'resend-mail'::text)) EXECUTE FUNCTION public.resend_told();
CREATE TRIGGER sample_box_cancelled_news AFTER UPDATE ON public.sample_box FOR EACH ROW WHEN ((old.cancelled_at IS DISTINCT FROM new.cancelled_at)) EXECUTE FUNCTION public.sample_news_written('cancel', 'id', 'cancelled_at');
CREATE CONSTRAINT TRIGGER sample_box_cancelled_told AFTER UPDATE ON public.sample_box DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.cancelled_at IS DISTINCT FROM new.cancelled_at)) EXECUTE FUNCTION public.sample_told('sample-box-cancelled');
CREATE TRIGGER sample_box_due_news AFTER UPDATE ON public.sample_box FOR EACH ROW WHEN ((old.promised_at IS DISTINCT FROM new.promised_at)) EXECUTE FUNCTION public.sample_news_written('opened', 'id', 'created_at');
CREATE CONSTRAINT TRIGGER sample_box_due_told AFTER UPDATE ON public.sample_box DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.promised_at IS DISTINCT FROM new.promised_at)) EXECUTE FUNCTION public.sample_told('sample-box-due');
CREATE TRIGGER sample_box_news AFTER INSERT ON public.sample_box FOR EACH ROW EXECUTE FUNCTION public.sample_news_written('opened', 'id', 'created_at');
CREATE CONSTRAINT TRIGGER sample_box_told AFTER INSERT ON public.sample_box DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('sample-box-made');
CREATE CONSTRAINT TRIGGER sample_item_told AFTER INSERT ON public.sample_item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('sample-item-packed');
CREATE TRIGGER setting_value_checked BEFORE INSERT OR UPDATE ON public.setting_value FOR EACH ROW EXECUTE FUNCTION public.setting_value_checked();
CREATE CONSTRAINT TRIGGER setting_value_told AFTER INSERT OR UPDATE ON public.setting_value DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.setting_value_told();
CREATE TRIGGER shares_end_with_tenure AFTER UPDATE OF owner ON public.lead FOR EACH ROW WHEN ((old.owner <> new.owner)) EXECUTE FUNCTION public.shares_end_with_tenure();
CREATE TRIGGER shipment_corrected_news AFTER UPDATE ON public.shipment FOR EACH ROW WHEN ((old.shipped_at IS DISTINCT FROM new.shipped_at)) EXECUTE FUNCTION public.sample_news_written('shipped', 'box', 'shipped_at');
CREATE CONSTRAINT TRIGGER shipment_corrected_told AFTER UPDATE ON public.shipment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.shipped_at IS DISTINCT FROM new.shipped_at)) EXECUTE FUNCTION public.sample_told('samples-shipped');
CREATE TRIGGER shipment_delivered_news AFTER UPDATE ON public.shipment FOR EACH ROW WHEN ((old.delivered_at IS DISTINCT FROM new.delivered_at)) EXECUTE FUNCTION public.sample_news_written('delivered', 'box', 'delivered_at');
CREATE CONSTRAINT TRIGGER shipment_delivered_told AFTER UPDATE ON public.shipment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.delivered_at IS DISTINCT FROM new.delivered_at)) EXECUTE FUNCTION public.sample_told('samples-delivered');
CREATE TRIGGER shipment_news AFTER INSERT ON public.shipment FOR EACH ROW EXECUTE FUNCTION public.sample_news_written('shipped', 'box', 'shipped_at');
CREATE CONSTRAINT TRIGGER shipment_told AFTER INSERT ON public.shipment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('samples-shipped');
CREATE TRIGGER test_phase_news AFTER INSERT ON public.test_phase FOR EACH ROW EXECUTE FUNCTION public.sample_news_written('test-phase', 'box', 'created_at');
CREATE CONSTRAINT TRIGGER test_phase_told AFTER INSERT ON public.test_phase DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('test-phase-planned');
CREATE CONSTRAINT TRIGGER test_result_told AFTER INSERT OR UPDATE ON public.test_result DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sample_told('test-result-noted');
CREATE TRIGGER webhook_event_replayed AFTER UPDATE ON public.webhook_event FOR EACH ROW WHEN (((old.state = 'dead'::text) AND (new.state = 'waiting'::text))) EXECUTE FUNCTION public.webhook_event_waits();
CREATE TRIGGER webhook_event_taken AFTER INSERT ON public.webhook_event FOR EACH ROW EXECUTE FUNCTION public.webhook_event_waits();
ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.ai_attempt
    ADD CONSTRAINT ai_attempt_tenant_call_fkey FOREIGN KEY (tenant, call) REFERENCES public.ai_call(tenant, id);
ALTER TABLE ONLY public.ai_cache
    ADD CONSTRAINT ai_cache_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.ai_call
    ADD CONSTRAINT ai_call_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.ai_classifies
    ADD CONSTRAINT ai_classifies_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.ai_reservation
    ADD CONSTRAINT ai_reservation_tenant_call_fkey FOREIGN KEY (tenant, call) REFERENCES public.ai_call(tenant, id);
ALTER TABLE ONLY public.app_user
    ADD CONSTRAINT app_user_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.calendar_feed
    ADD CONSTRAINT calendar_feed_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.collaborator
    ADD CONSTRAINT collaborator_known FOREIGN KEY (tenant, user_id) REFERENCES public.app_user(tenant, id);
ALTER TABLE ONLY public.collaborator
    ADD CONSTRAINT collaborator_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.contact_role
    ADD CONSTRAINT contact_role_tenant_lead_contact_fkey FOREIGN KEY (tenant, lead, contact) REFERENCES public.lead_contact(tenant, lead, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.credit_check
    ADD CONSTRAINT credit_check_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.erasure_receipt
    ADD CONSTRAINT erasure_receipt_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.erp_approval
    ADD CONSTRAINT erp_approval_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.erp_customer
    ADD CONSTRAINT erp_customer_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.erp_event
    ADD CONSTRAINT erp_event_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.erp_event
    ADD CONSTRAINT erp_event_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.erp_invoice
    ADD CONSTRAINT erp_invoice_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.erp_order
    ADD CONSTRAINT erp_order_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.erp_payment
    ADD CONSTRAINT erp_payment_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.erp_product
    ADD CONSTRAINT erp_product_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.erp_pull
    ADD CONSTRAINT erp_pull_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.errand
    ADD CONSTRAINT errand_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.fact
    ADD CONSTRAINT fact_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.feedback_invitation
    ADD CONSTRAINT feedback_invitation_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.feedback_submission
    ADD CONSTRAINT feedback_submission_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.feedback_submission
    ADD CONSTRAINT feedback_submission_tenant_lead_box_invitation_fkey FOREIGN KEY (tenant, lead, box, invitation) REFERENCES public.feedback_invitation(tenant, lead, box, id);
ALTER TABLE ONLY public.hold_campaign_lead
    ADD CONSTRAINT hold_campaign_lead_about FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.hold_campaign_lead
    ADD CONSTRAINT hold_campaign_lead_of FOREIGN KEY (tenant, campaign) REFERENCES public.hold_campaign(tenant, id);
ALTER TABLE ONLY public.hold_campaign
    ADD CONSTRAINT hold_campaign_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.inbound_mail
    ADD CONSTRAINT inbound_mail_sealed_under FOREIGN KEY (tenant, id, key) REFERENCES public.mail_key(tenant, mail, id);
ALTER TABLE ONLY public.inbound_mail
    ADD CONSTRAINT inbound_mail_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.inbound_mail
    ADD CONSTRAINT inbound_mail_tenant_mailbox_fkey FOREIGN KEY (tenant, mailbox) REFERENCES public.inbox_mailbox(tenant, mailbox);
ALTER TABLE ONLY public.inbound_mail
    ADD CONSTRAINT inbound_mail_tenant_notification_fkey FOREIGN KEY (tenant, notification) REFERENCES public.notification(tenant, id);
ALTER TABLE ONLY public.inbox_mailbox
    ADD CONSTRAINT inbox_mailbox_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.kpi_day
    ADD CONSTRAINT kpi_day_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.kpi_hold_day
    ADD CONSTRAINT kpi_hold_day_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.kpi_lead
    ADD CONSTRAINT kpi_lead_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.kpi_progress
    ADD CONSTRAINT kpi_progress_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.kpi_span
    ADD CONSTRAINT kpi_span_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.late_correction
    ADD CONSTRAINT late_correction_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.lead_class
    ADD CONSTRAINT lead_class_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.lead_contact
    ADD CONSTRAINT lead_contact_sealed_under FOREIGN KEY (tenant, lead, key) REFERENCES public.lead_key(tenant, lead, id);
ALTER TABLE ONLY public.lead_contact
    ADD CONSTRAINT lead_contact_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.lead_import_row
    ADD CONSTRAINT lead_import_row_tenant_job_fkey FOREIGN KEY (tenant, job) REFERENCES public.lead_import(tenant, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.lead_import_row
    ADD CONSTRAINT lead_import_row_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id) ON DELETE SET NULL (lead);
ALTER TABLE ONLY public.lead_import
    ADD CONSTRAINT lead_import_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.lead_key
    ADD CONSTRAINT lead_key_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.lead_search
    ADD CONSTRAINT lead_search_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.lead_to_classify
    ADD CONSTRAINT lead_to_classify_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.legal_hold
    ADD CONSTRAINT legal_hold_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.mail_key
    ADD CONSTRAINT mail_key_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.notification_mark
    ADD CONSTRAINT notification_mark_of FOREIGN KEY (tenant, notification) REFERENCES public.notification(tenant, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.operating_tenant
    ADD CONSTRAINT operating_tenant_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.policy_rehearsal_lead
    ADD CONSTRAINT policy_rehearsal_lead_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.policy_rehearsal_lead
    ADD CONSTRAINT policy_rehearsal_lead_tenant_rehearsal_fkey FOREIGN KEY (tenant, rehearsal) REFERENCES public.policy_rehearsal(tenant, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.policy_rehearsal
    ADD CONSTRAINT policy_rehearsal_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.product_feedback
    ADD CONSTRAINT product_feedback_sealed_under FOREIGN KEY (tenant, lead, key) REFERENCES public.lead_key(tenant, lead, id);
ALTER TABLE ONLY public.product_feedback
    ADD CONSTRAINT product_feedback_tenant_box_sku_fkey FOREIGN KEY (tenant, box, sku) REFERENCES public.sample_item(tenant, box, sku);
ALTER TABLE ONLY public.product_feedback
    ADD CONSTRAINT product_feedback_tenant_lead_box_submission_fkey FOREIGN KEY (tenant, lead, box, submission) REFERENCES public.feedback_submission(tenant, lead, box, id);
ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.protection
    ADD CONSTRAINT protection_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.protection
    ADD CONSTRAINT protection_tenant_policy_version_fkey FOREIGN KEY (tenant, policy_version) REFERENCES public.policy_version(tenant, version);
ALTER TABLE ONLY public.reconciliation_finding
    ADD CONSTRAINT reconciliation_finding_tenant_run_fkey FOREIGN KEY (tenant, run) REFERENCES public.reconciliation_run(tenant, id);
ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.request
    ADD CONSTRAINT request_of_lead FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.sample_box
    ADD CONSTRAINT sample_box_sealed_under FOREIGN KEY (tenant, lead, key) REFERENCES public.lead_key(tenant, lead, id);
ALTER TABLE ONLY public.sample_box
    ADD CONSTRAINT sample_box_tenant_lead_fkey FOREIGN KEY (tenant, lead) REFERENCES public.lead(tenant, id);
ALTER TABLE ONLY public.sample_item
    ADD CONSTRAINT sample_item_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.sample_news
    ADD CONSTRAINT sample_news_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.setting_value
    ADD CONSTRAINT setting_value_key_fkey FOREIGN KEY (key) REFERENCES public.setting_definition(key);
ALTER TABLE ONLY public.setting_value
    ADD CONSTRAINT setting_value_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.shipment
    ADD CONSTRAINT shipment_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.test_phase
    ADD CONSTRAINT test_phase_tenant_lead_box_fkey FOREIGN KEY (tenant, lead, box) REFERENCES public.sample_box(tenant, lead, id);
ALTER TABLE ONLY public.test_result
    ADD CONSTRAINT test_result_tenant_box_sku_fkey FOREIGN KEY (tenant, box, sku) REFERENCES public.sample_item(tenant, box, sku);
ALTER TABLE ONLY public.test_result
    ADD CONSTRAINT test_result_tenant_lead_box_phase_fkey FOREIGN KEY (tenant, lead, box, phase) REFERENCES public.test_phase(tenant, lead, box, id);
ALTER TABLE ONLY public.upstream_standing
    ADD CONSTRAINT upstream_standing_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.web_session
    ADD CONSTRAINT web_session_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenant(id);
ALTER TABLE public.act ENABLE ROW LEVEL SECURITY;
CREATE POLICY actor_answer ON public.act FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (actor = ( SELECT public.app_user_id() AS app_user_id)))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (actor = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY actor_forget ON public.act FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (actor = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY actor_open ON public.act FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (actor = ( SELECT public.app_user_id() AS app_user_id)) AND public.may_act(act, lead)));
CREATE POLICY actor_read ON public.act FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (actor = ( SELECT public.app_user_id() AS app_user_id))));
ALTER TABLE public.ai_asked ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ai_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ai_budget ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ai_cache ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ai_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ai_classifies ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ai_reservation ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.app_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY asker_add ON public.errand FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all) AND (asked_by = ( SELECT public.app_user_id() AS app_user_id)) AND public.may_act(public.errand_right(kind), NULL::uuid)));
CREATE POLICY asker_change ON public.errand FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (asked_by = ( SELECT public.app_user_id() AS app_user_id)))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (asked_by = ( SELECT public.app_user_id() AS app_user_id))));
ALTER TABLE public.audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.calendar_feed ENABLE ROW LEVEL SECURITY;
CREATE POLICY changer_add ON public.setting_value FOR INSERT TO fristwerk_app WITH CHECK ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR ((tenant IS NULL) AND ( SELECT public.app_operates() AS app_operates))) AND ( SELECT public.may_act('change-settings'::text, NULL::uuid) AS may_act) AND (changed_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY changer_change ON public.setting_value FOR UPDATE TO fristwerk_app USING ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR ((tenant IS NULL) AND ( SELECT public.app_operates() AS app_operates))) AND ( SELECT public.may_act('change-settings'::text, NULL::uuid) AS may_act))) WITH CHECK ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR ((tenant IS NULL) AND ( SELECT public.app_operates() AS app_operates))) AND ( SELECT public.may_act('change-settings'::text, NULL::uuid) AS may_act) AND (changed_by = ( SELECT public.app_user_id() AS app_user_id))));
ALTER TABLE public.collaborator ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.contact_role ENABLE ROW LEVEL SECURITY;
CREATE POLICY counter_add ON public.feedback_rate FOR INSERT TO fristwerk_owner WITH CHECK ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY counter_change ON public.feedback_rate FOR UPDATE TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL)) WITH CHECK ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY counter_read ON public.feedback_rate FOR SELECT TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY counter_remove ON public.feedback_rate FOR DELETE TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
ALTER TABLE public.credit_check ENABLE ROW LEVEL SECURITY;
CREATE POLICY decider_add ON public.hold_campaign FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (asked_by = ( SELECT public.app_user_id() AS app_user_id)) AND (end_asked_at IS NULL) AND ( SELECT public.may_act('decide'::text, NULL::uuid) AS may_act)));
CREATE POLICY decider_add ON public.hold_campaign_lead FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (state = 'waiting'::text) AND public.may_act('decide'::text, lead) AND (EXISTS ( SELECT
   FROM public.hold_campaign c
  WHERE ((c.tenant = hold_campaign_lead.tenant) AND (c.id = hold_campaign_lead.campaign) AND (c.asked_by = ( SELECT public.app_user_id() AS app_user_id)))))));
CREATE POLICY decider_change ON public.inbound_mail FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_has_role(VARIADIC ARRAY['manager'::text, 'admin'::text]) AS app_has_role))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (decided_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY decider_end ON public.hold_campaign FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (end_asked_at IS NULL) AND ( SELECT public.may_act('decide'::text, NULL::uuid) AS may_act))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (end_asked_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY editor_change ON public.lead FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('edit-lead'::text, id))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('edit-lead'::text, id)));
CREATE POLICY editor_remove ON public.lead_contact FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (kind = 'CONTACT'::text) AND public.may_act('edit-lead'::text, lead) AND public.can_read_contact(lead)));
ALTER TABLE public.erasure_receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_payment ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_product ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.erp_pull ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.errand ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_read ON public.setting_definition FOR SELECT TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((( SELECT public.app_tenant() AS app_tenant) IS NOT NULL));
ALTER TABLE public.fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.feedback_invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.feedback_rate ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.feedback_submission ENABLE ROW LEVEL SECURITY;
CREATE POLICY governor_add ON public.late_correction FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('govern'::text, lead) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY governor_change ON public.late_correction FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('govern'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('govern'::text, lead) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
ALTER TABLE public.hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.hold_campaign ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.hold_campaign_lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbound_mail ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.inbox_mailbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_hold_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kpi_span ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.late_correction ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_class ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_contact_clear ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_import ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_import_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_search ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lead_to_classify ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.legal_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mail_handed ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mail_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mail_turn ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.notification ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.notification_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.operating_tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY overseer_read ON public.reconciliation_run FOR SELECT TO fristwerk_worker USING (((( SELECT public.app_tenant() AS app_tenant) IS NULL) AND ( SELECT public.app_oversees() AS app_oversees)));
CREATE POLICY overseer_read ON public.tenant FOR SELECT TO fristwerk_worker USING (((( SELECT public.app_tenant() AS app_tenant) IS NULL) AND ( SELECT public.app_oversees() AS app_oversees)));
CREATE POLICY own_add ON public.calendar_feed FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (user_id = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY own_add ON public.lead_import FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id)) AND ( SELECT public.may_act('register'::text, NULL::uuid) AS may_act)));
CREATE POLICY own_add ON public.lead_import_row FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.lead_import i
  WHERE ((i.tenant = lead_import_row.tenant) AND (i.id = lead_import_row.job))))));
CREATE POLICY own_change ON public.calendar_feed FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (user_id = ( SELECT public.app_user_id() AS app_user_id)))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (user_id = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY own_change ON public.lead_import FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id)))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY own_read ON public.lead_import FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY own_read ON public.lead_import_row FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.lead_import i
  WHERE ((i.tenant = lead_import_row.tenant) AND (i.id = lead_import_row.job))))));
CREATE POLICY own_remove ON public.lead_import FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id))));
ALTER TABLE public.permission ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.policy_rehearsal ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.policy_rehearsal_lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.policy_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.product_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.protection ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_add ON public.notification_mark FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.notification n
  WHERE ((n.tenant = notification_mark.tenant) AND (n.id = notification_mark.notification) AND (n.recipient = ( SELECT public.app_user_id() AS app_user_id)) AND (n.channel = ANY (ARRAY['INAPP'::text, 'TASK'::text])))))));
CREATE POLICY reader_add ON public.policy_rehearsal FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_add ON public.policy_rehearsal_lead FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_change ON public.notification_mark FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.notification n
  WHERE ((n.tenant = notification_mark.tenant) AND (n.id = notification_mark.notification) AND (n.recipient = ( SELECT public.app_user_id() AS app_user_id))))))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY reader_change ON public.policy_rehearsal FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id)))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY reader_read ON public.ai_attempt FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.ai_call c
  WHERE ((c.tenant = ai_attempt.tenant) AND (c.id = ai_attempt.call))))));
CREATE POLICY reader_read ON public.ai_budget FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.ai_call FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (actor = ( SELECT public.app_user_id() AS app_user_id)))));
CREATE POLICY reader_read ON public.app_user FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (id = ( SELECT public.app_user_id() AS app_user_id)))));
CREATE POLICY reader_read ON public.audit_event FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = audit_event.tenant) AND (l.id = audit_event.lead) AND (l.owner = ( SELECT public.app_agent() AS app_agent))))))));
CREATE POLICY reader_read ON public.calendar_feed FOR SELECT TO fristwerk_app USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY reader_read ON public.collaborator FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_lead(lead))));
CREATE POLICY reader_read ON public.contact_role FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_contact(lead))));
CREATE POLICY reader_read ON public.credit_check FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = credit_check.tenant) AND (l.id = credit_check.lead)))))));
CREATE POLICY reader_read ON public.erasure_receipt FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_lead(lead))));
CREATE POLICY reader_read ON public.erp_approval FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = erp_approval.tenant) AND (l.id = erp_approval.lead)))))));
CREATE POLICY reader_read ON public.erp_customer FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.erp_event FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = erp_event.tenant) AND (l.id = erp_event.lead)))))));
CREATE POLICY reader_read ON public.erp_invoice FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.erp_order FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = erp_order.tenant) AND (l.id = erp_order.lead)))))));
CREATE POLICY reader_read ON public.erp_payment FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.erp_product FOR SELECT TO fristwerk_app USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY reader_read ON public.erp_pull FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.errand FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all) AND
CASE kind
    WHEN 'audit-check'::text THEN ( SELECT public.may_act('read-audit'::text, NULL::uuid) AS may_act)
    ELSE ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)
END));
CREATE POLICY reader_read ON public.fact FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = fact.tenant) AND (l.id = fact.lead)))))));
CREATE POLICY reader_read ON public.feedback_invitation FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = feedback_invitation.tenant) AND (l.id = feedback_invitation.lead)))))));
CREATE POLICY reader_read ON public.feedback_submission FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = feedback_submission.tenant) AND (l.id = feedback_submission.lead)))))));
CREATE POLICY reader_read ON public.hold FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = hold.tenant) AND (l.id = hold.lead)))))));
CREATE POLICY reader_read ON public.hold_campaign FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.hold_campaign_lead FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.inbound_mail FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.can_read_mail(lead)));
CREATE POLICY reader_read ON public.inbox_mailbox FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_read ON public.kpi_day FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (owner = ( SELECT public.app_user_id() AS app_user_id)))));
CREATE POLICY reader_read ON public.kpi_hold_day FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (owner = ( SELECT public.app_user_id() AS app_user_id)))));
CREATE POLICY reader_read ON public.kpi_progress FOR SELECT TO fristwerk_app USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY reader_read ON public.kpi_span FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (owner = ( SELECT public.app_user_id() AS app_user_id)))));
CREATE POLICY reader_read ON public.late_correction FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_lead(lead))));
CREATE POLICY reader_read ON public.lead FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (owner = ( SELECT public.app_agent() AS app_agent)) OR (id IN ( SELECT public.app_shared_leads() AS app_shared_leads)))));
CREATE POLICY reader_read ON public.lead_class FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = lead_class.tenant) AND (l.id = lead_class.lead)))))));
CREATE POLICY reader_read ON public.lead_contact FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_contact(lead))));
CREATE POLICY reader_read ON public.lead_key FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_contact(lead))));
CREATE POLICY reader_read ON public.legal_hold FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR public.can_read_lead(lead))));
CREATE POLICY reader_read ON public.mail_key FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.inbound_mail m
  WHERE ((m.tenant = mail_key.tenant) AND (m.id = mail_key.mail))))));
CREATE POLICY reader_read ON public.notification FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = notification.tenant) AND (l.id = notification.lead)))))));
CREATE POLICY reader_read ON public.notification_mark FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (EXISTS ( SELECT
   FROM public.notification n
  WHERE ((n.tenant = notification_mark.tenant) AND (n.id = notification_mark.notification) AND (n.recipient = ( SELECT public.app_user_id() AS app_user_id)))))));
CREATE POLICY reader_read ON public.policy_rehearsal FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_read ON public.policy_rehearsal_lead FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_read ON public.policy_version FOR SELECT TO fristwerk_app USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY reader_read ON public.product_feedback FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = product_feedback.tenant) AND (l.id = product_feedback.lead)))))));
CREATE POLICY reader_read ON public.proposal FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = proposal.tenant) AND (l.id = proposal.lead)))))));
CREATE POLICY reader_read ON public.protection FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (owner = ( SELECT public.app_agent() AS app_agent)) OR (lead IN ( SELECT public.app_shared_leads() AS app_shared_leads)))));
CREATE POLICY reader_read ON public.reconciliation_finding FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all) AND ( SELECT public.may_act('read-audit'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_read ON public.reconciliation_run FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all) AND ( SELECT public.may_act('read-audit'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_read ON public.request FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = request.tenant) AND (l.id = request.lead)))))));
CREATE POLICY reader_read ON public.sample_box FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = sample_box.tenant) AND (l.id = sample_box.lead)))))));
CREATE POLICY reader_read ON public.sample_item FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = sample_item.tenant) AND (l.id = sample_item.lead)))))));
CREATE POLICY reader_read ON public.setting_value FOR SELECT TO fristwerk_app USING ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR (tenant IS NULL)) AND (( SELECT public.app_tenant() AS app_tenant) IS NOT NULL) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_read ON public.shipment FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = shipment.tenant) AND (l.id = shipment.lead)))))));
CREATE POLICY reader_read ON public.test_phase FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = test_phase.tenant) AND (l.id = test_phase.lead)))))));
CREATE POLICY reader_read ON public.test_result FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_reads_all() AS app_reads_all) OR (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = test_result.tenant) AND (l.id = test_result.lead)))))));
CREATE POLICY reader_read ON public.webhook_event FOR SELECT TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.app_reads_all() AS app_reads_all)));
CREATE POLICY reader_remove ON public.policy_rehearsal FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
CREATE POLICY reader_remove ON public.policy_rehearsal_lead FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('read-settings'::text, NULL::uuid) AS may_act)));
ALTER TABLE public.reconciliation_finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.reconciliation_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY registrar_add ON public.lead FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ( SELECT public.may_act('register'::text, NULL::uuid) AS may_act) AND ((owner = ( SELECT public.app_user_id() AS app_user_id)) OR ( SELECT public.may_act('register-for-others'::text, NULL::uuid) AS may_act)) AND ((NOT public.has_live_duplicate(tenant, company_key, postcode, created_at, id)) OR ( SELECT public.may_act('govern'::text, NULL::uuid) AS may_act))));
CREATE POLICY replayer_change ON public.webhook_event FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (state = 'dead'::text) AND (body IS NOT NULL) AND public.may_act('change-settings'::text, NULL::uuid))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (state = 'waiting'::text) AND (replayed_by = ( SELECT public.app_user_id() AS app_user_id))));
ALTER TABLE public.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sample_box ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sample_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sample_news ENABLE ROW LEVEL SECURITY;
CREATE POLICY seeker_read ON public.lead_search FOR SELECT TO fristwerk_owner USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (words ~~ ( SELECT public.app_sought() AS app_sought))));
CREATE POLICY sender_read ON public.sample_news FOR SELECT TO fristwerk_worker USING (((( SELECT public.app_tenant() AS app_tenant) IS NULL) AND ( SELECT public.app_sends_news() AS app_sends_news)));
CREATE POLICY sender_read ON public.webhook_event FOR SELECT TO fristwerk_worker USING (((( SELECT public.app_tenant() AS app_tenant) IS NULL) AND ( SELECT public.app_sends_news() AS app_sends_news)));
ALTER TABLE public.setting_definition ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.setting_value ENABLE ROW LEVEL SECURITY;
CREATE POLICY sharer_add ON public.collaborator FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('share'::text, lead) AND (added_by = ( SELECT public.app_user_id() AS app_user_id)) AND ((user_id <> ( SELECT public.app_user_id() AS app_user_id)) OR ( SELECT public.app_has_role(VARIADIC ARRAY['manager'::text, 'admin'::text]) AS app_has_role)) AND (NOT (EXISTS ( SELECT
   FROM public.lead l
  WHERE ((l.tenant = collaborator.tenant) AND (l.id = collaborator.lead) AND (l.owner = collaborator.user_id)))))));
CREATE POLICY sharer_change ON public.collaborator FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('share'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('share'::text, lead) AND (added_by = ( SELECT public.app_user_id() AS app_user_id)) AND ((user_id <> ( SELECT public.app_user_id() AS app_user_id)) OR ( SELECT public.app_has_role(VARIADIC ARRAY['manager'::text, 'admin'::text]) AS app_has_role))));
CREATE POLICY sharer_remove ON public.collaborator FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('share'::text, lead)));
ALTER TABLE public.shipment ENABLE ROW LEVEL SECURITY;
CREATE POLICY taker_add ON public.webhook_event FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (( SELECT public.app_user_id() AS app_user_id) = ('webhook/'::text || source)) AND (state = 'waiting'::text) AND (round = 1)));
ALTER TABLE public.tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_add ON public.act FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_asked FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_attempt FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_budget FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_cache FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_call FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_classifies FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.ai_reservation FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.app_user FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.audit_event FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.audit_head FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.collaborator FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.contact_role FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.credit_check FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erasure_receipt FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_approval FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_customer FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_event FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_invoice FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_order FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_payment FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_product FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.erp_pull FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.fact FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.feedback_invitation FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.feedback_submission FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.hold FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.inbound_mail FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.inbox_mailbox FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.kpi_day FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.kpi_hold_day FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.kpi_lead FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.kpi_progress FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.kpi_span FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.late_correction FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.lead FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.lead_class FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.lead_contact FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.lead_key FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.lead_search FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.lead_to_classify FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.legal_hold FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.mail_key FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.notification FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.operating_tenant FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.policy_version FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.product_feedback FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.proposal FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.protection FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.reconciliation_finding FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.reconciliation_run FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.request FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.sample_box FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.sample_item FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.sample_news FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.setting_value FOR INSERT TO fristwerk_worker WITH CHECK ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR (tenant IS NULL)) AND (( SELECT public.app_tenant() AS app_tenant) IS NOT NULL)));
CREATE POLICY tenant_add ON public.shipment FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.tenant FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((id = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.test_phase FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.test_result FOR INSERT TO fristwerk_owner, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.upstream_standing FOR INSERT TO fristwerk_owner, fristwerk_app, fristwerk_worker WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.web_session FOR INSERT TO fristwerk_app WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_add ON public.webhook_event FOR INSERT TO fristwerk_owner WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.act FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.ai_budget FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.ai_cache FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.ai_call FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.app_user FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.audit_head FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.collaborator FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.contact_role FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.credit_check FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_approval FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_customer FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_event FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_invoice FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_order FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_payment FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_product FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.erp_pull FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.feedback_invitation FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.feedback_submission FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.hold FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.hold_campaign_lead FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.inbound_mail FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.inbox_mailbox FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.kpi_day FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.kpi_hold_day FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.kpi_lead FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.kpi_progress FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.kpi_span FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.late_correction FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.lead FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.lead_class FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.lead_contact FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.lead_key FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.lead_search FOR UPDATE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.legal_hold FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.mail_key FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.notification FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.product_feedback FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.proposal FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.protection FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.reconciliation_finding FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.reconciliation_run FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.request FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.sample_box FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.setting_value FOR UPDATE TO fristwerk_worker USING ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR (tenant IS NULL)) AND (( SELECT public.app_tenant() AS app_tenant) IS NOT NULL))) WITH CHECK ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR (tenant IS NULL)) AND (( SELECT public.app_tenant() AS app_tenant) IS NOT NULL)));
CREATE POLICY tenant_change ON public.shipment FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.upstream_standing FOR UPDATE TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.web_session FOR UPDATE TO fristwerk_app USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_change ON public.webhook_event FOR UPDATE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant))) WITH CHECK ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.act FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_asked FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_attempt FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_budget FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_cache FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_call FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_classifies FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.ai_reservation FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.app_user FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.audit_event FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.audit_head FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.calendar_feed FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.collaborator FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.contact_role FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.credit_check FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erasure_receipt FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_approval FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_customer FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_event FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_invoice FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_order FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_payment FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_product FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.erp_pull FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.errand FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.fact FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.feedback_invitation FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.feedback_submission FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.hold FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.hold_campaign FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.hold_campaign_lead FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.inbound_mail FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.inbox_mailbox FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.kpi_day FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.kpi_hold_day FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.kpi_lead FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.kpi_progress FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.kpi_span FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.late_correction FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_class FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_contact FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_contact_clear FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_import FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_import_row FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_key FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.lead_to_classify FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.legal_hold FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.mail_key FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.notification FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.notification_mark FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.operating_tenant FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.permission FOR SELECT TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((( SELECT public.app_tenant() AS app_tenant) IS NOT NULL));
CREATE POLICY tenant_read ON public.policy_rehearsal FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.policy_rehearsal_lead FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.policy_version FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.product_feedback FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.proposal FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.protection FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.reconciliation_finding FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.reconciliation_run FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.request FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.sample_box FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.sample_item FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.sample_news FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.setting_value FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((((tenant = ( SELECT public.app_tenant() AS app_tenant)) OR (tenant IS NULL)) AND (( SELECT public.app_tenant() AS app_tenant) IS NOT NULL)));
CREATE POLICY tenant_read ON public.shipment FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.tenant FOR SELECT TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((id = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.test_phase FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.test_result FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.upstream_standing FOR SELECT TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.web_session FOR SELECT TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_read ON public.webhook_event FOR SELECT TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.act FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.ai_asked FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.ai_cache FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.ai_classifies FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.ai_reservation FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.calendar_feed FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.collaborator FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.contact_role FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.hold FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.kpi_day FOR DELETE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.kpi_hold_day FOR DELETE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.kpi_lead FOR DELETE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.kpi_progress FOR DELETE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.kpi_span FOR DELETE TO fristwerk_owner USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.late_correction FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.lead_contact FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.lead_contact_clear FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.lead_import FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.lead_import_row FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.lead_key FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.lead_to_classify FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.legal_hold FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.mail_key FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.notification_mark FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.policy_rehearsal FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.policy_rehearsal_lead FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.request FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.sample_news FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.web_session FOR DELETE TO fristwerk_owner, fristwerk_app, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
CREATE POLICY tenant_remove ON public.webhook_event FOR DELETE TO fristwerk_owner, fristwerk_worker USING ((tenant = ( SELECT public.app_tenant() AS app_tenant)));
ALTER TABLE public.test_phase ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.test_result ENABLE ROW LEVEL SECURITY;
CREATE POLICY token_read ON public.feedback_invitation FOR SELECT TO fristwerk_owner USING (((( SELECT public.app_tenant() AS app_tenant) IS NULL) AND (token_hash = ( SELECT public.app_feedback() AS app_feedback))));
CREATE POLICY turn_add ON public.mail_handed FOR INSERT TO fristwerk_owner WITH CHECK ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY turn_add ON public.mail_turn FOR INSERT TO fristwerk_owner WITH CHECK ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY turn_change ON public.mail_turn FOR UPDATE TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL)) WITH CHECK ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY turn_read ON public.mail_handed FOR SELECT TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY turn_read ON public.mail_turn FOR SELECT TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY turn_remove ON public.mail_handed FOR DELETE TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
CREATE POLICY turn_remove ON public.mail_turn FOR DELETE TO fristwerk_owner USING ((( SELECT public.app_tenant() AS app_tenant) IS NULL));
ALTER TABLE public.upstream_standing ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.web_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.webhook_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer_add ON public.contact_role FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('edit-lead'::text, lead) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_add ON public.credit_check FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (requested_by = ( SELECT public.app_user_id() AS app_user_id)) AND (status = 'pending'::text)));
CREATE POLICY writer_add ON public.feedback_submission FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (told_by = ( SELECT public.app_user_id() AS app_user_id)) AND (source <> 'FORM'::text) AND (settled_at IS NULL)));
CREATE POLICY writer_add ON public.lead_class FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('edit-lead'::text, lead) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_add ON public.lead_contact FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('add-note'::text, lead)));
CREATE POLICY writer_add ON public.lead_key FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('add-note'::text, lead)));
CREATE POLICY writer_add ON public.product_feedback FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead)));
CREATE POLICY writer_add ON public.proposal FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (state = 'open'::text)));
CREATE POLICY writer_add ON public.sample_box FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (created_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_add ON public.sample_item FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead)));
CREATE POLICY writer_add ON public.shipment FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (shipped_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_add ON public.test_phase FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (created_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_add ON public.test_result FOR INSERT TO fristwerk_app WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_change ON public.contact_role FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('edit-lead'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_change ON public.lead_class FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('edit-lead'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_change ON public.proposal FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_decide_proposal(kind, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND ((state = 'open'::text) OR (decided_by = ( SELECT public.app_user_id() AS app_user_id)))));
CREATE POLICY writer_change ON public.sample_box FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (cancelled_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_change ON public.shipment FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (delivered_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_change ON public.test_result FOR UPDATE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('log-activity'::text, lead))) WITH CHECK (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND (told_by = ( SELECT public.app_user_id() AS app_user_id))));
CREATE POLICY writer_remove ON public.lead_contact FOR DELETE TO fristwerk_app USING (((tenant = ( SELECT public.app_tenant() AS app_tenant)) AND public.may_act('add-note'::text, lead) AND (fact_id IS NOT NULL) AND (NOT (EXISTS ( SELECT
   FROM public.fact f
  WHERE ((f.tenant = lead_contact.tenant) AND (f.lead = lead_contact.lead) AND (f.fact_id = lead_contact.fact_id)))))));
GRANT ALL ON SCHEMA public TO fristwerk_owner;
GRANT USAGE ON SCHEMA public TO fristwerk_app;
GRANT USAGE ON SCHEMA public TO fristwerk_worker;
GRANT USAGE ON SCHEMA public TO fristwerk_public;
GRANT USAGE ON SCHEMA public TO fristwerk_report;
REVOKE ALL ON FUNCTION public.act_enter(p_tenant uuid, p_user text, p_roles text, p_id uuid, p_lead uuid, p_act text, p_fact_id text, p_key text, p_hash bytea, p_opened_at timestamp with time zone, p_outdated timestamp with time zone, p_swept integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.act_enter(p_tenant uuid, p_user text, p_roles text, p_id uuid, p_lead uuid, p_act text, p_fact_id text, p_key text, p_hash bytea, p_opened_at timestamp with time zone, p_outdated timestamp with time zone, p_swept integer) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.app_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_tenant() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_tenant() TO fristwerk_worker;
GRANT ALL ON FUNCTION public.app_tenant() TO fristwerk_report;
GRANT SELECT,INSERT,DELETE ON TABLE public.act TO fristwerk_app;
GRANT SELECT,DELETE ON TABLE public.act TO fristwerk_worker;
GRANT UPDATE(answered_at) ON TABLE public.act TO fristwerk_app;
GRANT UPDATE(status) ON TABLE public.act TO fristwerk_app;
GRANT UPDATE(location) ON TABLE public.act TO fristwerk_app;
GRANT UPDATE(answer) ON TABLE public.act TO fristwerk_app;
REVOKE ALL ON FUNCTION public.act_purge(p_before timestamp with time zone, p_most integer, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.act_purge(p_before timestamp with time zone, p_most integer, p_key text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.act_purge(p_before timestamp with time zone, p_most integer, p_key text) TO fristwerk_worker;
GRANT SELECT ON TABLE public.ai_call TO fristwerk_app;
GRANT SELECT ON TABLE public.ai_call TO fristwerk_worker;
GRANT UPDATE(told) ON TABLE public.ai_call TO fristwerk_worker;
GRANT UPDATE(answered) ON TABLE public.ai_call TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.ai_book(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.ai_close(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_outcome text, p_decision text, p_provider text, p_model text, p_size text, p_confidence double precision, p_milliseconds integer, p_told text, p_answered jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ai_close(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_outcome text, p_decision text, p_provider text, p_model text, p_size text, p_confidence double precision, p_milliseconds integer, p_told text, p_answered jsonb) TO fristwerk_app;
GRANT ALL ON FUNCTION public.ai_close(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_outcome text, p_decision text, p_provider text, p_model text, p_size text, p_confidence double precision, p_milliseconds integer, p_told text, p_answered jsonb) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.ai_fits(p_org text, p_month date, p_amount numeric, p_tenant_cap numeric, p_org_cap numeric, OUT standing text, OUT of_org boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.ai_month(at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ai_month(at timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.ai_month(at timestamp with time zone) TO fristwerk_worker;
GRANT SELECT ON TABLE public.ai_budget TO fristwerk_app;
GRANT SELECT ON TABLE public.ai_budget TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.ai_move(p_org text, p_month date, p_booked numeric, p_reserved numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.ai_open(p_call uuid, p_lead uuid, p_org text, p_use_case text, p_at timestamp with time zone, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric, p_threshold double precision, p_sure bytea[], p_unsure bytea[], p_kept_since timestamp with time zone, p_refuse boolean, p_patient boolean, OUT standing text, OUT of_org boolean, OUT provider text, OUT model text, OUT size text, OUT answer jsonb, OUT confidence double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ai_open(p_call uuid, p_lead uuid, p_org text, p_use_case text, p_at timestamp with time zone, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric, p_threshold double precision, p_sure bytea[], p_unsure bytea[], p_kept_since timestamp with time zone, p_refuse boolean, p_patient boolean, OUT standing text, OUT of_org boolean, OUT provider text, OUT model text, OUT size text, OUT answer jsonb, OUT confidence double precision) TO fristwerk_app;
GRANT ALL ON FUNCTION public.ai_open(p_call uuid, p_lead uuid, p_org text, p_use_case text, p_at timestamp with time zone, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric, p_threshold double precision, p_sure bytea[], p_unsure bytea[], p_kept_since timestamp with time zone, p_refuse boolean, p_patient boolean, OUT standing text, OUT of_org boolean, OUT provider text, OUT model text, OUT size text, OUT answer jsonb, OUT confidence double precision) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.ai_pace(p_provider text, p_at timestamp with time zone, p_per_minute integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ai_pace(p_provider text, p_at timestamp with time zone, p_per_minute integer) TO fristwerk_app;
GRANT ALL ON FUNCTION public.ai_pace(p_provider text, p_at timestamp with time zone, p_per_minute integer) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.ai_step(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ai_step(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric) TO fristwerk_app;
GRANT ALL ON FUNCTION public.ai_step(p_call uuid, p_at timestamp with time zone, p_attempts jsonb, p_keep jsonb, p_amount numeric, p_until timestamp with time zone, p_tenant_cap numeric, p_org_cap numeric) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.ai_sweep(p_at timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.ai_turn() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.app_has_role(VARIADIC wanted text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_has_role(VARIADIC wanted text[]) TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_has_role(VARIADIC wanted text[]) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.app_has_role(VARIADIC wanted text[]) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.app_user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_user_id() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_user_id() TO fristwerk_worker;
GRANT ALL ON FUNCTION public.app_user_id() TO fristwerk_report;
REVOKE ALL ON FUNCTION public.app_agent() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_agent() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_agent() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_at() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_at() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_at() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_feedback() FROM PUBLIC;
GRANT SELECT ON TABLE public.operating_tenant TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_operates() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_operates() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_operates() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_oversees() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_oversees() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_reads_all() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_reads_all() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_reads_all() TO fristwerk_worker;
GRANT ALL ON FUNCTION public.app_reads_all() TO fristwerk_report;
REVOKE ALL ON FUNCTION public.app_reason() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_reason() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_reason() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_sends_news() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_sends_news() TO fristwerk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.collaborator TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.collaborator TO fristwerk_worker;
GRANT UPDATE(role) ON TABLE public.collaborator TO fristwerk_app;
GRANT UPDATE(added_by) ON TABLE public.collaborator TO fristwerk_app;
GRANT UPDATE(added_at) ON TABLE public.collaborator TO fristwerk_app;
REVOKE ALL ON FUNCTION public.app_shared_leads() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_shared_leads() TO fristwerk_app;
GRANT ALL ON FUNCTION public.app_shared_leads() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.app_sought() FROM PUBLIC;
GRANT ALL ON FUNCTION public.app_sought() TO fristwerk_app;
GRANT SELECT ON TABLE public.audit_event TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.audit_event TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.audit_canonical(e public.audit_event) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.audit_chain() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.audit_end(OUT seq bigint, OUT hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit_end(OUT seq bigint, OUT hash bytea) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.audit_part_broken(p_first bigint, p_last bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit_part_broken(p_first bigint, p_last bigint) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.audit_row_is_whole(e public.audit_event) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit_row_is_whole(e public.audit_event) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.audit_standing(OUT rows_kept bigint, OUT head_seq bigint, OUT head_hash bytea, OUT first_broken bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit_standing(OUT rows_kept bigint, OUT head_seq bigint, OUT head_hash bytea, OUT first_broken bigint) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.audit_tell(p_what text, p_lead uuid, p_fact_id text, p_before jsonb, p_after jsonb, p_reason text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit_tell(p_what text, p_lead uuid, p_fact_id text, p_before jsonb, p_after jsonb, p_reason text, p_at timestamp with time zone) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.audit_verify(p_tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.audit_verify(p_tenant uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.audit_verify(p_tenant uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.fold(said text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fold(said text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.fold(said text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.fold_joined(words text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fold_joined(words text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.fold_joined(words text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.fold_verbatim(said text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fold_verbatim(said text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.fold_verbatim(said text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.city_key(city text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.city_key(city text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.city_key(city text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.clock_text(moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_text(moment timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_text(moment timestamp with time zone) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_text(moment timestamp with time zone) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.lead_listed(id uuid, external_id text, company text, city text, postcode text, industry text, source text, owner text, created_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lead_listed(id uuid, external_id text, company text, city text, postcode text, industry text, source text, owner text, created_at timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.lead_listed(id uuid, external_id text, company text, city text, postcode text, industry text, source text, owner text, created_at timestamp with time zone) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.postcode_key(postcode text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.postcode_key(postcode text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.postcode_key(postcode text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.without_legal_forms(folded text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.without_legal_forms(folded text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.without_legal_forms(folded text) TO fristwerk_worker;
GRANT SELECT ON TABLE public.lead TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.lead TO fristwerk_worker;
GRANT INSERT(tenant) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(id) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(external_id),UPDATE(external_id) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(company) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(city) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(postcode),UPDATE(postcode) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(industry),UPDATE(industry) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(source),UPDATE(source) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(owner) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(company_key) ON TABLE public.lead TO fristwerk_app;
GRANT INSERT(created_at) ON TABLE public.lead TO fristwerk_app;
GRANT SELECT ON TABLE public.permission TO fristwerk_app;
GRANT SELECT ON TABLE public.permission TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.may_act(p_act text, p_lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.may_act(p_act text, p_lead uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.may_act(p_act text, p_lead uuid) TO fristwerk_worker;
GRANT SELECT ON TABLE public.protection TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.protection TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.can_read_contact(lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.can_read_contact(lead uuid) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.can_read_lead(lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.can_read_lead(lead uuid) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.can_read_mail(lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.can_read_mail(lead uuid) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.clock_terms(policy jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_terms(policy jsonb) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_terms(policy jsonb) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_terms(policy jsonb) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_accepts(policy jsonb, hold_ids text[], requests jsonb, ledger jsonb, fact jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_accepts(policy jsonb, hold_ids text[], requests jsonb, ledger jsonb, fact jsonb) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_accepts(policy jsonb, hold_ids text[], requests jsonb, ledger jsonb, fact jsonb) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_accepts(policy jsonb, hold_ids text[], requests jsonb, ledger jsonb, fact jsonb) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_instant(wall timestamp without time zone, zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_instant(wall timestamp without time zone, zone text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_instant(wall timestamp without time zone, zone text) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_instant(wall timestamp without time zone, zone text) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_days_later(moment timestamp with time zone, days integer, zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_days_later(moment timestamp with time zone, days integer, zone text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_days_later(moment timestamp with time zone, days integer, zone text) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_days_later(moment timestamp with time zone, days integer, zone text) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_deadlines(policy jsonb, base_from timestamp with time zone, progress_from timestamp with time zone, extension_days integer, holds tstzmultirange, requests jsonb, noted_at timestamp with time zone, reminder timestamp with time zone, OUT base_until timestamp with time zone, OUT progress_until timestamp with time zone, OUT owed timestamp with time zone, OUT reminder_due_at timestamp with time zone, OUT grace_until timestamp with time zone, OUT ends_at timestamp with time zone, OUT end_reason text, OUT valid_until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_deadlines(policy jsonb, base_from timestamp with time zone, progress_from timestamp with time zone, extension_days integer, holds tstzmultirange, requests jsonb, noted_at timestamp with time zone, reminder timestamp with time zone, OUT base_until timestamp with time zone, OUT progress_until timestamp with time zone, OUT owed timestamp with time zone, OUT reminder_due_at timestamp with time zone, OUT grace_until timestamp with time zone, OUT ends_at timestamp with time zone, OUT end_reason text, OUT valid_until timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_deadlines(policy jsonb, base_from timestamp with time zone, progress_from timestamp with time zone, extension_days integer, holds tstzmultirange, requests jsonb, noted_at timestamp with time zone, reminder timestamp with time zone, OUT base_until timestamp with time zone, OUT progress_until timestamp with time zone, OUT owed timestamp with time zone, OUT reminder_due_at timestamp with time zone, OUT grace_until timestamp with time zone, OUT ends_at timestamp with time zone, OUT end_reason text, OUT valid_until timestamp with time zone) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_deadlines(policy jsonb, base_from timestamp with time zone, progress_from timestamp with time zone, extension_days integer, holds tstzmultirange, requests jsonb, noted_at timestamp with time zone, reminder timestamp with time zone, OUT base_until timestamp with time zone, OUT progress_until timestamp with time zone, OUT owed timestamp with time zone, OUT reminder_due_at timestamp with time zone, OUT grace_until timestamp with time zone, OUT ends_at timestamp with time zone, OUT end_reason text, OUT valid_until timestamp with time zone) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_first_running(holds tstzmultirange, moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_first_running(holds tstzmultirange, moment timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_first_running(holds tstzmultirange, moment timestamp with time zone) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_first_running(holds tstzmultirange, moment timestamp with time zone) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_known(policy jsonb, ledger jsonb, OUT base_from timestamp with time zone, OUT progress_from timestamp with time zone, OUT extension_days integer, OUT holds tstzmultirange, OUT hold_ids text[], OUT requests jsonb, OUT noted_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_known(policy jsonb, ledger jsonb, OUT base_from timestamp with time zone, OUT progress_from timestamp with time zone, OUT extension_days integer, OUT holds tstzmultirange, OUT hold_ids text[], OUT requests jsonb, OUT noted_at timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_known(policy jsonb, ledger jsonb, OUT base_from timestamp with time zone, OUT progress_from timestamp with time zone, OUT extension_days integer, OUT holds tstzmultirange, OUT hold_ids text[], OUT requests jsonb, OUT noted_at timestamp with time zone) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_known(policy jsonb, ledger jsonb, OUT base_from timestamp with time zone, OUT progress_from timestamp with time zone, OUT extension_days integer, OUT holds tstzmultirange, OUT hold_ids text[], OUT requests jsonb, OUT noted_at timestamp with time zone) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_period_end(policy jsonb, anchor timestamp with time zone, months integer, days integer, holds tstzmultirange, rolls boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_period_end(policy jsonb, anchor timestamp with time zone, months integer, days integer, holds tstzmultirange, rolls boolean) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_period_end(policy jsonb, anchor timestamp with time zone, months integer, days integer, holds tstzmultirange, rolls boolean) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_period_end(policy jsonb, anchor timestamp with time zone, months integer, days integer, holds tstzmultirange, rolls boolean) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_replay(policy jsonb, registered_at timestamp with time zone, facts jsonb, as_of timestamp with time zone, assume_reminders boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_replay(policy jsonb, registered_at timestamp with time zone, facts jsonb, as_of timestamp with time zone, assume_reminders boolean) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_replay(policy jsonb, registered_at timestamp with time zone, facts jsonb, as_of timestamp with time zone, assume_reminders boolean) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_replay(policy jsonb, registered_at timestamp with time zone, facts jsonb, as_of timestamp with time zone, assume_reminders boolean) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.clock_working_day(day date, closed date[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_working_day(day date, closed date[]) TO fristwerk_app;
GRANT ALL ON FUNCTION public.clock_working_day(day date, closed date[]) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.clock_working_day(day date, closed date[]) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.collaborator_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.company_key(company text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.company_key(company text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.company_key(company text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.contact_added() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.contact_exchanged() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.credit_check_waits() FROM PUBLIC;
GRANT SELECT ON TABLE public.credit_check TO fristwerk_app;
GRANT SELECT,UPDATE ON TABLE public.credit_check TO fristwerk_worker;
GRANT INSERT(tenant) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(id) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(lead) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(account) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(country) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(registration_no) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(vat_no) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(amount) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(bucket) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(currency) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(purpose) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(requested_by) ON TABLE public.credit_check TO fristwerk_app;
GRANT INSERT(requested_at) ON TABLE public.credit_check TO fristwerk_app;
REVOKE ALL ON FUNCTION public.credit_enter(p_tenant uuid, p_user text, p_roles text, p_at timestamp with time zone, p_ids uuid[], p_leads uuid[], p_accounts text[], p_countries text[], p_registrations text[], p_vats text[], p_amounts numeric[], p_buckets numeric[], p_currencies text[], p_purposes text[], p_fresh timestamp with time zone[], p_own boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.credit_enter(p_tenant uuid, p_user text, p_roles text, p_at timestamp with time zone, p_ids uuid[], p_leads uuid[], p_accounts text[], p_countries text[], p_registrations text[], p_vats text[], p_amounts numeric[], p_buckets numeric[], p_currencies text[], p_purposes text[], p_fresh timestamp with time zone[], p_own boolean[]) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.credit_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.email_key(email text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.email_key(email text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.email_key(email text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.erased_company_key(lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erased_company_key(lead uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.erased_company_key(lead uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.erasure_told() FROM PUBLIC;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_customer TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_customer TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_invoice TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_invoice TO fristwerk_app;
REVOKE ALL ON FUNCTION public.erp_last_invoice(p_company_key text, p_postcode text, p_before date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erp_last_invoice(p_company_key text, p_postcode text, p_before date) TO fristwerk_app;
GRANT ALL ON FUNCTION public.erp_last_invoice(p_company_key text, p_postcode text, p_before date) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.erp_order_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.errand_right(kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.errand_right(kind text) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.fact_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid, p_fact_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fact_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid, p_fact_id text) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.fact_revision_gapless() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.feedback_counted(p_key bytea, p_at timestamp with time zone, p_most integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.feedback_give(p_hash bytea, p_at timestamp with time zone, p_submission uuid, p_role text, p_skus text[], p_ratings integer[], p_comment_ids uuid[], p_comments bytea[], p_key uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.feedback_give(p_hash bytea, p_at timestamp with time zone, p_submission uuid, p_role text, p_skus text[], p_ratings integer[], p_comment_ids uuid[], p_comments bytea[], p_key uuid) TO fristwerk_public;
GRANT SELECT,INSERT ON TABLE public.setting_value TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.setting_value TO fristwerk_worker;
GRANT UPDATE(value) ON TABLE public.setting_value TO fristwerk_app;
GRANT UPDATE(value) ON TABLE public.setting_value TO fristwerk_worker;
GRANT UPDATE(changed_by) ON TABLE public.setting_value TO fristwerk_app;
GRANT UPDATE(changed_by) ON TABLE public.setting_value TO fristwerk_worker;
GRANT UPDATE(changed_at) ON TABLE public.setting_value TO fristwerk_app;
GRANT UPDATE(changed_at) ON TABLE public.setting_value TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.feedback_limit(p_tenant uuid, p_lead uuid, p_else integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.feedback_look(p_hash bytea, p_range bytea, p_at timestamp with time zone, p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.feedback_look(p_hash bytea, p_range bytea, p_at timestamp with time zone, p_most integer) TO fristwerk_public;
GRANT SELECT,INSERT,UPDATE ON TABLE public.feedback_invitation TO fristwerk_worker;
GRANT SELECT(tenant) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(id) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(lead) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(box) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(once) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(language) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(issued_at) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(expires_at) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(closed_at) ON TABLE public.feedback_invitation TO fristwerk_app;
GRANT SELECT(closed_as) ON TABLE public.feedback_invitation TO fristwerk_app;
REVOKE ALL ON FUNCTION public.feedback_salt(p_box uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.feedback_salt(p_box uuid) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.first_tenant_operates() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.keeps_others_away(p_status text, p_valid_until timestamp with time zone, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keeps_others_away(p_status text, p_valid_until timestamp with time zone, p_at timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.keeps_others_away(p_status text, p_valid_until timestamp with time zone, p_at timestamp with time zone) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text, p_at timestamp with time zone, p_except uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.has_live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.hold_campaign_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.inbound_mail_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.inbound_mail_waits() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.is_sealed(value bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.is_sealed(value bytea) TO fristwerk_app;
GRANT ALL ON FUNCTION public.is_sealed(value bytea) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.kpi_gather(p_zone text, p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.kpi_gather(p_zone text, p_most integer) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.kpi_hold_parts(spans tstzmultirange, zone text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.late_correction_told() FROM PUBLIC;
GRANT SELECT ON TABLE public.fact TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.fact TO fristwerk_worker;
GRANT SELECT ON TABLE public.policy_version TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.policy_version TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.opening_policy(p_tenant uuid, p_lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.opening_policy(p_tenant uuid, p_lead uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.opening_policy(p_tenant uuid, p_lead uuid) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.opening_policy(p_tenant uuid, p_lead uuid) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamp with time zone) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.lead_clock(p_tenant uuid, p_lead uuid, p_as_of timestamp with time zone) TO fristwerk_report;
REVOKE ALL ON FUNCTION public.lead_described() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.lead_key(company text, city text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lead_key(company text, city text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.lead_key(company text, city text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.lead_named() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.lead_page(p_tenant uuid, p_user text, p_roles text, p_owner text, p_shared boolean, p_after_key timestamp with time zone, p_after_lead uuid, p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lead_page(p_tenant uuid, p_user text, p_roles text, p_owner text, p_shared boolean, p_after_key timestamp with time zone, p_after_lead uuid, p_most integer) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) TO fristwerk_worker;
GRANT ALL ON FUNCTION public.lead_register(p_tenant uuid, entries jsonb, refuse_duplicates boolean) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.lead_registered() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.lead_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.leads_saying(patterns text[], most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.leads_saying(patterns text[], most integer) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.ledger_record(p_tenant uuid, commands jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ledger_record(p_tenant uuid, commands jsonb) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_duplicate(p_tenant uuid, p_company_key text, p_postcode text) TO fristwerk_worker;
GRANT SELECT ON TABLE public.inbound_mail TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.inbound_mail TO fristwerk_worker;
GRANT UPDATE(state) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(why) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(lead) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(match) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(confidence) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(candidates) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(brought_at) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(settled_at) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(decided_by) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT UPDATE(decided_at) ON TABLE public.inbound_mail TO fristwerk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.lead_contact TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lead_contact TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.mail_speaks_of(mail public.inbound_mail, p_lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mail_speaks_of(mail public.inbound_mail, p_lead uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.mail_speaks_of(mail public.inbound_mail, p_lead uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.mail_turn_ask(p_mail uuid, p_urgency integer, p_at timestamp with time zone, p_connections integer, p_minute integer, p_hour integer, p_lease interval, p_present interval) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mail_turn_ask(p_mail uuid, p_urgency integer, p_at timestamp with time zone, p_connections integer, p_minute integer, p_hour integer, p_lease interval, p_present interval) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.mail_turn_done(p_mail uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mail_turn_done(p_mail uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.mail_turn_keep(p_mail uuid, p_until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mail_turn_keep(p_mail uuid, p_until timestamp with time zone) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.mail_window_free(p_at timestamp with time zone, p_window interval, p_most integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.may_decide_proposal(kind text, lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.may_decide_proposal(kind text, lead uuid) TO fristwerk_app;
GRANT SELECT ON TABLE public.notification TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notification TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.notification_mark TO fristwerk_app;
GRANT SELECT,DELETE ON TABLE public.notification_mark TO fristwerk_worker;
GRANT UPDATE(done_at) ON TABLE public.notification_mark TO fristwerk_app;
REVOKE ALL ON FUNCTION public.notices_unread(p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.notices_unread(p_most integer) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.notifications_called_off() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.phone_key(phone text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.phone_key(phone text) TO fristwerk_app;
GRANT ALL ON FUNCTION public.phone_key(phone text) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.policy_defaults() FROM PUBLIC;
GRANT ALL ON FUNCTION public.policy_defaults() TO fristwerk_app;
GRANT ALL ON FUNCTION public.policy_defaults() TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.public_holidays(land text, year integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.public_holidays(land text, year integer) TO fristwerk_app;
GRANT ALL ON FUNCTION public.public_holidays(land text, year integer) TO fristwerk_worker;
GRANT SELECT ON TABLE public.setting_definition TO fristwerk_app;
GRANT SELECT ON TABLE public.setting_definition TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.tenant_setting(p_key text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.policy_composed(p_at timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.policy_current(p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.policy_current(p_at timestamp with time zone) TO fristwerk_app;
GRANT ALL ON FUNCTION public.policy_current(p_at timestamp with time zone) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.policy_version_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.proposal_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.proposals_end() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.protection_listed() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.protection_named() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.protection_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.protection_read(p_tenant uuid, p_user text, p_roles text, p_lead uuid) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.protection_status(p_tenant uuid, p_user text, p_roles text, p_lead uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.protection_status(p_tenant uuid, p_user text, p_roles text, p_lead uuid) TO fristwerk_app;
GRANT ALL ON FUNCTION public.protection_status(p_tenant uuid, p_user text, p_roles text, p_lead uuid) TO fristwerk_worker;
REVOKE ALL ON FUNCTION public.protection_to_act() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.refuse_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.resend_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.sample_news_written() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.sample_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.setting_value_checked() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.setting_value_told() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.shares_end_with_tenure() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.similar_leads(p_company text, p_city text, p_postcode text, p_at timestamp with time zone, p_except uuid, p_least real, p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.similar_leads(p_company text, p_city text, p_postcode text, p_at timestamp with time zone, p_except uuid, p_least real, p_most integer) TO fristwerk_app;
REVOKE ALL ON FUNCTION public.webhook_event_waits() FROM PUBLIC;
GRANT SELECT ON TABLE public.ai_attempt TO fristwerk_app;
GRANT SELECT ON TABLE public.ai_attempt TO fristwerk_worker;
GRANT SELECT,DELETE ON TABLE public.ai_cache TO fristwerk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.ai_classifies TO fristwerk_worker;
GRANT SELECT ON TABLE public.app_user TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.app_user TO fristwerk_worker;
GRANT SELECT ON TABLE public.audit_head TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.calendar_feed TO fristwerk_app;
GRANT SELECT,DELETE ON TABLE public.calendar_feed TO fristwerk_worker;
GRANT UPDATE(read_at) ON TABLE public.calendar_feed TO fristwerk_app;
GRANT UPDATE(revoked_at) ON TABLE public.calendar_feed TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.contact_role TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_role TO fristwerk_worker;
GRANT UPDATE(role) ON TABLE public.contact_role TO fristwerk_app;
GRANT UPDATE(told_by) ON TABLE public.contact_role TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.contact_role TO fristwerk_app;
GRANT SELECT ON TABLE public.erasure_receipt TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.erasure_receipt TO fristwerk_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_approval TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_approval TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_event TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_event TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_order TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_order TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_payment TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_payment TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_product TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_product TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.erp_pull TO fristwerk_worker;
GRANT SELECT ON TABLE public.erp_pull TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.errand TO fristwerk_app;
GRANT SELECT ON TABLE public.errand TO fristwerk_worker;
GRANT UPDATE(done) ON TABLE public.errand TO fristwerk_app;
GRANT UPDATE(outcome) ON TABLE public.errand TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.errand TO fristwerk_app;
GRANT UPDATE(finished_at) ON TABLE public.errand TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.feedback_submission TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.feedback_submission TO fristwerk_worker;
GRANT SELECT ON TABLE public.hold TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hold TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.hold_campaign TO fristwerk_app;
GRANT SELECT ON TABLE public.hold_campaign TO fristwerk_worker;
GRANT UPDATE(end_asked_by) ON TABLE public.hold_campaign TO fristwerk_app;
GRANT UPDATE(end_asked_at) ON TABLE public.hold_campaign TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.hold_campaign_lead TO fristwerk_app;
GRANT SELECT ON TABLE public.hold_campaign_lead TO fristwerk_worker;
GRANT UPDATE(state) ON TABLE public.hold_campaign_lead TO fristwerk_worker;
GRANT UPDATE(code) ON TABLE public.hold_campaign_lead TO fristwerk_worker;
GRANT UPDATE(told_at) ON TABLE public.hold_campaign_lead TO fristwerk_worker;
GRANT SELECT ON TABLE public.inbox_mailbox TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.inbox_mailbox TO fristwerk_worker;
GRANT SELECT ON TABLE public.kpi_day TO fristwerk_app;
GRANT SELECT ON TABLE public.kpi_day TO fristwerk_worker;
GRANT SELECT ON TABLE public.kpi_hold_day TO fristwerk_app;
GRANT SELECT ON TABLE public.kpi_hold_day TO fristwerk_worker;
GRANT SELECT ON TABLE public.kpi_progress TO fristwerk_app;
GRANT SELECT ON TABLE public.kpi_progress TO fristwerk_worker;
GRANT SELECT ON TABLE public.kpi_span TO fristwerk_app;
GRANT SELECT ON TABLE public.kpi_span TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.late_correction TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.late_correction TO fristwerk_worker;
GRANT UPDATE(replacement) ON TABLE public.late_correction TO fristwerk_app;
GRANT UPDATE(replacement) ON TABLE public.late_correction TO fristwerk_worker;
GRANT UPDATE(told_by) ON TABLE public.late_correction TO fristwerk_app;
GRANT UPDATE(told_by) ON TABLE public.late_correction TO fristwerk_worker;
GRANT UPDATE(told_at) ON TABLE public.late_correction TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.late_correction TO fristwerk_worker;
GRANT UPDATE(ended_at) ON TABLE public.late_correction TO fristwerk_app;
GRANT UPDATE(ended_at) ON TABLE public.late_correction TO fristwerk_worker;
GRANT UPDATE(kept_until) ON TABLE public.late_correction TO fristwerk_app;
GRANT UPDATE(kept_until) ON TABLE public.late_correction TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.lead_class TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.lead_class TO fristwerk_worker;
GRANT UPDATE(segment) ON TABLE public.lead_class TO fristwerk_app;
GRANT UPDATE(potential) ON TABLE public.lead_class TO fristwerk_app;
GRANT UPDATE(told_by) ON TABLE public.lead_class TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.lead_class TO fristwerk_app;
GRANT SELECT,DELETE ON TABLE public.lead_contact_clear TO fristwerk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.lead_import TO fristwerk_app;
GRANT UPDATE(state) ON TABLE public.lead_import TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.lead_import TO fristwerk_app;
GRANT UPDATE(finished_at) ON TABLE public.lead_import TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.lead_import_row TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.lead_key TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lead_key TO fristwerk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.lead_to_classify TO fristwerk_worker;
GRANT SELECT ON TABLE public.legal_hold TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_hold TO fristwerk_worker;
GRANT SELECT ON TABLE public.mail_key TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_key TO fristwerk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.policy_rehearsal TO fristwerk_app;
GRANT UPDATE(done) ON TABLE public.policy_rehearsal TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.policy_rehearsal TO fristwerk_app;
GRANT UPDATE(finished_at) ON TABLE public.policy_rehearsal TO fristwerk_app;
GRANT UPDATE(summary) ON TABLE public.policy_rehearsal TO fristwerk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.policy_rehearsal_lead TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.product_feedback TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.product_feedback TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.proposal TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.proposal TO fristwerk_worker;
GRANT UPDATE(state) ON TABLE public.proposal TO fristwerk_app;
GRANT UPDATE(decided_by) ON TABLE public.proposal TO fristwerk_app;
GRANT UPDATE(decided_at) ON TABLE public.proposal TO fristwerk_app;
GRANT UPDATE(settled_at) ON TABLE public.proposal TO fristwerk_app;
GRANT SELECT ON TABLE public.reconciliation_finding TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.reconciliation_finding TO fristwerk_worker;
GRANT UPDATE(detail) ON TABLE public.reconciliation_finding TO fristwerk_worker;
GRANT UPDATE(repaired) ON TABLE public.reconciliation_finding TO fristwerk_worker;
GRANT SELECT ON TABLE public.reconciliation_run TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT UPDATE(finished_at) ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT UPDATE(leads_compared) ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT UPDATE(workflows_asked) ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT UPDATE(repaired) ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT UPDATE(found) ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT UPDATE(first_broken_audit) ON TABLE public.reconciliation_run TO fristwerk_worker;
GRANT SELECT ON TABLE public.request TO fristwerk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.request TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.sample_box TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.sample_box TO fristwerk_worker;
GRANT UPDATE(cancelled_by) ON TABLE public.sample_box TO fristwerk_app;
GRANT UPDATE(cancelled_at) ON TABLE public.sample_box TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.sample_item TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.sample_item TO fristwerk_worker;
GRANT SELECT,DELETE ON TABLE public.sample_news TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.shipment TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.shipment TO fristwerk_worker;
GRANT UPDATE(delivered_by) ON TABLE public.shipment TO fristwerk_app;
GRANT UPDATE(delivered_at) ON TABLE public.shipment TO fristwerk_app;
GRANT SELECT ON TABLE public.tenant TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.tenant TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.test_phase TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.test_phase TO fristwerk_worker;
GRANT SELECT,INSERT ON TABLE public.test_result TO fristwerk_app;
GRANT SELECT ON TABLE public.test_result TO fristwerk_worker;
GRANT UPDATE(outcome) ON TABLE public.test_result TO fristwerk_app;
GRANT UPDATE(sell_through) ON TABLE public.test_result TO fristwerk_app;
GRANT UPDATE(waste_change) ON TABLE public.test_result TO fristwerk_app;
GRANT UPDATE(told_by) ON TABLE public.test_result TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.test_result TO fristwerk_app;
GRANT SELECT,INSERT ON TABLE public.upstream_standing TO fristwerk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.upstream_standing TO fristwerk_worker;
GRANT UPDATE(state) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT UPDATE(since) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT UPDATE(failures) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT UPDATE(answered_at) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT UPDATE(failed_at) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT UPDATE(fault) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT UPDATE(told_at) ON TABLE public.upstream_standing TO fristwerk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.web_session TO fristwerk_app;
GRANT UPDATE(seen_at) ON TABLE public.web_session TO fristwerk_app;
GRANT SELECT,DELETE,UPDATE ON TABLE public.webhook_event TO fristwerk_worker;
GRANT SELECT(tenant),INSERT(tenant) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(id),INSERT(id) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(source),INSERT(source) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(event_id),INSERT(event_id) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(kind),INSERT(kind) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(sent_at),INSERT(sent_at) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(received_at),INSERT(received_at) ON TABLE public.webhook_event TO fristwerk_app;
GRANT INSERT(body) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(state),UPDATE(state) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(round),UPDATE(round) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(told_at),UPDATE(told_at) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(settled_at),UPDATE(settled_at) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(outcome),UPDATE(outcome) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(replayed_by),UPDATE(replayed_by) ON TABLE public.webhook_event TO fristwerk_app;
GRANT SELECT(replayed_at),UPDATE(replayed_at) ON TABLE public.webhook_event TO fristwerk_app;
ALTER DEFAULT PRIVILEGES FOR ROLE fristwerk_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
