"""What letters say is what the engine says: no server, no database."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.letters import LeadLedger, Letter, Occasion, draft
from activities.orders import NotificationKind
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    EndReason,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReason,
    Lapsed,
    ReminderSent,
    Transferred,
)
from protection.lifecycle import apply, replay, snapshot
from protection.policy import Counting, Mode, Policy
from tests.mail.world import CALL, REGISTERED, due, later, life

LEAD = UUID(int=1)
REMINDER, PROGRESS = NotificationKind.REMINDER, NotificationKind.NOTICE_PROGRESS
BASE, LAPSE = NotificationKind.NOTICE_BASE, NotificationKind.LAPSE
CONTRACT = Policy()


def letter(
    kind: NotificationKind,
    at: datetime,
    *more: Fact,
    policy: Policy = CONTRACT,
    cycle: str = "2",
    about: datetime | None = None,
) -> Letter | None:
    occasion = Occasion(kind, LEAD, cycle, about or at)
    return draft(occasion, LeadLedger("Firma", "Ulm", policy, life(*more)), at)


def needed(found: Letter | None) -> Letter:
    assert found is not None
    return found


def hold(start: datetime, end: datetime | None, name: str = "h") -> HoldPlaced:
    return HoldPlaced(
        fact_id=name, recorded_at=later(CALL, days=1), by="max", hold=name, reason=HoldReason.OTHER,
        start_at=start, end_at=end,
    )  # fmt: skip


POLICIES = [
    Policy(),
    Policy(grace_days=1, timezone="America/New_York"),
    Policy(counting=Counting.CALENDAR_DAYS),
    Policy(mode=Mode.GREATEST),
]


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=50, deadline=None)
@given(late=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_the_promised_end_of_grace_is_the_one_the_engine_will_keep(policy: Policy, late: timedelta) -> None:
    sent_at = due(life(), policy) + late
    found = needed(letter(REMINDER, sent_at, policy=policy))
    state = replay(policy, life())
    sent = ReminderSent(
        fact_id="s",
        recorded_at=sent_at + timedelta(seconds=9),
        by="system",
        sent_at=sent_at,
        cycle=state.cycle,
    )
    kept = snapshot(apply(state, sent), sent.recorded_at)
    assert (found.grace_until, found.valid_until) == (kept.grace_until, kept.valid_until)
    assert (found.progress_until, found.base_until) == (kept.progress_until, kept.base_until)


def test_a_reminder_before_its_time_is_not_written() -> None:
    assert letter(REMINDER, due(life()) - timedelta(microseconds=1)) is None
    assert letter(REMINDER, due(life())) is not None


def test_a_reminder_of_another_cycle_is_not_written() -> None:
    assert letter(REMINDER, due(life()), cycle="1") is None


@pytest.mark.parametrize(
    "fact",
    [
        ReminderSent(fact_id="s", recorded_at=due(life()), by="system", sent_at=due(life()), cycle=2),
        Converted(fact_id="k", recorded_at=CALL, by="max"),
    ],
)
def test_a_reminder_is_not_written_twice_or_after_the_end(fact: Fact) -> None:
    assert letter(REMINDER, later(due(life()), hours=1), fact) is None


def test_no_reminder_while_paused() -> None:
    at = due(life())
    assert letter(REMINDER, at, hold(later(at, days=-1), None)) is None
    assert letter(REMINDER, at, hold(later(at, days=-1), later(at, days=1))) is None


def test_the_end_of_grace_is_unknown_before_an_open_hold() -> None:
    at = due(life())
    found = needed(letter(REMINDER, at, hold(later(at, days=2), None)))
    assert found.grace_until is None


def test_a_fact_recorded_after_the_attempt_began_is_known_already() -> None:
    at = due(life())
    call = ActivityRecorded(
        fact_id="n", recorded_at=later(at, seconds=5), by="erika", kind="NOTE", occurred_at=at
    )
    assert needed(letter(REMINDER, at, call)).sent_at == at


def test_the_last_progress_is_that_of_this_tenure_as_corrected() -> None:
    at = due(life())
    assert needed(letter(REMINDER, at)).last_progress is not None
    retracted = Corrected(
        fact_id="x", recorded_at=later(CALL, hours=1), by="max", corrects="c", replacement=None
    )
    without = needed(letter(REMINDER, at, retracted, cycle=str(replay(CONTRACT, life(retracted)).cycle)))
    assert (without.last_progress, without.since) == (None, REGISTERED)
    handed = Transferred(fact_id="t", recorded_at=later(CALL, days=3), by="max", owner="otto")
    found = needed(
        letter(REMINDER, due(life(handed)), handed, cycle=str(replay(CONTRACT, life(handed)).cycle))
    )
    assert (found.last_progress, found.since, found.owner) == (None, handed.recorded_at, "otto")


@pytest.mark.parametrize(("days", "written"), [(-30, True), (-7, True), (-0.1, True), (0, False), (1, False)])
def test_a_notice_of_progress_announces_what_lies_ahead(days: float, written: bool) -> None:
    found = letter(PROGRESS, later(due(life()), days=days), about=due(life()))
    assert (found is not None) is written
    if found is not None:
        assert found.progress_until == due(life())


def test_a_deadline_that_has_moved_is_not_announced() -> None:
    assert letter(PROGRESS, later(due(life()), days=-7), about=later(due(life()), seconds=1)) is None
    at = later(due(life()), days=-7)
    held = hold(later(at, days=-1), later(at, days=1))
    assert letter(PROGRESS, at, held, about=due(life())) is None
    assert letter(PROGRESS, at, held, about=due(life(held))) is None  # nothing goes out while paused
    assert letter(PROGRESS, later(at, days=2), held, about=due(life(held))) is not None


def test_where_the_later_period_counts_progress_is_owed_by_the_reminder() -> None:
    policy = Policy(mode=Mode.GREATEST)
    at = due(life(), policy)
    assert needed(letter(PROGRESS, later(at, days=-7), policy=policy, about=at)).progress_until == at


def base_end(*more: Fact) -> datetime:
    until = snapshot(replay(CONTRACT, life(*more)), life(*more)[-1].recorded_at).base_until
    assert until is not None
    return until


@pytest.mark.parametrize(("days", "written"), [(-14, True), (-1, True), (0, False)])
def test_a_notice_of_the_base_period_announces_its_end(days: float, written: bool) -> None:
    until = base_end()
    talk = later(until, days=-20)
    call = ActivityRecorded(
        fact_id="n", recorded_at=talk, by="erika", kind="ROI_PRESENTATION", occurred_at=talk
    )
    found = letter(BASE, later(until, days=days), call, about=until)
    assert (found is not None) is written
    if found is not None:
        assert found.base_until == until


def test_no_notice_of_progress_where_the_base_period_ends_first() -> None:
    until = base_end()
    talk = later(until, days=-20)
    call = ActivityRecorded(
        fact_id="n", recorded_at=talk, by="erika", kind="ROI_PRESENTATION", occurred_at=talk
    )
    assert letter(PROGRESS, later(until, days=-3), call, about=until) is None


def test_an_extension_moves_the_notice() -> None:
    granted = ExtensionGranted(fact_id="e", recorded_at=later(CALL, days=1), by="max", days=90)
    assert base_end(granted) > base_end()
    assert letter(BASE, later(base_end(), days=-1), granted, about=base_end()) is None


def test_a_lapse_tells_when_and_why() -> None:
    at = due(life())
    sent = ReminderSent(fact_id="s", recorded_at=at, by="system", sent_at=at, cycle=2)
    end = snapshot(replay(CONTRACT, life(sent)), at).grace_until
    assert end is not None
    gone = Lapsed(
        fact_id="l", recorded_at=later(end, hours=3), by="system", at=end, reason=EndReason.INACTIVITY
    )
    found = needed(letter(LAPSE, later(end, hours=4), sent, gone))
    assert (found.valid_until, found.reason) == (end, EndReason.INACTIVITY)
    assert found.explanation is not None
    assert found.explanation.answer.valid_until == end
    assert letter(LAPSE, at) is None
