-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Many questions of one caller in one statement, context included: where each lead stands for him, the answer
-- that is there already, and a new check where there is none and he may ask. A question that is neither known nor
-- new is in flight, or was not let in. No lead, no row. Another lead's answer serves only the same company: an
-- account is whatever a caller says.
create function credit_enter(
  p_tenant uuid, p_user text, p_roles text, p_at timestamptz, p_ids uuid [], p_leads uuid [], p_accounts text [],
  p_countries text [], p_registrations text [], p_vats text [], p_amounts numeric [], p_buckets numeric [],
  p_currencies text [], p_purposes text [], p_fresh timestamptz [], p_own boolean []
) returns table (place bigint, owner text, share text, lead_status text, company text, is_new boolean, known credit_check)
language plpgsql set plan_cache_mode = force_generic_plan as $f$
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
$f$;

grant execute on function credit_enter(
  uuid, text, text, timestamptz, uuid [], uuid [], text [], text [], text [], text [], numeric [], numeric [], text [],
  text [], timestamptz [], boolean []
) to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function credit_enter(
  uuid, text, text, timestamptz, uuid [], uuid [], text [], text [], text [], text [], numeric [], numeric [], text [],
  text [], timestamptz [], boolean []
);
reset role;
