"""The ledger and the audit chain are written once, without gaps, and an edit shows."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
import pytest
from asyncpg.pool import PoolConnectionProxy

from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.read_model import audit_first_broken
from tests.sql.commands import T0, call, command, freed, new_lead, placed, registered

FACTS = (registered(), call(10), placed(20), freed(25))


async def _recorded(worker: Pool, tenant: UUID) -> UUID:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, FACTS))
    return lead


@pytest.mark.parametrize("table", ["fact", "audit_event", "policy_version"])
@pytest.mark.parametrize("statement", ["update {} set tenant = tenant", "delete from {}"])
async def test_not_even_a_superuser_changes_it_by_mistake(
    table: str, statement: str, worker: Pool, superuser: Pool, tenant: UUID
) -> None:
    await _recorded(worker, tenant)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await superuser.execute(statement.format(table))
    assert refused.value.sqlstate == "FW002"


@pytest.mark.parametrize("table", ["fact", "audit_event"])
async def test_nor_truncates_it(table: str, superuser: Pool) -> None:
    with pytest.raises(asyncpg.PostgresError) as refused:
        await superuser.execute(f"truncate {table}")
    assert refused.value.sqlstate == "FW002"


@pytest.mark.parametrize("revisions", [[2], [6], [5, 7], [7, 8]])
async def test_a_hole_in_the_revisions_is_refused_whoever_writes(
    revisions: list[int], worker: Pool, tenant: UUID
) -> None:
    lead = await new_lead(worker, tenant) if revisions == [2] else await _recorded(worker, tenant)
    with pytest.raises(asyncpg.PostgresError) as refused:
        async with transaction(worker, tenant, "system") as connection:
            await connection.execute(
                "insert into fact"
                " (tenant, lead, revision, fact_id, type, occurred_at, recorded_at, by, payload)"
                " select $1, $2, n, 'f' || n, 'x', $3, $3, 'me', '{}' from unnest($4::int[]) as n",
                tenant,
                lead,
                T0,
                revisions,
            )
    assert refused.value.sqlstate == "FW001"


async def _broken(pool: Pool, tenant: UUID) -> int | None:
    async with transaction(pool, tenant, "boss", ["auditor"]) as connection:
        return await audit_first_broken(connection, tenant)


async def test_an_untouched_chain_is_whole(worker: Pool, app: Pool, tenant: UUID) -> None:
    assert await _broken(app, tenant) is None
    for _ in range(3):
        await _recorded(worker, tenant)
    assert await _broken(app, tenant) is None
    assert await _broken(worker, tenant) is None


async def _tamper(
    connection: PoolConnectionProxy[asyncpg.Record], statement: str, tenant: UUID
) -> int | None:
    """What the verification says after somebody with all rights has changed something; nothing is kept."""
    attempt = connection.transaction()
    await attempt.start()
    await connection.execute("select set_config('app.tenant', $1, true)", str(tenant))
    await connection.execute("alter table audit_event disable trigger user")
    await connection.execute(statement, tenant)
    broken: int | None = await connection.fetchval("select audit_verify($1)", tenant)
    await attempt.rollback()
    return broken


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("update audit_event set actor = 'nobody' where tenant = $1 and seq = 3", 3),
        ("""update audit_event set after = '{"status": "ACTIVE"}' where tenant = $1 and seq = 2""", 2),
        ("update audit_event set at = at + interval '1 microsecond' where tenant = $1 and seq = 4", 4),
        ("update audit_event set hash = sha256('x') where tenant = $1 and seq = 1", 1),
        ("update audit_event set prev_hash = sha256('x') where tenant = $1 and seq = 2", 2),
        ("delete from audit_event where tenant = $1 and seq = 2", 2),
        ("delete from audit_event where tenant = $1 and seq = 4", 4),
        ("delete from audit_event where tenant = $1 and seq >= 3", 3),
        ("delete from audit_event where tenant = $1", 1),
        ("delete from audit_head where tenant = $1", 1),
        ("update audit_head set seq = 3 where tenant = $1", 5),
    ],
)
async def test_an_edit_or_a_gap_shows_at_its_place(
    statement: str, place: int, worker: Pool, superuser: Pool, tenant: UUID
) -> None:
    await _recorded(worker, tenant)
    async with superuser.acquire() as connection:
        assert await _tamper(connection, statement, tenant) == place
    assert await _broken(worker, tenant) is None


async def test_a_writer_cannot_choose_place_or_hashes(worker: Pool, tenant: UUID) -> None:
    async with transaction(worker, tenant, "system") as connection:
        row = await connection.fetchrow(
            "insert into audit_event (tenant, seq, actor, what, at, prev_hash, hash)"
            " values ($1, 99, 'a', 'b', $2, sha256('x'), sha256('y')) returning seq, prev_hash",
            tenant,
            T0,
        )
    assert row is not None
    assert row["seq"] == 1
    assert row["prev_hash"].hex().startswith("e3b0c44298fc1c14")  # SHA-256 of nothing: where a chain begins
    assert await _broken(worker, tenant) is None


async def test_another_tenants_chain_is_not_verified_from_here(worker: Pool, app: Pool, tenant: UUID) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, tenant, "boss", ["admin"]) as connection:
            await audit_first_broken(connection, UUID(int=1))


async def test_many_writers_make_one_chain(worker: Pool, tenant: UUID) -> None:
    store = PostgresLedgerStore(worker)
    leads = [await new_lead(worker, tenant) for _ in range(12)]
    for upto in (2, 4):
        commands = [command(tenant, lead, FACTS[:upto], since=upto - 2) for lead in leads]
        await asyncio.gather(*(store.record(one) for one in commands))
    assert await _broken(worker, tenant) is None
    async with transaction(worker, tenant, "system") as connection:
        assert await connection.fetchval("select seq from audit_head where tenant = $1", tenant) == 48
