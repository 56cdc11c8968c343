-- Writing ledgers. The functions set the tenant of the transaction themselves: one round trip.

-- name: record_ledgers(tenant, commands)$
select ledger_record(:tenant::uuid, :commands::jsonb);

-- name: ledger_facts(tenant, lead)
select f.payload
from fact as f
where f.tenant = :tenant::uuid and f.lead = :lead::uuid
order by f.revision;
