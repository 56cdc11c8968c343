-- migrate:up

-- squawk-ignore-file adding-field-with-default, require-concurrent-index-creation
-- The tables are locked while they are rewritten: migrations run before a release's processes.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- By when somebody has to act, or something is lost: the reminder goes out, or others may have the lead. Null
-- where nothing is running out, or where nobody knows when.
alter table protection
add column act_by timestamptz generated always as (
  case
    when status = 'ACTIVE' then coalesce(reminder_due_at, valid_until)
    when status in ('GRACE', 'PREREGISTERED') then valid_until
  end
) stored;

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
alter table protection drop column act_by;
reset role;
