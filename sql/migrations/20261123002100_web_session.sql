-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Who is signed in to the pages. The browser holds a random id and the tenant it belongs to; here is only the
-- hash of both, so whoever reads this table cannot go on in anybody's name. A session is found before its user
-- is known, hence by tenant and hash alone.
create table web_session (
  tenant uuid not null references tenant (id),
  id_hash bytea not null check (length(id_hash) = 32),
  user_id text not null check (user_id <> ''),
  roles text [] not null check (
    cardinality(roles) between 1 and 10 and roles <@ array['agent', 'manager', 'admin', 'auditor']
  ),
  org text check (org <> ''),
  started_at timestamptz not null,
  seen_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > started_at),
  primary key (tenant, id_hash)
);

create index web_session_by_end on web_session (tenant, ends_at);

alter table web_session enable row level security;
alter table web_session force row level security;

create policy tenant_read on web_session for select to fristwerk_app, fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_add on web_session for insert to fristwerk_app
with check (tenant = (select app_tenant()));
create policy tenant_change on web_session for update to fristwerk_app
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));
create policy tenant_remove on web_session for delete to fristwerk_app, fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

grant select, insert, delete on web_session to fristwerk_app;
grant update (seen_at) on web_session to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table web_session;
reset role;
