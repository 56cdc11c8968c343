-- Numbers for the people who answer for it all; of the leads the caller may see. Times are parameters.

-- name: kpi_leads(tenant, owner, as_of)^
-- Where the leads stand now, and what is about to happen to them; each number by its own index. Without an
-- owner of all.
select
  (
    select count(*) from protection as p
    where p.tenant = :tenant::uuid and (:owner::text is null or p.owner = :owner::text) and p.paused
  ) as paused,
  (
    select count(*) from protection as p
    where p.tenant = :tenant::uuid and (:owner::text is null or p.owner = :owner::text) and p.problem is not null
  ) as with_problem,
  (
    select count(*) from protection as p
    where
      p.tenant = :tenant::uuid and (:owner::text is null or p.owner = :owner::text)
      and p.next_wake_up < :as_of::timestamptz - interval '15 minutes'
  ) as wake_ups_overdue,
  (
    select count(*) from protection as p
    where
      p.tenant = :tenant::uuid and (:owner::text is null or p.owner = :owner::text)
      and p.status = 'ACTIVE' and not p.paused and p.reminder_due_at <= :as_of::timestamptz
  ) as reminders_due,
  (
    select count(*) from protection as p
    where
      p.tenant = :tenant::uuid and (:owner::text is null or p.owner = :owner::text)
      and p.status in ('ACTIVE', 'GRACE') and p.sorted_end >= :as_of::timestamptz
      and p.sorted_end < :as_of::timestamptz + interval '7 days'
  ) as expiring,
  (
    select count(*) from protection as p
    where
      p.tenant = :tenant::uuid and (:owner::text is null or p.owner = :owner::text)
      and p.status = 'EXPIRED' and p.sorted_end <= :as_of::timestamptz
      and p.sorted_end > :as_of::timestamptz - interval '1 day'
  ) as expired_last_day;

-- name: kpi_reminders(tenant, since, as_of)^
-- By the last that is known of each mail.
select
  count(*) filter (where n.status = 'sent') as sent,
  count(*) filter (where n.status = 'bounced') as bounced
from notification as n
where
  n.tenant = :tenant::uuid and n.kind = 'reminder' and n.channel = 'EMAIL'
  and n.updated_at >= :since::timestamptz and n.updated_at < :as_of::timestamptz;

-- name: kpi_mails(tenant, owner)^
select
  count(*) filter (where n.status = 'dead') as dead_letters,
  count(*) filter (where n.status = 'sending') as waiting
from notification as n
where
  n.tenant = :tenant::uuid and n.status <> 'sent'
  and (:owner::text is null or exists (
    select from protection as p where p.tenant = n.tenant and p.lead = n.lead and p.owner = :owner::text
  ));

-- name: kpi_pending(tenant, owner)^
-- What nobody has decided.
select count(*) as pending, min(r.requested_at) as oldest
from request as r
where
  r.tenant = :tenant::uuid and r.status = 'PENDING'
  and (:owner::text is null or exists (
    select from protection as p where p.tenant = r.tenant and p.lead = r.lead and p.owner = :owner::text
  ));

-- name: kpi_reactivated(tenant, since, as_of)$
-- How often a progress has ended the grace of a lead.
select count(*)
from audit_event as e
where
  e.tenant = :tenant::uuid and e.what = 'activity' and e.before ->> 'status' = 'GRACE'
  and e.after ->> 'status' = 'ACTIVE' and e.at >= :since::timestamptz and e.at < :as_of::timestamptz;

-- name: kpi_hold_days(tenant, since, as_of)
-- Days on which leads stood still, by reason; what overlaps on one lead for one reason counts once.
select held.reason, sum(extract(epoch from upper(held.span) - lower(held.span)) / 86400)::double precision as days
from (
  select h.lead, h.reason, unnest(range_agg(tstzrange(clipped.start_at, clipped.end_at))) as span
  from hold as h
  inner join protection as p on p.tenant = h.tenant and p.lead = h.lead
  cross join lateral (
    select
      greatest(h.start_at, :since::timestamptz) as start_at,
      least(h.end_at, p.ended_at, :as_of::timestamptz) as end_at
  ) as clipped
  where h.tenant = :tenant::uuid and clipped.start_at < clipped.end_at
  group by h.lead, h.reason
) as held
group by held.reason
order by held.reason;

-- name: kpi_decided(tenant, since, as_of)^
-- How long the agents wait for an answer about a hold; what was withdrawn or became void was not decided.
select
  count(*) as holds_decided,
  percentile_cont(0.5) within group (order by r.decided_at - r.requested_at) as median,
  max(r.decided_at - r.requested_at) as longest
from request as r
where
  r.tenant = :tenant::uuid and r.kind = 'HOLD' and r.status in ('APPROVED', 'REJECTED')
  and r.decided_at >= :since::timestamptz and r.decided_at < :as_of::timestamptz;
