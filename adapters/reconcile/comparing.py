"""Compares what is recorded about a lead: ledger, projection, the SQL twin, the engine, its workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from activities.records import (
    HOLD_FIELDS,
    PROJECTED_FIELDS,
    REQUEST_FIELDS,
    hold_rows,
    projection,
    request_rows,
)
from adapters.reconcile_store import RecordedLead
from protection.dates import format_instant, parse_instant
from protection.lifecycle import replay
from protection.policy import PolicyError, policy_from_json
from protection.refusal import Refused
from protection.state import ENDED, LeadState, Status
from protection.wire import fact_from_json


class Check(StrEnum):
    """What can be found wrong. Wire names."""

    NO_LEDGER = "no-ledger"
    GAP = "gap"
    NO_PROJECTION = "no-projection"
    ENGINE_REFUSES = "engine-refuses"
    PROJECTION_DIFFERS = "projection-differs"
    SQL_DIFFERS = "sql-differs"
    HOLDS_DIFFER = "holds-differ"
    REQUESTS_DIFFER = "requests-differ"
    NOT_AUDITED = "not-audited"
    OVERDUE = "overdue"
    NOT_RUNNING = "not-running"
    LEDGER_BEHIND = "ledger-behind"
    WORKFLOW_DIFFERS = "workflow-differs"
    WORKFLOW_SILENT = "workflow-silent"
    STRAY_WORKFLOW = "stray-workflow"
    AUDIT_BROKEN = "audit-broken"


ADVICE: Final[Mapping[Check, str]] = {
    Check.NO_LEDGER: "Its registration never arrived: repeat it with the same --external-id or --fact-id.",
    Check.GAP: "Facts are missing: restore the ledger from a backup; nothing repairs this by itself.",
    Check.NO_PROJECTION: "Restore the row from a backup, or have the workflow write it with the next fact.",
    Check.ENGINE_REFUSES: "Something else than Fristwerk, or another version of it, wrote this ledger.",
    Check.PROJECTION_DIFFERS: "Changed by hand, or a writer has a bug. Any new fact writes it anew.",
    Check.SQL_DIFFERS: "A bug in one of the two computations: keep the ledger (`fristwerk lead ID --json`).",
    Check.HOLDS_DIFFER: "Changed by hand, or a writer has a bug. Any new fact writes them anew.",
    Check.REQUESTS_DIFFER: "Changed by hand, or a writer has a bug. Any new fact writes them anew.",
    Check.NOT_AUDITED: "Facts without an audit row: somebody wrote to the ledger by hand.",
    Check.OVERDUE: "Its time came and nobody woke it: see that a worker runs (`fristwerk status`).",
    Check.NOT_RUNNING: "Start it again from its ledger: fristwerk verify ID --start",
    Check.LEDGER_BEHIND: "Was an older backup restored? Put back the rest: fristwerk restore-from-histories",
    Check.WORKFLOW_DIFFERS: "Terminate the workflow in the Temporal UI, then: fristwerk verify ID --start",
    Check.WORKFLOW_SILENT: "It does not answer: see that a worker runs, and look at it in the Temporal UI.",
    Check.STRAY_WORKFLOW: "The database does not know this lead: was an older one restored? Terminate it.",
    Check.AUDIT_BROKEN: "The audit was changed from this row on: compare it with a backup; find out who.",
}

_TWIN: Final = (
    "revision",
    "status",
    "paused",
    "base_until",
    "progress_until",
    "reminder_due_at",
    "grace_until",
    "valid_until",
    "reason",
    "cycle",
)
# What the workflow's own answer must agree on with the row; `active_holds` moves with the time alone, and
# the others it does not tell.
WATCHED: Final = tuple(
    name for name in PROJECTED_FIELDS if name not in {"active_holds", "policy_version", "assigned_at"}
)
_TIMES: Final = frozenset(
    {
        "base_until",
        "progress_until",
        "reminder_due_at",
        "grace_until",
        "valid_until",
        "registered_at",
        "last_progress_at",
        "ended_at",
        "start_at",
        "end_at",
        "next_step_at",
        "requested_at",
        "decided_at",
        "assigned_at",
    }
)
# A workflow is given this long to record what it has just been told or what has just fallen due.
_PATIENCE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree.

    Attributes:
        lead: whose; None where it is no lead's.
        name: what to type for the lead.
        detail: what was found, in words.
    """

    check: Check
    lead: UUID | None
    name: str
    detail: str

    @property
    def advice(self) -> str:
        """What to do."""
        return ADVICE[self.check].replace("ID", self.name) if self.lead else ADVICE[self.check]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "check": str(self.check),
            "lead": None if self.lead is None else str(self.lead),
            "name": self.name,
            "detail": self.detail,
            "advice": self.advice,
        }


def name_of(lead: RecordedLead) -> str:
    """What to type for this lead."""
    return lead.external_id or str(lead.id)


def plain(name: str, value: Any) -> Any:
    """A value in one form, whichever of the stores wrote it."""
    if value is not None and name in _TIMES:
        return format_instant(parse_instant(value))
    return list(value) if isinstance(value, (list, tuple)) else value


def differences(names: Sequence[str], left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """`name: left, not right` for every name on which the two do not agree."""
    pairs = ((name, plain(name, left.get(name)), plain(name, right.get(name))) for name in names)
    return [f"{name}: {one}, not {other}" for name, one, other in pairs if one != other]


def compare(tenant: UUID, lead: RecordedLead, now: datetime) -> Iterator[Finding]:
    """Everything about one lead that does not agree within the database.

    Args:
        now: UTC instant; what happened just before it is given time to be recorded.
    """

    def found(check: Check, detail: str) -> Finding:
        return Finding(check, lead.id, name_of(lead), detail)

    if not lead.facts:
        if now - lead.created_at > _PATIENCE or lead.projection is not None:
            yield found(Check.NO_LEDGER, "the lead is entered, but its ledger is empty")
        return
    whole = tuple(range(1, len(lead.revisions) + 1))
    if lead.revisions != whole:
        missing = sorted(set(range(1, lead.revisions[-1] + 1)) - set(lead.revisions))
        yield found(Check.GAP, f"revisions are missing: {', '.join(map(str, missing[:10]))}")
    if lead.unaudited:
        yield found(Check.NOT_AUDITED, f"{lead.unaudited} facts without an audit row")
    if lead.projection is None or lead.policy is None or lead.as_of is None:
        yield found(Check.NO_PROJECTION, "the ledger has facts, but there is no row that says what they mean")
        return
    try:
        state = replay(policy_from_json(lead.policy), (fact_from_json(fact) for fact in lead.facts))
    except (Refused, PolicyError) as error:
        yield found(Check.ENGINE_REFUSES, str(error))
        return
    yield from _beside_engine(tenant, lead, state, lead.projection, lead.as_of)
    if _overdue(lead.projection, now):
        yield found(Check.OVERDUE, f"next wake-up was {lead.projection['next_wake_up']}")


def _beside_engine(
    tenant: UUID, lead: RecordedLead, state: LeadState, row: Mapping[str, Any], as_of: datetime
) -> Iterator[Finding]:
    right = projection(str(tenant), str(lead.id), state, as_of, wake_at=None)
    for check, names, theirs in (
        (Check.PROJECTION_DIFFERS, PROJECTED_FIELDS, row),
        (Check.SQL_DIFFERS, _TWIN, lead.twin or {}),
    ):
        if differing := differences(names, theirs, right):
            yield Finding(check, lead.id, name_of(lead), "; ".join(differing))
    for check, name, columns, kept, known in (
        (Check.HOLDS_DIFFER, "hold", HOLD_FIELDS, lead.holds, hold_rows(state)),
        (Check.REQUESTS_DIFFER, "request", REQUEST_FIELDS, lead.requests, request_rows(state)),
    ):
        if wrong := _differing(name, columns, kept, known):
            yield Finding(check, lead.id, name_of(lead), f"{name}s {', '.join(wrong)}")


def _differing(
    name: str, columns: Sequence[str], kept: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The ids of rows that are not there, should not be, or say something else than the engine."""
    theirs, ours = ({row[name]: row for row in rows} for rows in (kept, known))
    return [
        key
        for key in sorted(theirs.keys() | ours.keys())
        if key not in theirs or key not in ours or differences(columns, theirs[key], ours[key])
    ]


def _overdue(row: Mapping[str, Any], now: datetime) -> bool:
    wake_up = row["next_wake_up"]
    alive = Status(row["status"]) not in ENDED
    return alive and wake_up is not None and parse_instant(wake_up) < now - _PATIENCE


def needs_workflow(lead: RecordedLead) -> bool:
    """Whether a workflow has to run for this lead."""
    return lead.projection is not None and Status(lead.projection["status"]) not in ENDED
