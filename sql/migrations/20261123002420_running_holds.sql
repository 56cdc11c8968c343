-- migrate:up

-- squawk-ignore-file require-concurrent-index-creation
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Holds that are not over, by when they began: what a manager looks for who asks which last too long.
create index hold_running on hold (tenant, coalesce(end_at, 'infinity'), start_at, lead, hold);

reset role;

-- migrate:down

set local role fristwerk_owner;
drop index hold_running;
reset role;
