"""When everything recorded is compared: every night by a schedule, or at once when somebody asks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    WorkflowHandle,
)
from temporalio.common import WorkflowIDConflictPolicy

from adapters.health import TEMPORAL_AWAY
from adapters.lead_gateway import LeadsUnavailable
from workflows import names
from workflows.messages import to_json
from workflows.reconciliation_start import StartReconciliation

SCHEDULED: Final = "schedule"
# While hardly anybody works, and beside nothing else that runs by the clock.
_HOUR: Final = 2
_MINUTE: Final = 30
_ZONE: Final = "Europe/Berlin"
_JITTER: Final = timedelta(minutes=10)
_WITHIN: Final = timedelta(seconds=10)


def nightly() -> Schedule:
    """The schedule; a night that was missed while the server was away is made up for within a day."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            names.RECONCILIATION,
            to_json(StartReconciliation(by=SCHEDULED)),
            id=names.RECONCILIATION,
            task_queue=names.PROTECTION_QUEUE,
        ),
        spec=ScheduleSpec(
            calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(_HOUR)], minute=[ScheduleRange(_MINUTE)])],
            time_zone_name=_ZONE,
            jitter=_JITTER,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
    )


async def ensure_nightly(client: Client) -> None:
    """Have the schedule as it should be; one that is there is brought up to date, and stays paused."""
    try:
        await client.create_schedule(names.RECONCILIATION, nightly())
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(names.RECONCILIATION).update(
            lambda known: ScheduleUpdate(_with_state(known.description.schedule))
        )


def _with_state(known: Schedule) -> Schedule:
    wanted = nightly()
    wanted.state = known.state
    return wanted


async def reconcile_now(client: Client, tenant: UUID, *, by: str, repair: bool) -> WorkflowHandle[Any, Any]:
    """Have everything of a tenant compared now; one under way is joined.

    Args:
        by: who wants it.
        repair: put right what is safe.

    Raises:
        LeadsUnavailable: Temporal did not answer in time.
    """
    start = StartReconciliation(by=by, tenants=[str(tenant)], repair=repair)
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            return await client.start_workflow(
                names.RECONCILIATION,
                to_json(start),
                id=names.reconciliation_id(tenant),
                task_queue=names.PROTECTION_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
    except TEMPORAL_AWAY as error:
        raise LeadsUnavailable("the reconciliation could not be started") from error
