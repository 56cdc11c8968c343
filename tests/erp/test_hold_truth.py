"""What a hold is told of a delay of our own: the truth as known now, both truths kept, nobody ended by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.sample_orders import DelayHold
from adapters.hold_truth import Delay, Owed, Subject, facts_of, owed
from protection.facts import Corrected, Fact, HoldReason
from protection.late import kept_by
from protection.lifecycle import apply, replay
from protection.requests import RequestStatus, find
from protection.simulator import settle
from protection.state import LeadState, Status
from tests.protection.told import (
    UTC_POLICY,
    converted,
    day,
    decided,
    hold_released,
    life,
    progress,
    registered,
    withdrawn,
)

NAME: Final = "sample-1"


def subject(mode: DelayHold = DelayHold.PLACED) -> Subject:
    return Subject(
        name=NAME,
        reason=HoldReason.FFZ_SAMPLE_DELAY,
        mode=mode,
        by="erp",
        parts=frozenset({"erp", "sample-test"}),
    )


def look(state: LeadState, delay: Delay | None, now: datetime, mode: DelayHold = DelayHold.PLACED) -> Owed:
    return owed(state, state.facts, subject(mode), delay, now)


def tell(
    state: LeadState, delay: Delay | None, now: datetime, mode: DelayHold = DelayHold.PLACED
) -> LeadState:
    """The lead after it was told all that is owed; told again, nothing is."""
    for fact in facts_of(look(state, delay, now, mode).messages, now):
        state = apply(state, fact)
    assert look(state, delay, now, mode).messages == ()
    return state


def lasted(state: LeadState) -> tuple[datetime, datetime | None] | None:
    hold = state.basis.hold(NAME)
    if hold is None or hold.end_at == hold.start_at:
        return None
    return hold.start_at, hold.end_at


def test_a_delay_is_placed_and_ends_when_it_ended_not_when_we_hear_of_it() -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10))
    assert lasted(state) == (day(10), None)
    state = tell(state, Delay(start_at=day(10), end_at=day(14)), day(20))
    assert lasted(state) == (day(10), day(14))
    # Both truths: released on day 20, corrected to day 14.
    kinds = [(fact.type, fact.recorded_at, fact.by) for fact in state.facts[-2:]]
    assert kinds == [("hold_released", day(20), "erp"), ("corrected", day(20), "erp")]
    state = tell(state, Delay(start_at=day(10), end_at=day(16)), day(21))
    assert lasted(state) == (day(10), day(16))
    state = tell(state, Delay(start_at=day(10), end_at=day(14)), day(22))
    assert lasted(state) == (day(10), day(14))
    assert len({fact.fact_id for fact in state.facts}) == len(state.facts)


# What is known, and on which day: asked again after it had ended; longer than told; never, and then again.
@pytest.mark.parametrize(
    ("looks", "end"),
    [
        ([(10, (10, None)), (12, (10, 12)), (20, (10, None)), (22, (10, 22))], 22),
        ([(10, (10, None)), (12, (10, 12)), (15, (10, 14))], 14),
        ([(10, (10, None)), (12, (10, 12)), (13, None), (14, (10, None)), (20, (10, 16))], 16),
    ],
)
@pytest.mark.parametrize("just", [timedelta(), timedelta(minutes=5)])
def test_a_hold_ends_again_however_it_ended_before(
    looks: list[tuple[int, tuple[int, int | None] | None]], end: int, just: timedelta
) -> None:
    state = life()
    for on, known in looks:
        delay = None
        if known is not None:
            delay = Delay(start_at=day(known[0]), end_at=None if known[1] is None else day(known[1]))
        state = tell(state, delay, day(on) + just)
    assert lasted(state) == (day(10), day(end))
    assert len({fact.fact_id for fact in state.facts}) == len(state.facts)


def test_an_end_of_just_now_needs_no_correction() -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10))
    moment = day(12) - timedelta(seconds=5)
    state = tell(state, Delay(start_at=day(10), end_at=moment), day(12))
    assert (state.facts[-1].type, lasted(state)) == ("hold_released", (day(10), moment))


def test_a_delay_that_is_over_when_we_hear_of_it_is_placed_whole() -> None:
    state = tell(life(), Delay(start_at=day(10), end_at=day(14)), day(20))
    assert [fact.type for fact in state.facts[1:]] == ["hold_placed"]
    assert lasted(state) == (day(10), day(14))
    state = tell(state, Delay(start_at=day(11), end_at=day(15)), day(21))
    assert lasted(state) == (day(11), day(15))
    state = tell(state, Delay(start_at=day(11)), day(22))
    assert lasted(state) == (day(11), None)


def test_there_was_no_delay_after_all() -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10))
    state = tell(state, None, day(12))
    assert lasted(state) is None
    assert isinstance(state.facts[-1], Corrected)
    state = tell(state, Delay(start_at=day(10), end_at=day(13)), day(14))
    assert lasted(state) == (day(10), day(13))


def test_proposed_it_waits_for_a_manager_with_its_true_end() -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10), DelayHold.PROPOSED)
    state = tell(state, Delay(start_at=day(10), end_at=day(14)), day(20), DelayHold.PROPOSED)
    request = find(state.basis.requests, NAME)
    assert request is not None
    assert (request.status, request.start_at, request.end_at) == (
        RequestStatus.PENDING,
        day(10),
        day(14),
    )
    state = apply(state, decided(day(21), NAME, approved=True))
    assert lasted(state) == (day(10), day(14))
    assert look(state, Delay(start_at=day(10), end_at=day(14)), day(22), DelayHold.PROPOSED).messages == ()


@pytest.mark.parametrize("approved", [True, False])
def test_a_request_about_no_delay_is_asked_for_no_more(approved: bool) -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10), DelayHold.PROPOSED)
    if approved:
        state = apply(state, decided(day(11), NAME, approved=True))
    state = tell(state, None, day(12), DelayHold.PROPOSED)
    request = find(state.basis.requests, NAME)
    assert request is not None
    assert (request.status, lasted(state)) == (RequestStatus.WITHDRAWN, None)


def test_approved_it_ends_with_the_delay() -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10), DelayHold.PROPOSED)
    state = apply(state, decided(day(11), NAME, approved=True))
    state = tell(state, Delay(start_at=day(10), end_at=day(14)), day(20), DelayHold.PROPOSED)
    assert lasted(state) == (day(10), day(14))


def test_what_a_person_decided_is_left_alone() -> None:
    state = tell(life(), Delay(start_at=day(10)), day(10))
    by_hand = apply(state, hold_released(day(12), NAME))
    assert look(by_hand, Delay(start_at=day(10), end_at=day(20)), day(20)).messages == ()
    asked = tell(life(), Delay(start_at=day(10)), day(10), DelayHold.PROPOSED)
    rejected = apply(asked, decided(day(11), NAME, approved=False))
    for state in (rejected, apply(asked, withdrawn(day(11), NAME))):
        delay = Delay(start_at=day(10), end_at=day(20))
        assert look(state, delay, day(20), DelayHold.PROPOSED).messages == ()
    assert look(life(), Delay(start_at=day(10)), day(10), DelayHold.OFF).messages == ()


def test_nobody_ends_because_the_company_tells_late_how_long_its_own_delay_was() -> None:
    state = tell(life(), Delay(start_at=day(1)), day(1))
    late = look(state, Delay(start_at=day(1), end_at=day(2)), day(300))
    assert ([type(message).__name__ for message in late.messages], late.withheld) == (["ReleaseHold"], True)
    state = apply(state, facts_of(late.messages, day(300))[0])
    assert state.status is Status.ACTIVE
    assert look(state, None, day(300)) == Owed((), withheld=True)


def test_an_ended_lead_is_told_nothing_and_listed_if_it_would_have_been_kept() -> None:
    facts: list[Fact] = [registered(), progress(day(5), fact_id="call")]
    ended = settle(replay(UTC_POLICY, facts), day(120), assume_reminders=True)
    assert ended.status is Status.EXPIRED
    delay = Delay(start_at=day(20), end_at=day(50))
    assert look(ended, delay, day(120)).messages == ()
    before = replay(UTC_POLICY, ended.facts[:-1])
    told = facts_of(owed(before, before.facts, subject(), delay, before.recorded_at).messages, day(120))
    kept = kept_by(UTC_POLICY, ended.facts, *told)
    assert kept is not None
    assert kept.until == day(5 + 60 + 30 + 10)
    early = Delay(start_at=day(1), end_at=day(4))
    told = facts_of(owed(before, before.facts, subject(), early, before.recorded_at).messages, day(120))
    assert kept_by(UTC_POLICY, ended.facts, *told) is None
    assert look(apply(life(), converted(day(9))), delay, day(10)).messages == ()


MOMENTS = st.integers(1, 50).map(day)


@st.composite
def delays(draw: st.DrawFn) -> Delay | None:
    if draw(st.integers(0, 4)) == 0:
        return None
    start = draw(MOMENTS)
    length = draw(st.none() | st.integers(1, 20))
    return Delay(start_at=start, end_at=None if length is None else start + timedelta(days=length))


@given(st.lists(st.tuples(st.integers(0, 10), delays()), min_size=1, max_size=5))
def test_whatever_was_believed_before_the_last_truth_holds(looks: list[tuple[int, Delay | None]]) -> None:
    """Each is told at its own time, as it was known then."""
    state, now, known = life(), day(1), None
    for later, delay in looks:
        now += timedelta(days=later, minutes=10)
        known = None if delay is None or delay.start_at >= now else delay
        if known is not None and known.end_at is not None and known.end_at > now:
            known = Delay(start_at=known.start_at)
        state = tell(state, known, now)
    assert lasted(state) == (None if known is None else (known.start_at, known.end_at))
    assert tell(life(), known, now).deadlines == state.deadlines
