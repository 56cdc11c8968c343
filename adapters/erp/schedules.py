"""The ERP's schedules: read every six hours, compare everything once a day, or at once when somebody asks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.common import WorkflowIDConflictPolicy

from activities.erp_orders import ERP_QUEUE
from adapters.health import TEMPORAL_AWAY
from workflows.erp_start import ERP_RECONCILE, ERP_SYNC, StartErp, reconcile_id, sync_id
from workflows.messages import to_json

SYNC_EVERY: Final = timedelta(hours=6)
RECONCILE_EVERY: Final = timedelta(hours=24)
# Not everybody at the full hour, and comparing not beside reading.
_AT: Final = timedelta(minutes=17)
_RECONCILE_AT: Final = timedelta(hours=2, minutes=47)
_JITTER: Final = timedelta(minutes=5)
_WITHIN: Final = timedelta(seconds=5)


class NobodyReads(Exception):
    """Temporal did not answer in time."""


async def ensure_schedules(client: Client, tenant: UUID) -> None:
    """Have both schedules as they should be; those that are there are brought up to date."""
    for identity, schedule in schedules(tenant).items():
        try:
            await client.create_schedule(identity, schedule)
        except ScheduleAlreadyRunningError:
            handle = client.get_schedule_handle(identity)
            await handle.update(lambda _, wanted=schedule: ScheduleUpdate(wanted))  # type: ignore[misc]


def schedules(tenant: UUID) -> dict[str, Schedule]:
    """Both of them by id."""
    start = to_json(StartErp(tenant=str(tenant)))
    return {
        identity: Schedule(
            action=ScheduleActionStartWorkflow(name, start, id=identity, task_queue=ERP_QUEUE),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)], jitter=_JITTER),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(hours=1)),
        )
        for identity, name, every, offset in (
            (sync_id(tenant), ERP_SYNC, SYNC_EVERY, _AT),
            (reconcile_id(tenant), ERP_RECONCILE, RECONCILE_EVERY, _RECONCILE_AT),
        )
    }


async def read_now(client: Client, tenant: UUID, *, everything: bool = False) -> str:
    """Have the ERP read at once; answers the id of the workflow. One that is under way is fine.

    Args:
        everything: compare everything.

    Raises:
        NobodyReads: Temporal did not answer in time.
    """
    name, identity = (ERP_RECONCILE, reconcile_id(tenant)) if everything else (ERP_SYNC, sync_id(tenant))
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            await client.start_workflow(
                name,
                to_json(StartErp(tenant=str(tenant))),
                id=identity,
                task_queue=ERP_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
    except TEMPORAL_AWAY as error:
        raise NobodyReads("nobody took it up in time") from error
    return identity
