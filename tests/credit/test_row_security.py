"""Nobody sees another's checks or grants himself a credit: as the roles of production, with SQL itself."""

from __future__ import annotations

import asyncpg
import pytest

from adapters.database import transaction
from tests.credit.counter import Counter

_SEEN = "select count(*) from credit_check where id = $1"


async def test_whoever_reads_the_lead_reads_its_checks_and_nobody_else(counter: Counter) -> None:
    office = counter.office
    lead = await office.opened()
    check = (await counter.check(lead)).id
    tenant = office.lab.tenant
    for user, role, seen in (("anna", "agent", 1), ("ben", "agent", 0), ("olga", "auditor", 1)):
        async with transaction(office.desk.pool, tenant, user, [role]) as connection:
            assert await connection.fetchval(_SEEN, check) == seen, user


async def test_the_application_grants_nobody_a_credit(counter: Counter) -> None:
    office = counter.office
    lead = await office.opened()
    pool, tenant = office.desk.pool, office.lab.tenant
    check = (await counter.check(lead)).id
    asked = (
        "insert into credit_check (tenant, id, lead, account, country, amount, bucket, currency, purpose,"
        " requested_by, requested_at{more})"
        " values ($1, gen_random_uuid(), $2, 'K', 'DE', 1, 1, 'EUR', 'OTHER', $3, now(){said})"
    )
    own, other = (tenant, lead, "anna"), (tenant, lead, "maria")
    approved = asked.format(
        more=", status, settled_at, decided_at, credit_limit", said=", 'approved', now(), now(), 1000000"
    )
    tries = (
        ("anna", "agent", "update credit_check set status = 'approved' where id = $1", (check,)),
        ("adam", "admin", "delete from credit_check where id = $1", (check,)),
        ("anna", "agent", approved, own),
        ("anna", "agent", asked.format(more="", said=""), other),
        ("ben", "agent", asked.format(more="", said=""), (tenant, lead, "ben")),
        ("olga", "auditor", asked.format(more="", said=""), (tenant, lead, "olga")),
    )
    for user, role, statement, values in tries:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(pool, tenant, user, [role], at=office.desk.now()) as connection:
                await connection.execute(statement, *values)
