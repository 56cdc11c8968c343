-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- When protection ends, the workflow calls off what is still to be told of its deadlines. A try whose worker had
-- died would stay "sending" for good, because nobody comes back to it; a try under way holds its lock, and ends
-- by itself.
create function notifications_called_off() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  with left_over as materialized (
    select n.id
    from notification as n
    where
      n.tenant = new.tenant and n.lead = new.lead and n.status = 'sending'
      and n.kind in (
        'reminder', 'notice-progress', 'notice-base', 'notice-preregistration', 'notice-hold', 'request-made'
      )
  )
  update notification as n set status = 'dead', code = 'superseded', updated_at = new.updated_at
  from left_over
  where
    n.tenant = new.tenant and n.id = left_over.id
    and pg_try_advisory_xact_lock(hashtextextended(left_over.id::text, 30));
  return null;
end
$f$;
create trigger notifications_called_off after update of status on protection
for each row when (
  old.status is distinct from new.status and new.status in ('EXPIRED', 'CONVERTED', 'RELEASED', 'ERASED')
)
execute function notifications_called_off();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger notifications_called_off on protection;
drop function notifications_called_off();
reset role;
