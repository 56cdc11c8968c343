"""Holds and extensions that somebody asks for and somebody else decides (domain.md sections 5 and 6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protection.basis import as_known
from protection.explain import explain
from protection.explain_texts import explanation_text
from protection.facts import EndReason, HoldReason
from protection.lifecycle import apply, lapse_by, snapshot
from protection.policy import Mode
from protection.refusal import Code
from protection.requests import Request, RequestKind, RequestStatus, find
from protection.simulator import settle
from protection.state import LeadState, Status
from protection.steps import Rule
from tests.protection.told import (
    TICK,
    UTC_POLICY,
    converted,
    corrected,
    day,
    decided,
    erased,
    extended,
    extension_requested,
    hold,
    hold_released,
    hold_requested,
    lapse_of,
    life,
    preregistered,
    progress,
    refusal,
    reinstated,
    released,
    withdrawn,
)

# A base period of one month ends before any progress is due.
SHORT = replace(UTC_POLICY, base_months=1)
BASE = day(31)


def the(state: LeadState, name: str) -> Request:
    found = find(state.basis.requests, name)
    assert found is not None
    return found


def test_asking_for_a_hold_stops_no_clock() -> None:
    asked = life(hold_requested(day(10), end=day(20)))
    assert asked.deadlines == life().deadlines
    assert the(asked, "r") == Request(
        request="r",
        kind=RequestKind.HOLD,
        requested_by="somebody",
        requested_at=day(10),
        reason=HoldReason.CUSTOMER_BLOCKED,
        start_at=day(10),
        end_at=day(20),
    )


def test_an_approved_request_is_a_hold_from_when_it_was_asked_for() -> None:
    state = life(hold_requested(day(10), end=day(20)), decided(day(15), "r", True))
    assert state.deadlines == life(hold(day(10), "r", end=day(20))).deadlines
    assert the(state, "r").status is RequestStatus.APPROVED
    assert (the(state, "r").decided_by, the(state, "r").decided_at) == ("boss", day(15))
    assert state.paused_at(day(15))


def test_whoever_approves_may_say_when_it_begins_and_ends() -> None:
    state = life(hold_requested(day(10)), decided(day(15), "r", True, start_at=day(12), end_at=day(18)))
    assert state.basis.pauses == ((day(12), day(18)),)
    assert (the(state, "r").start_at, the(state, "r").end_at) == (day(12), day(18))


def test_an_approved_hold_is_released_like_any_other() -> None:
    state = life(hold_requested(day(10)), decided(day(11), "r", True), hold_released(day(14), "r"))
    assert state.basis.pauses == ((day(10), day(14)),)


@pytest.mark.parametrize("last", [decided(day(12), "r", False), withdrawn(day(12), "r")])
def test_a_rejected_or_withdrawn_request_changes_no_deadline(last: object) -> None:
    state = life(hold_requested(day(10)), last)  # type: ignore[arg-type]
    assert state.deadlines == life().deadlines
    assert the(state, "r").status in {RequestStatus.REJECTED, RequestStatus.WITHDRAWN}


def test_nobody_decides_a_request_of_their_own() -> None:
    state = life(hold_requested(day(10)))
    for approved in (True, False):
        refusal(state, decided(day(11), "r", approved, by="somebody"), Code.OWN_REQUEST, "by")


def test_a_request_is_decided_once() -> None:
    state = life(hold_requested(day(10)), decided(day(11), "r", False))
    assert "REJECTED" in refusal(state, decided(day(12), "r", True), Code.REQUEST_DECIDED, "request")
    refusal(state, withdrawn(day(12), "r"), Code.REQUEST_DECIDED, "request")
    refusal(state, withdrawn(day(12), "q"), Code.UNKNOWN_REQUEST, "request")


def test_ids_of_holds_and_requests_are_not_used_twice() -> None:
    asked = life(hold_requested(day(10)))
    refusal(asked, hold_requested(day(11)), Code.HOLD_EXISTS, "request")
    refusal(asked, extension_requested(day(11), "r"), Code.HOLD_EXISTS, "request")
    refusal(asked, hold(day(11), "r"), Code.HOLD_EXISTS, "hold")
    refusal(life(hold(day(1))), hold_requested(day(11), "h"), Code.HOLD_EXISTS, "request")


def test_several_holds_may_be_asked_for_but_one_extension_at_a_time() -> None:
    state = life(hold_requested(day(10), "a"), hold_requested(day(10), "b"), extension_requested(day(10)))
    refusal(state, extension_requested(day(11), "y"), Code.REQUEST_PENDING, "request")
    again = apply(apply(state, decided(day(11), "x", False)), extension_requested(day(12), "y"))
    assert the(again, "y").pending


def test_an_extension_is_granted_in_the_days_the_manager_says() -> None:
    state = life(extension_requested(day(10), days=90), decided(day(11), "x", True, days=30))
    assert state.deadlines == life(extended(day(11), 30)).deadlines
    assert the(state, "x").days == 30
    rules = [step.rule for step in explain(state, day(12)).reckonings[0].steps]
    assert Rule.EXTENSION in rules


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        (decided(day(11), "x", True), "days"),
        (decided(day(11), "x", True, days=30, end_at=day(99)), "end_at"),
        (decided(day(11), "r", True, days=30), "days"),
    ],
)
def test_a_decision_has_to_fit_what_was_asked(fact: object, field: str) -> None:
    state = life(hold_requested(day(10)), extension_requested(day(10)))
    refusal(state, fact, Code.MALFORMED, field)  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [0, 731])
def test_extensions_have_limits(days: int) -> None:
    refusal(life(), extension_requested(day(1), days=days), Code.DAYS_OUT_OF_RANGE, "days")
    asked = life(extension_requested(day(1), days=None))
    refusal(asked, decided(day(2), "x", True, days=days), Code.DAYS_OUT_OF_RANGE, "days")


def test_requests_presuppose_protection() -> None:
    refusal(life(preregistered()), hold_requested(day(1)), Code.NOT_REGISTERED, "")
    refusal(life(preregistered()), decided(day(1), "r", True), Code.NOT_REGISTERED, "")
    refusal(life(converted(day(1))), extension_requested(day(2)), Code.PROTECTION_ENDED, "")


@pytest.mark.parametrize("last", [converted(day(12)), released(day(12)), erased(day(12))])
def test_what_is_pending_when_protection_ends_is_void(last: object) -> None:
    state = life(hold_requested(day(10)), last)  # type: ignore[arg-type]
    assert the(state, "r").status is RequestStatus.VOID
    assert the(state, "r").decided_at == day(12)


def test_a_void_request_stays_void_after_a_reinstatement() -> None:
    state = life(extension_requested(day(10)), released(day(12)), reinstated(day(13)))
    assert the(state, "x").status is RequestStatus.VOID
    assert state.deadlines == life(released(day(12)), reinstated(day(13))).deadlines
    refusal(state, decided(day(14), "x", True, days=3), Code.REQUEST_DECIDED, "request")


# The end of the base period waits for the decision.


def test_an_open_extension_request_is_decided_before_the_base_period_ends() -> None:
    state = life(extension_requested(day(20)), policy=SHORT)
    answer = snapshot(state, BASE)
    assert (answer.status, answer.base_until, answer.valid_until) == (Status.ACTIVE, BASE, day(45))
    assert lapse_by(state, day(45) - TICK) is None
    assert lapse_by(state, day(45)) == (day(45), EndReason.BASE_PERIOD)
    text = explanation_text(explain(state, BASE), "en")
    assert "An extension request is open" in text


def test_a_refusal_after_the_base_period_ends_protection_there_and_then() -> None:
    state = life(extension_requested(day(20)), decided(day(35), "x", False), policy=SHORT)
    assert lapse_by(state, day(35)) == (day(35), EndReason.BASE_PERIOD)
    ended = apply(state, lapse_of(state))
    assert (ended.status, ended.ended_at) == (Status.EXPIRED, day(35))


def test_a_refusal_before_leaves_the_base_period_as_it_is() -> None:
    state = life(extension_requested(day(20)), decided(day(25), "x", False), policy=SHORT)
    assert lapse_by(state, BASE) == (BASE, EndReason.BASE_PERIOD)
    assert Rule.DECIDED_FIRST not in [s.rule for r in explain(state, day(25)).reckonings for s in r.steps]


def test_withdrawing_after_the_base_period_ends_protection_too() -> None:
    state = life(extension_requested(day(20)), withdrawn(day(33), "x"), policy=SHORT)
    assert lapse_by(state, day(33)) == (day(33), EndReason.BASE_PERIOD)


def test_a_grant_counts_from_the_end_of_the_base_period() -> None:
    state = life(extension_requested(day(20)), decided(day(40), "x", True, days=30), policy=SHORT)
    assert snapshot(state, day(40)).base_until == day(61)
    assert snapshot(state, day(40)).status is Status.ACTIVE


def test_a_grant_too_short_to_help_is_refused() -> None:
    state = life(extension_requested(day(20)), policy=SHORT)
    refusal(state, decided(day(40), "x", True, days=5), Code.WOULD_HAVE_ENDED, "days")


def test_a_request_after_the_fourteen_days_comes_too_late() -> None:
    state = life(extension_requested(day(20)), policy=SHORT)
    refusal(state, decided(day(45), "x", True, days=30), Code.PROTECTION_ENDED, "")
    assert settle(state, day(46)).status is Status.EXPIRED
    assert the(settle(state, day(46)), "x").status is RequestStatus.VOID


def test_inactivity_still_ends_protection_while_a_request_is_open() -> None:
    policy = replace(SHORT, progress_days=25, grace_days=10)
    state = settle(life(extension_requested(day(20)), policy=policy), day(40))
    assert (state.status, state.reason, state.ended_at) == (Status.EXPIRED, EndReason.INACTIVITY, day(35))


def test_without_a_limit_of_days_nothing_waits() -> None:
    state = life(extension_requested(day(20)), policy=replace(SHORT, extension_decision_days=0))
    assert lapse_by(state, BASE) == (BASE, EndReason.BASE_PERIOD)


def test_in_mode_greatest_no_base_period_ends_anything() -> None:
    state = life(extension_requested(day(20)), policy=replace(SHORT, mode=Mode.GREATEST))
    assert lapse_by(state, day(50)) is None
    assert Rule.DECIDED_FIRST not in [s.rule for r in explain(state, day(25)).reckonings for s in r.steps]


# Corrections.


def test_what_was_approved_can_be_corrected() -> None:
    decision = decided(day(15), "r", True, fact_id="d")
    state = life(
        hold_requested(day(10)), decision, corrected(day(20), "d", {"end_at": "2030-01-19T12:00:00Z"})
    )
    assert state.basis.pauses == ((day(10), day(12)),)
    assert Rule.CORRECTION in [step.rule for step in explain(state, day(20)).reckonings[0].steps]


def test_a_retracted_decision_leaves_the_request_open() -> None:
    state = life(
        extension_requested(day(10)),
        decided(day(11), "x", True, days=30, fact_id="d"),
        corrected(day(12), "d"),
    )
    assert the(state, "x").pending
    assert state.deadlines is not None
    assert state.deadlines.base_until == day(181)


def test_a_correction_of_a_decision_has_limits_too() -> None:
    state = life(extension_requested(day(10)), decided(day(11), "x", True, days=30, fact_id="d"))
    wrong = corrected(day(12), "d", {"days": 999})
    refusal(state, wrong, Code.DAYS_OUT_OF_RANGE, "replacement.days")
    right = apply(state, corrected(day(12), "d", {"days": 10}))
    assert right.deadlines == life(extended(day(11), 10)).deadlines


def test_a_request_retracted_under_its_decision_leaves_no_hold() -> None:
    asked = hold_requested(day(10))
    state = life(asked, decided(day(11), "r", True), corrected(day(12), asked.fact_id))
    assert state.basis.holds == ()
    assert as_known(UTC_POLICY, state.facts).requests == ()


def test_progress_goes_on_while_a_request_is_open() -> None:
    state = life(hold_requested(day(10)), progress(day(12)))
    assert snapshot(state, day(12)).progress_until == day(72)
    assert snapshot(state, day(12)).paused is False
