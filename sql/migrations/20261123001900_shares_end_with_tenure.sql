-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Whom the former owner trusted, the new one has not chosen: sharing ends with the tenure, and the audit
-- says so in the name of whoever handed the lead over.
create function shares_end_with_tenure() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  handed_by text;
  handed_at timestamptz;
begin
  if not exists (select from collaborator as c where c.tenant = new.tenant and c.lead = new.id) then
    return null;
  end if;
  select f.by, f.recorded_at into handed_by, handed_at
  from fact as f
  where f.tenant = new.tenant and f.lead = new.id
  order by f.revision desc limit 1;
  perform set_config('app.user', coalesce(handed_by, app_user_id()), true),
    set_config('app.at', coalesce(handed_at, app_at())::text, true),
    set_config('app.reason', 'tenure-ended', true);
  set constraints collaborator_told immediate;
  delete from collaborator as c where c.tenant = new.tenant and c.lead = new.id;
  set constraints collaborator_told deferred;
  return null;
end
$f$;

create trigger shares_end_with_tenure after update of owner on lead
for each row when (old.owner <> new.owner) execute function shares_end_with_tenure();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger shares_end_with_tenure on lead;
drop function shares_end_with_tenure();
reset role;
