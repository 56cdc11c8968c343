"""What there is to say about a lead in one sentence: until when it is protected, why, and what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from protection.facts import EndReason
from protection.holds import pause_at
from protection.lifecycle import Snapshot
from protection.requests import RequestKind
from protection.state import LeadState, Status


class Situation(StrEnum):
    """What decides until when a lead is protected. Each has its sentence on the page."""

    PROGRESS = "progress"  # without progress a reminder goes out, then grace runs out
    BASE = "base"  # the base period ends first
    BASE_DECISION = "base-decision"  # the base period ends first, but a request is decided before
    GRACE = "grace"  # the reminder is out
    PAUSED = "paused"  # the clock stands still, until a known instant
    PAUSED_OPEN = "paused-open"
    HOLD_AHEAD = "hold-ahead"  # an open hold begins before anything runs out
    REMINDER_REFUSED = "reminder-refused"
    RESERVED = "reserved"
    UNRESERVED = "unreserved"
    LAPSED_INACTIVITY = "lapsed-inactivity"
    LAPSED_BASE = "lapsed-base"
    UNPURSUED = "unpursued"
    CONVERTED = "converted"
    RELEASED = "released"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What the sentence tells. UTC instants; None is unknown, or not to be told.

    Attributes:
        until: when protection ends or ended; of a pre-registration, until when it is kept.
        progress_by: until when progress keeps the next step of the clock away: reminder, or lapse.
        base_until: when the base period ends.
        pause_until: when the clock runs again.
        reasons: of the holds in force, each once.
        grace_days: how long grace is.
        waits: whether something asked for waits for a decision.
    """

    situation: Situation
    until: datetime | None = None
    progress_by: datetime | None = None
    base_until: datetime | None = None
    pause_until: datetime | None = None
    deleted_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    grace_days: int = 0
    waits: bool = False

    @property
    def urgent(self) -> bool:
        """Whether it is about to be lost."""
        return self.situation in {Situation.GRACE, Situation.REMINDER_REFUSED, Situation.UNRESERVED}

    @property
    def over(self) -> bool:
        """Whether protection has ended."""
        return self.situation in _OVER


_OVER: Final = frozenset(
    {
        Situation.LAPSED_INACTIVITY,
        Situation.LAPSED_BASE,
        Situation.UNPURSUED,
        Situation.CONVERTED,
        Situation.RELEASED,
        Situation.ERASED,
    }
)
_ENDED: Final = {
    Status.EXPIRED: Situation.LAPSED_INACTIVITY,
    Status.CONVERTED: Situation.CONVERTED,
    Status.RELEASED: Situation.RELEASED,
    Status.ERASED: Situation.ERASED,
}
_BY_REASON: Final = {
    EndReason.BASE_PERIOD: Situation.LAPSED_BASE,
    EndReason.INACTIVITY: Situation.LAPSED_INACTIVITY,
    EndReason.UNPURSUED: Situation.UNPURSUED,
}


def sentence_of(state: LeadState, answer: Snapshot) -> Sentence:
    """What to say.

    Args:
        state: the lead.
        answer: of this state, for the instant of which is spoken.
    """
    waits = any(request.pending for request in state.basis.requests)
    if answer.status in _ENDED:
        situation = _ENDED[answer.status] if answer.reason is None else _BY_REASON[answer.reason]
        return Sentence(situation=situation, until=answer.valid_until)
    if answer.status is Status.PREREGISTERED:
        kept = answer.valid_until is None or answer.as_of < answer.valid_until
        return Sentence(
            situation=Situation.RESERVED if kept else Situation.UNRESERVED,
            until=answer.valid_until,
            deleted_at=None if state.deadlines is None else state.deadlines.end,
        )
    pause = pause_at(state.basis.pauses, answer.as_of)
    covering = [hold for hold in state.basis.holds if pause is not None and hold.covers(answer.as_of)]
    return Sentence(
        situation=_situation(state, answer, pause),
        until=answer.valid_until,
        progress_by=answer.grace_until or answer.reminder_due_at or answer.progress_until,
        base_until=answer.base_until,
        pause_until=None if pause is None else pause[1],
        reasons=tuple(dict.fromkeys(str(hold.reason) for hold in covering)),
        grace_days=state.policy.grace_days,
        waits=waits,
    )


def _situation(
    state: LeadState, answer: Snapshot, pause: tuple[datetime, datetime | None] | None
) -> Situation:
    if pause is not None:
        return Situation.PAUSED_OPEN if pause[1] is None else Situation.PAUSED
    if state.problem is not None:
        return Situation.REMINDER_REFUSED
    if answer.status is Status.GRACE:
        return Situation.GRACE
    if answer.valid_until is None:
        return Situation.HOLD_AHEAD
    if answer.reminder_due_at is not None and answer.valid_until != answer.base_until:
        later = answer.base_until is not None and answer.valid_until > answer.base_until
        if not (later and _asked_for_more(state)):
            return Situation.PROGRESS
    decided_first = answer.base_until is not None and answer.valid_until > answer.base_until
    return Situation.BASE_DECISION if decided_first else Situation.BASE


def _asked_for_more(state: LeadState) -> bool:
    """Whether more days of base period were asked for and nobody has decided yet."""
    return any(request.pending and request.kind is RequestKind.EXTENSION for request in state.basis.requests)
