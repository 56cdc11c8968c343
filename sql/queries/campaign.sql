-- Hold campaigns: one hold over many leads. Times are parameters; the tenant is the transaction's context.

-- name: campaign_chosen(tenant, user, agent, owner, city, industry, status, paused, ends_before, words, most)
-- Leads under protection that say all of it; `own` are those whose clock is not the caller's to stop, because he is
-- the one who asks there.
select
  p.lead, p.owner, p.revision,
  :agent::boolean and (
    p.owner = :user::text or exists (
      select from collaborator as c
      where c.tenant = p.tenant and c.lead = p.lead and c.user_id = :user::text and c.role = 'NEGOTIATE'
    )
  ) as own
from protection as p
where
  p.tenant = :tenant::uuid and p.status in ('ACTIVE', 'GRACE')
  and (:owner::text is null or p.owner = :owner::text)
  and (:city::text is null or p.city_key = left(:city::text, 100))
  and (:status::text is null or p.status = :status::text)
  and (:paused::boolean is null or p.paused = :paused::boolean)
  and (:ends_before::timestamptz is null or p.sorted_end < :ends_before::timestamptz)
  and (:words::text [] is null or p.search_words like all(:words::text []))
  and (
    :industry::text is null or exists (
      select from lead as l where l.tenant = p.tenant and l.id = p.lead and lower(l.industry) = lower(:industry::text)
    )
  )
order by p.sorted_end, p.lead
limit :most::integer;

-- name: plan_with_values()!
-- Until the transaction ends: filters that were not asked for cost nothing then.
select set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: campaign_described(tenant, leads)
-- What a person wants to know of the leads of a page, in any order.
select p.lead, l.company, l.city, p.owner, p.status, p.paused, p.valid_until
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where p.tenant = :tenant::uuid and p.lead = any(:leads::uuid []);

-- name: add_campaign(tenant, id, wanted, hash, reason, start_at, end_at, leads, by, at)!
-- One that is there already stays as it is.
insert into hold_campaign (tenant, id, wanted, request_hash, reason, start_at, end_at, leads, asked_by, asked_at)
values (
  :tenant::uuid, :id::uuid, :wanted::jsonb, :hash::bytea, :reason::text, :start_at::timestamptz, :end_at::timestamptz,
  :leads::integer, :by::text, :at::timestamptz
)
on conflict (tenant, id) do nothing;

-- name: add_campaign_leads(tenant, campaign, leads, at)!
-- Row security asks of each whether the caller may place a hold on it.
insert into hold_campaign_lead (tenant, campaign, lead, state, told_at)
select :tenant::uuid, :campaign::uuid, chosen.lead, 'waiting', :at::timestamptz
from unnest(:leads::uuid []) as chosen (lead);

-- name: campaign_hash(tenant, id)$
select c.request_hash
from hold_campaign as c
where c.tenant = :tenant::uuid and c.id = :id::uuid;

-- name: end_campaign(tenant, id, by, at)!
-- The first word counts.
update hold_campaign
set end_asked_by = :by::text, end_asked_at = :at::timestamptz
where tenant = :tenant::uuid and id = :id::uuid and end_asked_at is null;

-- name: campaign_standing(tenant, id)^
select
  c.id, c.wanted, c.reason, c.start_at, c.end_at, c.leads, c.asked_by, c.asked_at, c.end_asked_by, c.end_asked_at,
  t.counts, t.told_at
from hold_campaign as c
left join lateral (
  select jsonb_object_agg(s.state, s.leads) as counts, max(s.told_at) as told_at
  from (
    select l.state, count(*) as leads, max(l.told_at) as told_at
    from hold_campaign_lead as l
    where l.tenant = c.tenant and l.campaign = c.id
    group by l.state
  ) as s
) as t on true
where c.tenant = :tenant::uuid and c.id = :id::uuid;

-- name: campaigns_of(tenant, before_at, before_id, most)
-- The newest first.
select
  c.id, c.wanted, c.reason, c.start_at, c.end_at, c.leads, c.asked_by, c.asked_at, c.end_asked_by, c.end_asked_at,
  t.counts, t.told_at
from (
  select *
  from hold_campaign as h
  where h.tenant = :tenant::uuid and (h.asked_at, h.id) < (:before_at::timestamptz, :before_id::uuid)
  order by h.asked_at desc, h.id desc
  limit :most::integer
) as c
left join lateral (
  select jsonb_object_agg(s.state, s.leads) as counts, max(s.told_at) as told_at
  from (
    select l.state, count(*) as leads, max(l.told_at) as told_at
    from hold_campaign_lead as l
    where l.tenant = c.tenant and l.campaign = c.id
    group by l.state
  ) as s
) as t on true
order by c.asked_at desc, c.id desc;

-- name: campaign_leads(tenant, campaign, state, after, most)
select t.lead, t.state, t.code, t.told_at, l.company, l.city, p.owner, p.status, p.paused, p.valid_until
from hold_campaign_lead as t
inner join protection as p on p.tenant = t.tenant and p.lead = t.lead
inner join lead as l on l.tenant = t.tenant and l.id = t.lead
where
  t.tenant = :tenant::uuid and t.campaign = :campaign::uuid and t.lead > :after::uuid
  and (:state::text is null or t.state = :state::text)
order by t.lead
limit :most::integer;

-- name: campaign_asked(tenant, id)^
-- For the worker.
select c.reason, c.start_at, c.end_at, c.asked_by, c.end_asked_by
from hold_campaign as c
where c.tenant = :tenant::uuid and c.id = :id::uuid;

-- name: campaign_turns(tenant, campaign, hold, ending, after, now, most)
-- Those that something is to be told to, by id, with the campaign's hold as it stands on record.
select
  t.lead, t.state, t.code is not null as tried, p.owner, h.hold is not null as held,
  case when h.hold is null then t.state = 'placed' else coalesce(h.end_at <= :now::timestamptz, false) end as over
from hold_campaign_lead as t
inner join protection as p on p.tenant = t.tenant and p.lead = t.lead
left join hold as h on h.tenant = t.tenant and h.lead = t.lead and h.hold = :hold::text
where
  t.tenant = :tenant::uuid and t.campaign = :campaign::uuid and t.lead > :after::uuid
  and (t.state = 'waiting' or (:ending::boolean and t.state = 'placed'))
order by t.lead
limit :most::integer;

-- name: note_turns(tenant, campaign, leads, states, codes, at)!
update hold_campaign_lead as t
set state = told.state, code = told.code, told_at = :at::timestamptz
from unnest(:leads::uuid [], :states::text [], :codes::text []) as told (lead, state, code)
where t.tenant = :tenant::uuid and t.campaign = :campaign::uuid and t.lead = told.lead;

-- name: campaign_counts(tenant, campaign)
select t.state, count(*)::integer as leads
from hold_campaign_lead as t
where t.tenant = :tenant::uuid and t.campaign = :campaign::uuid
group by t.state;
