"""Reconciliations are kept per tenant, counted from what they found, and seen by those who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.database import Pool, transaction
from adapters.reconciliation_store import (
    KeptFinding,
    KeptRun,
    begin_run,
    findings_of,
    finish_run,
    keep_finding,
    last_of_each_tenant,
    last_runs,
    overseeing,
    tenants,
)
from tests.sql.conftest import app, new_tenant, worker

__all__ = ["app", "worker"]

AT = datetime(2030, 5, 1, 2, 30, tzinfo=UTC)


async def _kept(worker: Pool, tenant: UUID, found: list[KeptFinding], at: datetime = AT) -> KeptRun:
    run = uuid4()
    async with transaction(worker, tenant, "reconciliation") as connection:
        # A worker that dies on its way does it again.
        for _ in range(2):
            await begin_run(connection, tenant, run, by="schedule", at=at)
            for finding in found:
                await keep_finding(connection, tenant, run, finding)
        done = await finish_run(
            connection, tenant, run, leads=7, workflows=5, first_broken=None, at=at + timedelta(minutes=1)
        )
    assert done is not None
    return done


async def test_a_run_is_counted_once_however_often_it_was_told(worker: Pool, app: Pool) -> None:
    tenant, lead = await new_tenant(worker), uuid4()
    found = [
        KeptFinding(lead, "not-running", "started again from its ledger", True),
        KeptFinding(lead, "gap", "revisions are missing: 2", False),
        KeptFinding(None, "audit-broken", "the chain is broken at row 3", False),
    ]
    done = await _kept(worker, tenant, found)
    assert (done.leads_compared, done.workflows_asked, done.asked_by) == (7, 5, "schedule")
    assert done.repaired == {"not-running": 1}
    assert done.found == {"gap": 1, "audit-broken": 1}
    for role, sees in (("manager", True), ("admin", True), ("auditor", True), ("agent", False)):
        async with transaction(app, tenant, "somebody", [role]) as connection:
            assert (await last_runs(connection, tenant, 3) == [done]) is sees
            told = await findings_of(connection, tenant, done.id, 10)
            assert {finding.check for finding in told} == {one.check for one in found if sees}
            assert [finding.repaired for finding in told] == ([False, False, True] if sees else [])


async def test_an_overseer_sees_the_last_run_of_every_tenant_and_nobody_else_does(
    worker: Pool, app: Pool
) -> None:
    here, there = await new_tenant(worker), await new_tenant(worker)
    await _kept(worker, here, [])
    newest = await _kept(worker, here, [KeptFinding(uuid4(), "gap", "…", False)], AT + timedelta(days=1))
    other = await _kept(worker, there, [])
    async with overseeing(worker) as connection:
        assert {here, there} <= set(await tenants(connection))
        last = await last_of_each_tenant(connection)
    assert (last[here], last[there]) == (newest, other)
    async with transaction(worker, here, "reconciliation") as connection:
        assert await last_runs(connection, there, 3) == []
        assert await last_of_each_tenant(connection) == {here: newest}
    async with app.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('app.oversees', 'on', true)")
        assert await tenants(connection) == []


@pytest.mark.parametrize("verb", ["insert", "update", "delete"])
@pytest.mark.parametrize("table", ["reconciliation_run", "reconciliation_finding"])
async def test_the_application_writes_none(table: str, verb: str, worker: Pool, app: Pool) -> None:
    tenant = await new_tenant(worker)
    statement = {
        "insert": f"insert into {table} default values",
        "update": f"update {table} set tenant = tenant",
        "delete": f"delete from {table}",
    }[verb]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, tenant, "boss", ["admin"]) as connection:
            await connection.execute(statement)
