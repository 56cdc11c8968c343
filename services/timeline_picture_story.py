"""A lead's life as bars and marks in time: what happened, and what is to come if nothing happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from protection.basis import effective
from protection.dates import add_period, zone
from protection.explain import explain
from protection.facts import (
    ActivityRecorded,
    Converted,
    Erased,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldRequested,
    Lapsed,
    PolicyAdopted,
    Preregistered,
    Registered,
    Reinstated,
    Released,
    ReminderSent,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.lifecycle import apply, begin
from protection.policy import Policy
from protection.requests import RequestKind, find
from protection.state import ALIVE, ENDED, LeadState, Status
from protection.steps import Rule, Subject
from services.timeline_picture_parts import Bar, BarKind, Lane, Mark, MarkKind, Story, Walked
from services.timeline_picture_periods import (
    Life,
    base_periods,
    graces,
    lapse_told,
    pause_bars,
    windows,
)

_BY_TIME: Final = (ReminderSent, Lapsed)
_ENDS: Final = {
    Converted: MarkKind.CONVERTED,
    Released: MarkKind.RELEASED,
    Erased: MarkKind.ERASED,
}
_EVENTS: Final = {
    Preregistered: MarkKind.NOTED,
    Registered: MarkKind.REGISTERED,
    Transferred: MarkKind.TRANSFERRED,
    Reinstated: MarkKind.REINSTATED,
    PolicyAdopted: MarkKind.RULES,
}
_BAR_OF: Final = {
    Status.PREREGISTERED: BarKind.NOTED,
    Status.ACTIVE: BarKind.PROTECTED,
    Status.GRACE: BarKind.IN_GRACE,
}


def tell(policy: Policy, facts: Sequence[Fact], course: Sequence[Fact], *, now: datetime) -> Story:
    """The story of a lead.

    Args:
        policy: the version it began under.
        facts: its ledger.
        course: what is to come, or supposed to, in order of recording.
        now: a UTC instant not before the newest fact of the ledger.

    Raises:
        ValueError: the ledger is empty.
    """
    walked = _walk(policy, facts, course)
    final, everything = walked[-1].state, [*facts, *course]
    spans = _spans(walked)
    lives = _lives(spans, walked)
    ended_at = final.ended_at if final.deadlines is None else None
    parts: list[Bar | Mark] = [
        *_status(walked, spans),
        *_noted(walked),
        *(base_periods(walked, lives) if lives else ()),
        *(windows(final, everything, lives) if lives else ()),
        *graces(walked),
        *pause_bars(final, ended_at),
        *_events(walked, final, len(facts), now),
    ]
    bars = [part for part in parts if isinstance(part, Bar)]
    marks = [part for part in parts if isinstance(part, Mark)]
    on_record = walked[len(facts) - 1].state
    return Story(
        policy=final.policy,
        now=now,
        since=min(bar.start for bar in bars) if bars else facts[0].recorded_at,
        ended_at=on_record.ended_at if on_record.status in ENDED else None,
        until=ended_at,
        bars=tuple(sorted(bars, key=lambda bar: (bar.start, list(Lane).index(bar.lane)))),
        marks=tuple(sorted(marks, key=lambda mark: (mark.at, list(Lane).index(mark.lane)))),
    )


def _walk(policy: Policy, facts: Sequence[Fact], course: Sequence[Fact]) -> list[Walked]:
    walked: list[Walked] = []
    for fact in [*facts, *course]:
        state = apply(walked[-1].state, fact) if walked else begin(policy, fact)
        walked.append(Walked(fact, state, len(walked) < len(facts)))
    if not walked:
        raise ValueError("an empty ledger has no story")
    return walked


# -------------------------------------------------------------------------------- status


def _spans(walked: Sequence[Walked]) -> list[tuple[Status, datetime, datetime | None, Walked]]:
    """Status by status, from when to when, and what brought it; the last has no end."""
    right = {fact.fact_id: fact for fact in effective([one.fact for one in walked])}
    changes: list[tuple[Status, datetime, Walked]] = []
    for one in walked:
        status = one.state.status
        if changes and status is changes[-1][0]:
            continue
        at = _since(one.fact, right.get(one.fact.fact_id, one.fact), first=not changes)
        changes.append((status, max(at, changes[-1][1]) if changes else at, one))
    ends = [*(at for _, at, _ in changes[1:]), None]
    return [(status, at, end, one) for (status, at, one), end in zip(changes, ends, strict=True)]


def _since(fact: Fact, right: Fact, *, first: bool) -> datetime:
    match right:
        case Lapsed(at=at) | ReminderSent(sent_at=at):
            return at
        case Registered(registered_at=at) if first:
            return at
        case _:
            return fact.recorded_at


def _lives(
    spans: Sequence[tuple[Status, datetime, datetime | None, Walked]], walked: Sequence[Walked]
) -> list[Life]:
    lives: list[Life] = []
    alive = False
    registered = [
        fact.registered_at for fact in effective([w.fact for w in walked]) if isinstance(fact, Registered)
    ]
    for status, start, end, _ in spans:
        ending = next((one for s, at, _, one in spans if at == end and s in ENDED), None)
        on_record = ending is not None and ending.on_record
        lapsed = ending is not None and isinstance(ending.fact, Lapsed)
        if status in ALIVE:
            if alive:
                lives[-1] = replace(lives[-1], end=end, on_record=on_record, lapsed=lapsed)
            else:
                # What was backdated counts from there.
                begins = start if lives else min([start, *registered])
                lives.append(Life(begins, end, on_record, lapsed))
        alive = status in ALIVE
    return lives


def _status(
    walked: Sequence[Walked], spans: Sequence[tuple[Status, datetime, datetime | None, Walked]]
) -> Iterator[Bar]:
    for status, start, end, one in spans:
        kind = _BAR_OF.get(status)
        if kind is None or (end is not None and end <= start):
            continue
        # Why it is so, from the last state in which it was.
        last = next(
            (w.state for w in reversed(walked) if w.state.status is status and _before(w, end)), one.state
        )
        until = end
        if end is None and last.deadlines is not None:
            until = last.deadlines.end
        if status is Status.PREREGISTERED:
            yield from _reserved_bars(last, start, until)
            continue
        told = tuple(
            step
            for each in explain(last, last.recorded_at).reckonings
            if each.subject is Subject.VALID_UNTIL
            for step in each.steps
        )
        yield Bar(kind=kind, lane=Lane.STATUS, start=start, end=until, told=told)


def _before(one: Walked, end: datetime | None) -> bool:
    return end is None or one.fact.recorded_at <= end


# -------------------------------------------------------------------------------- pre-registration


def _reserved_bars(state: LeadState, start: datetime, end: datetime | None) -> Iterator[Bar]:
    """Kept for its owner, then for nobody."""
    told = explain(state, state.recorded_at).reckonings
    steps = next((each.steps for each in told if each.subject is Subject.RESERVED_UNTIL), ())
    kept = _kept_until(state)
    until = end if kept is None else (kept if end is None else min(kept, end))
    yield Bar(kind=BarKind.NOTED, lane=Lane.STATUS, start=start, end=until, told=steps)
    if until is not None and (end is None or until < end):
        yield Bar(kind=BarKind.NOTED_ONLY, lane=Lane.STATUS, start=until, end=end, told=steps)


def _kept_until(state: LeadState) -> datetime | None:
    noted, policy = state.basis.noted_at, state.policy
    if noted is None or not policy.preregistration_days:
        return None
    return add_period(noted, 0, policy.preregistration_days, zone(policy.timezone))


def _noted(walked: Sequence[Walked]) -> Iterator[Mark]:
    """Until when a pre-registration keeps others away, where that was or will be reached."""
    first = walked[0]
    if not isinstance(first.fact, Preregistered):
        return
    noted = [one for one in walked if one.state.status is Status.PREREGISTERED]
    kept = _kept_until(noted[-1].state)
    over = next(
        (one.fact.recorded_at for one in walked if one.state.status is not Status.PREREGISTERED), None
    )
    if kept is not None and (over is None or kept <= over):
        told = explain(noted[-1].state, noted[-1].state.recorded_at).reckonings
        steps = tuple(step for each in told for step in each.steps if step.rule is Rule.RESERVED)
        yield Mark(kind=MarkKind.RESERVED_END, lane=Lane.STATUS, at=kept, told=steps)


# -------------------------------------------------------------------------------- what happened


def _events(walked: Sequence[Walked], final: LeadState, known: int, now: datetime) -> Iterator[Mark]:
    right = {fact.fact_id: fact for fact in effective([one.fact for one in walked])}
    for place, one in enumerate(walked):
        fact = right.get(one.fact.fact_id)
        if fact is None:
            continue
        if isinstance(fact, Lapsed):
            why = lapse_told(walked[place - 1].state, one.state, fact, now)
            yield Mark(kind=MarkKind.LAPSE, lane=Lane.STATUS, at=fact.at, told=why)
            continue
        mark = _event(fact, final)
        if mark is not None:
            supposed = place >= known and not isinstance(fact, _BY_TIME)
            yield replace(mark, supposed=supposed)


def _event(fact: Fact, final: LeadState) -> Mark | None:
    lane, at, told = Lane.STATUS, fact.recorded_at, (fact,)
    kind: MarkKind | None = (_EVENTS | _ENDS).get(type(fact))
    match fact:
        case RequestDecided() | RequestWithdrawn():
            return _decided(fact, final)
        case ActivityRecorded(occurred_at=at):
            counts = fact.kind in final.policy.qualifying_kinds
            kind, lane = MarkKind.PROGRESS if counts else MarkKind.ACTIVITY, Lane.PROGRESS
        case Registered(registered_at=at):
            pass
        case ExtensionGranted():
            kind, lane = MarkKind.EXTENDED, Lane.BASE
        case ExtensionRequested():
            kind, lane = MarkKind.ASKED, Lane.BASE
        case HoldRequested():
            kind, lane = MarkKind.ASKED, Lane.HOLD
    return None if kind is None else Mark(kind=kind, lane=lane, at=at, told=told)


def _decided(fact: RequestDecided | RequestWithdrawn, final: LeadState) -> Mark | None:
    request = find(final.basis.requests, fact.request)
    if request is None:
        return None
    extends = request.kind is RequestKind.EXTENSION
    granted = isinstance(fact, RequestDecided) and fact.approved and extends
    return Mark(
        kind=MarkKind.EXTENDED if granted else MarkKind.DECIDED,
        lane=Lane.BASE if extends else Lane.HOLD,
        at=fact.recorded_at,
        told=(fact,),
    )
