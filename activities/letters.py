"""What a notification has to say, computed by the engine. Pure: no words, no clock, no outside.

The dates in a mail are the engine's (domain.md section 4 item 9): a reminder's end of grace is computed
as if the reminder went out at the very instant that is recorded as its sending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from activities.orders import NotificationKind
from protection.basis import effective, extend
from protection.dates import add_period, zone
from protection.explain import Explanation, explain
from protection.facts import ActivityRecorded, EndReason, Fact, ReminderSent, RequestDecided
from protection.holds import Hold
from protection.lifecycle import Snapshot, apply, replay, snapshot
from protection.policy import Policy
from protection.requests import Request, RequestKind, RequestStatus, find
from protection.state import ALIVE, LeadState, Status, derive


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
        policy: the contract's numbers this lead lives under.
        status: where the lead stands at that instant.
        sent_at: the instant the mail counts as sent.
        since: from when the running progress period counts if there was no progress in this tenure.
        progress_until: end of the days within which progress is owed.
        grace_until: end of grace, if this very letter opens it.
        base_until: end of the base period.
        valid_until: when protection ends if nothing happens, or when it ended; of a pre-registration, until
            when it keeps others away.
        reason: which period ended protection; None unless it ended.
        explanation: how that came about; for a lapse only.
        request: what was asked for, as known at that instant.
        if_granted: the end of the base period (of an extension) or of protection (of a hold), if what
            was asked for is granted; None while unknown.
        hold: the hold it is about, as known at that instant.
        held_by: id of the user who placed or approved it.
        deleted_at: when a pre-registration nobody pursues is deleted.
        names: what people call the users the letter speaks of, by id; put in by whoever sends it.
        revision: of the ledger the letter was drafted from: how many facts there are.
    """

    kind: NotificationKind
    lead: UUID
    company: str
    city: str
    owner: str
    policy: Policy
    status: Status
    sent_at: datetime
    last_progress: LastProgress | None
    since: datetime | None
    progress_until: datetime | None = None
    grace_until: datetime | None = None
    base_until: datetime | None = None
    valid_until: datetime | None = None
    reason: EndReason | None = None
    explanation: Explanation | None = None
    request: Request | None = None
    if_granted: datetime | None = None
    hold: Hold | None = None
    held_by: str | None = None
    deleted_at: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0

    @property
    def people(self) -> frozenset[str]:
        """Ids of the users the letter speaks of."""
        asked = () if self.request is None else (self.request.requested_by, self.request.decided_by)
        return frozenset(user for user in (self.owner, self.held_by, *asked) if user is not None)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was ordered to be told.

    Attributes:
        cycle: for a reminder, the cycle it is meant for; for requests and holds, their id.
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


@dataclass(frozen=True, slots=True)
class _Matter:
    """What there is to tell."""

    dates: Snapshot
    request: Request | None = None
    if_granted: datetime | None = None
    hold: Hold | None = None
    held_by: str | None = None
    deleted_at: datetime | None = None


def draft(occasion: Occasion, ledger: LeadLedger, sent_at: datetime) -> Letter | None:
    """The letter that goes out at `sent_at`; None if by then there is nothing to tell."""
    state = replay(ledger.policy, ledger.facts)
    moment = max(sent_at, state.recorded_at)
    matter = _MATTERS[occasion.kind](_Case(occasion, state, sent_at, moment, snapshot(state, moment)))
    if matter is None:
        return None
    dates = matter.dates
    return Letter(
        kind=occasion.kind,
        lead=occasion.lead,
        company=ledger.company,
        city=ledger.city,
        owner=state.basis.owner,
        policy=state.policy,
        status=dates.status,
        sent_at=sent_at,
        last_progress=last_progress(state),
        since=state.basis.tenure_anchor,
        progress_until=dates.progress_until,
        grace_until=dates.grace_until,
        base_until=dates.base_until,
        valid_until=dates.valid_until,
        reason=dates.reason,
        explanation=explain(state, moment) if occasion.kind is NotificationKind.LAPSE else None,
        request=matter.request,
        if_granted=matter.if_granted,
        hold=matter.hold,
        held_by=matter.held_by,
        deleted_at=matter.deleted_at,
        revision=len(ledger.facts),
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


def _reminder(case: _Case) -> _Matter | None:
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
    return _Matter(snapshot(apply(case.state, sent), case.moment))


def _ahead(case: _Case, deadline: datetime | None) -> bool:
    return not case.now.paused and deadline == case.occasion.due_at and case.sent_at < deadline


def _notice_progress(case: _Case) -> _Matter | None:
    due = case.now.reminder_due_at
    if case.now.status is not Status.ACTIVE or not _ahead(case, due):
        return None
    # Progress is owed by the instant the reminder goes out, whichever rule of the policy makes it.
    return _Matter(replace(case.now, progress_until=due))


def _notice_base(case: _Case) -> _Matter | None:
    ahead = case.now.status in ALIVE and _ahead(case, case.now.base_until)
    return _Matter(case.now) if ahead else None


def _lapse(case: _Case) -> _Matter | None:
    return _Matter(case.now) if case.now.status is Status.EXPIRED else None


def _notice_preregistration(case: _Case) -> _Matter | None:
    if case.now.status is not Status.PREREGISTERED or not _ahead(case, case.now.valid_until):
        return None
    deadlines = case.state.deadlines
    return _Matter(case.now, deleted_at=None if deadlines is None else deadlines.end)


def _notice_hold(case: _Case) -> _Matter | None:
    policy, hold = case.state.policy, case.state.basis.hold(case.occasion.cycle)
    if hold is None or case.now.status not in ALIVE or not hold.covers(case.moment):
        return None
    reached = add_period(hold.start_at, 0, policy.max_hold_days, zone(policy.timezone))
    if not policy.max_hold_days or reached > case.sent_at:
        return None
    placed = case.state.fact(hold.fact_id)
    return _Matter(case.now, hold=hold, held_by=None if placed is None else placed.by)


def _request_made(case: _Case) -> _Matter | None:
    request = find(case.state.basis.requests, case.occasion.cycle)
    if request is None or not request.pending or case.now.status not in ALIVE:
        return None
    return _Matter(case.now, request=request, if_granted=_if_granted(case, request))


def _if_granted(case: _Case, request: Request) -> datetime | None:
    """The date an approval as asked for would make, so that whoever decides sees what they decide."""
    state = case.state
    approval = RequestDecided(
        fact_id="decision-as-if-made",
        recorded_at=case.moment,
        by="system",
        request=request.request,
        approved=True,
    )
    granted = derive(state.policy, extend(state.policy, state.basis, approval), state.reminder)
    if request.kind is RequestKind.HOLD:
        return granted.valid_until
    return None if request.days is None else granted.base_until


def _request_decided(case: _Case) -> _Matter | None:
    request = find(case.state.basis.requests, case.occasion.cycle)
    decided = request is not None and request.status in {RequestStatus.APPROVED, RequestStatus.REJECTED}
    # A refusal may be what ended protection; who asked is told of it all the same.
    if request is None or not decided or case.now.status not in ALIVE | {Status.EXPIRED}:
        return None
    return _Matter(case.now, request=request, hold=case.state.basis.hold(request.request))


_MATTERS: Mapping[NotificationKind, Callable[[_Case], _Matter | None]] = {
    NotificationKind.REMINDER: _reminder,
    NotificationKind.NOTICE_PROGRESS: _notice_progress,
    NotificationKind.NOTICE_BASE: _notice_base,
    NotificationKind.NOTICE_PREREGISTRATION: _notice_preregistration,
    NotificationKind.NOTICE_HOLD: _notice_hold,
    NotificationKind.REQUEST_MADE: _request_made,
    NotificationKind.REQUEST_DECIDED: _request_decided,
    NotificationKind.LAPSE: _lapse,
}
