"""How the systems outside stand, as a question or our own records tell. SQL: sql/queries/outside.sql."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from activities.ai.orders import AI_QUEUE
from activities.credit_orders import CREDIT_QUEUE
from activities.erp_orders import ERP_QUEUE
from activities.inbox_orders import INBOX_QUEUE
from activities.orders import MAIL_QUEUE, NotificationKind
from adapters import log
from adapters.database import Connection, load_queries
from adapters.health import TEMPORAL_AWAY, WITHIN_SECONDS
from workflows.names import PROTECTION_QUEUE

QUEUES: Final = (PROTECTION_QUEUE, MAIL_QUEUE, CREDIT_QUEUE, AI_QUEUE, ERP_QUEUE, INBOX_QUEUE)
_SQL: Final = load_queries("outside")
_log = log.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStanding:
    """How the mails of a tenant stand. UTC instants; None is never.

    Attributes:
        last_sent: when a server last took one over.
        waiting: mails that are still tried.
        oldest_waiting: since when the oldest of them waits.
        dead: mails that were given up.
        bounced: mails refused for good since the instant asked for.
        last_failed: when one was last refused for good or given up.
        last_code: why.
        waiting_code: why one of those still tried was put off last.
    """

    last_sent: datetime | None
    waiting: int
    oldest_waiting: datetime | None
    dead: int
    bounced: int
    last_failed: datetime | None
    last_code: str | None
    waiting_code: str | None


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """How a task queue stands.

    Attributes:
        workers: how many processes ask it for work.
        backlog: tasks that wait for one of them.
        builds: what those were built from.
    """

    workers: int
    backlog: int
    builds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScheduleStanding:
    """How a schedule stands; `next_at` is a UTC instant, None where nothing comes."""

    name: str
    paused: bool
    next_at: datetime | None


async def database_version(connection: Connection) -> str:
    """What the server calls itself, such as `18.0`."""
    version: str = await _SQL.database_version(connection)
    return version


async def mail_standing(connection: Connection, tenant: UUID, *, since: datetime) -> MailStanding:
    """How the mails stand that the caller may see.

    Args:
        since: UTC instant, from when on refused mails are counted.
    """
    sent = await _SQL.mails_sent(connection, tenant=tenant, kinds=[str(kind) for kind in NotificationKind])
    return MailStanding(
        last_sent=sent["last_sent"], **await _SQL.mails_open(connection, tenant=tenant, since=since)
    )


async def clocks_standing(client: Client) -> QueueStanding | None:
    """Who keeps the clocks, and what waits for them; None where Temporal does not say."""
    return await queue_standing(client, PROTECTION_QUEUE)


async def mailing_standing(client: Client) -> QueueStanding | None:
    """Who sends the mails, and what waits for them; None where Temporal does not say."""
    return await queue_standing(client, MAIL_QUEUE)


async def queue_standing(client: Client, queue: str) -> QueueStanding | None:
    """Who works for a task queue, and what waits there; None where Temporal does not say."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            answers = await asyncio.gather(
                *(
                    client.workflow_service.describe_task_queue(
                        DescribeTaskQueueRequest(
                            namespace=client.namespace,
                            task_queue=TaskQueue(name=queue),
                            task_queue_type=kind,
                            report_stats=True,
                        ),
                        timeout=timedelta(seconds=WITHIN_SECONDS),
                    )
                    for kind in (
                        TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                        TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
                    )
                )
            )
    except TEMPORAL_AWAY as error:
        _log.warning("queue unknown", queue=queue, error=type(error).__name__)
        return None
    pollers = [poller for answer in answers for poller in answer.pollers]
    builds = {
        poller.deployment_options.build_id or poller.worker_version_capabilities.build_id
        for poller in pollers
    }
    return QueueStanding(
        len({poller.identity for poller in pollers}),
        sum(answer.stats.approximate_backlog_count for answer in answers),
        frozenset(builds - {""}),
    )


async def queues_standing(client: Client) -> dict[str, QueueStanding | None]:
    """How every task queue stands."""
    found = await asyncio.gather(*(queue_standing(client, queue) for queue in QUEUES))
    return dict(zip(QUEUES, found, strict=True))


async def schedules_standing(client: Client) -> list[ScheduleStanding] | None:
    """What runs by the clock, beside the clocks of leads; None where Temporal does not say."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            return [
                ScheduleStanding(
                    name=one.id,
                    paused=one.schedule is not None and one.schedule.state.paused,
                    next_at=None if one.info is None else min(one.info.next_action_times, default=None),
                )
                async for one in await client.list_schedules()
            ]
    except TEMPORAL_AWAY as error:
        _log.warning("schedules unknown", error=type(error).__name__)
        return None
