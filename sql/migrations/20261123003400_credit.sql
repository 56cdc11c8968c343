-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Credit checks (domain.md section 10): what the bureau was asked about a lead's company, and what it answered.
-- Answers serve as the cache too, for as long as the setting `credit.cache.ttl` says. `followed_at`: since when
-- the workflow `credit-check` waits for the answer; `degraded`: why there was none in time; `erased_at`: since when
-- it holds no numbers and no words, and takes none in.
create table credit_check (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  account text not null check (account ~ '^[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}$'),
  country text not null check (country ~ '^[A-Z]{2}$'),
  registration_no text check (registration_no <> '' and length(registration_no) <= 60),
  vat_no text check (vat_no ~ '^[A-Z]{2}[A-Z0-9+*]{2,13}$'),
  amount numeric(14, 2) not null check (amount > 0),
  bucket numeric(14, 2) not null check (bucket >= amount),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  purpose text not null check (purpose in ('SAMPLES', 'FIRST_ORDER', 'CONVERSION', 'CREDIT_LINE', 'OTHER')),
  requested_by text not null check (requested_by <> ''),
  requested_at timestamptz not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'declined', 'requires_review')),
  degraded text check (degraded <> ''),
  bureau_id text check (bureau_id <> '' and length(bureau_id) <= 100),
  grade text check (grade in ('A', 'B', 'C', 'D')),
  credit_limit numeric(14, 2) check (credit_limit >= 0),
  conditions text [] not null default '{}',
  valid_until timestamptz,
  decided_at timestamptz,
  settled_at timestamptz,
  took_ms integer check (took_ms >= 0),
  followed_at timestamptz,
  erased_at timestamptz,
  primary key (tenant, id),
  constraint credit_check_settled check ((status = 'pending') = (settled_at is null)),
  constraint credit_check_erased check (
    erased_at is null
    or (status <> 'pending' and registration_no is null and vat_no is null and conditions = '{}')
  ),
  constraint credit_check_decided check (decided_at is null or settled_at is not null),
  constraint credit_check_approved check (status <> 'approved' or (credit_limit is not null and decided_at is not null)),
  foreign key (tenant, lead) references lead (tenant, id)
);

create index credit_check_by_lead on credit_check (tenant, lead, requested_at);
create index credit_check_by_account on credit_check (tenant, account, bucket, currency, requested_at);
create index credit_check_by_time on credit_check (tenant, requested_at);
create index credit_check_unfollowed on credit_check (tenant, requested_at)
where status = 'pending' and followed_at is null;
-- Identical requests in flight are one, whichever process they came to.
create unique index credit_check_in_flight on credit_check (
  tenant, lead, account, country, coalesce(registration_no, ''), coalesce(vat_no, ''), amount, currency
) where status = 'pending';

alter table credit_check enable row level security;
alter table credit_check force row level security;
create policy tenant_read on credit_check for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on credit_check for insert to fristwerk_worker, fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on credit_check for update to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
-- Who may read the lead reads this; who may log what was done about it asks, in his own name. What the bureau
-- has answered is written by the worker alone, so that nobody grants himself a credit.
create policy reader_read on credit_check for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
  select from lead as l where l.tenant = credit_check.tenant and l.id = credit_check.lead
)));
create policy writer_add on credit_check for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and may_act('log-activity', lead) and requested_by = (select app_user_id())
  and status = 'pending'
);

grant select on credit_check to fristwerk_app;
grant insert (
  tenant, id, lead, account, country, registration_no, vat_no, amount, bucket, currency, purpose, requested_by,
  requested_at
) on credit_check to fristwerk_app;
grant select, update on credit_check to fristwerk_worker;

-- The audit: who asked for how much, and what came of it; no numbers that might name a person.
create function credit_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
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
$f$;

create constraint trigger credit_check_told after insert on credit_check
deferrable initially deferred for each row execute function credit_told('credit-check-asked');
create constraint trigger credit_check_answered_told after update on credit_check
deferrable initially deferred for each row
when (old.status is distinct from new.status or old.decided_at is distinct from new.decided_at)
execute function credit_told('credit-check-answered');

-- A knock for whoever starts the workflows of checks that were not answered in time.
create function credit_check_waits() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform pg_notify('credit_waits', '');
  return null;
end
$f$;

create trigger credit_check_waits after update on credit_check
for each row when (new.status = 'pending' and new.followed_at is null)
execute function credit_check_waits();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table credit_check;
drop function credit_check_waits();
drop function credit_told();
reset role;
