"""Which leads have a running workflow, as Temporal sees it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from workflows import names

_PAGE: Final = 1000


async def running_leads(client: Client, tenant: UUID) -> set[UUID]:
    """The leads of a tenant whose workflow runs, as listed; the list may lag by seconds.

    Raises:
        RPCError: Temporal does not answer.
    """
    # Only running ones: this SDK cannot read a page that lists a paused run.
    query = f"WorkflowType = '{names.LEAD_PROTECTION}' AND ExecutionStatus = 'Running'"
    beginning = names.workflow_id(tenant, "")
    found: set[UUID] = set()
    async for execution in client.list_workflows(query, page_size=_PAGE):
        if execution.id.startswith(beginning):
            found.add(UUID(execution.id.removeprefix(beginning)))
    return found


async def runs(client: Client, tenant: UUID, lead: UUID) -> bool:
    """Whether this lead's workflow runs right now.

    Raises:
        RPCError: Temporal does not answer.
    """
    try:
        described = await client.get_workflow_handle(names.workflow_id(tenant, lead)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.status is WorkflowExecutionStatus.RUNNING


async def came_to_work(client: Client, tenant: UUID, lead: UUID) -> bool:
    """Whether a worker has ever taken up this lead's newest workflow; only then can it be asked.

    Raises:
        RPCError: Temporal does not answer.
    """
    handle = client.get_workflow_handle(names.workflow_id(tenant, lead))
    try:
        async for event in handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                return True
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    return False
