-- migrate:up

-- squawk-ignore-file require-concurrent-index-creation
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- What its reader did with a notification inside the application: seen, and, of a task, done. Beside the
-- notification, because that one is the worker's.
create table notification_mark (
  tenant uuid not null,
  notification uuid not null,
  read_at timestamptz not null,
  done_at timestamptz,
  primary key (tenant, notification),
  constraint notification_mark_of foreign key (tenant, notification) references notification (tenant, id) on delete cascade
);

-- What somebody finds inside the application, the newest first.
create index notification_inside on notification (tenant, recipient, sent_at, id)
where channel in ('INAPP', 'TASK') and status = 'sent';

alter table notification_mark enable row level security;
alter table notification_mark force row level security;

create policy tenant_read on notification_mark for select to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy tenant_remove on notification_mark for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- Everybody marks what went to him, and nothing else; what belongs to a lead he no longer sees is gone.
create policy reader_read on notification_mark for select to fristwerk_app
using (
  tenant = (select app_tenant()) and exists (
    select from notification as n
    where n.tenant = notification_mark.tenant and n.id = notification_mark.notification
      and n.recipient = (select app_user_id())
  )
);
create policy reader_add on notification_mark for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and exists (
    select from notification as n
    where n.tenant = notification_mark.tenant and n.id = notification_mark.notification
      and n.recipient = (select app_user_id()) and n.channel in ('INAPP', 'TASK')
  )
);
create policy reader_change on notification_mark for update to fristwerk_app
using (
  tenant = (select app_tenant()) and exists (
    select from notification as n
    where n.tenant = notification_mark.tenant and n.id = notification_mark.notification
      and n.recipient = (select app_user_id())
  )
)
with check (tenant = (select app_tenant()));

-- How many of them the caller has not opened, counted no further than p_most: every page asks. A definer
-- function, so that of many leads only those of the few notifications are looked at.
create function notices_unread(p_most integer) returns integer
language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select count(*)::integer
  from (
    select
    from notification as n
    where
      n.tenant = app_tenant() and n.recipient = app_user_id() and n.channel in ('INAPP', 'TASK') and n.status = 'sent'
      and not exists (select from notification_mark as m where m.tenant = n.tenant and m.notification = n.id)
      and (
        app_reads_all() or exists (
          select from lead as l
          where l.tenant = n.tenant and l.id = n.lead and l.owner = app_agent()
        ) or n.lead in (select app_shared_leads())
      )
    limit p_most
  ) as few;
end;

revoke execute on function notices_unread(integer) from public;
grant execute on function notices_unread(integer) to fristwerk_app;
grant select, insert on notification_mark to fristwerk_app;
grant update (done_at) on notification_mark to fristwerk_app;
grant select, delete on notification_mark to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function notices_unread(integer);
drop index notification_inside;
drop table notification_mark;
reset role;
