"""Nobody sees or changes what is not his: as the roles of production, against a real server."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from protection.facts import Lapsed, ReminderSent
from protection.simulator import next_by_time
from protection.state import LeadState
from tests.sql.commands import T0, call, command, lived, new_lead, placed, refusal, registered
from tests.sql.conftest import new_tenant
from tests.sql.lead_store import PostgresLeadStore
from tests.vaultfixtures import VAULT

TENANT_TABLES = (
    "app_user",
    "audit_event",
    "audit_head",
    "fact",
    "hold",
    "lead",
    "lead_contact",
    "notification",
    "policy_version",
    "protection",
)
OF_A_LEAD = ("lead_contact", "fact", "protection", "hold", "notification", "audit_event")


@dataclass(frozen=True)
class Two:
    """Two tenants with a lead of `agent` and one of `other` each."""

    here: UUID
    mine: UUID
    others: UUID
    there: UUID
    foreign: UUID


async def _full_lead(worker: Pool, tenant: UUID, owner: str) -> UUID:
    lead = await new_lead(worker, tenant, owner)
    facts = (registered(owner), call(10), placed(20))
    store = PostgresLedgerStore(worker)
    await store.record(command(tenant, lead, facts))
    await store.record(refusal(tenant, lead, facts, f"refused-{lead}"))
    async with transaction(worker, tenant, "system") as connection:
        await connection.execute(
            "insert into notification"
            " (tenant, id, lead, cycle, kind, recipient, channel, status, created_at, updated_at)"
            " values ($1, gen_random_uuid(), $2, '1', 'reminder', $3, 'EMAIL', 'sent', $4, $4)",
            tenant,
            lead,
            owner,
            T0,
        )
    return lead


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def two(worker: Pool) -> Two:
    here, there = await new_tenant(worker), await new_tenant(worker)
    mine, others = await _full_lead(worker, here, "agent"), await _full_lead(worker, here, "other")
    return Two(here, mine, others, there, await _full_lead(worker, there, "agent"))


async def _leads_seen(pool: Pool, table: str, tenant: UUID, user: str, *roles: str) -> set[UUID]:
    column = "id" if table == "lead" else "lead"
    async with transaction(pool, tenant, user, roles) as connection:
        return {row[0] for row in await connection.fetch(f"select distinct {column} from {table}")}


@pytest.mark.parametrize("table", ["tenant", *TENANT_TABLES])
@pytest.mark.parametrize("role", ["fristwerk_app", "fristwerk_worker", "fristwerk_owner"])
async def test_without_a_context_there_are_no_rows(table: str, role: str, two: Two, superuser: Pool) -> None:
    async with superuser.acquire() as connection, connection.transaction():
        assert await connection.fetchval(f"select count(*) from {table}") > 0
        await connection.execute(f"set local role {role}")
        if role == "fristwerk_app" and table == "audit_head":
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval(f"select count(*) from {table}")
        else:
            assert await connection.fetchval(f"select count(*) from {table}") == 0


async def test_the_context_ends_with_the_transaction(two: Two, app: Pool) -> None:
    async with app.acquire() as connection:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", str(two.here))
            await connection.execute("select set_config('app.roles', 'manager', true)")
            assert await connection.fetchval("select count(*) from lead") == 2
        assert await connection.fetchval("select count(*) from lead") == 0


@pytest.mark.parametrize("table", ["lead", *OF_A_LEAD])
async def test_an_agent_reads_his_own_leads_and_nobody_elses(table: str, two: Two, app: Pool) -> None:
    assert await _leads_seen(app, table, two.here, "agent", "agent") == {two.mine}
    assert await _leads_seen(app, table, two.here, "other", "agent") == {two.others}
    assert await _leads_seen(app, table, two.here, "stranger", "agent") == set()


@pytest.mark.parametrize("role", ["manager", "admin", "auditor"])
@pytest.mark.parametrize("table", ["lead", *OF_A_LEAD])
async def test_managers_read_their_tenant_and_no_other(table: str, role: str, two: Two, app: Pool) -> None:
    assert await _leads_seen(app, table, two.here, "boss", role) == {two.mine, two.others}
    assert await _leads_seen(app, table, two.there, "boss", "agent", role) == {two.foreign}


async def test_the_worker_sees_one_tenant_at_a_time(two: Two, worker: Pool) -> None:
    assert await _leads_seen(worker, "lead", two.there, "system") == {two.foreign}


# What it may write is in tests/rights: there some rows can be removed, here there are none of them.
VERBS = sorted(
    set(product(["tenant", *TENANT_TABLES], ["insert", "update", "delete", "truncate"]))
    - {("lead_contact", "delete")}
)


@pytest.mark.parametrize(("table", "verb"), VERBS)
async def test_the_application_changes_nothing(table: str, verb: str, two: Two, app: Pool) -> None:
    column = "id" if table == "tenant" else "tenant"
    statement = {
        "insert": f"insert into {table} default values",
        "update": f"update {table} set {column} = {column}",
        "delete": f"delete from {table}",
        "truncate": f"truncate {table} cascade",
    }[verb]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, two.here, "boss", ["admin", "manager"]) as connection:
            await connection.execute(statement)


@pytest.mark.parametrize("table", ["fact", "audit_event", "policy_version", "tenant", "audit_head"])
async def test_the_worker_cannot_change_what_is_written(table: str, two: Two, worker: Pool) -> None:
    column = "id" if table == "tenant" else "tenant"
    for statement in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(worker, two.here, "system") as connection:
                await connection.execute(statement)


async def test_the_worker_cannot_write_into_another_tenant(two: Two, worker: Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(worker, two.here, "system") as connection:
            await connection.execute(
                "insert into app_user (tenant, id, display_name) values ($1, 'spy', 'Spy')", two.there
            )
    async with transaction(worker, two.here, "system") as connection:
        assert await connection.execute("update lead set city = 'X' where id = $1", two.foreign) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update lead set tenant = $1 where id = $2", two.there, two.mine)


async def test_a_lead_of_another_tenant_is_unknown_to_the_one_statement_read(two: Two, app: Pool) -> None:
    async def seen(tenant: UUID, user: str, roles: str, lead: UUID) -> Any:
        return await app.fetchrow(
            "select * from protection_status($1, $2, $3, $4)", tenant, user, roles, lead
        )

    assert await seen(two.here, "agent", "agent", two.mine) is not None
    assert await seen(two.here, "agent", "agent", two.others) is None
    assert await seen(two.here, "boss", "manager", two.others) is not None
    assert await seen(two.here, "boss", "admin", two.foreign) is None
    assert await seen(two.here, "", "", two.mine) is None
    assert await app.fetchval("select count(*) from protection") == 0


def _lapsed() -> list[LeadState]:
    states = lived(registered())
    facts: list[Any] = [registered()]
    while (fact := next_by_time(states[-1], assume_reminders=True)) is not None:
        facts.append(fact)
        states = lived(*facts)
    assert isinstance(facts[1], ReminderSent)
    assert isinstance(facts[2], Lapsed)
    return states


async def test_after_the_lapse_the_owner_keeps_the_history_but_not_the_contacts(
    worker: Pool, app: Pool, tenant: UUID
) -> None:
    lead = await new_lead(worker, tenant)
    assert await _leads_seen(app, "lead_contact", tenant, "agent", "agent") == {lead}
    await PostgresLedgerStore(worker).record(command(tenant, lead, _lapsed()[-1].facts))
    for table in ("lead", "fact", "protection", "audit_event"):
        assert await _leads_seen(app, table, tenant, "agent", "agent") == {lead}
    assert await _leads_seen(app, "lead_contact", tenant, "agent", "agent") == set()
    assert await _leads_seen(app, "lead_contact", tenant, "boss", "manager") == {lead}


async def test_of_a_duplicate_the_application_learns_that_there_is_one_and_nothing_else(
    two: Two, worker: Pool, app: Pool
) -> None:
    store = PostgresLeadStore(worker, VAULT)
    async with transaction(worker, two.here, "system") as connection:
        key = await connection.fetchval("select company_key from lead where id = $1", two.others)
    assert await store.live_duplicate(two.here, key, None, at=T0) == two.others
    async with transaction(app, two.here, "agent", ["agent"]) as connection:
        ask = "select has_live_duplicate($1, $2, $3)"
        assert await connection.fetchval(ask, two.here, key, "99084") is True
        assert await connection.fetchval(ask, two.here, key, "10115") is False
        assert await connection.fetchval(ask, two.there, key, None) is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetchval("select live_duplicate($1, $2, $3)", two.here, key, None)
