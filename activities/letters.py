"""What a notification has to say, computed by the engine. Pure: no words, no clock, no outside.

The dates in a mail are the engine's (domain.md section 4 item 9): a reminder's end of grace is computed
as if the reminder went out at the very instant that is recorded as its sending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from activities.orders import NotificationKind
from protection.basis import effective
from protection.explain import Explanation, explain
from protection.facts import ActivityRecorded, EndReason, Fact, ReminderSent
from protection.lifecycle import Snapshot, apply, replay, snapshot
from protection.policy import Policy
from protection.state import ALIVE, LeadState, Status


@dataclass(frozen=True, slots=True)
class LeadLedger:
    """What the engine and a letter need to know of a lead.

    Attributes:
        company: name of the company to be won; not personal.
        city: where it is.
        policy: the version this lead lives under.
        facts: its ledger, in order of recording.
    """

    company: str
    city: str
    policy: Policy
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class LastProgress:
    """The progress that the running period counts from."""

    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a notification. Instants are UTC; None is unknown, or not applicable.

    Attributes:
        owner: id of the agent whose lead it is (or was when protection ended).
        sent_at: the instant the mail counts as sent.
        since: from when the running progress period counts if there was no progress in this tenure.
        progress_until: end of the days within which progress is owed.
        grace_until: end of grace, if this very letter opens it.
        base_until: end of the base period.
        valid_until: when protection ends if nothing happens; for a lapse, when it ended.
        reason: which period ended protection; None unless it ended.
        explanation: how that came about; for a lapse only.
    """

    kind: NotificationKind
    lead: UUID
    company: str
    city: str
    owner: str
    progress_days: int
    grace_days: int
    sent_at: datetime
    last_progress: LastProgress | None
    since: datetime | None
    progress_until: datetime | None = None
    grace_until: datetime | None = None
    base_until: datetime | None = None
    valid_until: datetime | None = None
    reason: EndReason | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was ordered to be told.

    Attributes:
        cycle: for a reminder, the cycle it is meant for.
        due_at: the deadline or instant it is about, UTC; a deadline that has moved is not announced.
    """

    kind: NotificationKind
    lead: UUID
    cycle: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class _Case:
    """A lead at the instant of writing. `moment` is not before the newest fact."""

    occasion: Occasion
    state: LeadState
    sent_at: datetime
    moment: datetime
    now: Snapshot


def draft(occasion: Occasion, ledger: LeadLedger, sent_at: datetime) -> Letter | None:
    """The letter that goes out at `sent_at`; None if by then there is nothing to tell."""
    state = replay(ledger.policy, ledger.facts)
    moment = max(sent_at, state.recorded_at)
    dates = _DATES[occasion.kind](_Case(occasion, state, sent_at, moment, snapshot(state, moment)))
    if dates is None:
        return None
    return Letter(
        kind=occasion.kind,
        lead=occasion.lead,
        company=ledger.company,
        city=ledger.city,
        owner=state.basis.owner,
        progress_days=state.policy.progress_days,
        grace_days=state.policy.grace_days,
        sent_at=sent_at,
        last_progress=last_progress(state),
        since=state.basis.tenure_anchor,
        progress_until=dates.progress_until,
        grace_until=dates.grace_until,
        base_until=dates.base_until,
        valid_until=dates.valid_until,
        reason=dates.reason,
        explanation=explain(state, moment) if occasion.kind is NotificationKind.LAPSE else None,
    )


def last_progress(state: LeadState) -> LastProgress | None:
    """The newest progress of the current owner's tenure, as corrected since."""
    newest, tenure = state.basis.last_progress, state.basis.tenure_anchor
    if newest is None or (tenure is not None and newest < tenure):
        return None
    for fact in effective(state.facts):
        counts = isinstance(fact, ActivityRecorded) and fact.kind in state.policy.qualifying_kinds
        if isinstance(fact, ActivityRecorded) and counts and fact.occurred_at == newest:
            return LastProgress(fact.kind, newest)
    return None


def _reminder(case: _Case) -> Snapshot | None:
    now, due = case.now, case.now.reminder_due_at
    if now.status is not Status.ACTIVE or now.paused or case.occasion.cycle != str(case.state.cycle):
        return None
    if due is None or due > case.sent_at:
        return None
    sent = ReminderSent(
        fact_id="reminder-as-if-sent",
        recorded_at=case.moment,
        by="system",
        sent_at=case.sent_at,
        cycle=case.state.cycle,
    )
    return snapshot(apply(case.state, sent), case.moment)


def _ahead(case: _Case, deadline: datetime | None) -> bool:
    return not case.now.paused and deadline == case.occasion.due_at and case.sent_at < deadline


def _notice_progress(case: _Case) -> Snapshot | None:
    due = case.now.reminder_due_at
    if case.now.status is not Status.ACTIVE or not _ahead(case, due):
        return None
    # Progress is owed by the instant the reminder goes out, whichever rule of the policy makes it.
    return replace(case.now, progress_until=due)


def _notice_base(case: _Case) -> Snapshot | None:
    return case.now if case.now.status in ALIVE and _ahead(case, case.now.base_until) else None


def _lapse(case: _Case) -> Snapshot | None:
    return case.now if case.now.status is Status.EXPIRED else None


_DATES: Mapping[NotificationKind, Callable[[_Case], Snapshot | None]] = {
    NotificationKind.REMINDER: _reminder,
    NotificationKind.NOTICE_PROGRESS: _notice_progress,
    NotificationKind.NOTICE_BASE: _notice_base,
    NotificationKind.LAPSE: _lapse,
}
