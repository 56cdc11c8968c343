"""How the systems outside stand, told by every process that speaks to one. SQL: sql/queries/upstream.sql.

A breaker lives in one process and forgets with it; what people look at is on record.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from activities.upstreams import Fault
from adapters import log
from adapters.background import stopped
from adapters.breaker import BreakerState, Standing, utc_now
from adapters.database import Connection, Pool, UnknownTenant, load_queries, transaction
from adapters.health import NOT_YET, TROUBLES, expect_tenant

# So long after a change people see it.
_EVERY: Final = timedelta(seconds=3)
_TELLS: Final = "upstream-standing"
_SQL: Final = load_queries("upstream")
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """How a process saw a system.

    Attributes:
        process: wire name of the process.
        standing: what its breaker saw.
    """

    process: str
    standing: Standing


async def standings_of(connection: Connection, tenant: UUID, system: str) -> list[Told]:
    """How each process saw a system last.

    Args:
        system: name of its breaker.
    """
    rows = _SQL.standings(connection, tenant=tenant, system=system)
    return [
        Told(
            row["process"],
            Standing(
                name=system,
                state=BreakerState(row["state"]),
                since=row["since"],
                failures=row["failures"],
                answered=row["answered_at"],
                failed=row["failed_at"],
                fault=None if row["fault"] is None else Fault(row["fault"]),
            ),
        )
        async for row in rows
    ]


class StandingReport:
    """Puts down what breakers of this process see, whenever it is something new.

    Args:
        pool: connections as the application or the worker.
        tenant: whose accounts they are.
        process: wire name of this process, such as `api` or `erp-worker`.
        breakers: of different systems.
        now: UTC instants.
    """

    def __init__(
        self,
        pool: Pool,
        tenant: UUID,
        process: str,
        breakers: Sequence[Callable[[], Standing]],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._pool = pool
        self._tenant = tenant
        self._process = process
        self._breakers = breakers
        self._now = now
        self._told: dict[str, Standing] = {}

    async def run(self) -> None:
        """Tell until cancelled."""
        trouble: str | None = None
        while True:
            try:
                await self.tell()
            except (*NOT_YET, *TROUBLES) as error:
                if trouble != type(error).__name__:
                    trouble = type(error).__name__
                    # Before a first import there is no tenant, which is nobody's fault.
                    tell = _log.info if isinstance(error, UnknownTenant) else _log.warning
                    tell("standings: not kept yet", error=trouble)
            else:
                trouble = None
            await asyncio.sleep(_EVERY.total_seconds())

    async def tell(self) -> None:
        """Put down what is new."""
        seen = [breaker() for breaker in self._breakers]
        new = [one for one in seen if self._told.get(one.name) != one]
        if not new:
            return
        async with transaction(self._pool, self._tenant, _TELLS) as connection:
            await expect_tenant(connection, self._tenant)
            for one in new:
                await _SQL.put_standing(
                    connection,
                    tenant=self._tenant,
                    system=one.name,
                    process=self._process,
                    state=one.state,
                    since=one.since,
                    failures=one.failures,
                    answered_at=one.answered,
                    failed_at=one.failed,
                    fault=one.fault,
                    told_at=self._now(),
                )
        self._told |= {one.name: one for one in new}


@asynccontextmanager
async def reporting(
    pool: Pool, tenant: UUID, process: str, breakers: Sequence[Callable[[], Standing]]
) -> AsyncIterator[None]:
    """A report at work for as long as it is open; tells once more at the end.

    Args:
        pool: connections as the application or the worker.
        tenant: whose accounts they are.
        process: wire name of this process.
        breakers: what tells how each system stands, such as `Upstream.state`.
    """
    report = StandingReport(pool, tenant, process, breakers)
    task = asyncio.create_task(report.run())
    try:
        yield
    finally:
        await stopped([task])
        with suppress(*NOT_YET, *TROUBLES):
            await report.tell()
