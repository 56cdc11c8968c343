"""The periods of a lead's course, as bars and deadlines: base, windows for progress, grace, pauses.

Everything is drawn as known now: corrections and late entries count, so that the picture explains the
deadlines that stand today. Only what happened stays as it was: a reminder that went out, a lapse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from protection.basis import at_once, effective
from protection.clock import grace_end, period_end
from protection.explain import base_reckoning, explain, progress_reckoning
from protection.facts import (
    ActivityRecorded,
    EndReason,
    Fact,
    Lapsed,
    PolicyAdopted,
    Registered,
    Reinstated,
    ReminderBounced,
    ReminderSent,
    Transferred,
)
from protection.holds import Pauses
from protection.policy import Policy, policy_from_json
from protection.state import LeadState, Status
from protection.steps import Rule, Step, Subject
from services.timeline_picture_parts import Bar, BarKind, Lane, Mark, MarkKind, Told, Walked


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when a lead was protected without a break; half-open, None is not yet known.

    Attributes:
        on_record: its end is no more to come.
        lapsed: a deadline ended it, nobody's act.
    """

    start: datetime
    end: datetime | None
    on_record: bool = False
    lapsed: bool = False

    def holds(self, moment: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.start <= moment and (self.end is None or moment < self.end)


def earliest(*moments: datetime | None) -> datetime | None:
    """The earliest of the known; None if none is known."""
    return min((moment for moment in moments if moment is not None), default=None)


# -------------------------------------------------------------------------------- base period


def base_periods(walked: Sequence[Walked], lives: Sequence[Life]) -> Iterator[Bar | Mark]:
    """Every base period with its extensions, one after the other."""
    last: datetime | None = None
    for place, one in enumerate(walked):
        following = walked[place + 1] if place + 1 < len(walked) else None
        anchor = one.state.basis.base_anchor
        restarts = following is not None and isinstance(following.fact, (Transferred, Reinstated))
        if anchor is None or (following is not None and not (restarts and _restarts(following.fact))):
            continue
        cut = None if following is None else following.fact.recorded_at
        start = anchor if last is None else max(anchor, last)
        yield from _base_period(one.state, start, cut, lives)
        last = cut


def _restarts(fact: Fact) -> bool:
    return isinstance(fact, (Transferred, Reinstated)) and fact.restart_base


def _base_period(
    state: LeadState, start: datetime, cut: datetime | None, lives: Sequence[Life]
) -> Iterator[Bar | Mark]:
    policy, basis = state.policy, state.basis
    anchor = basis.base_anchor
    if anchor is None:
        return
    told = base_reckoning(state)
    plain = period_end(policy, anchor, policy.base_months, 0, basis.pauses, rolls=False)
    end = told.at
    # A lapse before leaves the rest of it unused; whoever gave the lead up or won it needs it no more.
    over = lives[-1].end if lives[-1].on_record else None
    used = earliest(end, cut, over) if cut is None else earliest(end, cut)
    yield from _span(BarKind.BASE, start, earliest(plain, used), told.steps)
    if plain is not None and plain != end:
        yield from _span(BarKind.EXTENSION, max(plain, start), used, told.steps)
    if end is not None and (cut is None or end <= cut):
        if used is not None and used < end:
            if not lives[-1].lapsed:
                return
            yield from _span(BarKind.BASE_UNUSED, max(used, start), end, told.steps)
        yield Mark(kind=MarkKind.BASE_END, lane=Lane.BASE, at=max(end, start), told=told.steps)


def _span(kind: BarKind, start: datetime, end: datetime | None, told: Told) -> Iterator[Bar]:
    if end is None or end > start:
        yield Bar(kind=kind, lane=Lane.BASE, start=start, end=end, told=told)


# -------------------------------------------------------------------------------- windows for progress


def windows(final: LeadState, facts: Sequence[Fact], lives: Sequence[Life]) -> Iterator[Bar | Mark]:
    """The days within which progress was owed, each until the next progress or the end.

    Args:
        facts: all of them, also those a long life has set aside.
    """
    anchors = _anchors(final.policy, facts)
    known = effective(facts)
    for place, anchor in enumerate(anchors):
        life = next((life for life in lives if life.holds(anchor)), None)
        if life is None:
            continue
        following = anchors[place + 1] if place + 1 < len(anchors) else None
        cut = earliest(following, life.end)
        state = replace(final, basis=replace(final.basis, tenure_anchor=anchor, last_progress=anchor))
        if following is not None:
            # Of a window that is over only its beginning is told, not what was corrected and adopted since.
            began = tuple(fact for fact in known if anchor in _instants(fact))
            state = replace(state, policy=_policy_at(final, facts, following), facts=began)
        told = progress_reckoning(state)
        end = earliest(told.at, cut)
        if end is not None and end <= anchor:
            continue
        yield Bar(kind=BarKind.WINDOW, lane=Lane.PROGRESS, start=anchor, end=end, told=told.steps)
        if told.at is not None and (cut is None or told.at <= cut):
            yield Mark(kind=MarkKind.PROGRESS_DUE, lane=Lane.PROGRESS, at=told.at, told=told.steps)


def _instants(fact: Fact) -> tuple[datetime, ...]:
    """When a fact may have begun a window."""
    match fact:
        case ActivityRecorded(occurred_at=at):
            return (at,)
        case Registered(registered_at=at):
            return (at, fact.recorded_at)
        case Transferred() | Reinstated():
            return (fact.recorded_at,)
        case _:
            return ()


def _anchors(policy: Policy, facts: Sequence[Fact]) -> list[datetime]:
    """From where progress was counted, in order: registration, tenures, reinstatements, progress."""
    known = effective(facts)
    tenures = {fact.recorded_at for fact in known if isinstance(fact, (Transferred, Reinstated))}
    tenures |= {
        fact.registered_at if at_once(fact) else fact.recorded_at
        for fact in known
        if isinstance(fact, Registered)
    }
    if not tenures:
        return []
    progress = {
        fact.occurred_at
        for fact in known
        if isinstance(fact, ActivityRecorded)
        and fact.kind in policy.qualifying_kinds
        and fact.occurred_at > min(tenures)
    }
    return sorted(tenures | progress)


def _policy_at(final: LeadState, facts: Sequence[Fact], moment: datetime) -> Policy:
    """The version the lead lived under at that instant."""
    policy = final.opening_policy
    for fact in facts:
        if isinstance(fact, PolicyAdopted) and fact.recorded_at <= moment:
            policy = policy_from_json(fact.policy)
    return policy


# -------------------------------------------------------------------------------- reminder and grace


def graces(walked: Sequence[Walked]) -> Iterator[Bar | Mark]:
    """Reminders as they went out, and the grace that ran from those that counted."""
    last: datetime | None = None
    for place, one in enumerate(walked):
        fact = one.fact
        if isinstance(fact, ReminderBounced):
            yield Mark(kind=MarkKind.REMINDER_REFUSED, lane=Lane.GRACE, at=fact.recorded_at, told=(fact,))
        if not isinstance(fact, ReminderSent):
            continue
        if one.state.reminder != fact.sent_at or one.state.status is not Status.GRACE:
            yield Mark(kind=MarkKind.REMINDER_VOID, lane=Lane.GRACE, at=fact.sent_at, told=(fact,))
            continue
        state, end = _grace_of(walked, place)
        start = fact.sent_at if last is None else max(fact.sent_at, last)
        yield _reminder(one, fact)
        deadline = grace_end(state.policy, fact.sent_at, state.basis.pauses)
        told = _grace_told(state, on_record=one.on_record)
        if end is None or end > start:
            yield Bar(kind=BarKind.GRACE, lane=Lane.GRACE, start=start, end=end, told=told)
        if deadline is not None and end is not None and deadline <= end:
            yield Mark(kind=MarkKind.GRACE_END, lane=Lane.GRACE, at=max(deadline, start), told=told)
        last = end


def _reminder(one: Walked, fact: ReminderSent) -> Mark:
    policy = one.state.policy
    if one.on_record:
        step = Step(Rule.REMINDER, (fact.fact_id,), fact.sent_at)
    else:
        until = grace_end(policy, fact.sent_at, one.state.basis.pauses)
        step = Step(Rule.REMINDER_DUE, (), fact.sent_at, until, policy.grace_days)
    owed = progress_reckoning(one.state).steps
    return Mark(kind=MarkKind.REMINDER, lane=Lane.GRACE, at=fact.sent_at, told=(*owed, step))


def _grace_of(walked: Sequence[Walked], place: int) -> tuple[LeadState, datetime | None]:
    """The last state in that grace, and when it was over; None while that is unknown."""
    sent, state = walked[place].state.reminder, walked[place].state
    for one in walked[place + 1 :]:
        if isinstance(one.fact, Lapsed):
            return one.state, one.fact.at
        if one.state.reminder != sent or one.state.status is not Status.GRACE:
            return state, one.fact.recorded_at
        state = one.state
    return state, None if state.deadlines is None else state.deadlines.grace_until


def _told(state: LeadState, subject: Subject) -> Told:
    found = explain(state, state.recorded_at).reckonings
    return next((each.steps for each in found if each.subject is subject), ())


def _grace_told(state: LeadState, *, on_record: bool) -> Told:
    """The steps to the end of grace; of a reminder that is still to come it is not said that it went out."""
    steps = [step for step in _told(state, Subject.GRACE_UNTIL) if isinstance(step, Step)]
    if on_record:
        return tuple(steps)
    return tuple(
        replace(step, rule=Rule.REMINDER_DUE) if step.rule is Rule.GRACE_PERIOD else step
        for step in steps
        if step.rule is not Rule.REMINDER
    )


def lapse_told(before: LeadState, after: LeadState, fact: Lapsed, now: datetime) -> Told:
    """Why protection ended then: what ran out, step by step, and the end itself."""
    ended = _told(after, Subject.ENDED)
    if after.basis.base_anchor is None:
        reserved = _told(before, Subject.RESERVED_UNTIL)
        return (*reserved, *ended)
    if fact.reason is EndReason.BASE_PERIOD:
        return (*base_reckoning(after).steps, *ended)
    reminded = after.reminder is not None and after.reminder <= now
    return (*progress_reckoning(after).steps, *_grace_told(after, on_record=reminded), *ended)


# -------------------------------------------------------------------------------- pauses


def pauses_in(pauses: Pauses, ended_at: datetime | None) -> Pauses:
    """The engine's pauses as far as there was a clock to stand still: none outlasts the end."""
    if ended_at is None:
        return pauses
    return tuple(
        (start, ended_at if end is None else min(end, ended_at)) for start, end in pauses if start < ended_at
    )


def pause_bars(final: LeadState, ended_at: datetime | None) -> Iterator[Bar]:
    """One bar for each pause, with every hold that makes it up."""
    for start, end in pauses_in(final.basis.pauses, ended_at):
        within = sorted(
            (
                hold
                for hold in final.basis.holds
                if hold.end_at != hold.start_at
                and hold.start_at >= start
                and (end is None or hold.start_at < end)
            ),
            key=lambda hold: (hold.start_at, hold.hold),
        )
        yield Bar(kind=BarKind.PAUSE, lane=Lane.HOLD, start=start, end=end, told=tuple(within))
