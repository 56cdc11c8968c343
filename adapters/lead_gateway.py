"""Talking to leads' workflows from outside: start, tell, ask. One place for deadlines and errors."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any, Final
from uuid import UUID

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.ports import LedgerReader
from adapters.health import TEMPORAL_AWAY
from protection.policy import Policy, policy_to_json
from protection.refusal import Code, Refused
from protection.wire import fact_to_json
from workflows import names
from workflows.mail_messages import BounceReminder
from workflows.messages import (
    Convert,
    CorrectFact,
    GrantExtension,
    PlaceHold,
    Preregister,
    RecordActivity,
    Register,
    Reinstate,
    ReleaseHold,
    ReleaseLead,
    RetryReminder,
    StartLead,
    TellsFact,
    Transfer,
    to_json,
)
from workflows.request_messages import (
    AdoptPolicy,
    DecideExtension,
    DecideHold,
    Erase,
    RequestExtension,
    RequestHold,
    WithdrawRequest,
)

WITHIN: Final = timedelta(seconds=10)

# Seconds between two tries of one message.
_TELL_AGAIN: Final = 0.2

_NAMES: Final[dict[type, str]] = {
    RecordActivity: names.RECORD_ACTIVITY,
    PlaceHold: names.PLACE_HOLD,
    ReleaseHold: names.RELEASE_HOLD,
    GrantExtension: names.GRANT_EXTENSION,
    Register: names.REGISTER,
    Transfer: names.TRANSFER,
    Convert: names.CONVERT,
    ReleaseLead: names.RELEASE_LEAD,
    Reinstate: names.REINSTATE,
    CorrectFact: names.CORRECT_FACT,
    RequestHold: names.REQUEST_HOLD,
    DecideHold: names.DECIDE_HOLD,
    RequestExtension: names.REQUEST_EXTENSION,
    DecideExtension: names.DECIDE_EXTENSION,
    WithdrawRequest: names.WITHDRAW_REQUEST,
    AdoptPolicy: names.ADOPT_POLICY,
    Erase: names.ERASE,
    RetryReminder: names.RETRY_REMINDER,
    BounceReminder: names.REMINDER_BOUNCED,
}
_GONE: Final = frozenset({RPCStatusCode.NOT_FOUND})
# What a workflow that is about to close answers to who would start the next one.
_CLOSING: Final = frozenset(
    {RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.ABORTED}
)
_AWAY: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        # The workflow task that took the message in came to nothing, or none has run yet.
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
    }
)


class NoRunningLead(Exception):
    """No workflow runs for this lead: it has ended, or there never was one."""


class LeadsUnavailable(Exception):
    """Nobody answered in time. Whether the message arrived is unknown: send it again with its fact_id."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to a message, given once it is recorded.

    Attributes:
        revision: the ledger's revision that holds the fact; None for messages that tell none.
        duplicate: whether the same message had been taken before.
        status: where the lead stands now.
        paused: whether a hold stops the clock now.
        valid_until: ISO 8601; None while unknown.
    """

    revision: int | None
    duplicate: bool
    status: str
    paused: bool
    valid_until: str | None


def _call_id() -> str:
    """The id of one call. Short, because it is written four times into the history; 72 bits of chance."""
    return token_urlsafe(9)


def _refused(error: ApplicationError) -> Refused:
    known = error.type in set(Code)
    field = str(error.details[0]) if error.details else ""
    return Refused(Code(str(error.type)) if known else Code.MALFORMED, field, error.message)


class TemporalLeadGateway:
    """The workflows of leads, as seen by the command line, the import and the API.

    Args:
        client: made by `adapters.temporal_client.connect`.
        ledgers: where a lead's facts and policy are read for a start.
        within: how long a call may take before `LeadsUnavailable`.
    """

    def __init__(self, client: Client, ledgers: LedgerReader, *, within: timedelta = WITHIN) -> None:
        self._client = client
        self._ledgers = ledgers
        self._within = within

    async def register(
        self, tenant: UUID, lead: UUID, policy: Policy, opening: Register | Preregister
    ) -> None:
        """Starts the workflow of a new lead. One that runs already is fine: the same registration again.

        Raises:
            LeadsUnavailable: nobody answered in time.
        """
        start = StartLead(
            tenant=str(tenant),
            lead=str(lead),
            policy=policy_to_json(policy),
            register=opening if isinstance(opening, Register) else None,
            preregister=opening if isinstance(opening, Preregister) else None,
            hands_over=True,
        )
        await self._start(start, WorkflowIDReusePolicy.REJECT_DUPLICATE)

    async def start(self, tenant: UUID, lead: UUID) -> None:
        """Starts a lead's workflow from its ledger; one that already runs is fine.

        Raises:
            LeadsUnavailable: nobody answered in time.
            UnknownLead: there is no such ledger.
        """
        await self._start(await self._from_ledger(tenant, lead), WorkflowIDReusePolicy.ALLOW_DUPLICATE)

    async def start_with(self, start: StartLead) -> None:
        """Starts a lead's workflow with the ledger that somebody has read; one that already runs is fine.

        Raises:
            LeadsUnavailable: nobody answered in time.
        """
        await self._start(start, WorkflowIDReusePolicy.ALLOW_DUPLICATE)

    async def restart(self, tenant: UUID, lead: UUID) -> None:
        """Starts a lead's workflow from its ledger; one that runs is ended by it.

        Raises:
            LeadsUnavailable: nobody answered in time.
            UnknownLead: there is no such ledger.
        """
        start = await self._from_ledger(tenant, lead)
        again = WorkflowIDConflictPolicy.TERMINATE_EXISTING
        await self._start(start, WorkflowIDReusePolicy.ALLOW_DUPLICATE, again)

    async def record_again(self, tenant: UUID, lead: UUID) -> None:
        """Has a running lead's workflow write anew what the database shows of it.

        Raises:
            NoRunningLead: it has ended, or is unknown.
            LeadsUnavailable: nobody answered in time.
        """
        await self._signal(tenant, lead, names.RECORD_AGAIN)

    async def tell(self, tenant: UUID, lead: UUID, message: TellsFact | RetryReminder) -> Told:
        """Tells a running lead something and waits until it is recorded.

        Raises:
            Refused: the contract does not allow it, or the message makes no sense.
            NoRunningLead: it has ended, or is unknown.
            LeadsUnavailable: nobody answered in time; send the same fact_id again.
        """
        handle: WorkflowHandle[Any, Any] = self._client.get_workflow_handle(names.workflow_id(tenant, lead))
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                answer = await _told_once(handle, message)
        except WorkflowUpdateFailedError as error:
            raise self._why(error) from error
        except (*TEMPORAL_AWAY, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise self._trouble(error) from error
        return _told(answer)

    async def signal(self, tenant: UUID, lead: UUID, message: TellsFact) -> None:
        """Tells a running lead something without waiting for an answer.

        Raises:
            NoRunningLead: it has ended, or is unknown.
            LeadsUnavailable: nobody answered in time.
        """
        await self._signal(tenant, lead, _NAMES[type(message)], to_json(message))

    async def _signal(self, tenant: UUID, lead: UUID, name: str, *values: Any) -> None:
        handle: WorkflowHandle[Any, Any] = self._client.get_workflow_handle(names.workflow_id(tenant, lead))
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                await handle.signal(name, args=values)
        except TEMPORAL_AWAY as error:
            raise self._trouble(error) from error

    async def reinstate(self, tenant: UUID, lead: UUID, message: Reinstate) -> Told:
        """Brings an ended lead back: starts its workflow from the ledger and tells it so, in one call.

        Raises:
            Refused: it has not ended, or its base period is over.
            LeadsUnavailable: nobody answered in time; send the same fact_id again.
            UnknownLead: there is no such ledger.
        """
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                answer = await self._brought_back(tenant, lead, message)
        except WorkflowUpdateFailedError as error:
            raise self._why(error) from error
        except (*TEMPORAL_AWAY, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise self._trouble(error) from error
        return _told(answer)

    async def _brought_back(self, tenant: UUID, lead: UUID, message: Reinstate) -> dict[str, Any]:
        """Start and tell; again where the workflow of the lead's life before is just closing."""
        while True:
            start = await self._from_ledger(tenant, lead, awaits_reinstatement=True)
            operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
                names.LEAD_PROTECTION,
                to_json(start),
                id=names.workflow_id(tenant, lead),
                task_queue=names.PROTECTION_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            try:
                answer: dict[str, Any] = await self._client.execute_update_with_start_workflow(
                    names.REINSTATE,
                    to_json(message),
                    start_workflow_operation=operation,
                    id=_call_id(),
                    result_type=dict,
                )
                return answer
            except RPCError as error:
                if error.status not in _CLOSING:
                    raise
            await asyncio.sleep(_TELL_AGAIN)

    async def ask(self, tenant: UUID, lead: UUID, query: str, argument: Any = None) -> Any:
        """Asks a workflow, running or ended.

        Raises:
            NoRunningLead: there never was one, or it is no longer kept.
            LeadsUnavailable: nobody answered in time.
        """
        handle: WorkflowHandle[Any, Any] = self._client.get_workflow_handle(names.workflow_id(tenant, lead))
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                return await handle.query(query, argument)
        except (*TEMPORAL_AWAY, WorkflowQueryFailedError) as error:
            raise self._trouble(error) from error

    async def _from_ledger(
        self, tenant: UUID, lead: UUID, *, awaits_reinstatement: bool = False
    ) -> StartLead:
        ledger = await self._ledgers.ledger(tenant, lead)
        return StartLead(
            tenant=str(tenant),
            lead=str(lead),
            policy=policy_to_json(ledger.policy),
            facts=[fact_to_json(fact) for fact in ledger.facts],
            awaits_reinstatement=awaits_reinstatement,
            hands_over=True,
        )

    async def _start(
        self,
        start: StartLead,
        reuse: WorkflowIDReusePolicy,
        conflict: WorkflowIDConflictPolicy = WorkflowIDConflictPolicy.USE_EXISTING,
    ) -> None:
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                await self._client.start_workflow(
                    names.LEAD_PROTECTION,
                    to_json(start),
                    id=names.workflow_id(start.tenant, start.lead),
                    task_queue=names.PROTECTION_QUEUE,
                    id_reuse_policy=reuse,
                    id_conflict_policy=conflict,
                )
        except WorkflowAlreadyStartedError:
            # It has run and ended: the registration was taken long ago.
            return
        except TEMPORAL_AWAY as error:
            raise self._trouble(error) from error

    def _why(self, error: WorkflowUpdateFailedError) -> Exception:
        if isinstance(error.cause, ApplicationError):
            return _refused(error.cause)
        return LeadsUnavailable("the lead's workflow ended while it was asked")

    def _trouble(self, error: BaseException) -> Exception:
        if isinstance(error, RPCError) and error.status in _GONE:
            return NoRunningLead("no workflow runs for this lead")
        if isinstance(error, RPCError) and error.status not in _AWAY:
            return error
        return LeadsUnavailable("Temporal or the worker did not answer in time")


async def _told_once(handle: WorkflowHandle[Any, Any], message: TellsFact | RetryReminder) -> dict[str, Any]:
    """Sends an update; again where the workflow task that took it in came to nothing.

    That happens when something arrives at the very moment a workflow ends. A message with a fact_id can
    be told twice; it may be on record already.
    """
    while True:
        try:
            answer: dict[str, Any] = await handle.execute_update(
                _NAMES[type(message)], to_json(message), id=_call_id(), result_type=dict
            )
            return answer
        except RPCError as error:
            fact_id = None if isinstance(message, RetryReminder) else message.fact_id
            if error.status is not RPCStatusCode.FAILED_PRECONDITION or fact_id is None:
                raise
        await asyncio.sleep(_TELL_AGAIN)


def _told(answer: dict[str, Any]) -> Told:
    return Told(
        revision=answer.get("revision"),
        duplicate=bool(answer.get("duplicate")),
        status=answer["status"],
        paused=answer["paused"],
        valid_until=answer["valid_until"],
    )
