"""Brings news of systems outside to its workflows.

Whoever takes news in only writes a row. So nothing waits for Temporal, and nothing is lost while it is away,
or while no worker runs: the row waits. A workflow that has not settled its row for long is started once more,
so that news outlives even the loss of all histories.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import asyncpg
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.webhook_orders import Source
from adapters import log
from adapters.breaker import utc_now
from adapters.database import Pool, load_queries, transaction
from adapters.health import TEMPORAL_AWAY
from adapters.messenger import MOST, Messenger, at_work
from adapters.settings import Login
from adapters.webhooks.store import DEAD_KEPT, HANDLED_KEPT
from workflows.messages import to_json
from workflows.webhook_start import WEBHOOK_EVENT, StartWebhookEvent, webhook_id

CHANNEL: Final = "webhook_event"
# Longer than all tries of a handler together.
AGAIN: Final = timedelta(hours=6)
_MESSENGER: Final = "webhook-messenger"
_WITHIN: Final = timedelta(seconds=20)
_SWEEP: Final = timedelta(hours=1)
_SQL: Final = load_queries("webhook")
_EVERYWHERE: Final = load_queries("sample_work")

_log = log.get(__name__)


class WebhookMessenger(Messenger):
    """Starts the workflows `webhook-event`.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        source: whose news.
        queue: where they are handled.
        now: UTC instants.
    """

    def __init__(
        self, pool: Pool, client: Client, source: Source, queue: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__("webhooks")
        self._pool = pool
        self._client = client
        self._source = source
        self._queue = queue
        self._now = now
        self._swept: datetime | None = None

    async def go_round(self) -> bool:
        """See `Messenger`."""
        carried = await self.carry()
        await self._sweep()
        return carried >= MOST

    async def carry(self) -> int:
        """Start the workflows of the oldest news; answers how many were."""
        now = self._now()
        async with self._pool.acquire() as connection, connection.transaction():
            await _EVERYWHERE.look_everywhere(connection)
            rows = _SQL.waiting_events(connection, sources=[self._source], again=now - AGAIN, most=MOST)
            waiting = [row async for row in rows]
        for number, row in enumerate(waiting):
            try:
                await self._start(row)
            except TEMPORAL_AWAY as error:
                _log.warning("webhooks: no answer", source=self._source, error=type(error).__name__)
                return number
            async with transaction(self._pool, row["tenant"], _MESSENGER) as writing:
                await _SQL.note_told(writing, tenant=row["tenant"], id=row["id"], at=now)
        return len(waiting)

    async def _start(self, row: asyncpg.Record) -> None:
        start = StartWebhookEvent(
            tenant=str(row["tenant"]), event=str(row["id"]), source=self._source, round=row["round"]
        )
        async with asyncio.timeout(_WITHIN.total_seconds()):
            await self._client.start_workflow(
                WEBHOOK_EVENT,
                to_json(start),
                id=webhook_id(self._source, row["event_id"], row["round"]),
                task_queue=self._queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )

    async def _sweep(self) -> None:
        """Forget what is too old, once an hour."""
        now = self._now()
        if self._swept is not None and now - self._swept < _SWEEP:
            return
        self._swept = now
        limits = {"handled": now - HANDLED_KEPT, "dead": now - DEAD_KEPT}
        async with self._pool.acquire() as connection, connection.transaction():
            await _EVERYWHERE.look_everywhere(connection)
            tenants = [row["tenant"] async for row in _SQL.outdated_tenants(connection, **limits)]
        for tenant in tenants:
            async with transaction(self._pool, tenant, _MESSENGER) as writing:
                await _SQL.forget_events(writing, tenant=tenant, **limits)


@asynccontextmanager
async def carrying(
    pool: Pool, login: Login, client: Client, source: Source, queue: str
) -> AsyncIterator[WebhookMessenger]:
    """A messenger at work for as long as it is open.

    Args:
        pool: connections as the worker role.
        login: the same, for the one connection that listens.
        client: where the workflows are.
        source: whose news.
        queue: where they are handled.
    """
    messenger = WebhookMessenger(pool, client, source, queue)
    async with at_work(messenger, login, channel=CHANNEL, name=f"fristwerk-webhooks-{source}"):
        yield messenger
