"""The messages that tell a ledger's facts to a workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from protection.facts import (
    ActivityRecorded,
    Converted,
    Erased,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    PolicyAdopted,
    RequestDecided,
    RequestWithdrawn,
)
from workflows import names
from workflows.messages import Convert, GrantExtension, PlaceHold, RecordActivity, ReleaseHold
from workflows.request_messages import (
    AdoptPolicy,
    DecideExtension,
    DecideHold,
    Erase,
    RequestExtension,
    RequestHold,
    WithdrawRequest,
)


class _Who(TypedDict):
    by: str
    fact_id: str


def message_of(facts: Sequence[Fact], index: int) -> tuple[str, Any]:
    """The name of the message that tells this fact of a ledger to a workflow, and the message.

    Raises:
        ValueError: people tell a fact of that type in another way, or time brings it.
    """
    fact = facts[index]
    who: _Who = {"by": fact.by, "fact_id": fact.fact_id}
    match fact:
        case ActivityRecorded(kind=kind, occurred_at=occurred_at):
            return names.RECORD_ACTIVITY, RecordActivity(kind=kind, occurred_at=occurred_at, **who)
        case HoldPlaced(hold=hold, reason=reason, start_at=start_at, end_at=end_at):
            return names.PLACE_HOLD, PlaceHold(
                hold=hold, reason=reason, start_at=start_at, end_at=end_at, **who
            )
        case HoldReleased(hold=hold, recorded_at=ended_at):
            return names.RELEASE_HOLD, ReleaseHold(hold=hold, ended_at=ended_at, **who)
        case ExtensionGranted(days=days):
            return names.GRANT_EXTENSION, GrantExtension(days=days, **who)
        case HoldRequested() | ExtensionRequested() | RequestDecided() | RequestWithdrawn():
            return _about_request(facts, fact, who)
        case _:
            return _about_the_lead(fact, who)


def _about_the_lead(fact: Fact, who: _Who) -> tuple[str, Any]:
    match fact:
        case Converted():
            return names.CONVERT, Convert(**who)
        case PolicyAdopted(version=version, replaces=replaces, policy=policy):
            return names.ADOPT_POLICY, AdoptPolicy(version=version, replaces=replaces, policy=policy, **who)
        case Erased():
            return names.ERASE, Erase(**who)
        case _:
            raise ValueError(f"a ledger to be simulated cannot hold a fact of type {fact.type}")


def _about_request(
    facts: Sequence[Fact],
    fact: HoldRequested | ExtensionRequested | RequestDecided | RequestWithdrawn,
    who: _Who,
) -> tuple[str, Any]:
    match fact:
        case HoldRequested(request=request, reason=reason, start_at=start_at, end_at=end_at):
            return names.REQUEST_HOLD, RequestHold(
                request=request, reason=reason, start_at=start_at, end_at=end_at, **who
            )
        case ExtensionRequested(request=request, days=days, next_step_at=next_step_at):
            return names.REQUEST_EXTENSION, RequestExtension(
                request=request, days=days, next_step_at=next_step_at, **who
            )
        case RequestDecided():
            return _decision(facts, fact, who)
        case RequestWithdrawn(request=request):
            return names.WITHDRAW_REQUEST, WithdrawRequest(request=request, **who)


def _decision(facts: Sequence[Fact], fact: RequestDecided, who: _Who) -> tuple[str, Any]:
    """Holds and extensions are decided by messages of their own; days for a hold are refused either way."""
    extends = any(isinstance(asked, ExtensionRequested) and asked.request == fact.request for asked in facts)
    spans = fact.start_at is not None or fact.end_at is not None
    if (not spans) if extends else (fact.days is not None):
        return names.DECIDE_EXTENSION, DecideExtension(
            request=fact.request, approve=fact.approved, days=fact.days, **who
        )
    return names.DECIDE_HOLD, DecideHold(
        request=fact.request, approve=fact.approved, start_at=fact.start_at, end_at=fact.end_at, **who
    )
