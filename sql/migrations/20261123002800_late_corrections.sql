-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- What was said of a lead after its lapse that would have kept it: nobody revives it by that, a manager decides.
create table late_correction (
  tenant uuid not null,
  lead uuid not null,
  corrects text not null check (corrects <> ''),
  replacement jsonb check (jsonb_typeof(replacement) = 'object'),
  told_by text not null check (told_by <> ''),
  told_at timestamptz not null,
  ended_at timestamptz not null,
  kept_until timestamptz,
  primary key (tenant, lead, corrects),
  constraint late_correction_of_lead foreign key (tenant, lead) references lead (tenant, id)
);
create index late_correction_by_time on late_correction (tenant, told_at, lead, corrects);

alter table late_correction enable row level security;
alter table late_correction force row level security;

create policy tenant_read on late_correction for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on late_correction for insert to fristwerk_worker, fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on late_correction for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_remove on late_correction for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- Whoever reads the lead sees that it might have been kept; whoever may correct says so, in his own name.
create policy reader_read on late_correction for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_lead(lead)));
create policy governor_add on late_correction for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('govern', lead) and told_by = (select app_user_id()));
create policy governor_change on late_correction for update to fristwerk_app
using (tenant = (select app_tenant()) and may_act('govern', lead))
with check (tenant = (select app_tenant()) and may_act('govern', lead) and told_by = (select app_user_id()));

grant select, insert on late_correction to fristwerk_app;
grant update (replacement, told_by, told_at, ended_at, kept_until) on late_correction to fristwerk_app;

create function late_correction_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
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
$f$;
create trigger late_correction_told after insert or update on late_correction
for each row execute function late_correction_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table late_correction;
drop function late_correction_told();
reset role;
