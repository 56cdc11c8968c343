-- migrate:up
-- The lists of a company are small enough to be indexed while nobody writes.
-- squawk-ignore-file require-concurrent-index-creation

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- What happened to the leads of an owner on a local day, gathered from the audit chain; the row of owner ''
-- is the whole tenant. The statuses are net changes, so that their sum up to a day is how it stood at its
-- end. A row of the chain is counted once, in the order of the chain: what is recorded late adds to the day
-- it speaks of, and nothing is ever counted anew.
create table kpi_day (
  tenant uuid not null references tenant (id),
  day date not null,
  owner text not null,
  preregistered integer not null default 0,
  active integer not null default 0,
  grace integer not null default 0,
  expired integer not null default 0,
  converted integer not null default 0,
  released integer not null default 0,
  erased integer not null default 0,
  entered integer not null default 0,
  activities integer not null default 0,
  reminded integer not null default 0,
  bounced integer not null default 0,
  reactivated integer not null default 0,
  lapsed integer not null default 0,
  won integer not null default 0,
  primary key (tenant, owner, day)
);

-- How a lead stood as it was counted last.
create table kpi_lead (
  tenant uuid not null,
  lead uuid not null,
  status text not null,
  owner text not null,
  primary key (tenant, lead),
  foreign key (tenant, lead) references lead (tenant, id)
);

-- When the clock of a lead stood still, by reason, as it was counted last; overlapping holds are one.
create table kpi_span (
  tenant uuid not null,
  lead uuid not null,
  reason text not null,
  owner text not null,
  spans tstzmultirange not null,
  primary key (tenant, lead, reason),
  foreign key (tenant, lead) references lead (tenant, id)
);
create index kpi_span_by_reason on kpi_span (tenant, reason, lead);

-- Days on hold, told as changes: `share` is the part of this day (in millionths) at the ends of spans,
-- `standing` how many more leads stand still from this day on. Owner '' is the whole tenant.
create table kpi_hold_day (
  tenant uuid not null references tenant (id),
  day date not null,
  owner text not null,
  reason text not null,
  share bigint not null default 0,
  standing integer not null default 0,
  primary key (tenant, owner, day, reason)
);

-- Up to which row of the chain the figures count, and in which zone their days are.
create table kpi_progress (
  tenant uuid primary key references tenant (id),
  seq bigint not null check (seq >= 0),
  zone text not null check (zone <> '')
);

create index audit_event_by_kind on audit_event (tenant, what, at);
create index audit_event_by_actor on audit_event (tenant, actor, seq);
create index audit_event_by_time on audit_event (tenant, at, seq);
create index request_decided on request (tenant, decided_at) where decided_at is not null;

-- What some spans of standing still come to, day by day.
create function kpi_hold_parts(spans tstzmultirange, zone text)
returns table (day date, share bigint, standing integer)
language sql immutable parallel safe rows 6
as $f$
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
$f$;

-- Adds what the chain has told since to the figures of the tenant in context: at most so many rows of it.
-- Says how many are left; null where somebody else is at it. Other days than before begin anew.
create function kpi_gather(p_zone text, p_most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
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
$f$;

revoke execute on function kpi_gather(text, integer), kpi_hold_parts(tstzmultirange, text) from public;
grant execute on function kpi_gather(text, integer) to fristwerk_app;

do $enable$
declare
  tab text;
begin
  foreach tab in array array['kpi_day', 'kpi_lead', 'kpi_span', 'kpi_hold_day', 'kpi_progress'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_change on %I for update to fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_remove on %I for delete to fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['kpi_day', 'kpi_span', 'kpi_hold_day'] loop
    execute format('create policy reader_read on %I for select to fristwerk_app
                    using (tenant = (select app_tenant())
                      and ((select app_reads_all()) or owner = (select app_user_id())))', tab);
  end loop;
end
$enable$;

create policy reader_read on kpi_progress for select to fristwerk_app
using (tenant = (select app_tenant()));

grant select on kpi_day, kpi_span, kpi_hold_day, kpi_progress to fristwerk_app, fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function kpi_gather(text, integer);
drop function kpi_hold_parts(tstzmultirange, text);
drop index request_decided;
drop index audit_event_by_time;
drop index audit_event_by_actor;
drop index audit_event_by_kind;
drop table kpi_progress;
drop table kpi_hold_day;
drop table kpi_span;
drop table kpi_lead;
drop table kpi_day;
reset role;
