"""What is to be done at an instant, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from protection.decide import (
    Decision,
    EndProtection,
    Notice,
    SendNotice,
    SendReminder,
    already_announced,
    decide,
    next_change,
    notices,
)
from protection.facts import EndReason
from protection.policy import Mode
from protection.state import LeadState
from tests.protection.told import (
    BERLIN,
    TICK,
    UTC_POLICY,
    A,
    bounced,
    converted,
    day,
    hold,
    lapse_of,
    life,
    preregistered,
    progress,
    reminded,
)

# 7 July 2030, 12:00 UTC is the end of the base period of a lead registered at `A`.
BASE = day(181)
QUIET = replace(UTC_POLICY, notice_progress_days=0, notice_base_days=0)
PROGRESS_NOTICE = SendNotice(Notice.PROGRESS, day(60))
BASE_NOTICE = SendNotice(Notice.BASE, BASE)
SAID: dict[str, datetime] = {Notice.PROGRESS: day(60), Notice.BASE: BASE}


def notice_times(state: LeadState) -> dict[Notice, tuple[datetime, datetime]]:
    """Per kind of notice when it goes out, and the deadline it speaks of."""
    return {notice.notice: (at, notice.deadline) for at, notice in notices(state)}


def test_a_quiet_lead_wakes_for_its_reminder() -> None:
    assert decide(life(policy=QUIET), A, {}) == Decision((), day(60))


def test_the_notices_wake_it_before() -> None:
    state = life()
    assert notice_times(state) == {
        Notice.PROGRESS: (day(53), day(60)),
        Notice.BASE: (day(167), BASE),
    }
    assert decide(state, A, {}) == Decision((), day(53))
    assert decide(state, day(53) - TICK, {}) == Decision((), day(53))
    assert decide(state, day(53), {}) == Decision((PROGRESS_NOTICE,), day(60))
    assert decide(state, day(53), {Notice.PROGRESS: day(60)}) == Decision((), day(60))
    assert decide(state, day(53), {Notice.PROGRESS: day(59)}).commands == (PROGRESS_NOTICE,)


def test_both_notices_can_come_at_once() -> None:
    state = life(progress(day(130)))
    assert decide(state, day(184 - 7), {}).commands == (BASE_NOTICE,)
    short = life(policy=replace(UTC_POLICY, base_months=1, progress_days=25))
    decision = decide(short, day(20), {})
    assert decision.commands == (SendNotice(Notice.PROGRESS, day(25)), SendNotice(Notice.BASE, day(31)))
    assert decision.wake_at == day(25)


def test_a_notice_that_went_out_does_not_keep_the_other_back() -> None:
    short = life(policy=replace(UTC_POLICY, base_months=1, progress_days=25))
    decision = decide(short, day(20), {Notice.PROGRESS: day(25)})
    assert decision.commands == (SendNotice(Notice.BASE, day(31)),)


def test_a_notice_is_known_by_the_deadline_it_announces() -> None:
    assert PROGRESS_NOTICE.cycle == "2030-03-08T12:00:00Z"
    assert [str(notice) for notice in Notice] == [
        "notice-progress",
        "notice-base",
        "notice-preregistration",
        "notice-hold",
    ]


def test_a_notice_of_a_deadline_that_has_passed_is_not_sent() -> None:
    assert decide(life(), day(60), {Notice.BASE: BASE}).commands == (SendReminder(1, day(60)),)


def test_the_reminder_is_due_and_stays_due_until_it_went_out() -> None:
    for now in (day(60), day(65)):
        decision = decide(life(), now, SAID)
        assert decision == Decision((SendReminder(1, day(60)),), BASE)
    assert decide(life(), day(60) - TICK, SAID).commands == ()


def test_in_grace_it_waits_for_the_end_of_grace() -> None:
    assert decide(life(reminded(day(60))), day(61), SAID) == Decision((), day(70))


@pytest.mark.parametrize("now", [70, 71, 400])
def test_the_end_of_grace_ends_protection(now: float) -> None:
    decision = decide(life(reminded(day(60))), day(now), SAID)
    assert decision == Decision((EndProtection(day(70), EndReason.INACTIVITY),), None)


def test_the_end_of_the_base_period_ends_protection() -> None:
    assert decide(life(), BASE, {}).commands == (EndProtection(BASE, EndReason.BASE_PERIOD),)


def lapsed() -> LeadState:
    grace = life(reminded(day(60)))
    return life(*grace.facts, lapse_of(grace))


@pytest.mark.parametrize(
    "state",
    [life(converted(day(1))), lapsed()],
    ids=["converted", "lapsed"],
)
def test_there_is_nothing_to_do_for_a_lead_that_is_not_alive(state: LeadState) -> None:
    assert decide(state, day(999), {}) == Decision((), None)
    assert notice_times(state) == {}


def test_while_paused_nothing_goes_out_and_it_wakes_at_the_end_of_the_pause() -> None:
    held = life(hold(day(50), end=day(55)))
    assert decide(held, day(54), {}) == Decision((), day(55))
    assert decide(held, day(55), {}).wake_at == day(58)
    assert decide(life(hold(day(50))), day(54), {}) == Decision((), None)
    covering = life(hold(day(1), start=day(60), end=day(64)))
    assert decide(covering, day(60), SAID) == Decision((), day(64))
    assert decide(covering, day(64), {**SAID, Notice.PROGRESS: day(64)}).commands == (
        SendReminder(1, day(64)),
    )


def test_it_wakes_at_the_start_of_a_hold_to_show_the_pause() -> None:
    assert decide(life(hold(day(1), start=day(20), end=day(30)), policy=QUIET), day(2), {}).wake_at == day(20)


def test_a_bounced_reminder_is_not_sent_again_by_itself() -> None:
    assert decide(life(bounced(day(60))), day(61), SAID) == Decision((), BASE)


def test_notices_are_counted_in_local_days() -> None:
    state = life(policy=replace(BERLIN, notice_base_days=90, notice_progress_days=0))
    (at, deadline) = notice_times(state)[Notice.BASE]
    assert (deadline - at).total_seconds() == 90 * 86_400
    assert deadline.hour == at.hour == 11
    early = life(policy=replace(BERLIN, base_months=3, notice_base_days=14, notice_progress_days=0))
    (at, deadline) = notice_times(early)[Notice.BASE]
    assert (at.hour, deadline.hour) == (12, 11)


def test_no_notice_where_the_policy_wants_none_or_no_deadline_is_known() -> None:
    assert notice_times(life(policy=QUIET)) == {}
    assert notice_times(life(hold(day(1)))) == {}
    assert set(notice_times(life(policy=replace(UTC_POLICY, mode=Mode.GREATEST)))) == {Notice.PROGRESS}
    assert notice_times(life(reminded(day(60)))) == {}
    assert set(notice_times(life(policy=replace(UTC_POLICY, base_months=1)))) == {Notice.BASE}


def test_what_was_announced_before_a_ledger_was_brought_in_is_not_announced_again() -> None:
    state = life()
    assert already_announced(state, day(53) - TICK) == {}
    assert already_announced(state, day(53)) == {Notice.PROGRESS: day(60)}
    assert already_announced(state, day(167)) == {Notice.PROGRESS: day(60), Notice.BASE: BASE}


@pytest.mark.parametrize(
    ("state", "now", "change"),
    [
        (life(), 0, day(60)),
        (life(), 59.9, day(60)),
        (life(), 65, day(60)),  # on its way, so still due at its instant
        (life(bounced(day(60))), 65, BASE),
        (life(reminded(day(60))), 61, day(70)),
        (life(hold(day(1), start=day(20), end=day(30))), 2, day(20)),
        (life(hold(day(1), start=day(20), end=day(30))), 20, day(30)),
        (life(hold(day(1), start=day(60), end=day(64))), 61, day(64)),
        (life(hold(day(1))), 2, None),
        (life(preregistered()), 2, day(60)),
        (life(converted(day(1))), 2, None),
        (lapsed(), 80, None),
    ],
)
def test_when_time_alone_will_next_change_the_lead(
    state: LeadState, now: float, change: datetime | None
) -> None:
    assert next_change(state, day(now)) == change


def test_a_reminder_overdue_that_waits_for_a_hold_to_end_is_not_due_before() -> None:
    held = life(hold(day(61), end=day(63)))
    assert next_change(held, day(62)) == day(63)
    assert next_change(held, day(63)) == day(60)


LONG = replace(QUIET, max_hold_days=30)


def test_managers_are_told_of_a_hold_that_lasts_too_long() -> None:
    held = life(hold(day(5)), policy=LONG)
    alert = SendNotice(Notice.HOLD, day(35), "h")
    assert (alert.key, alert.cycle) == ("notice-hold/h", "h")
    assert decide(held, day(6), {}) == Decision((), day(35))
    assert decide(held, day(35), {}) == Decision((alert,), None)
    assert decide(held, day(36), {alert.key: day(35)}) == Decision((), None)
    assert already_announced(held, day(40)) == {alert.key: day(35)}


def test_a_hold_that_ends_in_time_worries_nobody() -> None:
    assert notices(life(hold(day(5), end=day(35)), policy=LONG)) == []
    over = life(hold(day(5), end=day(36)), policy=LONG)
    assert decide(over, day(36), {}).commands == ()
    assert decide(over, day(35), {}).commands == (SendNotice(Notice.HOLD, day(35), "h"),)
    assert notices(life(hold(day(5)), converted(day(6)), policy=LONG)) == []
