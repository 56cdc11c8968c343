"""Brings what happened to boxes of samples to their workflows, and starts those that do not run yet.

Whoever changes something about a box writes the news beside it, in the same transaction. So nobody waits for
Temporal, and nothing is lost while it is away: the news waits in the table until a workflow has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from adapters import log
from adapters.background import stopped
from adapters.database import Pool, load_queries, transaction
from adapters.health import TROUBLES
from adapters.setting_watch import SettingWatch
from adapters.settings import Login
from workflows import names
from workflows.messages import to_json
from workflows.sample_start import SampleNews, StartSample

CHANNEL: Final = "sample_news"
_MESSENGER: Final = "sample-messenger"
_MOST: Final = 200
_AT_ONCE: Final = 8
_WITHIN: Final = timedelta(seconds=20)
# Without a knock, for news whose workflow could not be reached.
_PAUSE_SECONDS: Final = 5.0
_SQL: Final = load_queries("sample_work")
# A client that connects with its first call says with a RuntimeError that nobody listens.
_NOBODY_THERE: Final = (TimeoutError, RPCError, RuntimeError, WorkflowUpdateRPCTimeoutOrCancelledError)

_log = log.get(__name__)


class SampleMessenger:
    """Carries news to the workflows `sample-test`.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
    """

    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._knock = asyncio.Event()

    def knock(self, _: UUID | None = None) -> None:
        """There is news."""
        self._knock.set()

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            self._knock.clear()
            try:
                carried = await self.carry()
            except TROUBLES as error:
                _log.warning("sample news: the database is of no use", error=type(error).__name__)
                carried = 0
            if carried >= _MOST:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await self._knock.wait()

    async def carry(self) -> int:
        """Bring the oldest news, each box's in its order; answers how many arrived."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _SQL.look_everywhere(connection)
            waiting = [row async for row in _SQL.waiting_news(connection, most=_MOST)]
        boxes: dict[tuple[UUID, UUID], list[asyncpg.Record]] = {}
        for row in waiting:
            boxes.setdefault((row["tenant"], row["box"]), []).append(row)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def bring(listed: list[asyncpg.Record]) -> int:
            async with turns:
                return await self._bring(listed)

        return sum(await asyncio.gather(*map(bring, boxes.values())))

    async def _bring(self, listed: list[asyncpg.Record]) -> int:
        for number, row in enumerate(listed):
            try:
                await self._tell(row["tenant"], row["lead"], row["box"], row["what"], row["at"])
            except _NOBODY_THERE as error:
                _log.warning("sample news: no answer", box=str(row["box"]), error=type(error).__name__)
                return number
            except WorkflowUpdateFailedError:
                # It is over, or cannot be told anything: the next run looks at all there is.
                _log.warning("sample news: refused", box=str(row["box"]), what=row["what"])
            async with transaction(self._pool, row["tenant"], _MESSENGER) as connection:
                await _SQL.drop_news(connection, tenant=row["tenant"], id=row["id"])
        return len(listed)

    async def _tell(self, tenant: UUID, lead: UUID, box: UUID, what: str, at: datetime) -> None:
        start = StartSample(tenant=str(tenant), lead=str(lead), box=str(box))
        operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            names.SAMPLE_TEST,
            to_json(start),
            id=names.sample_id(tenant, box),
            task_queue=names.PROTECTION_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        async with asyncio.timeout(_WITHIN.total_seconds()):
            await self._client.execute_update_with_start_workflow(
                what,
                to_json(SampleNews(by=_MESSENGER, at=at)),
                start_workflow_operation=operation,
                result_type=dict,
            )


@asynccontextmanager
async def carrying(pool: Pool, login: Login, client: Client) -> AsyncIterator[SampleMessenger]:
    """A messenger at work for as long as it is open.

    Args:
        pool: connections as the worker role.
        login: the same, for the one connection that listens.
        client: where the workflows are.
    """
    messenger = SampleMessenger(pool, client)
    watch = SettingWatch(login, messenger.knock, channel=CHANNEL, name="fristwerk-samples")
    tasks = [asyncio.create_task(watch.run()), asyncio.create_task(messenger.run())]
    try:
        yield messenger
    finally:
        await stopped(tasks)
