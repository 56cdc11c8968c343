"""How systems outside stand, told before anybody has made the tenant, and after."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from adapters import upstream_standings
from adapters.breaker import BreakerState, Standing
from adapters.database import Pool, transaction
from adapters.upstream_standings import StandingReport, reporting, standings_of
from tests.sql.conftest import new_tenant

STANDING = Standing(
    name="credit", state=BreakerState.CLOSED, since=datetime(2026, 11, 23, tzinfo=UTC), failures=0,
    answered=None, failed=None, fault=None,
)  # fmt: skip


async def test_a_process_that_starts_before_its_tenant_is_made_waits_says_so_once_and_ends_quietly(
    worker: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream_standings, "_EVERY", timedelta())
    asked = asyncio.Queue[None]()

    def standing() -> Standing:
        asked.put_nowait(None)
        return STANDING

    with capture_logs() as said:
        async with reporting(worker, uuid4(), "test", [standing]):
            for _ in range(4):
                await asyncio.wait_for(asked.get(), 120)
    assert [(one["log_level"], one["error"]) for one in said] == [("info", "UnknownTenant")]


async def test_what_is_seen_is_told_once(worker: Pool) -> None:
    tenant = await new_tenant(worker)
    report = StandingReport(worker, tenant, "test", [lambda: STANDING])
    await report.tell()
    await report.tell()
    async with transaction(worker, tenant, "test", reading=True) as connection:
        (told,) = await standings_of(connection, tenant, "credit")
    assert (told.process, told.standing) == ("test", STANDING)
