"""Errands in the background that keep what came of them: verifying the audit chain, adopting a policy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from adapters import log
from adapters.background import stopped
from adapters.database import Pool, transaction
from adapters.errand_store import (
    ErrandKind,
    StoredErrand,
    add_errand,
    errand_of,
    errand_runs,
    latest_errands,
    tell_errand,
)
from adapters.health import DATABASE_AWAY
from services.asking import Asking
from services.errors import Missing, NotFound, ServiceError

# An errand that has told nothing for so long is not running any more.
SILENCE: Final = timedelta(minutes=1)

_log = log.get(__name__)


class AlreadyRunning(ServiceError):
    """The tenant has one of this kind running; look at that one first."""

    def __init__(self) -> None:
        super().__init__("one of this kind is running; wait until it is done")


class ErrandState(StrEnum):
    """Where an errand stands. Wire names."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Errand:
    """An errand and where it stands."""

    stored: StoredErrand
    state: ErrandState

    @property
    def percent(self) -> int:
        """How much of it is done, 0..100."""
        return 100 * self.stored.done // self.stored.whole if self.stored.whole else 100


Teller = Callable[[int, Mapping[str, Any], bool], Awaitable[None]]
Work = Callable[[Teller], Awaitable[None]]


class Errands:
    """Those this process runs; a tenant has one of each kind at a time."""

    def __init__(self) -> None:
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def begin(
        self, pool: Pool, asking: Asking, kind: ErrandKind, plan: Mapping[str, Any], *, whole: int, work: Work
    ) -> UUID:
        """Set an errand going, or find the one that was begun under the same key; its id.

        Args:
            plan: what is to be done, as plain JSON.
            whole: of how much.
            work: does it; told how to say how far it is: done, outcome so far, whether that is all.

        Raises:
            AlreadyRunning: another one of this kind is.
        """
        tenant, caller, at = asking.tenant, asking.caller, datetime.now(UTC)
        name = uuid4() if asking.key is None else uuid5(tenant, f"errand/{kind}/{asking.key}")
        async with transaction(pool, tenant, caller.user, caller.roles, at=at) as connection:
            if await errand_of(connection, tenant, name, kind) is not None:
                return name
            if await errand_runs(connection, tenant, kind, at - SILENCE):
                raise AlreadyRunning
            added = await add_errand(connection, tenant, name, kind, plan, by=caller.user, at=at, whole=whole)
        if added:
            running = asyncio.create_task(self._run(pool, asking, name, work))
            self._running[name] = running
            running.add_done_callback(lambda _: self._running.pop(name, None))
        return name

    async def wait(self, name: UUID, seconds: float) -> None:
        """Give an errand of this process so many seconds to be done."""
        running = self._running.get(name)
        if running is not None:
            await asyncio.wait({running}, timeout=seconds)

    async def stop(self) -> None:
        """Break off what runs; whoever looks will find it interrupted."""
        tasks = list(self._running.values())
        await stopped(tasks)

    async def _run(self, pool: Pool, asking: Asking, name: UUID, work: Work) -> None:
        caller = asking.caller

        async def tell(done: int, outcome: Mapping[str, Any], last: bool) -> None:
            async with transaction(pool, caller.tenant, caller.user, caller.roles) as connection:
                await tell_errand(
                    connection,
                    caller.tenant,
                    name,
                    done=done,
                    outcome=outcome,
                    at=datetime.now(UTC),
                    last=last,
                )

        try:
            await work(tell)
        except DATABASE_AWAY as error:
            # Whoever looks will find it interrupted.
            _log.warning("errand: the database went away", errand=str(name), error=type(error).__name__)


async def look(pool: Pool, asking: Asking, kind: ErrandKind, name: UUID) -> Errand:
    """How far an errand is.

    Raises:
        NotFound: there is none of this id and kind for the caller.
    """
    caller = asking.caller
    async with transaction(pool, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        stored = await errand_of(connection, caller.tenant, name, kind)
    if stored is None:
        raise NotFound(Missing.ERRAND)
    return _standing(stored)


async def latest(pool: Pool, asking: Asking, kind: ErrandKind, most: int) -> list[Errand]:
    """The newest errands of a kind, for those who may see them."""
    caller = asking.caller
    async with transaction(pool, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        found = await latest_errands(connection, caller.tenant, kind, most)
    return [_standing(one) for one in found]


def _standing(stored: StoredErrand) -> Errand:
    if stored.finished_at is not None:
        return Errand(stored, ErrandState.DONE)
    silent = datetime.now(UTC) - stored.told_at >= SILENCE
    return Errand(stored, ErrandState.INTERRUPTED if silent else ErrandState.RUNNING)
