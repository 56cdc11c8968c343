-- How each process saw the systems outside.

-- name: put_standing(tenant, system, process, state, since, failures, answered_at, failed_at, fault, told_at)!
insert into upstream_standing as u (
  tenant, system, process, state, since, failures, answered_at, failed_at, fault, told_at
)
values (
  :tenant::uuid, :system::text, :process::text, :state::text, :since::timestamptz, :failures::integer,
  :answered_at::timestamptz, :failed_at::timestamptz, :fault::text, :told_at::timestamptz
)
on conflict (tenant, system, process) do update set
  state = excluded.state, since = excluded.since, failures = excluded.failures,
  -- A process that has just started has not seen what the one before it saw.
  answered_at = coalesce(excluded.answered_at, u.answered_at),
  failed_at = coalesce(excluded.failed_at, u.failed_at), fault = coalesce(excluded.fault, u.fault),
  told_at = excluded.told_at;

-- name: standings(tenant, system)
select u.process, u.state, u.since, u.failures, u.answered_at, u.failed_at, u.fault, u.told_at
from upstream_standing as u
where u.tenant = :tenant::uuid and u.system = :system::text
order by u.process;
