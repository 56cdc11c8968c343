"""What must hold for every ledger (domain.md section 3), whatever was recorded when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protection.basis import as_known
from protection.clock import grace_end
from protection.decide import EndProtection, SendNotice, SendReminder, already_announced, decide, next_change
from protection.explain import explain
from protection.explain_texts import explanation_text
from protection.facts import (
    ActivityRecorded,
    EndReason,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReason,
    Lapsed,
    ReminderSent,
)
from protection.lifecycle import Snapshot, apply, begin, replay, snapshot
from protection.policy import QUALIFYING, Mode
from protection.refusal import Code, Refused
from protection.state import ALIVE, ENDED, OPEN, LeadState, Status, derive
from protection.steps import Subject
from tests.protection.ledgers import Ledger, ledgers, policies, spans
from tests.protection.moves import ALL_OF_IT, EVERYTHING, OFFICE, PLAIN, Act
from tests.protection.profile import thorough

TICK = timedelta(microseconds=1)
LATER = timedelta(days=9999)


def not_earlier(one: datetime | None, other: datetime | None) -> bool:
    """Whether the first deadline is not before the second; an unknown one is the latest of all."""
    return one is None or (other is not None and one >= other)


def accepted(state: LeadState, fact: Fact) -> LeadState | None:
    try:
        return apply(state, fact)
    except Refused:
        return None


def extra_hold(at: datetime, start: datetime, length: timedelta | None) -> HoldPlaced:
    end = None if length is None else start + length
    return HoldPlaced(
        fact_id="extra",
        recorded_at=at,
        by="someone",
        hold="extra",
        reason=HoldReason.OTHER,
        start_at=start,
        end_at=end,
    )


maybe_open = st.one_of(spans(0, 60), spans(0, 60), st.none())


@thorough
@given(ledgers(policies()), spans(-90, 90), maybe_open)
def test_adding_a_hold_never_moves_a_deadline_forward(
    ledger: Ledger, shift: timedelta, length: timedelta | None
) -> None:
    state = ledger.last_alive()
    before = derive(state.policy, state.basis, state.reminder)
    at = state.recorded_at
    after = accepted(state, extra_hold(at, at + shift, length))
    assume(after is not None)
    assert after is not None
    assert after.deadlines is not None
    assert not_earlier(after.deadlines.base_until, before.base_until)
    assert not_earlier(after.deadlines.progress_until, before.progress_until)
    assert not_earlier(after.deadlines.valid_until, before.valid_until)


@thorough
@given(ledgers(policies(), acts=PLAIN), st.integers(0, 10), spans(-60, 60), maybe_open)
def test_adding_a_hold_never_ends_protection_sooner(
    ledger: Ledger, place: int, shift: timedelta, length: timedelta | None
) -> None:
    place = min(place, len(ledger.facts))
    at = ledger.facts[place - 1].recorded_at if place else ledger.first.recorded_at
    held = (*ledger.facts[:place], extra_hold(at, at + shift, length), *ledger.facts[place:])
    ended = ledger.played().state.ended_at
    ended_with = replace(ledger, facts=held).played().state.ended_at
    assert not_earlier(ended_with, ended)


@thorough
@given(ledgers(acts=(Act.ACTIVITY, Act.HOLD, Act.EXTENSION), longest=6), st.randoms(use_true_random=False))
def test_the_order_of_recording_does_not_change_deadlines(ledger: Ledger, chance: Any) -> None:
    at = ledger.first.recorded_at
    facts: list[Fact] = [
        replace(fact, recorded_at=at, occurred_at=at - (fact.recorded_at - fact.occurred_at))
        if isinstance(fact, ActivityRecorded)
        else replace(fact, recorded_at=at)
        for fact in ledger.facts
    ]
    shuffled = chance.sample(facts, len(facts))
    one = as_known(ledger.policy, (ledger.first, *facts))
    other = as_known(ledger.policy, (ledger.first, *shuffled))
    assert derive(ledger.policy, one, None) == derive(ledger.policy, other, None)
    if begin(ledger.policy, ledger.first).deadlines is not None:
        states = [try_all(ledger, order) for order in (facts, shuffled)]
        assume(None not in states)
        assert states[0] is not None
        assert states[1] is not None
        assert states[0].deadlines == states[1].deadlines


def try_all(ledger: Ledger, facts: list[Fact]) -> LeadState | None:
    try:
        return replay(ledger.policy, (ledger.first, *facts))
    except Refused:
        return None


@thorough
@given(ledgers(policies()), spans(0, 200), st.sampled_from(QUALIFYING))
def test_a_late_entry_never_moves_the_progress_anchor_back(
    ledger: Ledger, late: timedelta, kind: str
) -> None:
    state = ledger.last_alive()
    at = state.recorded_at
    entry = ActivityRecorded(fact_id="late", recorded_at=at, by="someone", kind=kind, occurred_at=at - late)
    after = accepted(state, entry)
    assume(after is not None)
    assert after is not None
    assert not_earlier(after.basis.progress_anchor, state.basis.progress_anchor)
    assert after.deadlines is not None
    assert state.deadlines is not None
    assert not_earlier(after.deadlines.progress_until, state.deadlines.progress_until)
    assert after.deadlines.base_until == state.deadlines.base_until


@thorough
@given(ledgers(acts=ALL_OF_IT), st.booleans())
def test_no_lapse_for_inactivity_without_a_reminder_that_counts(
    ledger: Ledger, assume_reminders: bool
) -> None:
    told = ledger.played(assume_reminders=assume_reminders).ledger
    for place, fact in enumerate(told):
        if isinstance(fact, Lapsed) and fact.reason is EndReason.INACTIVITY:
            before = replay(ledger.policy, told[:place])
            assert before.status is Status.GRACE
            sent = [each.sent_at for each in told[:place] if isinstance(each, ReminderSent)]
            assert before.reminder in sent
            assert before.reminder is not None
            assert grace_end(before.policy, before.reminder, before.basis.pauses) == fact.at
            assert before.deadlines is not None
            assert before.deadlines.owed is not None
            assert before.deadlines.owed <= before.reminder < fact.at


@thorough
@given(ledgers(acts=OFFICE))
def test_no_lapse_for_inactivity_while_no_reminder_goes_out(ledger: Ledger) -> None:
    for transition in ledger.played(assume_reminders=False).transitions:
        assert transition.to is not Status.GRACE
        assert transition.reason is not EndReason.INACTIVITY


@thorough
@given(ledgers(acts=OFFICE))
def test_no_reminder_goes_out_while_paused_or_before_it_is_owed(ledger: Ledger) -> None:
    told = ledger.played().ledger
    for place, fact in enumerate(told):
        if isinstance(fact, ReminderSent):
            before = replay(ledger.policy, told[:place])
            assert not before.paused_at(fact.sent_at)
            assert before.status is Status.ACTIVE
            assert before.deadlines is not None
            assert before.deadlines.reminder_due_at is not None
            assert before.deadlines.reminder_due_at <= fact.sent_at


@thorough
@given(ledgers(policies(modes=(Mode.LEAST,)), asked=3))
def test_in_least_the_end_is_never_after_the_base_period(ledger: Ledger) -> None:
    result = ledger.played()
    for place, fact in enumerate(result.ledger):
        if isinstance(fact, Lapsed):
            before = replay(ledger.policy, result.ledger[:place]).deadlines
            assert before is not None
            assert before.base_until is None or fact.at <= before.base_until
            assert (fact.reason is EndReason.BASE_PERIOD) == (fact.at == before.base_until)
    for answer in result.snapshots:
        if answer.status in ALIVE and answer.base_until is not None:
            assert answer.valid_until is not None
            assert answer.valid_until <= answer.base_until


@thorough
@given(ledgers(policies(modes=(Mode.GREATEST,))))
def test_in_greatest_only_grace_ends_protection(ledger: Ledger) -> None:
    result = ledger.played()
    for place, fact in enumerate(result.ledger):
        if isinstance(fact, Lapsed):
            before = replay(ledger.policy, result.ledger[:place]).deadlines
            assert before is not None
            assert before.base_until is not None
            assert fact.reason is EndReason.INACTIVITY
            assert fact.at > before.base_until


@thorough
@given(ledgers(acts=EVERYTHING))
def test_at_the_deadlines_own_instant_protection_is_over(ledger: Ledger) -> None:
    state = ledger.last_alive()
    assert state.deadlines is not None
    end = state.deadlines.end
    assume(end is not None and end - TICK >= state.recorded_at)
    assert end is not None
    assert snapshot(state, end - TICK).status in ALIVE
    over = snapshot(state, end)
    assert (over.status, over.valid_until) == (Status.EXPIRED, end)
    grant = ExtensionGranted(fact_id="x", recorded_at=end - TICK, by="someone", days=1)
    assert accepted(state, grant) is not None
    with pytest.raises(Refused) as caught:
        apply(state, replace(grant, recorded_at=end))
    assert caught.value.code is Code.PROTECTION_ENDED


@thorough
@given(ledgers(acts=OFFICE, asked=3))
def test_a_snapshot_knows_what_was_recorded_by_then_and_nothing_more(ledger: Ledger) -> None:
    for answer in ledger.played().snapshots:
        then = tuple(fact for fact in ledger.facts if fact.recorded_at <= answer.as_of)
        prefix = replace(ledger, facts=then, until=answer.as_of, as_of=(answer.as_of,))
        assert prefix.played().snapshots == (answer,)


@thorough
@given(ledgers(acts=ALL_OF_IT))
def test_replaying_the_ledger_gives_the_state(ledger: Ledger) -> None:
    result = ledger.played()
    assert replay(ledger.policy, result.ledger) == result.state
    assert result.state.facts == result.ledger
    assert result.state.revision == len(result.ledger)


@thorough
@given(ledgers(acts=ALL_OF_IT))
def test_what_is_known_does_not_depend_on_how_it_was_taken_in(ledger: Ledger) -> None:
    state = ledger.played().state
    assert as_known(state.policy, state.facts) == state.basis
    if state.deadlines is not None:
        assert derive(state.policy, state.basis, state.reminder) == state.deadlines
    if state.status in ALIVE:
        assert (state.status is Status.GRACE) == (state.reminder is not None)
    assert (state.status in OPEN) == (state.deadlines is not None) == (state.ended_at is None)


@thorough
@given(ledgers(acts=OFFICE))
def test_no_two_reminders_share_a_cycle(ledger: Ledger) -> None:
    cycles = [fact.cycle for fact in ledger.played().ledger if isinstance(fact, ReminderSent)]
    assert cycles == sorted(set(cycles))


@thorough
@given(ledgers(acts=OFFICE, asked=3))
def test_status_and_valid_until_never_contradict_each_other(ledger: Ledger) -> None:
    for answer in ledger.played().snapshots:
        if answer.status in ALIVE:
            assert answer.valid_until is None or answer.valid_until > answer.as_of
            assert (answer.status is Status.GRACE) or answer.grace_until is None
            assert answer.reason is None
        elif answer.status in ENDED:
            assert answer.valid_until is not None
            assert answer.valid_until <= answer.as_of
            assert not answer.paused
            assert answer == Snapshot(
                answer.as_of, answer.status, False, valid_until=answer.valid_until, reason=answer.reason
            )


@thorough
@given(ledgers(acts=ALL_OF_IT), spans(0, 60), st.integers(0, 100))
def test_nothing_happens_before_the_next_wake_up(ledger: Ledger, rest: timedelta, part: int) -> None:
    state = ledger.played(assume_reminders=False).state
    now = state.recorded_at + rest
    announced = already_announced(state, now)
    decision = decide(state, now, announced)
    if state.paused_at(now):
        assert not any(isinstance(command, (SendReminder, SendNotice)) for command in decision.commands)
    if any(isinstance(command, EndProtection) for command in decision.commands):
        assert snapshot(state, now).status is Status.EXPIRED
        return
    wake_at = decision.wake_at
    assert wake_at is None or wake_at > now
    moment = now + (LATER if wake_at is None else (wake_at - now) * part / 101)
    assert decide(state, moment, announced).commands == decision.commands
    assert replace(snapshot(state, moment), as_of=now) == snapshot(state, now)


@thorough
@given(ledgers(acts=EVERYTHING), spans(0, 60), st.integers(0, 100))
def test_the_answer_stays_the_same_until_the_next_change(ledger: Ledger, rest: timedelta, part: int) -> None:
    state = ledger.last_alive()
    now = state.recorded_at + rest
    change = next_change(state, now)
    if change is None or change > now:
        moment = now + (LATER if change is None else (change - now) * part / 101)
        assert replace(snapshot(state, moment), as_of=now) == snapshot(state, now)


@thorough
@given(ledgers(acts=ALL_OF_IT, longest=7))
def test_the_explanation_arrives_at_the_answer(ledger: Ledger) -> None:
    state = ledger.played().state
    told = explain(state, ledger.until)
    answer = snapshot(state, ledger.until)
    assert told.answer == answer
    at = {reckoning.subject: reckoning.at for reckoning in told.reckonings}
    if answer.status in ALIVE:
        assert at[Subject.BASE_UNTIL] == answer.base_until
        assert at[Subject.PROGRESS_UNTIL] == answer.progress_until
        assert at.get(Subject.GRACE_UNTIL) == answer.grace_until
        assert at[Subject.VALID_UNTIL] == answer.valid_until
    elif answer.status in ENDED:
        assert at[Subject.ENDED] == answer.valid_until
    known_ids = {fact.fact_id for fact in state.facts}
    for reckoning in told.reckonings:
        assert reckoning.steps
        for step in reckoning.steps:
            assert set(step.fact_ids) <= known_ids
            assert step.clause in "abcdefghi"
    for language in ("de", "en"):
        assert "{" not in explanation_text(told, "de" if language == "de" else "en")
    assert len(told.to_json()["deadlines"]) == len(told.reckonings)
