-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Who may have a refused reminder sent again. No fact tells of it, so the audit is told at the door.
alter table permission no force row level security;
insert into permission (act, grantee, scope)
values
('resend-mail', 'manager', 'tenant'), ('resend-mail', 'admin', 'tenant'), ('resend-mail', 'auditor', 'never');
alter table permission force row level security;

create function resend_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform audit_tell('reminder-asked-again', new.lead, null, null, null, null, new.opened_at);
  return null;
end
$f$;

create constraint trigger resend_told after insert on act
deferrable initially deferred for each row when (new.act = 'resend-mail') execute function resend_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger resend_told on act;
drop function resend_told();
alter table permission no force row level security;
delete from permission as p where p.act = 'resend-mail';
alter table permission force row level security;
reset role;
