"""Starts the workflow of every check the bureau has not answered, and tells it when there is news.

A check that was not answered in time stands in the table, so that nothing is lost while Temporal is away; one
whose process ended before it could say so is found as well, a little later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.credit_orders import CREDIT_QUEUE
from adapters import log
from adapters.breaker import utc_now
from adapters.credit import store
from adapters.database import Pool, transaction
from adapters.health import TEMPORAL_AWAY, TROUBLES
from adapters.messenger import MOST, Messenger, at_work
from adapters.settings import Login
from workflows import names
from workflows.credit_start import StartCredit
from workflows.messages import to_json

CHANNEL: Final = "credit_waits"
_MESSENGER: Final = "credit-messenger"
_WITHIN: Final = timedelta(seconds=20)
# Longer than anybody waits for an answer: whoever asked has gone, and the answer with him.
_LEFT_BEHIND: Final = timedelta(seconds=15)

_log = log.get(__name__)


async def see_through(client: Client, tenant: UUID, check: UUID) -> None:
    """Start the workflow of a check, or have the one that runs look again.

    Raises:
        TimeoutError, RPCError, RuntimeError: Temporal is away; see `TEMPORAL_AWAY`.
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


class CreditMessenger(Messenger):
    """Starts the workflows `credit-check` of a tenant.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        tenant: whose account at the bureau it is.
    """

    def __init__(self, pool: Pool, client: Client, tenant: UUID) -> None:
        super().__init__("credit checks")
        self._pool = pool
        self._client = client
        self._tenant = tenant

    async def go_round(self) -> bool:
        """See `Messenger`."""
        try:
            return await self.carry() >= MOST
        except TROUBLES:
            raise
        except TEMPORAL_AWAY as error:
            _log.warning("credit checks: no answer", error=type(error).__name__)
            return False

    async def carry(self) -> int:
        """Start the workflows of the oldest; answers how many."""
        before = utc_now() - _LEFT_BEHIND
        async with transaction(self._pool, self._tenant, _MESSENGER, reading=True) as connection:
            waiting = await store.unfollowed(connection, self._tenant, before, MOST)
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
    async with at_work(messenger, login, channel=CHANNEL, name="fristwerk-credit-waits"):
        yield messenger
