"""The life of a lead, told in facts: tenures, reinstatement, reminders, the two modes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from protection.facts import EndReason
from protection.lifecycle import Snapshot, apply, lapse_by, snapshot
from protection.policy import Mode
from protection.state import Basis, Status, derive
from tests.protection.told import (
    DAY,
    TICK,
    UTC_POLICY,
    A,
    bounced,
    converted,
    day,
    extended,
    hold,
    hold_released,
    lapse_of,
    life,
    note,
    preregistered,
    progress,
    registered,
    reinstated,
    released,
    reminded,
    transferred,
)

GREATEST = replace(UTC_POLICY, mode=Mode.GREATEST)
BASE = datetime(2030, 7, 7, 12, tzinfo=UTC)


def test_a_fresh_registration() -> None:
    told = snapshot(life(), A)
    assert (told.status, told.paused, told.base_until, told.progress_until) == (
        Status.ACTIVE,
        False,
        BASE,
        day(60),
    )
    assert (told.reminder_due_at, told.grace_until, told.valid_until) == (day(60), None, day(70))
    assert (life().cycle, life().revision, life().basis.owner) == (1, 1, "anna")


def test_a_preregistration_is_not_protected_until_it_is_registered() -> None:
    noted = life(preregistered(owner="cleo"))
    assert (noted.status, noted.basis.owner) == (Status.PREREGISTERED, "cleo")
    assert noted.basis.progress_anchor is None
    assert lapse_by(noted, day(59)) is None
    first = registered(day(9), owner="dora")
    state = apply(noted, first)
    assert state.facts == (*noted.facts, first)
    assert (state.status, state.basis.owner, state.revision) == (Status.ACTIVE, "dora", 2)
    assert snapshot(state, day(9)).progress_until == day(69)


def test_a_preregistration_can_be_given_up() -> None:
    assert life(preregistered(), released(day(1))).status is Status.RELEASED


def test_a_backdated_registration_moves_the_base_period_and_not_the_progress_period() -> None:
    state = life(registered(A, since=A - 20 * DAY))
    told = snapshot(state, A)
    assert told.base_until == datetime(2030, 6, 18, 12, tzinfo=UTC)
    assert told.progress_until == day(60)


@pytest.mark.parametrize(("minutes", "anchored"), [(60 / 60, True), (61 / 60, False)])
def test_a_registration_that_was_only_under_way_is_not_backdated(minutes: float, anchored: bool) -> None:
    since = A - minutes * DAY / 1440
    state = life(registered(A, since=since))
    assert state.basis.tenure_anchor == (since if anchored else A)
    assert state.basis.base_anchor == since


def test_a_transfer_starts_a_tenure_and_leaves_the_base_period() -> None:
    state = life(progress(day(10)), extended(day(11), 5), transferred(day(20)))
    assert (state.basis.owner, state.basis.tenure_anchor) == ("bert", day(20))
    told = snapshot(state, day(20))
    assert (told.base_until, told.progress_until) == (BASE + 5 * DAY, day(80))
    assert state.cycle == 3


def test_a_transfer_may_restart_the_base_period_without_its_extensions() -> None:
    state = life(extended(day(1), 30), transferred(day(20), restart_base=True))
    told = snapshot(state, day(20))
    assert told.base_until == datetime(2030, 7, 27, 12, tzinfo=UTC)
    assert state.basis.extension_days == 0


def test_progress_of_the_new_tenure_counts_and_that_of_the_old_one_does_not() -> None:
    state = life(progress(day(10)), transferred(day(20)), progress(day(25), on=day(15)))
    assert state.basis.progress_anchor == day(20)
    assert apply(state, progress(day(30))).basis.progress_anchor == day(30)


def test_a_transfer_in_grace_makes_the_reminder_void() -> None:
    state = life(reminded(day(60)), transferred(day(61)))
    assert (state.status, state.cycle, state.reminder) == (Status.ACTIVE, 2, None)


def test_a_lapsed_lead_comes_back_with_a_new_progress_period() -> None:
    grace = life(progress(day(1)), reminded(day(61), cycle=2))
    lapsed = apply(grace, lapse_of(grace))
    assert (lapsed.status, lapsed.ended_at, lapsed.reason) == (Status.EXPIRED, day(71), EndReason.INACTIVITY)
    assert lapsed.deadlines is None
    back = apply(lapsed, reinstated(day(80)))
    assert (back.status, back.ended_at, back.reason, back.reminder) == (Status.ACTIVE, None, None, None)
    assert back.cycle > lapsed.cycle
    told = snapshot(back, day(80))
    assert (told.base_until, told.progress_until) == (BASE, day(140))


def test_a_lead_given_up_comes_back_with_a_new_base_period() -> None:
    back = life(extended(day(1), 9), released(day(5)), reinstated(day(300), restart_base=True))
    told = snapshot(back, day(300))
    assert (told.status, told.progress_until) == (Status.ACTIVE, day(360))
    assert told.base_until == datetime(2031, 5, 3, 12, tzinfo=UTC)


def test_a_lapse_that_is_not_recorded_yet_is_told_all_the_same() -> None:
    state = life(reminded(day(60)), hold(day(61), start=day(300)))
    assert snapshot(state, day(61)).grace_until == day(70)
    assert snapshot(state, day(400)) == Snapshot(
        day(400), Status.EXPIRED, False, valid_until=day(70), reason=EndReason.INACTIVITY
    )
    ended = life(converted(day(5)))
    assert snapshot(ended, day(6)) == Snapshot(day(6), Status.CONVERTED, False, valid_until=day(5))


def test_conversion_ends_protection_with_a_customer() -> None:
    state = life(converted(day(5)))
    assert (state.status, state.ended_at, state.reason) == (Status.CONVERTED, day(5), None)
    assert not state.paused_at(day(5))


def test_no_hold_pauses_what_has_ended() -> None:
    held = life(hold(day(1)))
    assert held.paused_at(day(2))
    assert not apply(held, converted(day(3))).paused_at(day(4))


def test_an_open_hold_makes_deadlines_unknown_until_it_ends() -> None:
    held = life(hold(day(10)))
    told = snapshot(held, day(20))
    assert (told.status, told.paused) == (Status.ACTIVE, True)
    for name in ("base_until", "progress_until", "reminder_due_at", "grace_until", "valid_until"):
        assert getattr(told, name) is None
    freed = snapshot(apply(held, hold_released(day(20))), day(20))
    assert (freed.paused, freed.progress_until) == (False, day(70))


def test_a_hold_released_after_its_planned_end_changes_nothing() -> None:
    state = life(hold(day(10), end=day(12)))
    assert apply(state, hold_released(day(20))).deadlines == state.deadlines


def test_a_hold_can_be_released_as_of_an_earlier_time() -> None:
    state = life(hold(day(10)), hold_released(day(20), ended=day(14)))
    assert state.basis.pauses == ((day(10), day(14)),)
    assert [hold.end_at for hold in state.basis.holds] == [day(14)]
    never = life(hold(day(10)), hold_released(day(20), ended=day(9)))
    assert never.basis.pauses == ()


def test_releasing_one_hold_leaves_the_others() -> None:
    state = life(hold(day(1), "a"), hold(day(2), "b"), hold_released(day(5), "a"))
    assert [(each.hold, each.end_at) for each in state.basis.holds] == [("a", day(5)), ("b", None)]
    both = apply(apply(state, hold(day(6), "c", end=day(7))), hold_released(day(8), "b"))
    assert both.basis.pauses == ((day(1), day(8)),)


def test_a_hold_that_covers_the_due_instant_delays_the_reminder_to_its_end() -> None:
    state = life(hold(day(1), start=day(60), end=day(64)))
    told = snapshot(state, day(1))
    assert (told.progress_until, told.reminder_due_at, told.valid_until) == (day(60), day(64), day(74))
    open_one = snapshot(life(hold(day(1), start=day(60))), day(1))
    assert (open_one.progress_until, open_one.reminder_due_at, open_one.valid_until) == (day(60), None, None)


def test_no_reminder_is_due_where_the_base_period_ends_first_or_at_once() -> None:
    for days in (31, 32):
        policy = replace(UTC_POLICY, base_months=1, progress_days=days)
        told = snapshot(life(policy=policy), A)
        assert (told.base_until, told.progress_until) == (day(31), day(days))
        assert (told.reminder_due_at, told.valid_until) == (None, day(31))
    earlier = snapshot(life(policy=replace(UTC_POLICY, base_months=1, progress_days=30)), A)
    assert (earlier.reminder_due_at, earlier.valid_until) == (day(30), day(31))


def test_progress_in_grace_saves_the_lead() -> None:
    state = life(reminded(day(60)))
    assert (state.status, state.deadlines and state.deadlines.grace_until) == (Status.GRACE, day(70))
    saved = apply(state, progress(day(69)))
    assert (saved.status, saved.reminder, saved.cycle) == (Status.ACTIVE, None, 2)
    assert snapshot(saved, day(69)).grace_until is None


def test_a_late_entry_too_old_to_help_leaves_grace_running() -> None:
    state = life(reminded(day(100)), progress(day(101), on=day(30)))
    assert (state.status, state.reminder, state.cycle) == (Status.GRACE, day(100), 1)
    assert state.deadlines is not None
    assert state.deadlines.owed == day(90)


def test_a_note_in_grace_changes_nothing() -> None:
    grace = life(reminded(day(60)))
    noted = apply(grace, note(day(61)))
    assert replace(noted, facts=grace.facts) == grace


def test_a_second_reminder_in_grace_or_one_of_another_cycle_changes_nothing() -> None:
    grace = life(reminded(day(60)))
    twice = apply(grace, reminded(day(61)))
    assert (twice.reminder, twice.cycle, twice.status) == (day(60), 1, Status.GRACE)
    other = apply(life(), reminded(day(61), cycle=7))
    assert (other.reminder, other.cycle, other.status) == (None, 1, Status.ACTIVE)
    assert other.revision == 2


def test_a_reminder_recorded_late_counts_from_when_it_went_out() -> None:
    state = life(reminded(day(63), sent=day(60)))
    assert (state.reminder, state.deadlines and state.deadlines.grace_until) == (day(60), day(70))


def test_a_reminder_at_the_due_instant_counts() -> None:
    assert life(reminded(day(60))).status is Status.GRACE
    assert life(reminded(day(60), sent=day(60) - TICK)).status is Status.ACTIVE


def test_a_reminder_while_the_due_instant_is_unknown_is_void() -> None:
    state = life(hold(day(10)), reminded(day(70)))
    assert (state.status, state.cycle) == (Status.ACTIVE, 2)


def test_a_bounced_reminder_is_a_problem_and_starts_no_grace() -> None:
    state = life(bounced(day(60)))
    assert (state.status, state.problem, state.cycle) == (Status.ACTIVE, "reminder-bounced", 1)
    assert snapshot(state, day(100)).status is Status.ACTIVE


def test_a_reminder_that_goes_out_after_all_clears_the_problem() -> None:
    state = life(bounced(day(60)), reminded(day(65)))
    assert (state.status, state.problem, state.reminder) == (Status.GRACE, None, day(65))


def test_a_problem_is_over_once_no_reminder_is_owed() -> None:
    bounce = life(bounced(day(60)))
    answered = apply(bounce, progress(day(61)))
    assert (answered.problem, answered.cycle) == (None, 2)
    held = apply(bounce, hold(day(61), start=day(50), end=day(55)))
    assert (held.problem, held.cycle) == (None, 2)
    unknown = apply(bounce, hold(day(61), start=day(50)))
    assert (unknown.problem, unknown.cycle) == (None, 2)


@pytest.mark.parametrize("days", [10, 0])
def test_a_problem_stays_while_the_reminder_is_owed(days: float) -> None:
    bounce = life(bounced(day(60)))
    for fact in (note(day(61)), hold(day(61), end=day(65)), progress(day(75), on=day(days))):
        assert apply(bounce, fact).problem == "reminder-bounced"


def test_a_problem_ends_when_the_next_reminder_falls_due_after_this_fact_only() -> None:
    bounce = life(bounced(day(60)))
    exactly_now = apply(bounce, progress(day(70), on=day(10)))
    assert (exactly_now.problem, exactly_now.cycle) == ("reminder-bounced", 2)
    a_moment_ahead = apply(bounce, progress(day(70) - TICK, on=day(10)))
    assert (a_moment_ahead.problem, a_moment_ahead.cycle) == (None, 2)


def test_a_bounce_of_a_cycle_that_is_over_is_no_problem() -> None:
    state = life(progress(day(59)), bounced(day(60), cycle=1))
    assert (state.problem, state.cycle, state.revision) == (None, 2, 3)


def test_a_bounce_of_a_reminder_no_longer_owed_only_spends_its_cycle() -> None:
    moved = life(hold(day(59), start=day(50), end=day(55)), bounced(day(60)))
    assert (moved.problem, moved.cycle) == (None, 2)
    unknown = life(hold(day(59)), bounced(day(60)))
    assert (unknown.problem, unknown.cycle) == (None, 2)


def test_a_reminder_that_comes_back_later_opened_no_grace_and_is_a_problem_until_progress() -> None:
    state = life(reminded(day(60)), bounced(day(61)))
    assert (state.status, state.problem, state.cycle) == (Status.ACTIVE, "reminder-bounced", 1)
    assert state.reminder is None
    assert state.deadlines is not None
    assert (state.deadlines.grace_until, state.deadlines.end) == (None, BASE)
    saved = apply(state, progress(day(62)))
    assert (saved.status, saved.problem, saved.cycle) == (Status.ACTIVE, None, 2)


def test_a_problem_does_not_outlive_protection() -> None:
    assert life(bounced(day(60)), converted(day(61))).problem is None


def test_greatest_the_reminder_is_due_at_the_later_of_both_periods() -> None:
    told = snapshot(life(policy=GREATEST), A)
    assert (told.base_until, told.progress_until, told.reminder_due_at) == (BASE, day(60), BASE)
    assert told.valid_until == BASE + 10 * DAY
    late = life(progress(day(170)), policy=GREATEST)
    assert snapshot(late, day(170)).reminder_due_at == day(230)


def test_greatest_the_base_period_alone_ends_nothing() -> None:
    state = life(policy=GREATEST)
    assert state.deadlines is not None
    assert (state.deadlines.end, state.deadlines.end_reason) == (None, None)
    assert snapshot(state, day(900)).status is Status.ACTIVE
    grace = apply(state, reminded(BASE))
    assert (grace.status, grace.deadlines and grace.deadlines.end) == (Status.GRACE, BASE + 10 * DAY)
    assert grace.deadlines is not None
    assert grace.deadlines.end_reason is EndReason.INACTIVITY


def test_greatest_an_unknown_period_leaves_the_reminder_unknown() -> None:
    told = snapshot(life(hold(day(1), start=day(100)), policy=GREATEST), day(1))
    assert (told.base_until, told.progress_until, told.reminder_due_at) == (None, day(60), None)
    assert told.valid_until is None


def test_a_lead_without_a_registration_has_no_deadlines() -> None:
    with pytest.raises(ValueError, match=r"^a lead without a registration has no deadlines$"):
        derive(UTC_POLICY, Basis(owner="anna"), None)
