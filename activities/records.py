"""What the ledger activity is told to record, and how a lead's state becomes rows.

Pure: workflows and the import build the same commands with these functions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

from protection.dates import format_instant
from protection.facts import (
    Converted,
    Corrected,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldRequested,
    Lapsed,
    PolicyAdopted,
    ReminderBounced,
    RequestDecided,
    RequestWithdrawn,
)
from protection.lifecycle import snapshot
from protection.state import LeadState
from protection.wire import fact_to_json

RECORD_FACTS = "record-facts"
LEDGER_CONFLICT = "ledger-conflict"

# What rows say that follows from facts and policy alone; ids and bookkeeping of the workflow stand beside it.
PROJECTED_FIELDS: Final = (
    "revision",
    "status",
    "paused",
    "owner",
    "base_until",
    "progress_until",
    "reminder_due_at",
    "grace_until",
    "valid_until",
    "reason",
    "cycle",
    "active_holds",
    "problem",
    "registered_at",
    "last_progress_at",
    "assigned_at",
    "ended_at",
    "policy_version",
)
HOLD_FIELDS: Final = ("reason", "start_at", "end_at", "placed_by")
REQUEST_FIELDS: Final = (
    "kind",
    "status",
    "reason",
    "start_at",
    "end_at",
    "days",
    "next_step_at",
    "requested_by",
    "requested_at",
    "decided_by",
    "decided_at",
)


@dataclass(frozen=True, slots=True)
class RecordCommand:
    """Everything one transaction writes about one lead. Plain JSON values; instants ISO 8601 with a Z.

    Attributes:
        tenant: uuid.
        lead: uuid.
        facts: facts as JSON, each with its `revision`.
        projection: the row of `protection`.
        holds: the rows of `hold`.
        requests: the rows of `request`; old histories decode to none.
        audit: one row per fact, and per refused message one with an `audit_id`.
    """

    tenant: str
    lead: str
    facts: list[dict[str, Any]]
    projection: dict[str, Any]
    holds: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def order(self) -> str:
        """What tells this command from another one of the same lead, whenever it is given."""
        ids = [row["fact_id"] or row["audit_id"] for row in self.audit]
        return sha256("\n".join(ids).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the ledger took, as the answer to a command tells it; instants ISO 8601 with a Z.

    Attributes:
        order: of the command that was taken.
        updated_at: when it was given.
        recorded_at: of its facts, in order.
    """

    order: str
    updated_at: str
    recorded_at: tuple[str, ...]

    @classmethod
    def of(cls, command: RecordCommand) -> Recorded:
        """What is recorded if a command is."""
        told = tuple(fact["recorded_at"] for fact in command.facts)
        return cls(command.order, command.projection["updated_at"], told)

    @classmethod
    def read(cls, answer: Any, facts: int) -> Recorded | None:
        """From the answer of the activity; None where an old history does not say.

        Args:
            facts: how many the command has.
        """
        if not isinstance(answer, dict) or "order" not in answer:
            return None
        at = answer["updated_at"]
        return cls(answer["order"], at, tuple(answer.get("recorded_at", [at] * facts)))

    def to_json(self) -> dict[str, Any]:
        """The answer; facts of its own instant, as nearly all are, are not told twice."""
        told = {"order": self.order, "updated_at": self.updated_at}
        if all(at == self.updated_at for at in self.recorded_at):
            return told
        return told | {"recorded_at": list(self.recorded_at)}


class LedgerConflict(Exception):
    """The ledger holds something else under this fact id or revision: a second writer, or a bug."""


class LedgerStore(Protocol):
    """The ledger in the database, one writer per lead."""

    async def record(self, command: RecordCommand) -> int:
        """Records in one transaction; repeating it changes nothing. Answers the revision stored.

        Raises:
            LedgerConflict: the ledger disagrees with the command; nothing was written.
        """
        ...

    async def facts(self, tenant: UUID, lead: UUID) -> list[dict[str, Any]]:
        """The lead's facts as JSON, in order of recording."""
        ...


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)


def projection(
    tenant: str, lead: str, state: LeadState, now: datetime, *, wake_at: datetime | None, refused: int = 0
) -> dict[str, Any]:
    """The row of `protection` for a lead whose deadlines up to `now` are settled.

    Args:
        wake_at: when the time alone will next change something.
        refused: how many facts and messages were refused so far.
    """
    answer = snapshot(state, now)
    basis = state.basis
    return {
        "tenant": tenant,
        "lead": lead,
        "revision": state.revision,
        "status": str(answer.status),
        "paused": answer.paused,
        "owner": basis.owner,
        "base_until": _instant(answer.base_until),
        "progress_until": _instant(answer.progress_until),
        "reminder_due_at": _instant(answer.reminder_due_at),
        "grace_until": _instant(answer.grace_until),
        "valid_until": _instant(answer.valid_until),
        "reason": None if answer.reason is None else str(answer.reason),
        "next_wake_up": _instant(wake_at),
        "cycle": state.cycle,
        "active_holds": active_holds(state, now),
        "problem": state.problem,
        "registered_at": _instant(basis.base_anchor),
        "last_progress_at": _instant(basis.last_progress),
        "assigned_at": _instant(basis.tenure_anchor or basis.noted_at),
        "ended_at": _instant(state.ended_at),
        "policy_version": state.policy.version,
        "refused_facts": refused,
        "updated_at": format_instant(now),
    }


def active_holds(state: LeadState, now: datetime) -> list[str]:
    """The reasons for which the clock stands still at this instant, sorted."""
    if not state.paused_at(now):
        return []
    return sorted({str(hold.reason) for hold in state.basis.holds if hold.covers(now)})


def hold_rows(state: LeadState) -> list[dict[str, Any]]:
    """The rows of `hold`: every hold of the lead as the ledger leaves it."""
    placed_by = {
        fact.fact_id: fact.by for fact in state.facts if isinstance(fact, (HoldPlaced, RequestDecided))
    }
    return [
        {
            "hold": hold.hold,
            "reason": str(hold.reason),
            "start_at": format_instant(hold.start_at),
            "end_at": _instant(hold.end_at),
            "placed_by": placed_by.get(hold.fact_id),
        }
        for hold in state.basis.holds
    ]


def request_rows(state: LeadState) -> list[dict[str, Any]]:
    """The rows of `request`: everything that was asked for, as the ledger leaves it."""
    return [
        {
            "request": request.request,
            "kind": str(request.kind),
            "status": str(request.status),
            "reason": None if request.reason is None else str(request.reason),
            "start_at": _instant(request.start_at),
            "end_at": _instant(request.end_at),
            "days": request.days,
            "next_step_at": _instant(request.next_step_at),
            "requested_by": request.requested_by,
            "requested_at": format_instant(request.requested_at),
            "decided_by": request.decided_by,
            "decided_at": _instant(request.decided_at),
        }
        for request in state.basis.requests
    ]


def fact_row(fact: Fact, revision: int) -> dict[str, Any]:
    """A fact as the ledger stores it."""
    return fact_to_json(fact) | {"revision": revision}


def audit_row(fact: Fact, before: LeadState | None, after: LeadState) -> dict[str, Any]:
    """What the audit says of an accepted fact: who, what, and what it moved."""
    return {
        "actor": fact.by,
        "what": fact.type,
        "fact_id": fact.fact_id,
        "before": None if before is None else _gist(before, fact.recorded_at),
        "after": _gist(after, fact.recorded_at),
        "reason": _reason(fact),
        "at": format_instant(fact.recorded_at),
    }


def refusal_row(audit_id: str, actor: str, message: str, reason: str, at: datetime) -> dict[str, Any]:
    """What the audit says of a refused message; its content stays out, for it may be anything."""
    return {
        "audit_id": audit_id,
        "actor": actor,
        "what": f"refused:{message}",
        "fact_id": None,
        "before": None,
        "after": None,
        "reason": reason,
        "at": format_instant(at),
    }


def _gist(state: LeadState, moment: datetime) -> dict[str, Any]:
    answer = snapshot(state, moment)
    return {
        "status": str(answer.status),
        "paused": answer.paused,
        "owner": state.basis.owner,
        "base_until": _instant(answer.base_until),
        "progress_until": _instant(answer.progress_until),
        "grace_until": _instant(answer.grace_until),
        "valid_until": _instant(answer.valid_until),
    }


def _reason(fact: Fact) -> str | None:
    """The fact's own reason in stable words."""
    reason: str | None = None
    match fact:
        case HoldPlaced() | HoldRequested() | Lapsed():
            reason = str(fact.reason)
        case RequestDecided():
            reason = f"{'approved' if fact.approved else 'rejected'} {fact.request}"
        case RequestWithdrawn():
            reason = f"withdrawn {fact.request}"
        case PolicyAdopted():
            reason = f"{fact.version} instead of {fact.replaces}"
        case ExtensionGranted():
            reason = f"{fact.days} days"
        case Corrected():
            reason = f"corrects {fact.corrects}"
        case ReminderBounced():
            reason = fact.code
        case Converted():
            reason = fact.customer_no
        case _:
            pass
    return reason
