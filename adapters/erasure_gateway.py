"""Erasures as workflows, seen from outside; and how a living lead is ended for one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from activities.erasure_orders import Cause, Obstacle
from adapters.health import TEMPORAL_AWAY
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from protection.refusal import Code, Refused
from workflows import names
from workflows.erasure_start import StartErasure
from workflows.messages import to_json
from workflows.request_messages import Erase

# Until its last mails are called off, a lead's workflow goes on for a moment.
_OVER_WITHIN: Final = timedelta(seconds=20)

# An erasure that was started.
Begun: TypeAlias = WorkflowHandle[Any, Any]


class LeadNotOver(Exception):
    """The lead's protection has ended, its workflow not yet; try again."""


@dataclass(frozen=True, slots=True)
class ErasureAnswer:
    """What came of an erasure.

    Attributes:
        obstacle: why nothing was erased; None if it was.
        receipt: id of the receipt; None where nothing was left to erase.
        rows: how many rows were emptied.
    """

    obstacle: Obstacle | None
    receipt: UUID | None
    rows: int


class TemporalErasures:
    """Starts erasures and waits for them."""

    def __init__(self, client: Client, *, within: timedelta = timedelta(seconds=60)) -> None:
        self._client = client
        self._within = within

    async def request(self, tenant: UUID, lead: UUID, *, by: str) -> ErasureAnswer:
        """Erase what is personal of a lead because somebody asked for it; one under way is joined.

        Raises:
            LeadsUnavailable: it is under way, but has not come to an end in time, or nobody could be asked.
        """
        answer = await self.outcome(await self.begin(tenant, lead, by=by), within=self._within)
        if answer is None:
            raise LeadsUnavailable("the erasure did not come to an end in time")
        return answer

    async def begin(self, tenant: UUID, lead: UUID, *, by: str) -> Begun:
        """Start it; one under way is joined.

        Raises:
            LeadsUnavailable: nobody could be asked.
        """
        start = StartErasure(tenant=str(tenant), lead=str(lead), cause=Cause.REQUEST, by=by)
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                return await self._client.start_workflow(
                    names.LEAD_ERASURE,
                    to_json(start),
                    id=names.erasure_id(tenant, lead),
                    task_queue=names.PROTECTION_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                )
        except TEMPORAL_AWAY as error:
            raise LeadsUnavailable("the erasure could not be started") from error

    @staticmethod
    async def outcome(begun: Begun, *, within: timedelta) -> ErasureAnswer | None:
        """What came of it; None while it goes on.

        Raises:
            LeadsUnavailable: nobody could be asked, or it was broken off.
        """
        try:
            async with asyncio.timeout(within.total_seconds()):
                answer: dict[str, Any] = await begun.result()
        except TimeoutError:
            return None
        except (RPCError, WorkflowFailureError) as error:
            raise LeadsUnavailable("the erasure did not come to an end") from error
        return ErasureAnswer(
            None if answer["obstacle"] is None else Obstacle(answer["obstacle"]),
            None if answer["receipt"] is None else UUID(answer["receipt"]),
            answer["rows"],
        )


class TemporalLeadEnder:
    """Ends living leads for their erasure."""

    def __init__(self, client: Client, leads: TemporalLeadGateway) -> None:
        self._client = client
        self._leads = leads

    async def end(self, tenant: UUID, lead: UUID, *, erasure: UUID, by: str) -> Obstacle | None:
        """See `activities.erasure.LeadEnder`.

        Raises:
            LeadsUnavailable: nobody answered in time; try again.
            LeadNotOver: its workflow is still busy; try again.
        """
        try:
            await self._leads.tell(tenant, lead, Erase(by=by, fact_id=f"erasure-{erasure}"))
        except NoRunningLead:
            return Obstacle.NOT_RUNNING
        except Refused as refused:
            # Ended meanwhile: the erasure itself looks again at what became of it.
            return None if refused.code is Code.PROTECTION_ENDED else Obstacle.REFUSED
        handle: WorkflowHandle[Any, Any] = self._client.get_workflow_handle(names.workflow_id(tenant, lead))
        try:
            async with asyncio.timeout(_OVER_WITHIN.total_seconds()):
                await handle.result()
        except TimeoutError as error:
            raise LeadNotOver from error
        return None
