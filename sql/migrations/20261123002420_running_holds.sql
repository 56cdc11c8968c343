-- migrate:up

-- squawk-ignore-file require-concurrent-index-creation
set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Holds without an end, by when they began, and those with one, by their end: what a manager looks for who
-- asks which last too long.
create index hold_open on hold (tenant, start_at, lead, hold) where end_at is null;
create index hold_bounded on hold (tenant, end_at) where end_at is not null;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop index hold_bounded;
drop index hold_open;
reset role;
