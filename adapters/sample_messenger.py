"""Brings what happened to boxes of samples to their workflows, and starts those that do not run yet.

Whoever changes something about a box writes the news beside it, in the same transaction. So nobody waits for
Temporal, and nothing is lost while it is away: the news waits in the table until a workflow has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

from adapters import log
from adapters.database import Pool, load_queries, transaction
from adapters.health import TEMPORAL_AWAY
from adapters.messenger import MOST, Messenger, at_work
from adapters.settings import Login
from workflows import names
from workflows.messages import to_json
from workflows.sample_start import SampleNews, StartSample

CHANNEL: Final = "sample_news"
_MESSENGER: Final = "sample-messenger"
_AT_ONCE: Final = 8
_WITHIN: Final = timedelta(seconds=20)
_SQL: Final = load_queries("sample_work")
_NOBODY_THERE: Final = (*TEMPORAL_AWAY, WorkflowUpdateRPCTimeoutOrCancelledError)

_log = log.get(__name__)


class SampleMessenger(Messenger):
    """Carries news to the workflows `sample-test`.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
    """

    def __init__(self, pool: Pool, client: Client) -> None:
        super().__init__("sample news")
        self._pool = pool
        self._client = client

    async def go_round(self) -> bool:
        """See `Messenger`."""
        return await self.carry() >= MOST

    async def carry(self) -> int:
        """Bring the oldest news, each box's in its order; answers how many arrived."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _SQL.look_everywhere(connection)
            waiting = [row async for row in _SQL.waiting_news(connection, most=MOST)]
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
    async with at_work(messenger, login, channel=CHANNEL, name="fristwerk-samples"):
        yield messenger
