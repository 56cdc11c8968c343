-- migrate:up

-- squawk-ignore-file adding-field-with-default, require-concurrent-index-creation
-- The tables are locked while they are rewritten: migrations run before a release's processes.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- By when somebody has to act, or something is lost: the reminder goes out, or others may have the lead. Null
-- where nothing is running out, or where nobody knows when.
alter table protection add column act_by timestamptz;
create function protection_to_act() returns trigger
language plpgsql as $f$
begin
  new.act_by := case
    when new.status = 'ACTIVE' then coalesce(new.reminder_due_at, new.valid_until)
    when new.status in ('GRACE', 'PREREGISTERED') then new.valid_until
  end;
  return new;
end
$f$;
create trigger protection_to_act before insert or update on protection
for each row execute function protection_to_act();

-- The leads that are there already, of every tenant at once.
alter table protection no force row level security;
update protection as p set act_by = null;
alter table protection force row level security;

-- Somebody's week, and that of the team with the numbers of each of its people.
create index protection_to_act_of_owner on protection (tenant, owner, act_by, lead) include (status)
where act_by is not null;
create index protection_to_act on protection (tenant, act_by, lead) include (owner, status) where act_by is not null;

-- What somebody has asked for, and what came of it.
create index request_by_person on request (tenant, requested_by, decided_at, lead, request);

reset role;

-- migrate:down

set local role fristwerk_owner;
drop index request_by_person;
drop index protection_to_act;
drop index protection_to_act_of_owner;
drop trigger protection_to_act on protection;
drop function protection_to_act();
alter table protection drop column act_by;
reset role;
