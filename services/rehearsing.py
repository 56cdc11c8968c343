"""Rehearsals that are asked for and looked at later: they run in the background and keep their outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from adapters import log
from adapters.database import Connection, Pool, transaction
from adapters.health import DATABASE_AWAY
from adapters.policy_store import count_living
from adapters.rehearsal_store import (
    StoredRehearsal,
    add_outcomes,
    add_rehearsal,
    finish,
    forget_before,
    outcomes_of,
    rehearsal_of,
    runs_since,
)
from protection.permission import Act
from protection.policy import Policy, policy_to_json
from services.asking import Asking
from services.errors import KeyReused, Missing, NotFound, ServiceError
from services.rehearsal import (
    BATCH,
    Draft,
    Effect,
    Summary,
    drafted,
    eyes_of,
    outcome_to_json,
    rehearse,
    summary_to_json,
)

KEPT: Final = timedelta(days=1)
# A rehearsal that has told nothing for so long is not running any more.
SILENCE: Final = timedelta(minutes=1)
# How long an answer waits for the outcome before it says that it will come.
PATIENCE: Final = timedelta(seconds=2)

_log = log.get(__name__)


class AlreadyRehearsing(ServiceError):
    """The tenant has a rehearsal running; look at that one first."""

    def __init__(self) -> None:
        super().__init__("a rehearsal of this tenant is running; wait until it is done")


class State(StrEnum):
    """Where a rehearsal stands. Wire names."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal and some of its outcomes.

    Attributes:
        outcomes: plain JSON, by lead; leads for which nothing changes are left out.
        more: whether further outcomes follow.
    """

    stored: StoredRehearsal
    state: State
    outcomes: tuple[Mapping[str, Any], ...]
    more: bool


class Rehearsals:
    """Those this process runs; a tenant has one at a time."""

    def __init__(self) -> None:
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def ask(self, pool: Pool, asking: Asking, draft: Draft) -> UUID:
        """Begin a rehearsal, or find the one that was begun under the same key; its id.

        Raises:
            Forbidden: the caller may not read settings.
            Refused: the draft makes no sense.
            KeyReused: the key stands for another draft.
            AlreadyRehearsing: another one of the tenant is running.
        """
        asking.require(Act.READ_SETTINGS)
        tenant, caller, at = asking.tenant, asking.caller, datetime.now(UTC)
        name = uuid4() if asking.key is None else uuid5(tenant, f"rehearsal/{asking.key}")
        async with transaction(pool, tenant, caller.user, caller.roles, at=at) as connection:
            policy = await drafted(connection, tenant, draft, at=at)
            await forget_before(connection, tenant, at - KEPT)
            known = await rehearsal_of(connection, tenant, name)
            if known is not None:
                if known.draft != policy_to_json(policy):
                    raise KeyReused
                return name
            if await runs_since(connection, tenant, at - SILENCE):
                raise AlreadyRehearsing
            added = await add_rehearsal(
                connection,
                tenant,
                name,
                policy_to_json(policy),
                by=caller.user,
                at=at,
                leads=await count_living(connection, tenant),
            )
        if added:
            running = asyncio.create_task(self._run(pool, asking, name, policy, at))
            self._running[name] = running
            running.add_done_callback(lambda _: self._running.pop(name, None))
        return name

    async def look(
        self, pool: Pool, asking: Asking, name: UUID, *, after: UUID | None = None, most: int
    ) -> Rehearsal:
        """How far a rehearsal is, and the next outcomes; waits a little for one that is about to be done.

        Raises:
            Forbidden: the caller may not read settings.
            NotFound: there is none of this id, or no longer.
        """
        asking.require(Act.READ_SETTINGS)
        running = self._running.get(name)
        if running is not None:
            await asyncio.wait({running}, timeout=PATIENCE.total_seconds())
        tenant, caller = asking.tenant, asking.caller
        async with transaction(pool, tenant, caller.user, caller.roles, reading=True) as connection:
            stored = await rehearsal_of(connection, tenant, name)
            if stored is None:
                raise NotFound(Missing.REHEARSAL)
            found = await outcomes_of(connection, tenant, name, after=after, most=most + 1)
        return Rehearsal(stored, _state(stored, datetime.now(UTC)), tuple(found[:most]), len(found) > most)

    async def _run(self, pool: Pool, asking: Asking, name: UUID, draft: Policy, at: datetime) -> None:
        try:
            await _play(pool, asking, name, draft, at)
        except DATABASE_AWAY as error:
            # Whoever looks will find it interrupted.
            _log.warning("rehearsal: the database went away", rehearsal=str(name), error=type(error).__name__)


async def _play(pool: Pool, asking: Asking, name: UUID, draft: Policy, at: datetime) -> None:
    tenant, summary, told = asking.tenant, Summary(), list[Mapping[str, Any]]()

    async def keep(connection: Connection) -> None:
        await add_outcomes(connection, tenant, name, told, done=summary.leads, at=datetime.now(UTC))
        told.clear()

    async with aclosing(rehearse(eyes_of(pool, asking.caller), tenant, draft, at=at)) as outcomes:
        async for outcome in outcomes:
            summary.add(outcome)
            if outcome.effect is not Effect.SAME:
                told.append(outcome_to_json(outcome))
            if summary.leads % BATCH == 0:
                async with _writing(pool, asking) as connection:
                    await keep(connection)
    async with _writing(pool, asking) as connection:
        await keep(connection)
        await finish(
            connection, tenant, name, summary_to_json(summary), done=summary.leads, at=datetime.now(UTC)
        )


def _writing(pool: Pool, asking: Asking) -> AbstractAsyncContextManager[Connection]:
    return transaction(pool, asking.tenant, asking.caller.user, asking.caller.roles)


def _state(stored: StoredRehearsal, now: datetime) -> State:
    if stored.finished_at is not None:
        return State.DONE
    return State.RUNNING if now - stored.told_at < SILENCE else State.INTERRUPTED
