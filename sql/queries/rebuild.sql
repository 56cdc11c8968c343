-- What has to run again after Temporal's own database is lost. As the worker.

-- name: on_its_way(tenant, at)^
-- How much of each there is; `since` is when a workflow last wrote anything.
select
  (
    select count(*) from protection as p
    where p.tenant = :tenant::uuid and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
  ) as leads,
  (select max(p.updated_at) from protection as p where p.tenant = :tenant::uuid) as since,
  (
    select count(*) from credit_check as c
    where c.tenant = :tenant::uuid and c.status = 'pending' and c.followed_at is not null and c.erased_at is null
  ) as checks,
  (
    select count(*) from inbound_mail as m
    where
      m.tenant = :tenant::uuid and m.brought_at is not null and m.settled_at is null
      and m.state in ('received', 'matched', 'bounce')
  ) as mails,
  (
    select count(*) from webhook_event as e
    where e.tenant = :tenant::uuid and e.state = 'waiting' and e.told_at is not null and e.told_at <= :at::timestamptz
  ) as events,
  array(
    select p.lead from protection as p
    inner join ai_classifies as c on c.tenant = p.tenant and c.since <= p.registered_at
    where
      p.tenant = :tenant::uuid and p.status in ('ACTIVE', 'GRACE')
      and p.registered_at > (select max(q.updated_at) from protection as q where q.tenant = :tenant::uuid) - interval '1 day'
      and 2 > (
        select count(distinct a.use_case) from ai_call as a
        where
          a.tenant = p.tenant and a.lead = p.lead and a.use_case in ('LEAD_CLASSIFY', 'CONTACT_ROLE_DETECT')
          and a.outcome in ('answered', 'malformed', 'budget-spent')
      )
  ) as to_classify;

-- name: living_ledgers(tenant, after, most)
-- Leads that need a workflow, with all it begins with.
select
  p.lead, opening_policy(p.tenant, p.lead) as policy, p.refused_facts as refused,
  (
    select jsonb_agg(f.payload order by f.revision) from fact as f where f.tenant = p.tenant and f.lead = p.lead
  ) as facts
from protection as p
where
  p.tenant = :tenant::uuid and p.lead > :after::uuid and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
order by p.lead
limit :most::integer;

-- name: unfinished_erasures(tenant, after, most)
-- Leads that have ended and still hold what is to be erased, with how they ended.
select p.lead, p.ended_at, newest.type, newest.by
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
cross join lateral (
  select f.type, f.by
  from fact as f
  where f.tenant = p.tenant and f.lead = p.lead
  order by f.revision desc
  limit 1
) as newest
where
  p.tenant = :tenant::uuid and p.lead > :after::uuid and p.status in ('EXPIRED', 'RELEASED', 'ERASED')
  and (
    exists (select from lead_key as k where k.tenant = p.tenant and k.lead = p.lead)
    or (p.reason = 'UNPURSUED' and l.company_key <> erased_company_key(l.id))
  )
order by p.lead
limit :most::integer;

-- name: boxes_to_follow(tenant, after, most)
-- Boxes of samples for which something is still waited for.
select b.lead, b.id as box
from sample_box as b
left join feedback_invitation as i on i.tenant = b.tenant and i.box = b.id
left join protection as p on p.tenant = b.tenant and p.lead = b.lead
where
  b.tenant = :tenant::uuid and b.id > :after::uuid
  and (
    (i.id is not null and i.closed_at is null)
    or (
      i.id is null and b.cancelled_at is null
      and coalesce(p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'CONVERTED'), false)
      and not exists (select from feedback_submission as f where f.tenant = b.tenant and f.box = b.id)
    )
    or exists (
      select from feedback_submission as f where f.tenant = b.tenant and f.box = b.id and f.settled_at is null
    )
    or exists (
      select from hold as h
      where h.tenant = b.tenant and h.lead = b.lead and h.end_at is null and h.hold = 'sample-' || b.id::text
    )
  )
order by b.id
limit :most::integer;

-- name: campaigns_to_go_on(tenant)
-- Hold campaigns that have something left to tell.
select c.id
from hold_campaign as c
where
  c.tenant = :tenant::uuid and exists (
    select from hold_campaign_lead as t
    where
      t.tenant = c.tenant and t.campaign = c.id
      and (t.state = 'waiting' or (c.end_asked_at is not null and t.state = 'placed'))
  )
order by c.id;

-- name: hand_back(tenant, at, to_classify)!
-- What messengers had given to workflows by then waits for them once more; so do leads whose classification was
-- under way: it gives up after a day, and a question that was answered is not asked again.
with classifications as (
  insert into lead_to_classify (tenant, lead, at)
  select :tenant::uuid, one.lead, :at::timestamptz
  from unnest(:to_classify::uuid[]) as one (lead)
  on conflict (tenant, lead) do nothing
  returning lead
),

checks as (
  update credit_check as c set followed_at = null
  where
    c.tenant = :tenant::uuid and c.status = 'pending' and c.followed_at is not null and c.erased_at is null
    and c.followed_at <= :at::timestamptz
  returning c.id
),

mails as (
  update inbound_mail as m set brought_at = null
  where
    m.tenant = :tenant::uuid and m.brought_at is not null and m.settled_at is null
    and m.state in ('received', 'matched', 'bounce') and m.brought_at <= :at::timestamptz
  returning m.id
)

update webhook_event as e set told_at = null
where e.tenant = :tenant::uuid and e.state = 'waiting' and e.told_at is not null and e.told_at <= :at::timestamptz;

-- name: owed_mails(tenant, tried, news)
-- Notifications that the ledger demands, or whose row says that one is on its way. Those are not safe to send
-- that are no news any more, and those whose facts came back from a history: their rows are lost, not unsent.
with demanded as (
  select
    f.lead, f.revision, f.recorded_at,
    case f.type
      when 'lapsed' then 'lapse' when 'request_decided' then 'request-decided' else 'request-made'
    end as kind,
    case f.type when 'lapsed' then f.payload ->> 'at' else f.payload ->> 'request' end as cycle,
    case f.type when 'lapsed' then (f.payload ->> 'at')::timestamptz else f.recorded_at end as due_at
  from fact as f
  inner join protection as p on p.tenant = f.tenant and p.lead = f.lead
  left join request as r on r.tenant = f.tenant and r.lead = f.lead and r.request = f.payload ->> 'request'
  where
    f.tenant = :tenant::uuid
    and (
      -- Of a lead that was imported after its end nobody is told.
      (
        f.type = 'lapsed' and p.status = 'EXPIRED' and p.updated_at <= f.recorded_at + interval '1 day'
        and not exists (
          select from fact as later
          where later.tenant = f.tenant and later.lead = f.lead and later.type = 'lapsed'
            and later.revision > f.revision
        )
      )
      or (
        f.type in ('hold_requested', 'extension_requested') and r.status = 'PENDING'
        and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
      )
      or (
        f.type = 'request_decided' and r.status in ('APPROVED', 'REJECTED')
        and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'EXPIRED')
      )
    )
),

open as (
  select distinct n.lead, n.kind, n.cycle, case
    when n.kind in ('notice-progress', 'notice-base', 'notice-preregistration') then n.cycle::timestamptz
    else n.created_at
  end as due_at
  from notification as n
  where
    n.tenant = :tenant::uuid and n.status = 'sending' and n.channel = 'EMAIL'
    and n.kind in ('notice-progress', 'notice-base', 'notice-preregistration', 'notice-hold')
)

select d.lead, d.kind, d.cycle, d.due_at, d.recorded_at >= :news::timestamptz and not exists (
  select from audit_event as a
  where
    a.tenant = :tenant::uuid and a.lead = d.lead and a.what = 'restored-from-history'
    and d.revision >= (a.after ->> 'from_revision')::integer
    and d.revision < (a.after ->> 'from_revision')::integer + (a.after ->> 'facts')::integer
) as safe
from demanded as d
left join lateral (
  select count(*) as rows, coalesce(bool_or(n.status = 'sending'), false) as waits, max(n.updated_at) as last
  from notification as n
  where
    n.tenant = :tenant::uuid and n.lead = d.lead and n.kind = d.kind and n.cycle = d.cycle and n.channel = 'EMAIL'
) as told on true
where told.rows = 0 or told.waits or told.last >= :tried::timestamptz
union all
select o.lead, o.kind, o.cycle, o.due_at, true from open as o
order by 1, 2, 3;
