"""The audit chain counted into figures up to its end: a little while somebody waits, the rest behind him."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final
from uuid import UUID

from adapters import log
from adapters.background import stopped
from adapters.database import Caller, Pool, transaction
from adapters.health import DATABASE_AWAY
from adapters.kpi_days import gather
from services.kpi_parts import DAYS, Told

# Rows of the chain counted while somebody waits, and how many seconds he waits at most.
_AT_ONCE: Final = 500
_PATIENCE: Final = 0.06
_BEHIND: Final = 5_000
_KEPT: Final = 200  # periods

_log = log.get(__name__)


class Gatherings:
    """Those this process runs, one a tenant."""

    def __init__(self) -> None:
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._kept: OrderedDict[Hashable, Told] = OrderedDict()

    def known(self, of: Hashable) -> Told | None:
        """What was kept of a period, by all that it follows from."""
        return self._kept.get(of)

    def keep(self, of: Hashable, told: Told) -> None:
        """Keep it while others have not been asked for more often since."""
        self._kept[of] = told
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    async def catch_up(self, pool: Pool, caller: Caller) -> int | None:
        """Count what was told since; how many rows are left, None where somebody else is counting."""
        running = self._running.get(caller.tenant)
        if running is not None:
            await asyncio.wait({running}, timeout=_PATIENCE)
        began = time.monotonic()
        left = await _gather(pool, caller, _AT_ONCE)
        while left and time.monotonic() - began < _PATIENCE:
            left = await _gather(pool, caller, _AT_ONCE)
        if left and caller.tenant not in self._running:
            task = asyncio.create_task(self._rest(pool, caller))
            self._running[caller.tenant] = task
            task.add_done_callback(lambda _: self._running.pop(caller.tenant, None))
        return left

    async def stop(self) -> None:
        """Break off; what is counted stays counted."""
        tasks = list(self._running.values())
        await stopped(tasks)

    async def _rest(self, pool: Pool, caller: Caller) -> None:
        try:
            left: int | None = 1
            while left:
                left = await _gather(pool, caller, _BEHIND)
        except DATABASE_AWAY as error:
            _log.warning("figures: the database went away", error=type(error).__name__)


async def _gather(pool: Pool, caller: Caller, most: int) -> int | None:
    async with transaction(pool, caller.tenant, caller.user, caller.roles) as connection:
        return await gather(connection, DAYS, most)
