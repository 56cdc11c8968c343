"""Explanations: every deadline with the steps that made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from protection.explain import explain
from protection.facts import Fact, HoldReason
from protection.lifecycle import apply
from protection.policy import Counting, Mode, WorkingDayRoll
from protection.state import LeadState
from protection.steps import Reckoning, Rule, Step, Subject
from tests.protection.told import (
    BERLIN,
    UTC_POLICY,
    A,
    bounced,
    converted,
    corrected,
    day,
    extended,
    hold,
    lapse_of,
    life,
    preregistered,
    progress,
    registered,
    reinstated,
    released,
    reminded,
    transferred,
)


def reckoning(state: LeadState, subject: Subject, at: float = 200) -> Reckoning:
    return next(each for each in explain(state, day(at)).reckonings if each.subject is subject)


def rules(state: LeadState, subject: Subject) -> list[Rule]:
    return [step.rule for step in reckoning(state, subject, 80).steps]


def told() -> LeadState:
    return life(
        registered(fact_id="reg"),
        extended(day(1), 10, fact_id="ext"),
        hold(day(2), end=day(4), fact_id="hold"),
        progress(day(5), fact_id="call"),
    )


def test_the_base_period_step_by_step() -> None:
    base = reckoning(told(), Subject.BASE_UNTIL, 5)
    assert base.at == day(181 + 10 + 2)
    assert base.steps == (
        Step(Rule.REGISTERED, ("reg",), A),
        Step(Rule.BASE_PERIOD, ("reg",), A, day(181), 6),
        Step(Rule.EXTENSION, ("ext",), day(181), day(191), 10),
        Step(
            Rule.HOLD,
            ("hold",),
            day(2),
            day(4),
            stood_still=timedelta(days=2),
            word="FFZ_PRICE_APPROVAL",
        ),
    )
    assert [step.clause for step in base.steps] == ["a", "a", "e", "d"]


def test_the_progress_period_step_by_step() -> None:
    told_progress = reckoning(told(), Subject.PROGRESS_UNTIL, 5)
    assert told_progress.at == day(65)
    assert told_progress.steps == (
        Step(Rule.PROGRESS, ("call",), day(5), word="QUALIFIED_CALL"),
        Step(Rule.PROGRESS_PERIOD, ("call",), day(5), day(65), 60),
    )


def test_when_protection_ends_if_nothing_else_happens() -> None:
    assert reckoning(told(), Subject.VALID_UNTIL, 5) == Reckoning(
        Subject.VALID_UNTIL, day(75), (Step(Rule.REMINDER_DUE, (), day(65), day(75), 10),)
    )
    grace = life(reminded(day(60)))
    assert reckoning(grace, Subject.VALID_UNTIL, 61).steps == (
        Step(Rule.GRACE_PERIOD, (), day(60), day(70), 10),
    )
    base_first = life(policy=replace(UTC_POLICY, base_months=1))
    assert reckoning(base_first, Subject.VALID_UNTIL, 1) == Reckoning(
        Subject.VALID_UNTIL, day(31), (Step(Rule.ENDS_FIRST, (), day(31)),)
    )
    both = life(policy=replace(UTC_POLICY, base_months=1, progress_days=30))
    assert [step.rule for step in reckoning(both, Subject.VALID_UNTIL, 1).steps] == [
        Rule.REMINDER_DUE,
        Rule.ENDS_FIRST,
    ]
    unknown = life(hold(day(3)))
    assert reckoning(unknown, Subject.VALID_UNTIL, 4) == Reckoning(
        Subject.VALID_UNTIL, None, (Step(Rule.OPEN_HOLD, (), day(3)),)
    )
    refused = life(bounced(day(60)))
    assert reckoning(refused, Subject.VALID_UNTIL, 61).steps == (Step(Rule.REMINDER_BOUNCED, (), day(60)),)


def test_greatest_says_so() -> None:
    state = life(policy=replace(UTC_POLICY, mode=Mode.GREATEST))
    assert reckoning(state, Subject.VALID_UNTIL, 1).steps == (
        Step(Rule.GREATEST, (), day(181), day(60)),
        Step(Rule.REMINDER_DUE, (), day(181), day(191), 10),
    )


def test_grace_step_by_step() -> None:
    state = life(reminded(day(60)), reminded(day(61)), hold(day(62), end=day(64), fact_id="h1"))
    sent = state.facts[1]
    assert reckoning(state, Subject.GRACE_UNTIL, 65) == Reckoning(
        Subject.GRACE_UNTIL,
        day(72),
        (
            Step(Rule.REMINDER, (sent.fact_id,), day(60)),
            Step(Rule.GRACE_PERIOD, (sent.fact_id,), day(60), day(70), 10),
            Step(
                Rule.HOLD,
                ("h1",),
                day(62),
                day(64),
                stood_still=timedelta(days=2),
                word="FFZ_PRICE_APPROVAL",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("first", "rule"),
    [
        (registered(A), Rule.REGISTERED),
        (registered(A, since=A - timedelta(minutes=1)), Rule.REGISTERED),
        (registered(A, since=A - timedelta(minutes=2)), Rule.BACKDATED),
    ],
)
def test_a_backdated_registration_is_called_one(first: Fact, rule: Rule) -> None:
    state = life(first)
    start = reckoning(state, Subject.BASE_UNTIL, 1).steps[0]
    assert (start.rule, start.fact_ids) == (rule, (state.facts[0].fact_id,))
    anchored = reckoning(state, Subject.PROGRESS_UNTIL, 1).steps[0]
    assert (anchored.rule, anchored.fact_ids, anchored.from_at) == (
        Rule.REGISTERED,
        (state.facts[0].fact_id,),
        state.basis.tenure_anchor,
    )


@pytest.mark.parametrize("restart", [True, False])
def test_a_new_tenure_and_a_return_start_the_progress_period(restart: bool) -> None:
    moved = life(extended(day(1), 9), transferred(day(20), restart_base=restart), extended(day(21), 3))
    assert rules(moved, Subject.PROGRESS_UNTIL)[0] is Rule.TENURE
    assert rules(moved, Subject.BASE_UNTIL) == (
        [Rule.TENURE, Rule.BASE_PERIOD, Rule.EXTENSION]
        if restart
        else [Rule.REGISTERED, Rule.BASE_PERIOD, Rule.EXTENSION, Rule.EXTENSION]
    )
    if restart:
        transfer = next(fact for fact in moved.facts if fact.type == "transferred")
        assert reckoning(moved, Subject.BASE_UNTIL, 22).steps[0] == Step(
            Rule.TENURE, (transfer.fact_id,), day(20)
        )
    back = life(released(day(2)), reinstated(day(30), restart_base=restart))
    assert rules(back, Subject.PROGRESS_UNTIL)[0] is Rule.REINSTATED
    assert rules(back, Subject.BASE_UNTIL)[0] is (Rule.REINSTATED if restart else Rule.REGISTERED)


def test_holds_are_told_one_pause_after_the_other() -> None:
    state = life(
        hold(day(1), "a", start=day(-9), end=day(0), fact_id="before"),
        hold(day(2), "b", end=day(4), fact_id="one"),
        replace(hold(day(3), "c", end=day(6), fact_id="two"), reason=HoldReason.OTHER),
        hold(day(7), "d", end=day(8), fact_id="three"),
        hold(day(9), "e", end=day(9), fact_id="empty"),
        hold(day(9), "f", start=day(200), end=day(210), fact_id="beyond"),
    )
    steps = reckoning(state, Subject.PROGRESS_UNTIL, 10).steps
    assert steps[2:] == (
        Step(
            Rule.HOLD,
            ("one", "two"),
            day(2),
            day(6),
            stood_still=timedelta(days=4),
            word="FFZ_PRICE_APPROVAL, OTHER",
        ),
        Step(Rule.HOLD, ("three",), day(7), day(8), stood_still=timedelta(days=1), word="FFZ_PRICE_APPROVAL"),
    )


def test_a_hold_that_began_before_the_anchor_is_clipped() -> None:
    state = life(hold(day(0), start=day(-5), end=day(3), fact_id="early"))
    hold_step = reckoning(state, Subject.BASE_UNTIL, 1).steps[-1]
    assert (hold_step.from_at, hold_step.to_at, hold_step.stood_still) == (A, day(3), timedelta(days=3))


def test_an_open_hold_leaves_the_deadline_unknown() -> None:
    state = life(hold(day(3), fact_id="open"))
    base = reckoning(state, Subject.BASE_UNTIL, 4)
    assert base.at is None
    assert base.steps[-1] == Step(Rule.OPEN_HOLD, ("open",), day(3), None, word="FFZ_PRICE_APPROVAL")


def test_calendar_days_are_told_in_days() -> None:
    policy = replace(UTC_POLICY, counting=Counting.CALENDAR_DAYS)
    state = life(
        hold(day(2), "a", end=day(2.2), fact_id="one"),
        hold(day(2.3), "b", end=day(3), fact_id="two"),
        hold(day(3.1), "c", end=day(3.2), fact_id="three"),
        policy=policy,
    )
    steps = reckoning(state, Subject.PROGRESS_UNTIL, 4).steps[2:]
    assert [(step.rule, step.fact_ids, step.count) for step in steps] == [
        (Rule.HOLD_DAYS, ("one",), 1),
        (Rule.HOLD_DAYS, ("two",), 1),
    ]


def test_the_roll_is_a_step_of_its_own() -> None:
    policy = replace(
        UTC_POLICY, counting=Counting.CALENDAR_DAYS, working_day_roll=WorkingDayRoll.NEXT_WORKING_DAY
    )
    state = life(progress(day(1)), policy=policy)
    last = reckoning(state, Subject.PROGRESS_UNTIL, 2).steps[-1]
    saturday_over, monday_over = last.from_at, last.to_at
    assert (last.rule, last.fact_ids) == (Rule.ROLL, ())
    assert saturday_over is not None
    assert saturday_over.strftime("%a %H:%M") == "Sun 00:00"
    assert monday_over == saturday_over + timedelta(days=2)
    assert Rule.ROLL not in rules(life(policy=policy), Subject.PROGRESS_UNTIL)


def test_only_what_the_agent_owes_rolls() -> None:
    # Base period and plain 60 days end on a Saturday; grace, from Monday, too.
    policy = replace(
        UTC_POLICY,
        working_day_roll=WorkingDayRoll.NEXT_WORKING_DAY,
        counting=Counting.CALENDAR_DAYS,
        base_months=3,
        grace_days=5,
    )
    began = day(-1)
    state = life(
        registered(began),
        extended(began, 7),
        progress(day(1)),
        hold(day(2), end=day(2.5), fact_id="h"),
        extended(day(3), 7),
        policy=policy,
    )
    now = state.deadlines
    assert now is not None
    base = reckoning(state, Subject.BASE_UNTIL, 4)
    assert base.at == now.base_until
    assert [step.rule for step in base.steps if step.rule is Rule.ROLL] == []
    extensions = [step for step in base.steps if step.rule is Rule.EXTENSION]
    assert extensions[0].from_at is not None
    assert extensions[0].to_at == extensions[1].from_at == extensions[0].from_at + timedelta(days=7)
    assert extensions[1].to_at == extensions[0].from_at + timedelta(days=14)
    told_progress = reckoning(state, Subject.PROGRESS_UNTIL, 4)
    assert told_progress.at == now.progress_until
    unrolled = next(step for step in told_progress.steps if step.rule is Rule.PROGRESS_PERIOD)
    assert unrolled.to_at is not None
    assert (unrolled.to_at - timedelta(seconds=1)).strftime("%a") == "Sat"
    due = now.progress_until
    assert due is not None
    grace = apply(state, reminded(due, cycle=2))
    explained = reckoning(grace, Subject.GRACE_UNTIL, 90)
    assert grace.deadlines is not None
    assert explained.at == grace.deadlines.grace_until
    assert explained.steps[-1].rule is Rule.ROLL
    assert explained.steps[-1].to_at == explained.at
    plain_grace = explained.steps[1].to_at
    assert plain_grace == explained.steps[-1].from_at


def test_a_hold_that_begins_where_the_deadline_lies_is_not_told() -> None:
    state = life(hold(day(1), start=day(60), end=day(61)), hold(day(2), "g", start=day(61), end=day(62)))
    assert rules(state, Subject.PROGRESS_UNTIL) == [Rule.REGISTERED, Rule.PROGRESS_PERIOD]


def test_holds_that_adjoin_are_one_pause_and_one_that_follows_is_not_part_of_it() -> None:
    state = life(
        hold(day(1), "a", end=day(2), fact_id="one"),
        hold(day(1), "b", start=day(2), end=day(3), fact_id="two"),
    )
    assert reckoning(state, Subject.PROGRESS_UNTIL, 4).steps[-1].fact_ids == ("one", "two")


def test_calendar_days_in_the_leads_own_zone() -> None:
    policy = replace(BERLIN, counting=Counting.CALENDAR_DAYS)
    state = life(hold(day(2), end=day(3), fact_id="h"), policy=policy)
    assert reckoning(state, Subject.PROGRESS_UNTIL, 4).steps[-1] == Step(
        Rule.HOLD_DAYS, ("h",), day(2), day(3), 2, word="FFZ_PRICE_APPROVAL"
    )


def test_corrections_are_mentioned_where_they_count() -> None:
    state = apply(told(), corrected(day(6), "call", {"kind": "SAMPLE_FEEDBACK"}, fact_id="c1"))
    state = apply(state, corrected(day(7), "ext", {"days": 11}, fact_id="c2"))
    assert reckoning(state, Subject.PROGRESS_UNTIL, 8).steps[-1] == Step(
        Rule.CORRECTION, ("c1", "call"), day(6), word="activity"
    )
    assert reckoning(state, Subject.BASE_UNTIL, 8).steps[-1] == Step(
        Rule.CORRECTION, ("c2", "ext"), day(7), word="extension_granted"
    )
    assert reckoning(state, Subject.PROGRESS_UNTIL, 8).steps[0].word == "SAMPLE_FEEDBACK"
    again = apply(state, corrected(day(8), "reg", {"registered_at": day(-1).isoformat()}, fact_id="c3"))
    assert reckoning(again, Subject.BASE_UNTIL, 9).steps[-1].word == "registered"


def test_progress_that_does_not_qualify_is_not_named() -> None:
    state = life(progress(day(5), fact_id="call"), progress(day(5), kind="NOTE"), progress(day(6), on=day(4)))
    assert reckoning(state, Subject.PROGRESS_UNTIL, 7).steps[0].fact_ids == ("call",)


@pytest.mark.parametrize(
    ("state", "at", "word", "clause"),
    [
        (life(converted(day(3))), 3, "CONVERTED", "f"),
        (life(released(day(3))), 3, "RELEASED", "f"),
        (life(reminded(day(60))), 70, "INACTIVITY", "c"),
        (life(), 181, "BASE_PERIOD", "f"),
    ],
)
def test_the_end_is_told_with_its_reason(state: LeadState, at: float, word: str, clause: str) -> None:
    end = reckoning(state, Subject.ENDED)
    assert (end.at, end.steps) == (day(at), (Step(Rule.ENDED, (), day(at), word=word),))
    assert end.steps[0].clause == clause


def test_a_lapse_for_inactivity_still_tells_how_grace_came() -> None:
    grace = life(reminded(day(60)))
    over = apply(grace, lapse_of(grace))
    explained = explain(over, day(99))
    assert [each.subject for each in explained.reckonings] == [
        Subject.BASE_UNTIL,
        Subject.PROGRESS_UNTIL,
        Subject.GRACE_UNTIL,
        Subject.ENDED,
    ]
    assert reckoning(over, Subject.GRACE_UNTIL).at == day(70)


@pytest.mark.parametrize(
    ("state", "subject"),
    [
        (life(preregistered()), Subject.RESERVED_UNTIL),
        (life(preregistered(), released(day(1))), Subject.ENDED),
    ],
)
def test_a_preregistered_lead_has_one_thing_to_explain(state: LeadState, subject: Subject) -> None:
    assert [each.subject for each in explain(state, day(2)).reckonings] == [subject]


def test_the_explanation_as_json() -> None:
    state = life(registered(fact_id="reg"), hold(day(1), fact_id="h1"), policy=UTC_POLICY)
    plain = explain(state, day(2)).to_json()
    assert {name: value for name, value in plain.items() if name != "deadlines"} == {
        "as_of": "2030-01-09T12:00:00Z",
        "status": "ACTIVE",
        "paused": True,
        "timezone": "UTC",
        "policy_version": "contract-1",
    }
    assert [(each["subject"], each["at"]) for each in plain["deadlines"]] == [
        ("base_until", None),
        ("progress_until", None),
        ("valid_until", None),
    ]
    assert plain["deadlines"][0]["steps"][1] == {
        "rule": "base-period",
        "clause": "a",
        "fact_ids": ["reg"],
        "from_at": "2030-01-07T12:00:00Z",
        "to_at": "2030-07-07T12:00:00Z",
        "count": 6,
        "stood_still_seconds": 0,
        "word": "",
    }
    base_first = explain(life(policy=replace(UTC_POLICY, base_months=1)), A).to_json()["deadlines"]
    assert [(each["subject"], each["at"]) for each in base_first] == [
        ("base_until", "2030-02-07T12:00:00Z"),
        ("progress_until", "2030-03-08T12:00:00Z"),
        ("valid_until", "2030-02-07T12:00:00Z"),
    ]
    half = life(hold(day(1), end=day(1.5)))
    steps = explain(half, day(2)).to_json()["deadlines"][0]["steps"]
    assert steps[-1]["stood_still_seconds"] == 43_200
