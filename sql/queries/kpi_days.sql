-- Figures by local day, gathered from the audit chain (docs/figures.md); and the leads behind them. Owner ''
-- is the whole tenant. Times are parameters.

-- name: gather(zone, most)$
select kpi_gather(:zone, :most::integer);

-- name: gathered(tenant)^
-- How many rows of the chain are counted.
select p.seq, p.zone from kpi_progress as p where p.tenant = :tenant::uuid;

-- name: stood_before(tenant, owner, first)^
-- How the leads stood when that day began.
select
  coalesce(sum(d.preregistered), 0) as preregistered, coalesce(sum(d.active), 0) as active,
  coalesce(sum(d.grace), 0) as grace, coalesce(sum(d.expired), 0) as expired,
  coalesce(sum(d.converted), 0) as converted, coalesce(sum(d.released), 0) as released,
  coalesce(sum(d.erased), 0) as erased
from kpi_day as d
where d.tenant = :tenant::uuid and d.owner = :owner and d.day < :first::date;

-- name: days_between(tenant, owner, first, last)
select
  d.day, d.preregistered, d.active, d.grace, d.expired, d.converted, d.released, d.erased, d.entered, d.activities,
  d.reminded, d.bounced, d.reactivated, d.lapsed, d.won
from kpi_day as d
where d.tenant = :tenant::uuid and d.owner = :owner and d.day between :first::date and :last::date
order by d.day;

-- name: held_between(tenant, owner, first, last)
-- How many leads stood still when the first day began, as its own row; then the changes.
select :first::date as day, d.reason, 0::bigint as share, sum(d.standing)::integer as standing
from kpi_hold_day as d
where d.tenant = :tenant::uuid and d.owner = :owner and d.day < :first::date
group by d.reason
union all
select d.day, d.reason, d.share, d.standing
from kpi_hold_day as d
where d.tenant = :tenant::uuid and d.owner = :owner and d.day between :first::date and :last::date
order by day, reason;

-- name: decided_between(tenant, owner, unit, zone, since, until)
-- How long those who asked waited: by kind and part of the period; the row without a part is the whole.
select
  r.kind, date_trunc(:unit, r.decided_at at time zone :zone)::date as part, count(*) as decided,
  percentile_cont(0.5) within group (order by r.decided_at - r.requested_at) as median,
  max(r.decided_at - r.requested_at) as longest
from request as r
where
  r.tenant = :tenant::uuid and r.status in ('APPROVED', 'REJECTED')
  and r.decided_at >= :since::timestamptz and r.decided_at < :until::timestamptz
  and (:owner = '' or exists (
    select from protection as p where p.tenant = r.tenant and p.lead = r.lead and p.owner = :owner
  ))
group by grouping sets ((r.kind, date_trunc(:unit, r.decided_at at time zone :zone)::date), (r.kind))
order by r.kind, part;

-- name: feedback_between(tenant, owner, since, until)^
-- Boxes of samples that arrived within the period, and those of them that somebody has answered since.
select
  count(*) as delivered,
  count(*) filter (where exists (
    select from feedback_submission as f where f.tenant = s.tenant and f.box = s.box
  )) as answered
from shipment as s
where
  s.tenant = :tenant::uuid and s.delivered_at >= :since::timestamptz and s.delivered_at < :until::timestamptz
  and (:owner = '' or exists (
    select from protection as p where p.tenant = s.tenant and p.lead = s.lead and p.owner = :owner
  ));

-- name: leads_delivered(tenant, owner, since, until, skip, most)
-- The same boxes with their leads, those nobody has answered first.
select d.lead, l.company, l.city, l.owner, d.at, null::double precision as number, d.word
from (
  select
    s.lead, s.box, s.delivered_at as at,
    case when exists (
      select from feedback_submission as f where f.tenant = s.tenant and f.box = s.box
    ) then 'answered' else 'unanswered' end as word
  from shipment as s
  where
    s.tenant = :tenant::uuid and s.delivered_at >= :since::timestamptz and s.delivered_at < :until::timestamptz
    and (:owner = '' or exists (
      select from protection as p where p.tenant = s.tenant and p.lead = s.lead and p.owner = :owner
    ))
  order by word desc, s.delivered_at desc, s.box asc
  offset :skip::integer limit :most::integer
) as d
inner join lead as l on l.tenant = :tenant::uuid and l.id = d.lead
order by d.word desc, d.at desc, d.box asc;

-- name: agents(tenant, most)
select u.id, u.display_name
from app_user as u
where u.tenant = :tenant::uuid and 'agent' = any(u.roles)
order by u.display_name, u.id
limit :most::integer;

-- name: leads_told(tenant, owner, what, since, until, skip, most)
-- Leads of which the audit tells this within the period, the newest first.
select e.lead, l.company, l.city, l.owner, e.at, null::double precision as number, e.word
from (
  select e.lead, e.at, e.seq, e.reason as word
  from audit_event as e
  where
    e.tenant = :tenant::uuid and e.what = :what and e.at >= :since::timestamptz and e.at < :until::timestamptz
    and e.fact_id is not null and (:owner = '' or e.after ->> 'owner' = :owner)
  order by e.at desc, e.seq desc
  offset :skip::integer limit :most::integer
) as e
inner join lead as l on l.tenant = :tenant::uuid and l.id = e.lead
order by e.at desc, e.seq desc;

-- name: leads_entered(tenant, owner, since, until, skip, most)
-- The first an audit tells of a lead; each kind by its own index.
select e.lead, l.company, l.city, l.owner, e.at, null::double precision as number, e.word
from (
  (
    select e.lead, e.at, e.seq, e.what as word
    from audit_event as e
    where
      e.tenant = :tenant::uuid and e.what = 'registered' and e.before is null
      and e.at >= :since::timestamptz and e.at < :until::timestamptz
      and e.fact_id is not null and (:owner = '' or e.after ->> 'owner' = :owner)
    order by e.at desc, e.seq desc
    limit :skip::integer + :most::integer
  )
  union all
  (
    select e.lead, e.at, e.seq, e.what as word
    from audit_event as e
    where
      e.tenant = :tenant::uuid and e.what = 'preregistered' and e.before is null
      and e.at >= :since::timestamptz and e.at < :until::timestamptz
      and e.fact_id is not null and (:owner = '' or e.after ->> 'owner' = :owner)
    order by e.at desc, e.seq desc
    limit :skip::integer + :most::integer
  )
  order by at desc, seq desc
  offset :skip::integer limit :most::integer
) as e
inner join lead as l on l.tenant = :tenant::uuid and l.id = e.lead
order by e.at desc, e.seq desc;

-- name: leads_reactivated(tenant, owner, since, until, skip, most)
select e.lead, l.company, l.city, l.owner, e.at, null::double precision as number, e.word
from (
  select e.lead, e.at, e.seq, e.reason as word
  from audit_event as e
  where
    e.tenant = :tenant::uuid and e.what = 'activity' and e.before ->> 'status' = 'GRACE'
    and e.after ->> 'status' = 'ACTIVE' and e.at >= :since::timestamptz and e.at < :until::timestamptz
    and e.fact_id is not null and (:owner = '' or e.after ->> 'owner' = :owner)
  order by e.at desc, e.seq desc
  offset :skip::integer limit :most::integer
) as e
inner join lead as l on l.tenant = :tenant::uuid and l.id = e.lead
order by e.at desc, e.seq desc;

-- name: leads_held(tenant, owner, reasons, since, until, skip, most)
-- By days on hold within the period, the longest first.
select h.lead, l.company, l.city, l.owner, h.at, h.number, h.word
from (
  select
    s.lead, held.at, (extract(epoch from held.stood) / 86400)::double precision as number, s.reason as word
  from kpi_span as s
  cross join lateral (
    select s.spans * tstzmultirange(tstzrange(:since::timestamptz, :until::timestamptz)) as spans
  ) as within
  -- Most leads stood still once: only where there are gaps, the spans are taken one by one.
  cross join lateral (
    select
      upper(within.spans) as at,
      case
        when multirange(range_merge(within.spans)) = within.spans then upper(within.spans) - lower(within.spans)
        else (select sum(upper(part.span) - lower(part.span)) from unnest(within.spans) as part (span))
      end as stood
  ) as held
  where
    s.tenant = :tenant::uuid and s.reason = any(:reasons::text []) and (:owner = '' or s.owner = :owner)
    and s.spans && tstzrange(:since::timestamptz, :until::timestamptz)
  order by held.stood desc, s.lead asc, s.reason asc
  offset :skip::integer limit :most::integer
) as h
inner join lead as l on l.tenant = :tenant::uuid and l.id = h.lead
order by h.number desc, h.lead asc, h.word asc;

-- name: leads_decided(tenant, owner, kind, since, until, skip, most)
-- By days waited for the decision, the longest first.
select d.lead, l.company, l.city, l.owner, d.at, d.number, d.word
from (
  select
    r.lead, r.request, r.decided_at as at, r.status as word,
    (extract(epoch from r.decided_at - r.requested_at) / 86400)::double precision as number
  from request as r
  where
    r.tenant = :tenant::uuid and r.status in ('APPROVED', 'REJECTED') and r.kind = :kind
    and r.decided_at >= :since::timestamptz and r.decided_at < :until::timestamptz
    and (:owner = '' or exists (
      select from protection as p where p.tenant = r.tenant and p.lead = r.lead and p.owner = :owner
    ))
  order by r.decided_at - r.requested_at desc, r.lead asc, r.request asc
  offset :skip::integer limit :most::integer
) as d
inner join lead as l on l.tenant = :tenant::uuid and l.id = d.lead
order by d.number desc, d.lead asc, d.request asc;

-- name: leads_waiting(tenant, owner, as_of, skip, most)
-- Requests that nobody has decided, the oldest first.
select
  r.lead, l.company, l.city, l.owner, r.requested_at as at,
  (extract(epoch from :as_of::timestamptz - r.requested_at) / 86400)::double precision as number, r.kind as word
from request as r
inner join lead as l on l.tenant = r.tenant and l.id = r.lead
where r.tenant = :tenant::uuid and r.status = 'PENDING' and (:owner = '' or l.owner = :owner)
order by r.requested_at, r.lead, r.request
offset :skip::integer limit :most::integer;

-- name: leads_due(tenant, owner, as_of, skip, most)
-- Leads whose reminder should go out and has not.
select p.lead, l.company, l.city, l.owner, p.reminder_due_at as at, null::double precision as number, p.status as word
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid and p.status = 'ACTIVE' and not p.paused and p.reminder_due_at <= :as_of::timestamptz
  and (:owner = '' or p.owner = :owner)
order by p.reminder_due_at, p.lead
offset :skip::integer limit :most::integer;

-- name: leads_expiring(tenant, owner, as_of, skip, most)
-- Leads whose protection ends within 7 days if nothing happens.
select p.lead, l.company, l.city, l.owner, p.valid_until as at, null::double precision as number, p.status as word
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid and p.status in ('ACTIVE', 'GRACE') and p.sorted_end >= :as_of::timestamptz
  and p.sorted_end < :as_of::timestamptz + interval '7 days' and (:owner = '' or p.owner = :owner)
order by p.sorted_end, p.lead
offset :skip::integer limit :most::integer;

-- name: leads_paused(tenant, owner, skip, most)
select p.lead, l.company, l.city, l.owner, p.updated_at as at, null::double precision as number, p.status as word
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where p.tenant = :tenant::uuid and p.paused and (:owner = '' or p.owner = :owner)
order by p.sorted_end, p.lead
offset :skip::integer limit :most::integer;

-- name: leads_overdue(tenant, owner, as_of, skip, most)
-- Leads whose clock should have moved 15 minutes ago or earlier, and those an operator has to look at.
select p.lead, l.company, l.city, l.owner, p.next_wake_up as at, null::double precision as number, p.problem as word
from protection as p
inner join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant::uuid and (:owner = '' or p.owner = :owner)
  and (p.problem is not null or p.next_wake_up < :as_of::timestamptz - interval '15 minutes')
order by p.next_wake_up, p.lead
offset :skip::integer limit :most::integer;

-- name: leads_unsent(tenant, owner, status, skip, most)
-- Mails that were given up, or are still tried.
select
  n.lead, l.company, l.city, l.owner, n.updated_at as at, n.attempt::double precision as number,
  n.kind || coalesce(': ' || n.code, '') as word
from notification as n
inner join lead as l on l.tenant = n.tenant and l.id = n.lead
where n.tenant = :tenant::uuid and n.status = :status and n.status <> 'sent' and (:owner = '' or l.owner = :owner)
order by n.updated_at desc, n.id asc
offset :skip::integer limit :most::integer;
