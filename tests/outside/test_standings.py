"""What the processes saw of a system outside is on record, and told with advice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest_asyncio

from activities.upstreams import Fault
from adapters.breaker import BreakerState, Standing
from adapters.database import Pool, transaction
from adapters.upstream_standings import StandingReport, reporting, standings_of
from tests.sql.conftest import app, new_tenant, worker
from tests.workflows.lab import until

__all__ = ["app", "worker"]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WELL = Standing(
    name="erp", state=BreakerState.CLOSED, since=NOON, failures=0, answered=NOON, failed=None, fault=None
)
BROKEN = replace(
    WELL, state=BreakerState.OPEN, failures=5, failed=NOON + timedelta(minutes=1), fault=Fault.NOT_TRUSTED
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company(worker: Pool) -> AsyncIterator[UUID]:
    yield await new_tenant(worker)


async def seen(app: Pool, tenant: UUID) -> dict[str, Standing]:
    async with transaction(app, tenant, "root", ["admin"], reading=True) as connection:
        return {one.process: one.standing for one in await standings_of(connection, tenant, "erp")}


async def test_each_process_tells_what_is_new_and_a_new_one_forgets_nothing(
    company: UUID, app: Pool, worker: Pool
) -> None:
    now = [WELL]
    api = StandingReport(app, company, "api", [lambda: now[0]])
    await api.tell()
    await StandingReport(worker, company, "erp-worker", [lambda: BROKEN]).tell()
    assert await seen(app, company) == {"api": WELL, "erp-worker": BROKEN}
    now[0] = BROKEN
    await api.tell()
    assert (await seen(app, company))["api"] == BROKEN
    # Started anew, it has seen nothing yet; what is known stays known.
    fresh = replace(WELL, answered=None, since=NOON + timedelta(hours=1))
    await StandingReport(app, company, "api", [lambda: fresh]).tell()
    told = (await seen(app, company))["api"]
    assert (told.state, told.answered, told.failed) == (BreakerState.CLOSED, NOON, BROKEN.failed)


async def test_a_running_process_tells_by_itself_and_at_its_end(
    company: UUID, app: Pool, worker: Pool
) -> None:
    now = [WELL]
    async with reporting(worker, company, "credit-worker", [lambda: now[0]]):

        async def told() -> bool:
            return (await seen(app, company)).get("credit-worker") == WELL

        await until(told)
        now[0] = BROKEN
    assert (await seen(app, company))["credit-worker"] == BROKEN


async def test_nobody_else_sees_or_writes_it(company: UUID, app: Pool, worker: Pool) -> None:
    other = await new_tenant(worker)
    await asyncio.gather(StandingReport(app, company, "api", [lambda: WELL]).tell())
    assert await seen(app, other) == {}
