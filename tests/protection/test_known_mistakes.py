"""Mistakes seen in an earlier implementation (domain.md section 4), each one kept out by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from protection.clock import grace_end
from protection.decide import SendReminder, decide
from protection.explain import explain
from protection.facts import EndReason, Lapsed, ReminderSent
from protection.lifecycle import apply, snapshot
from protection.policy import Mode, Policy, policy_from_json
from protection.refusal import Code, Refused
from protection.simulator import run
from protection.state import Status
from protection.steps import Rule, Subject
from protection.wire import fact_from_json, fact_to_json
from tests.protection.told import (
    BERLIN,
    DAY,
    TICK,
    UTC_POLICY,
    A,
    day,
    hold,
    hold_released,
    life,
    progress,
    refusal,
    registered,
    reminded,
    transferred,
)


def base_until(more: float = 0) -> datetime:
    return datetime(2030, 7, 7, 12, tzinfo=A.tzinfo) + more * DAY


def test_1_two_overlapping_holds_count_once() -> None:
    state = life(hold(day(10), "a", end=day(20)), hold(day(15), "b", end=day(25)))
    assert state.deadlines is not None
    assert state.deadlines.progress_until == day(60 + 15)
    assert state.deadlines.base_until == base_until(15)


def test_1_a_hold_inside_another_and_one_that_adjoins_add_nothing_twice() -> None:
    state = life(
        hold(day(10), "a", end=day(20)), hold(day(12), "b", end=day(15)), hold(day(20), "c", end=day(22))
    )
    assert state.deadlines is not None
    assert state.deadlines.progress_until == day(60 + 12)
    assert state.basis.pauses == ((day(10), day(22)),)


def test_2_a_lead_without_any_hold_is_never_paused() -> None:
    state = life()
    for number in range(60):
        assert not snapshot(state, day(number)).paused
    assert state.basis.pauses == ()


def test_3_a_future_hold_does_not_shorten_protection() -> None:
    plain = life()
    held = life(hold(day(1), start=day(30), end=day(40)))
    beyond = life(hold(day(1), start=day(300), end=day(340)))
    for name in ("base_until", "progress_until", "valid_until"):
        assert getattr(held.deadlines, name) == getattr(plain.deadlines, name) + 10 * DAY
        assert getattr(beyond.deadlines, name) == getattr(plain.deadlines, name)
    assert not snapshot(held, day(29)).paused


def test_4_the_second_cycle_is_reminded_under_a_key_of_its_own() -> None:
    state = life(reminded(day(60)), progress(day(65)))
    assert (state.status, state.cycle) == (Status.ACTIVE, 2)
    assert decide(state, day(125), {}).commands == (SendReminder(2, day(125)),)
    again = apply(state, reminded(day(125), cycle=2))
    assert again.status is Status.GRACE
    cycles = [fact.cycle for fact in again.facts if isinstance(fact, ReminderSent)]
    assert cycles == [1, 2]


def test_4_every_progress_before_the_reminder_begins_a_new_cycle() -> None:
    state = life(progress(day(10)), progress(day(20)), progress(day(25), on=day(15)))
    assert state.cycle == 3


def test_5_status_and_valid_until_come_from_one_formula() -> None:
    state = life(reminded(day(60)))
    assert state.deadlines is not None
    assert state.deadlines.valid_until == state.deadlines.end == state.deadlines.grace_until == day(70)
    last, over = snapshot(state, day(70) - TICK), snapshot(state, day(70))
    assert (last.status, last.valid_until) == (Status.GRACE, day(70))
    assert (over.status, over.valid_until, over.reason) == (Status.EXPIRED, day(70), EndReason.INACTIVITY)


def test_6_a_predecessors_old_activity_does_not_expire_a_new_owners_lead() -> None:
    state = life(progress(day(1)), transferred(day(56)))
    assert state.basis.owner == "bert"
    assert state.deadlines is not None
    assert state.deadlines.progress_until == day(56 + 60)
    assert state.deadlines.base_until == base_until()
    assert snapshot(state, day(61)).status is Status.ACTIVE
    late = apply(state, progress(day(57), on=day(50)))
    assert late.basis.progress_anchor == day(56)


def test_7_a_follow_up_dated_a_year_ahead_is_refused() -> None:
    ahead = progress(day(5), kind="SCHEDULED_FOLLOWUP", on=day(370))
    message = refusal(life(), ahead, Code.FUTURE_PROGRESS, "occurred_at")
    assert message == "occurred_at lies in the future; log it when it has happened"
    refusal(life(), progress(day(5), on=day(5) + TICK), Code.FUTURE_PROGRESS, "occurred_at")
    assert life(progress(day(5), on=day(5))).basis.last_progress == day(5)


def test_8_a_late_entry_does_not_move_the_deadline_backwards() -> None:
    state = life(progress(day(40)), progress(day(50), on=day(20)))
    assert state.deadlines is not None
    assert state.deadlines.progress_until == day(100)
    assert state.cycle == 2


def test_8_a_backdated_entry_counts_from_when_it_happened() -> None:
    state = life(progress(day(50), on=day(20)))
    assert state.deadlines is not None
    assert state.deadlines.progress_until == day(80)


@pytest.mark.parametrize("policy", [UTC_POLICY, BERLIN, Policy(grace_days=3), Policy(mode=Mode.GREATEST)])
def test_9_the_date_promised_in_the_reminder_is_the_one_it_lapses_on(policy: Policy) -> None:
    state = life(hold(day(3), end=day(5)), policy=policy)
    due = decide(state, day(1), {}).wake_at
    assert due is not None
    planned = state.deadlines
    assert planned is not None
    assert planned.reminder_due_at is not None
    promised = grace_end(policy, planned.reminder_due_at, state.basis.pauses)
    told = run(policy, A, state.facts[1:], until=day(500), first=registered()).ledger
    lapse = told[-1]
    assert isinstance(lapse, Lapsed)
    assert lapse.at == promised == planned.valid_until


def test_9_the_explanation_in_the_mail_says_the_same_date() -> None:
    state = life(reminded(day(60)))
    grace = next(each for each in explain(state, day(61)).reckonings if each.subject is Subject.GRACE_UNTIL)
    assert grace.at == day(70)
    assert [step.rule for step in grace.steps] == [Rule.REMINDER, Rule.GRACE_PERIOD]
    assert grace.steps[-1].to_at == day(70)


@pytest.mark.parametrize(
    ("field", "value", "moved"),
    [
        ("base_months", 7, "base_until"),
        ("progress_days", 61, "progress_until"),
        ("grace_days", 11, "valid_until"),
    ],
)
def test_11_no_number_of_the_policy_is_stored_but_never_read(field: str, value: int, moved: str) -> None:
    plain, other = life(), life(policy=policy_from_json({"timezone": "UTC", field: value}))
    assert getattr(plain.deadlines, moved) < getattr(other.deadlines, moved)


@pytest.mark.parametrize("field", ["recorded_at", "occurred_at"])
def test_16_a_time_without_a_zone_is_refused(field: str) -> None:
    raw = fact_to_json(progress(day(1))) | {field: "2030-01-08T12:00:00"}
    with pytest.raises(Refused) as caught:
        fact_from_json(raw)
    assert (caught.value.code, caught.value.field) == (Code.MALFORMED, field)
    assert caught.value.message == f"{field}: 2030-01-08T12:00:00 has no zone"


def test_c_a_reminder_before_it_is_owed_is_void() -> None:
    state = life(reminded(day(60) - TICK))
    assert (state.status, state.reminder, state.cycle) == (Status.ACTIVE, None, 2)
    assert snapshot(state, day(75)).status is Status.ACTIVE


def test_c_no_lapse_for_inactivity_without_a_reminder() -> None:
    state = life()
    assert snapshot(state, base_until() - TICK).status is Status.ACTIVE
    over = snapshot(state, base_until())
    assert (over.status, over.reason) == (Status.EXPIRED, EndReason.BASE_PERIOD)


def test_d_a_released_hold_that_had_not_begun_never_begins() -> None:
    state = life(hold(day(1), start=day(10)), hold_released(day(5)))
    assert state.basis.pauses == ()
    assert state.deadlines == life().deadlines


def test_d_all_three_periods_stand_still() -> None:
    grace = life(reminded(day(60)), hold(day(62), end=day(66)))
    assert grace.deadlines is not None
    assert grace.deadlines.grace_until == day(74)
    assert grace.deadlines.base_until == base_until(4)
    before = life(hold(day(2), end=day(6)))
    assert before.deadlines is not None
    assert before.deadlines.progress_until == day(64)


def test_a_tie_of_both_periods_ends_with_the_base_period() -> None:
    # 30 + 1 days reach the same instant as one month from 7 January.
    policy = replace(UTC_POLICY, base_months=1, progress_days=30, grace_days=1)
    state = life(reminded(day(30)), policy=policy)
    assert state.deadlines is not None
    assert state.deadlines.grace_until == state.deadlines.base_until == day(31)
    assert state.deadlines.end_reason is EndReason.BASE_PERIOD


def test_the_clock_change_does_not_cost_an_hour() -> None:
    state = life(policy=BERLIN)
    assert state.deadlines is not None
    assert state.deadlines.base_until == datetime(2030, 7, 7, 11, tzinfo=A.tzinfo)
    assert state.deadlines.progress_until == A + timedelta(days=60)
