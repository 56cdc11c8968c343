-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Who asked for an erasure, and why: told at the door, as the transaction's reason (app.reason) says it.
-- Of an act without one nothing is told; the erasure itself tells the audit what it did.
create function erasure_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform audit_tell('erasure-requested', new.lead, null, null, null, null, new.opened_at);
  return null;
end
$f$;

create constraint trigger erasure_told after insert on act
deferrable initially deferred for each row when (new.act = 'erase') execute function erasure_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger erasure_told on act;
drop function erasure_told();
reset role;
