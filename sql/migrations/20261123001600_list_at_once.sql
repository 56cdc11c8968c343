-- migrate:up

-- squawk-ignore-file adding-field-with-default, require-concurrent-index-creation, require-concurrent-index-deletion
-- The tables are locked while they are rewritten: migrations run before a release's processes.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- A lead in a list, as the API spells it: two halves of one JSON object, made when a lead or its clock changes,
-- since a row is listed a thousand times as often. tests/lists compares them with the API's own spelling.
create function lead_listed(
  id uuid, external_id text, company text, city text, postcode text, industry text, source text, owner text,
  created_at timestamptz
) returns text
language sql immutable parallel safe
return (
  select left(row_to_json(told)::text, -1) || ','
  from (
    select
      lead_listed.id, lead_listed.external_id as "externalId", lead_listed.company, lead_listed.city,
      lead_listed.postcode, lead_listed.industry, lead_listed.source, lead_listed.owner,
      clock_text(lead_listed.created_at) as "createdAt"
  ) as told
);
grant execute on function lead_listed(uuid, text, text, text, text, text, text, text, timestamptz)
to fristwerk_app, fristwerk_worker;
alter table lead
add column listed text generated always as (
  lead_listed(id, external_id, company, city, postcode, industry, source, owner, created_at)
) stored;

-- Unknown deadlines lie behind all others. Columns instead of expressions: row security lets no query seek an
-- index by coalesce(), which counts as leaky, so that a page far down was reached by reading all before it.
drop index protection_by_valid_until;
drop index protection_by_status;
drop index protection_by_owner;
drop index protection_paused;
drop index protection_by_city;
drop index protection_living;
drop index protection_by_registered_at;
alter table protection
add column listed text not null default '',
add column sorted_end timestamptz not null default 'infinity',
add column sorted_start timestamptz not null default 'infinity';
create function protection_listed() returns trigger
language plpgsql as $f$
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
$f$;
create trigger protection_listed before insert or update on protection
for each row execute function protection_listed();

-- The leads that are there already, of every tenant at once.
alter table protection no force row level security;
update protection as p set listed = '';
alter table protection force row level security;

create index protection_by_end on protection (tenant, sorted_end, lead);
create index protection_by_status on protection (tenant, status, sorted_end, lead);
create index protection_by_owner on protection (tenant, owner, sorted_end, lead);
create index protection_paused on protection (tenant, sorted_end, lead) where paused;
create index protection_by_city on protection (tenant, city_key, sorted_end, lead);
create index protection_living on protection (tenant, sorted_end, lead)
where status in ('PREREGISTERED', 'ACTIVE', 'GRACE');
create index protection_by_start on protection (tenant, sorted_start, lead);

-- A page of a list in one statement, context included, by the end of protection: all leads there are for the
-- caller, those of one owner, those shared with him, or both. Each source is one index, in order, and read no
-- further than the page, whatever its own limit, which tells a planner who does not know p_most that it is small.
-- Where there are more, key and lead of the last row.
create function lead_page(
  p_tenant uuid, p_user text, p_roles text, p_owner text, p_shared boolean, p_after_key timestamptz, p_after_lead uuid,
  p_most integer
) returns table (items bytea, last_key timestamptz, last_lead uuid)
language plpgsql rows 1 set plan_cache_mode = force_generic_plan as $f$
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
$f$;

grant execute on function lead_page(uuid, text, text, text, boolean, timestamptz, uuid, integer) to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function lead_page(uuid, text, text, text, boolean, timestamptz, uuid, integer);
drop index protection_by_end;
drop index protection_by_status;
drop index protection_by_owner;
drop index protection_paused;
drop index protection_by_city;
drop index protection_living;
drop index protection_by_start;
create index protection_by_valid_until on protection (tenant, coalesce(valid_until, 'infinity'), lead);
create index protection_by_status on protection (tenant, status, coalesce(valid_until, 'infinity'), lead);
create index protection_by_owner on protection (tenant, owner, coalesce(valid_until, 'infinity'), lead);
create index protection_paused on protection (tenant, coalesce(valid_until, 'infinity'), lead) where paused;
create index protection_by_city on protection (tenant, city_key, coalesce(valid_until, 'infinity'), lead);
create index protection_living on protection (tenant, coalesce(valid_until, 'infinity'), lead)
where status in ('PREREGISTERED', 'ACTIVE', 'GRACE');
create index protection_by_registered_at on protection (tenant, coalesce(registered_at, 'infinity'), lead);
drop trigger protection_listed on protection;
drop function protection_listed();
alter table protection drop column listed, drop column sorted_end, drop column sorted_start;
alter table lead drop column listed;
drop function lead_listed(uuid, text, text, text, text, text, text, text, timestamptz);
reset role;
