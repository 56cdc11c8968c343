"""Starts the workflow of every check the bureau has not answered, and tells it when there is news.

A check that was not answered in time stands in the table, so that nothing is lost while Temporal is away; one
whose process ended before it could say so is found as well, a little later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from activities.credit_orders import CREDIT_QUEUE
from adapters import log
from adapters.background import stopped
from adapters.breaker import utc_now
from adapters.credit import store
from adapters.database import Pool, transaction
from adapters.health import TROUBLES
from adapters.setting_watch import SettingWatch
from adapters.settings import Login
from workflows import names
from workflows.credit_start import StartCredit
from workflows.messages import to_json

CHANNEL: Final = "credit_waits"
_MESSENGER: Final = "credit-messenger"
_MOST: Final = 200
_WITHIN: Final = timedelta(seconds=20)
# Longer than anybody waits for an answer: whoever asked has gone, and the answer with him.
_LEFT_BEHIND: Final = timedelta(seconds=15)
_PAUSE_SECONDS: Final = 5.0
# A client that connects with its first call says with a RuntimeError that nobody listens.
NOBODY_THERE: Final = (TimeoutError, RPCError, RuntimeError)

_log = log.get(__name__)


async def see_through(client: Client, tenant: UUID, check: UUID) -> None:
    """Start the workflow of a check, or have the one that runs look again.

    Raises:
        TimeoutError, RPCError, RuntimeError: Temporal is away; see `NOBODY_THERE`.
    """
    async with asyncio.timeout(_WITHIN.total_seconds()):
        await client.start_workflow(
            names.CREDIT_CHECK,
            to_json(StartCredit(tenant=str(tenant), check=str(check))),
            id=names.credit_id(tenant, check),
            task_queue=CREDIT_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=names.LOOK_AGAIN,
        )


class CreditMessenger:
    """Starts the workflows `credit-check` of a tenant.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        tenant: whose account at the bureau it is.
    """

    def __init__(self, pool: Pool, client: Client, tenant: UUID) -> None:
        self._pool = pool
        self._client = client
        self._tenant = tenant
        self._knock = asyncio.Event()

    def knock(self, _: UUID | None = None) -> None:
        """There is a check that nobody waits for."""
        self._knock.set()

    async def run(self) -> None:
        """Look for them until cancelled."""
        while True:
            self._knock.clear()
            try:
                carried = await self.carry()
            except TROUBLES as error:
                _log.warning("credit checks: the database is of no use", error=type(error).__name__)
                carried = 0
            except NOBODY_THERE as error:
                _log.warning("credit checks: no answer", error=type(error).__name__)
                carried = 0
            if carried >= _MOST:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await self._knock.wait()

    async def carry(self) -> int:
        """Start the workflows of the oldest; answers how many."""
        before = utc_now() - _LEFT_BEHIND
        async with transaction(self._pool, self._tenant, _MESSENGER, reading=True) as connection:
            waiting = await store.unfollowed(connection, self._tenant, before, _MOST)
        for check in waiting:
            await see_through(self._client, self._tenant, check)
            async with transaction(self._pool, self._tenant, _MESSENGER) as connection:
                await store.follow(connection, self._tenant, check, utc_now())
        return len(waiting)


@asynccontextmanager
async def carrying(pool: Pool, login: Login, client: Client, tenant: UUID) -> AsyncIterator[CreditMessenger]:
    """A messenger at work for as long as it is open.

    Args:
        pool: connections as the worker role.
        login: the same, for the one connection that listens.
        client: where the workflows are.
        tenant: whose account at the bureau it is.
    """
    messenger = CreditMessenger(pool, client, tenant)
    watch = SettingWatch(login, messenger.knock, channel=CHANNEL, name="fristwerk-credit-waits")
    tasks = [asyncio.create_task(watch.run()), asyncio.create_task(messenger.run())]
    try:
        yield messenger
    finally:
        await stopped(tasks)
