"""How systems outside stand, told before anybody has made the tenant, and after."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from adapters.breaker import BreakerState, Standing
from adapters.database import Pool, transaction
from adapters.upstream_standings import StandingReport, reporting, standings_of
from tests.sql.conftest import new_tenant

STANDING = Standing(
    name="credit", state=BreakerState.CLOSED, since=datetime(2026, 11, 23, tzinfo=UTC), failures=0,
    answered=None, failed=None, fault=None,
)  # fmt: skip


async def test_a_process_that_starts_before_its_tenant_is_made_waits_and_ends_quietly(worker: Pool) -> None:
    async with reporting(worker, uuid4(), "test", [lambda: STANDING]):
        await asyncio.sleep(0.05)


async def test_what_is_seen_is_told_once(worker: Pool) -> None:
    tenant = await new_tenant(worker)
    report = StandingReport(worker, tenant, "test", [lambda: STANDING])
    await report.tell()
    await report.tell()
    async with transaction(worker, tenant, "test", reading=True) as connection:
        (told,) = await standings_of(connection, tenant, "credit")
    assert (told.process, told.standing) == ("test", STANDING)
