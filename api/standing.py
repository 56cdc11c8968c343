"""Where a lead stands, put together for an answer: from the row of the projection, or from its ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from adapters.lead_reading import ProtectionNow
from api.schemas.reading import ActiveHold, Explained, ExplainedDeadline, ExplainedStep, Protection
from protection.dates import format_instant
from protection.explain import Explanation
from protection.explain_texts import Language, explanation_text
from protection.facts import EndReason
from protection.state import Status
from protection.steps import Step
from services.clock_reading import Reading

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def row_etag(row: ProtectionNow) -> str:
    """The version of a lead's protection: a hold begins and ends by time alone, without any new fact."""
    return f'"{row.revision}.{(row.updated_at - _EPOCH) // _MICROSECOND}"'


def row_body(lead: UUID, row: ProtectionNow) -> bytes:
    """The answer `Protection` as JSON, straight from the row: the path everybody takes all the time."""
    return json.dumps(
        {
            "status": row.status,
            "paused": row.paused,
            "reason": row.reason,
            "owner": row.owner,
            "assignedAt": _instant(row.assigned_at),
            "lastQualActivityAt": _instant(row.last_progress_at),
            "reminderDueAt": _instant(row.reminder_due_at),
            "graceUntil": _instant(row.grace_until),
            "baseUntil": _instant(row.base_until),
            "progressUntil": _instant(row.progress_until),
            "validUntil": _instant(row.valid_until),
            "activeHolds": row.active_holds or [],
            "policyVersion": row.policy_version,
            "lead": str(lead),
            "revision": row.revision,
        },
        separators=(",", ":"),
    ).encode()


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)


def standing_of(reading: Reading) -> dict[str, Any]:
    """The fields of `Standing`, from a ledger."""
    answer, basis = reading.answer, reading.state.basis
    return {
        "status": answer.status,
        "paused": answer.paused,
        "reason": answer.reason,
        "owner": basis.owner,
        "assigned_at": basis.tenure_anchor or basis.noted_at,
        "last_qual_activity_at": basis.last_progress,
        "reminder_due_at": answer.reminder_due_at,
        "grace_until": answer.grace_until,
        "base_until": answer.base_until,
        "progress_until": answer.progress_until,
        "valid_until": answer.valid_until,
        "active_holds": [
            ActiveHold(id=hold.hold, reason=hold.reason, start_at=hold.start_at, end_at=hold.end_at)
            for hold in sorted(basis.holds, key=lambda hold: (hold.start_at, hold.hold))
            if answer.paused and hold.covers(answer.as_of)
        ],
        "policy_version": reading.state.policy.version,
    }


def recorded(lead: UUID, row: ProtectionNow) -> Protection:
    """The answer `Protection` as a model, from the row."""
    return Protection(
        status=Status(row.status),
        paused=row.paused,
        reason=None if row.reason is None else EndReason(row.reason),
        owner=row.owner,
        assigned_at=row.assigned_at,
        last_qual_activity_at=row.last_progress_at,
        reminder_due_at=row.reminder_due_at,
        grace_until=row.grace_until,
        base_until=row.base_until,
        progress_until=row.progress_until,
        valid_until=row.valid_until,
        active_holds=[ActiveHold.model_validate(hold) for hold in row.active_holds or ()],
        policy_version=row.policy_version,
        lead=lead,
        revision=row.revision,
    )


def explained(explanation: Explanation, language: Language) -> Explained:
    """The explanation as every reader gets it, and its words."""
    answer = explanation.answer
    return Explained(
        as_of=answer.as_of,
        status=answer.status,
        paused=answer.paused,
        timezone=explanation.timezone,
        policy_version=explanation.policy_version,
        deadlines=[
            ExplainedDeadline(subject=each.subject, at=each.at, steps=[_step(step) for step in each.steps])
            for each in explanation.reckonings
        ],
        language=language,
        text=explanation_text(explanation, language),
    )


def _step(step: Step) -> ExplainedStep:
    return ExplainedStep(
        rule=step.rule,
        clause=step.clause,
        fact_ids=list(step.fact_ids),
        from_at=step.from_at,
        to_at=step.to_at,
        count=step.count,
        stood_still_seconds=int(step.stood_still.total_seconds()),
        word=step.word,
    )
