-- migrate:up

-- squawk-ignore-file require-concurrent-index-creation
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Whose calendar of deadlines may be read under which secret address. Here is only the hash of the secret, so
-- whoever reads this table cannot read a calendar. A calendar is found before its user is known, hence by tenant
-- and hash alone; the tenant is part of the secret. What was revoked stays, so that no old form brings it back.
create table calendar_feed (
  tenant uuid not null references tenant (id),
  secret_hash bytea not null check (length(secret_hash) = 32),
  user_id text not null check (user_id <> ''),
  made_at timestamptz not null,
  read_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant, secret_hash)
);

-- One address a person at a time.
create unique index calendar_feed_in_force on calendar_feed (tenant, user_id) where revoked_at is null;

alter table calendar_feed enable row level security;
alter table calendar_feed force row level security;

create policy tenant_read on calendar_feed for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_remove on calendar_feed for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- By its hash a calendar is found whoever asks; everybody makes, revokes and notes the use of his own only.
create policy reader_read on calendar_feed for select to fristwerk_app
using (tenant = (select app_tenant()));
create policy own_add on calendar_feed for insert to fristwerk_app
with check (tenant = (select app_tenant()) and user_id = (select app_user_id()));
create policy own_change on calendar_feed for update to fristwerk_app
using (tenant = (select app_tenant()) and user_id = (select app_user_id()))
with check (tenant = (select app_tenant()) and user_id = (select app_user_id()));

grant select, insert on calendar_feed to fristwerk_app;
grant update (read_at, revoked_at) on calendar_feed to fristwerk_app;
grant select, delete on calendar_feed to fristwerk_worker;

-- The mails of a tenant, the newest first.
create index notification_mailed on notification (tenant, updated_at desc, id desc) where channel = 'EMAIL';

reset role;

-- migrate:down

set local role fristwerk_owner;
drop index notification_mailed;
drop table calendar_feed;
reset role;
