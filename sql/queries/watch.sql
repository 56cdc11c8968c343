-- What those who watch the installation are told beside the figures of sql/queries/kpis.sql. Times are parameters.

-- name: reminder_due_since(tenant, as_of)$
-- When the reminder that waits longest should have gone out.
select min(p.reminder_due_at)
from protection as p
where
  p.tenant = :tenant::uuid and p.status = 'ACTIVE' and not p.paused and p.reminder_due_at <= :as_of::timestamptz;

-- name: given_up(tenant)
-- What was given up and waits for people; a mail that was called off waits for nobody.
select 'mail' as source, count(*) as letters
from notification as n
where n.tenant = :tenant::uuid and n.status = 'dead' and n.code is distinct from 'superseded'
union all
select 'webhook' as source, count(*) as letters
from webhook_event as w
where w.tenant = :tenant::uuid and w.state = 'dead';

-- name: breakers(tenant)
select u.system, u.process, u.state, u.since
from upstream_standing as u
where u.tenant = :tenant::uuid
order by u.system, u.process;

-- name: ai_answers(tenant, since, until)
-- How AI calls went: `outcome`, and of those answered how.
select coalesce(c.decision, c.outcome) as how, count(*) as calls, sum(c.cost_eur + c.lost_eur) as cost_eur
from ai_call as c
where c.tenant = :tenant::uuid and c.at >= :since::timestamptz and c.at < :until::timestamptz
group by coalesce(c.decision, c.outcome)
order by how;

-- name: server()^
-- Of the database we are connected to.
select
  pg_database_size(current_database()) as bytes, d.numbackends as connections,
  current_setting('max_connections')::integer as most_connections, d.xact_commit as commits,
  d.xact_rollback as rollbacks, d.blks_hit as blocks_hit, d.blks_read as blocks_read, d.deadlocks, d.temp_bytes
from pg_stat_database as d
where d.datname = current_database();
