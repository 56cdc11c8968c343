"""Short ways to tell a lead's life in a test: `A` is the registration, `day(n)` is n days later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import pytest

from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    Erased,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    HoldRequested,
    Lapsed,
    PolicyAdopted,
    Preregistered,
    Registered,
    Reinstated,
    Released,
    ReminderBounced,
    ReminderSent,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.lifecycle import apply, replay
from protection.policy import Policy, policy_to_json
from protection.refusal import Code, Refused
from protection.state import LeadState

# A winter day without a clock change within the first ten weeks; UTC keeps the arithmetic plain.
A = datetime(2030, 1, 7, 12, tzinfo=UTC)
UTC_POLICY = Policy(timezone="UTC", max_hold_days=0)
BERLIN = Policy()
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
_numbers = count()
F = TypeVar("F", bound=Fact)


def day(number: float) -> datetime:
    """So many days after the registration."""
    return A + number * DAY


def _told(kind: type[F], when: datetime, fact_id: str | None, /, **values: Any) -> F:
    name = f"{kind.type}-{next(_numbers)}" if fact_id is None else fact_id
    return kind(fact_id=name, recorded_at=when, by="somebody", **values)


def preregistered(at: datetime = A, owner: str = "anna", fact_id: str | None = None) -> Preregistered:
    return _told(Preregistered, at, fact_id, owner=owner)


def registered(
    at: datetime = A, owner: str = "anna", since: datetime | None = None, fact_id: str | None = None
) -> Registered:
    return _told(Registered, at, fact_id, owner=owner, registered_at=at if since is None else since)


def progress(
    at: datetime, kind: str = "QUALIFIED_CALL", on: datetime | None = None, fact_id: str | None = None
) -> ActivityRecorded:
    return _told(ActivityRecorded, at, fact_id, kind=kind, occurred_at=at if on is None else on)


def note(at: datetime, fact_id: str | None = None) -> ActivityRecorded:
    return progress(at, kind="NOTE", fact_id=fact_id)


def hold(
    at: datetime,
    name: str = "h",
    start: datetime | None = None,
    end: datetime | None = None,
    fact_id: str | None = None,
) -> HoldPlaced:
    return _told(
        HoldPlaced,
        at,
        fact_id,
        hold=name,
        reason=HoldReason.FFZ_PRICE_APPROVAL,
        start_at=at if start is None else start,
        end_at=end,
    )


def hold_released(
    at: datetime, name: str = "h", ended: datetime | None = None, fact_id: str | None = None
) -> HoldReleased:
    return _told(HoldReleased, at, fact_id, hold=name, ended_at=ended)


def extended(at: datetime, days: int, fact_id: str | None = None) -> ExtensionGranted:
    return _told(ExtensionGranted, at, fact_id, days=days)


def hold_requested(
    at: datetime, name: str = "r", start: datetime | None = None, end: datetime | None = None
) -> HoldRequested:
    return _told(
        HoldRequested,
        at,
        None,
        request=name,
        reason=HoldReason.CUSTOMER_BLOCKED,
        start_at=at if start is None else start,
        end_at=end,
    )


def extension_requested(at: datetime, name: str = "x", days: int | None = 30) -> ExtensionRequested:
    return _told(ExtensionRequested, at, None, request=name, days=days)


def decided(
    at: datetime, name: str, approved: bool, by: str = "boss", fact_id: str | None = None, **values: Any
) -> RequestDecided:
    return replace(_told(RequestDecided, at, fact_id, request=name, approved=approved, **values), by=by)


def withdrawn(at: datetime, name: str) -> RequestWithdrawn:
    return _told(RequestWithdrawn, at, None, request=name)


def adopted(at: datetime, policy: Policy, replaces: str = "contract-1") -> PolicyAdopted:
    return _told(
        PolicyAdopted, at, None, version=policy.version, replaces=replaces, policy=policy_to_json(policy)
    )


def erased(at: datetime) -> Erased:
    return _told(Erased, at, None)


def converted(at: datetime) -> Converted:
    return _told(Converted, at, None)


def released(at: datetime) -> Released:
    return _told(Released, at, None)


def transferred(at: datetime, owner: str = "bert", restart_base: bool = False) -> Transferred:
    return _told(Transferred, at, None, owner=owner, restart_base=restart_base)


def reinstated(at: datetime, restart_base: bool = False) -> Reinstated:
    return _told(Reinstated, at, None, restart_base=restart_base)


def corrected(
    at: datetime, corrects: str, replacement: dict[str, Any] | None = None, fact_id: str | None = None
) -> Corrected:
    return _told(Corrected, at, fact_id, corrects=corrects, replacement=replacement)


def reminded(at: datetime, cycle: int = 1, sent: datetime | None = None) -> ReminderSent:
    return _told(ReminderSent, at, None, sent_at=at if sent is None else sent, cycle=cycle)


def bounced(at: datetime, cycle: int = 1) -> ReminderBounced:
    return _told(ReminderBounced, at, None, cycle=cycle, code="550 5.1.1")


def lapse_of(state: LeadState, noticed: datetime | None = None) -> Lapsed:
    """The lapse that the state's own deadline calls for."""
    now = state.deadlines
    assert now is not None
    assert now.end is not None
    assert now.end_reason is not None
    return _told(Lapsed, noticed or now.end, None, at=now.end, reason=now.end_reason)


def life(*facts: Fact, policy: Policy = UTC_POLICY) -> LeadState:
    """The state a ledger leaves; begins with a registration at `A` unless it brings its own."""
    begins = bool(facts) and isinstance(facts[0], (Registered, Preregistered))
    return replay(policy, facts if begins else (registered(), *facts))


def refusal(state: LeadState, fact: Fact, code: Code, field: str) -> str:
    """The message with which the fact is refused, for this code and field; nothing else may change."""
    before = replace(state)
    with pytest.raises(Refused) as caught:
        apply(state, fact)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert state == before
    return caught.value.message
