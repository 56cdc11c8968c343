"""What is said of a lead in one sentence: every situation, from the engine's own answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from protection.facts import (
    ActivityRecorded,
    Converted,
    Erased,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReason,
    Preregistered,
    Registered,
    Released,
    ReminderBounced,
)
from protection.lifecycle import apply, begin, snapshot
from protection.policy import Mode, Policy
from protection.simulator import settle
from protection.state import ENDED, LeadState
from services.lead_sentence import Sentence, Situation, sentence_of

DAY = timedelta(days=1)
START = datetime(2026, 1, 15, 9, tzinfo=UTC)
FIRST = Registered(fact_id="r", recorded_at=START, by="anna", owner="anna", registered_at=START)
NOTED = Preregistered(fact_id="p", recorded_at=START, by="anna", owner="anna")


def at(day: int) -> datetime:
    return START + day * DAY


def progress(day: int) -> Fact:
    return ActivityRecorded(
        fact_id=f"a{day}", recorded_at=at(day), by="anna", kind="QUALIFIED_CALL", occurred_at=at(day)
    )


def hold(start: int, end: int | None, told: int = 1) -> Fact:
    return HoldPlaced(
        fact_id=f"h{start}",
        recorded_at=at(told),
        by="maria",
        hold=f"h{start}",
        reason=HoldReason.CUSTOMER_BLOCKED,
        start_at=at(start),
        end_at=None if end is None else at(end),
    )


def lived(policy: Policy, *facts: Fact, day: int) -> LeadState:
    """The lead on that day, with the reminders and the lapse the time has brought."""
    state = begin(policy, facts[0])
    for fact in facts[1:]:
        state = apply(settle(state, fact.recorded_at), fact)
    return settle(state, at(day))


def said(*facts: Fact, day: int, policy: Policy | None = None) -> Sentence:
    state = lived(policy or Policy(), *facts, day=day)
    return sentence_of(state, snapshot(state, at(day)))


WAITS = ExtensionRequested(fact_id="x", recorded_at=at(170), by="anna", request="x", days=30)
KEPT_UP = tuple(progress(day) for day in (50, 100, 150))


@pytest.mark.parametrize(
    ("facts", "day", "expected"),
    [
        ((FIRST,), 20, Situation.PROGRESS),
        ((FIRST, *KEPT_UP), 160, Situation.BASE),
        ((FIRST, *KEPT_UP, WAITS), 172, Situation.BASE_DECISION),
        ((FIRST,), 65, Situation.GRACE),
        ((FIRST, hold(10, 20)), 15, Situation.PAUSED),
        ((FIRST, hold(10, None)), 15, Situation.PAUSED_OPEN),
        ((FIRST, hold(10, None)), 5, Situation.HOLD_AHEAD),
        ((NOTED,), 5, Situation.RESERVED),
        ((NOTED,), 15, Situation.UNRESERVED),
        ((NOTED,), 65, Situation.UNPURSUED),
        ((FIRST,), 75, Situation.LAPSED_INACTIVITY),
        ((FIRST, *KEPT_UP), 185, Situation.LAPSED_BASE),
        ((FIRST, Converted(fact_id="c", recorded_at=at(9), by="maria")), 10, Situation.CONVERTED),
        ((FIRST, Released(fact_id="c", recorded_at=at(9), by="anna")), 10, Situation.RELEASED),
        ((FIRST, Erased(fact_id="c", recorded_at=at(9), by="adam")), 10, Situation.ERASED),
    ],
)
def test_every_situation_has_its_sentence(facts: tuple[Fact, ...], day: int, expected: Situation) -> None:
    sentence = said(*facts, day=day)
    assert sentence.situation is expected
    known = {Situation.PAUSED_OPEN, Situation.HOLD_AHEAD}
    assert (sentence.until is None) == (expected in known)
    ended = snapshot(lived(Policy(), *facts, day=day), at(day)).status in ENDED
    assert sentence.over == ended
    assert sentence.urgent == (expected in {Situation.GRACE, Situation.UNRESERVED})


def test_a_refused_reminder_comes_before_everything_but_a_pause() -> None:
    state = settle(begin(Policy(), FIRST), at(61), assume_reminders=False)
    state = apply(state, ReminderBounced(fact_id="b", recorded_at=at(61), by="mail", cycle=1, code="550"))
    assert sentence_of(state, snapshot(state, at(62))).situation is Situation.REMINDER_REFUSED
    assert sentence_of(state, snapshot(state, at(62))).urgent
    paused = apply(state, hold(61, 70, told=61))
    assert sentence_of(paused, snapshot(paused, at(62))).situation is Situation.PAUSED


def test_where_the_later_period_counts_progress_decides_too() -> None:
    policy = replace(Policy(), mode=Mode.GREATEST)
    sentence = said(FIRST, day=20, policy=policy)
    assert sentence.situation is Situation.PROGRESS
    assert sentence.base_until is not None
    assert sentence.until is not None
    assert sentence.until > sentence.base_until
    assert sentence.progress_by == sentence.base_until


def test_what_waits_and_what_stands_still_is_told() -> None:
    assert said(FIRST, *KEPT_UP, WAITS, day=172).waits
    sentence = said(FIRST, hold(10, 20), hold(12, 30, told=2), day=15)
    assert sentence.reasons == ("CUSTOMER_BLOCKED",)
    assert sentence.pause_until == at(30)
