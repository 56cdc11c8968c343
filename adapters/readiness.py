"""Whether what requests need is really there: asked anew each time, quickly, each part for itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters import log
from adapters.database import Pool, load_queries
from adapters.health import TEMPORAL_AWAY, TROUBLES, WITHIN_SECONDS
from adapters.migrations import MIGRATIONS
from workflows.names import PROTECTION_QUEUE

# A worker asks for work at least once a minute; whoever has not for longer than this does not any more.
_SILENT: Final = timedelta(seconds=100)
_VERSION_DIGITS: Final = 14
_WITHIN: Final = timedelta(seconds=WITHIN_SECONDS)
_SQL: Final = load_queries("health")
_log = log.get(__name__)


class Part(StrEnum):
    """How a part stands. Wire names."""

    UP = "up"
    DOWN = "down"
    # It answers, but takes nothing: a standby, or set so while somebody works on it.
    READ_ONLY = "read-only"
    # It answers, but lacks migrations this build needs.
    BEHIND = "behind"
    # It answers, but does not know the namespace.
    MISSING = "missing"
    # Whom we would have to ask does not answer.
    UNKNOWN = "unknown"


def newest_migration() -> str:
    """The version of the newest migration this build brings along."""
    return max(file.name[:_VERSION_DIGITS] for file in MIGRATIONS.glob("*.sql"))


async def database_standing(pool: Pool, needed: str) -> tuple[Part, Part]:
    """How the database stands, and its schema.

    Args:
        pool: connections as the API uses them.
        needed: the newest migration; a database that has newer ones is fine while a newer build comes up.
    """
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            async with pool.acquire() as connection:
                row = await _SQL.standing(connection, needed=needed)
    except TROUBLES as error:
        _log.warning("not ready", part="database", error=type(error).__name__)
        return Part.DOWN, Part.UNKNOWN
    return Part.UP if row["writable"] else Part.READ_ONLY, Part.UP if row["current"] else Part.BEHIND


async def temporal_standing(client: Client) -> Part:
    """Whether Temporal serves our namespace."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=client.namespace), timeout=_WITHIN
            )
    except TEMPORAL_AWAY as error:
        _log.warning("not ready", part="temporal", error=type(error).__name__)
        missing = isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND
        return Part.MISSING if missing else Part.DOWN
    return Part.UP


async def workers_standing(client: Client, *, as_of: datetime) -> Part:
    """Whether somebody asks for the work of leads; without, nothing is recorded and no clock moves.

    Args:
        client: where workers ask.
        as_of: UTC instant; whoever was silent for long before it counts as gone.
    """
    since = as_of - _SILENT
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            answer = await client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=client.namespace,
                    task_queue=TaskQueue(name=PROTECTION_QUEUE),
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                ),
                timeout=_WITHIN,
            )
    except TEMPORAL_AWAY as error:
        _log.warning("workers unknown", error=type(error).__name__)
        return Part.UNKNOWN
    seen = (poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in answer.pollers)
    return Part.UP if any(instant > since for instant in seen) else Part.DOWN
