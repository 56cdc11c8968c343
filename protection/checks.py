"""What makes no sense whatever the lead's history, and what comes too late or too early for it."""

from __future__ import annotations

from datetime import datetime

from protection.basis import UNDER_WAY
from protection.facts import (
    ActivityRecorded,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    Registered,
    RequestDecided,
)
from protection.policy import Policy
from protection.refusal import Code, Refused
from protection.state import ALIVE, ENDED, LeadState, Status

MAX_EXTENSION_DAYS = 730


def check_registration(fact: Registered) -> None:
    """Refuses a registration that is still to come."""
    if fact.registered_at > fact.recorded_at + UNDER_WAY:
        raise Refused(Code.FUTURE_PROGRESS, "registered_at", "registered_at lies in the future")


def check_activity(policy: Policy, fact: ActivityRecorded) -> None:
    """Refuses unknown kinds and times to come (domain.md section 4 item 7)."""
    known = policy.qualifying_kinds + policy.other_kinds
    if fact.kind not in known:
        raise Refused(Code.UNKNOWN_KIND, "kind", f"unknown kind {fact.kind}; known are {', '.join(known)}")
    if fact.occurred_at > fact.recorded_at:
        raise Refused(
            Code.FUTURE_PROGRESS, "occurred_at", "occurred_at lies in the future; log it when it has happened"
        )


def check_hold(start_at: datetime, end_at: datetime | None) -> None:
    """Refuses a hold of no length; in a ledger such a hold is accepted and has no effect."""
    if end_at is not None and end_at <= start_at:
        raise Refused(Code.END_BEFORE_START, "end_at", "end_at must lie after start_at")


def check_release(fact: HoldReleased) -> None:
    """Refuses a release that is still to come; a planned end belongs to the hold itself."""
    if fact.ended_at is not None and fact.ended_at > fact.recorded_at:
        raise Refused(
            Code.FUTURE_PROGRESS, "ended_at", "ended_at lies in the future; release the hold when it ends"
        )


def check_extension(days: int) -> None:
    """Refuses extensions of no day or of more than two years."""
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise Refused(Code.DAYS_OUT_OF_RANGE, "days", f"days must be from 1 to {MAX_EXTENSION_DAYS}")


def check_replacement(policy: Policy, right: Fact) -> None:
    """Refuses a correction to something that would itself have been refused."""
    try:
        if isinstance(right, ActivityRecorded):
            check_activity(policy, right)
        elif isinstance(right, ExtensionGranted):
            check_extension(right.days)
        elif isinstance(right, Registered):
            check_registration(right)
        elif isinstance(right, HoldReleased):
            check_release(right)
        elif isinstance(right, RequestDecided):
            if right.days is not None:
                check_extension(right.days)
        elif isinstance(right, (HoldPlaced, HoldRequested)):  # pragma: no branch - no other is correctable
            check_hold(right.start_at, right.end_at)
    except Refused as refused:
        raise Refused(refused.code, f"replacement.{refused.field}", refused.message) from refused


def ended(status: Status) -> Refused:
    """Why nothing more can be told to a lead whose protection has ended."""
    return Refused(
        Code.PROTECTION_ENDED,
        "",
        f"protection has ended ({status}); a manager can reinstate a lapsed or released lead",
    )


def require_open(state: LeadState) -> None:
    """Refuses what is told after the end."""
    if state.status in ENDED:
        raise ended(state.status)


def require_alive(state: LeadState) -> None:
    """Refuses what presupposes protection."""
    require_open(state)
    if state.status not in ALIVE:
        raise Refused(Code.NOT_REGISTERED, "", "the lead is only pre-registered; register it first")
