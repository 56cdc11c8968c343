"""Ledgers played through, and the file form of the conformance vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from protection.facts import EndReason, Lapsed, Registered, ReminderSent
from protection.lifecycle import replay
from protection.refusal import Code
from protection.shelf import KEPT_WITHOUT_BEARING
from protection.simulator import Transition, next_by_time, run, settle
from protection.state import Status
from protection.vectors import VectorError, play, read_vector
from tests.protection.told import (
    TICK,
    UTC_POLICY,
    A,
    bounced,
    converted,
    corrected,
    day,
    hold,
    life,
    note,
    progress,
    registered,
    released,
    reminded,
)
from tests.protection.vectors import VECTORS


def test_a_life_without_progress() -> None:
    told = run(UTC_POLICY, A, (), until=day(100), as_of=(day(65), day(70)))
    assert told.transitions == (
        Transition(A, Status.ACTIVE),
        Transition(day(60), Status.GRACE),
        Transition(day(70), Status.EXPIRED, EndReason.INACTIVITY),
    )
    assert [answer.status for answer in told.snapshots] == [Status.GRACE, Status.EXPIRED]
    first, reminder, lapse = told.ledger
    assert isinstance(first, Registered)
    assert (first.fact_id, first.by, first.owner, first.registered_at) == (
        "registration",
        "clock",
        "owner",
        A,
    )
    assert isinstance(reminder, ReminderSent)
    assert (reminder.fact_id, reminder.by, reminder.cycle) == ("reminder/1", "clock", 1)
    assert (reminder.sent_at, reminder.recorded_at) == (day(60), day(60))
    assert isinstance(lapse, Lapsed)
    assert (lapse.fact_id, lapse.by, lapse.at, lapse.recorded_at) == ("lapse/3", "clock", day(70), day(70))


def test_the_owner_can_be_named() -> None:
    assert run(UTC_POLICY, A, (), until=A, owner="zoe").state.basis.owner == "zoe"


def test_it_stops_at_until() -> None:
    assert run(UTC_POLICY, A, (), until=day(60) - TICK).state.status is Status.ACTIVE
    at_due = run(UTC_POLICY, A, (progress(day(61)),), until=day(60))
    assert (at_due.state.status, len(at_due.ledger)) == (Status.GRACE, 2)
    then = run(UTC_POLICY, A, (progress(day(61)), progress(day(62))), until=day(61))
    assert (then.state.status, then.ledger[-1].recorded_at) == (Status.ACTIVE, day(61))


def test_an_instant_after_until_is_answered_without_going_on() -> None:
    told = run(UTC_POLICY, A, (), until=day(50), as_of=(day(65), day(40), day(75)))
    assert [answer.as_of for answer in told.snapshots] == [day(65), day(40), day(75)]
    assert [answer.status for answer in told.snapshots] == [Status.GRACE, Status.ACTIVE, Status.EXPIRED]
    assert (told.state.status, told.transitions) == (Status.ACTIVE, (Transition(A, Status.ACTIVE),))
    silent = run(UTC_POLICY, A, (), until=day(50), as_of=(day(75),), assume_reminders=False)
    assert silent.snapshots[0].status is Status.ACTIVE


def test_instants_may_come_from_anything_that_yields_them_and_twice() -> None:
    def asked() -> Iterator[datetime]:
        yield day(2)
        yield day(1)
        yield day(2)

    told = run(UTC_POLICY, A, (), until=day(3), as_of=asked())
    assert [answer.as_of for answer in told.snapshots] == [day(2), day(1), day(2)]


def test_a_snapshot_at_a_facts_instant_knows_the_fact() -> None:
    told = run(UTC_POLICY, A, (progress(day(5)),), until=day(9), as_of=(day(5) - TICK, day(5)))
    assert [answer.progress_until for answer in told.snapshots] == [day(60), day(65)]


def test_refused_facts_are_told_by_their_place() -> None:
    facts = (progress(day(1), kind="LUNCH"), note(day(2)), released(day(3)), note(day(4)))
    told = run(UTC_POLICY, A, facts, until=day(9))
    assert told.rejected == [0, 3]
    assert [rejection.refused.code for rejection in told.rejections] == [
        Code.UNKNOWN_KIND,
        Code.PROTECTION_ENDED,
    ]


def test_deadlines_are_settled_before_facts_of_the_same_instant() -> None:
    assert run(UTC_POLICY, A, (progress(day(70)),), until=day(80)).rejected == [0]
    assert run(UTC_POLICY, A, (progress(day(70) - TICK),), until=day(80)).rejected == []


def test_the_ledger_is_whole_though_the_state_sets_notes_aside() -> None:
    notes = [note(day(n / 1000), fact_id=f"n{n}") for n in range(KEPT_WITHOUT_BEARING + 30)]
    told = run(UTC_POLICY, A, notes, until=day(5))
    assert len(told.ledger) == told.state.revision == KEPT_WITHOUT_BEARING + 31
    assert len(told.state.facts) < len(told.ledger)
    assert replay(UTC_POLICY, told.ledger) == told.state


def test_reminders_wait_for_the_end_of_a_pause() -> None:
    told = run(UTC_POLICY, A, (hold(day(1), start=day(60), end=day(64)),), until=day(300))
    assert [(each.at, each.to) for each in told.transitions] == [
        (A, Status.ACTIVE),
        (day(64), Status.GRACE),
        (day(74), Status.EXPIRED),
    ]


def test_a_reminder_owed_in_the_past_goes_out_when_it_is_learned() -> None:
    late = life(progress(day(50), fact_id="c"))
    assert next_by_time(late, assume_reminders=True) == replace(
        ReminderSent(fact_id="", recorded_at=day(110), by="clock", sent_at=day(110), cycle=2),
        fact_id="reminder/2",
    )
    bounce = life(bounced(day(75)))
    due = next_by_time(bounce, assume_reminders=True)
    assert due is not None
    assert due.recorded_at == day(75)


def test_time_brings_nothing_to_what_is_not_alive_or_not_known() -> None:
    for state in (life(converted(day(1))), life(hold(day(1)))):
        assert next_by_time(state, assume_reminders=True) is None
        assert settle(state, day(9999)) is state


def test_without_reminders_only_the_base_period_ends() -> None:
    lapse = next_by_time(life(), assume_reminders=False)
    assert isinstance(lapse, Lapsed)
    assert (lapse.at, lapse.reason) == (day(181), EndReason.BASE_PERIOD)
    assert settle(life(), day(100), assume_reminders=False).status is Status.ACTIVE
    assert settle(life(), day(100)).status is Status.EXPIRED
    assert settle(life(), day(65)).status is Status.GRACE
    assert settle(life(), day(60)).status is Status.GRACE
    assert settle(life(), day(60) - TICK).status is Status.ACTIVE


def test_a_reminder_that_would_go_out_at_the_end_of_the_base_period_does_not() -> None:
    held = life(hold(day(1), start=day(60), end=day(62)), policy=replace(UTC_POLICY, base_months=2))
    # 59 days of base period end before the 60 of progress.
    due = next_by_time(held, assume_reminders=True)
    assert isinstance(due, Lapsed)
    assert due.reason is EndReason.BASE_PERIOD


def test_no_reminder_goes_out_from_inside_an_open_hold() -> None:
    state = life(hold(day(61)))
    assert state.deadlines is not None
    assert state.deadlines.reminder_due_at == day(60)
    assert next_by_time(state, assume_reminders=True) is None


def test_an_end_that_a_late_fact_moves_into_the_past_is_noticed_when_it_is_told() -> None:
    # 13 December and three months: the base period was over on day 65, which we learn on day 70.
    earlier = {"registered_at": "2029-12-13T12:00:00Z"}
    state = life(
        registered(fact_id="reg"),
        corrected(day(70), "reg", earlier),
        policy=replace(UTC_POLICY, base_months=3),
    )
    assert state.status is Status.ACTIVE
    lapse = next_by_time(state, assume_reminders=True)
    assert isinstance(lapse, Lapsed)
    assert (lapse.at, lapse.recorded_at, lapse.reason) == (day(65), day(70), EndReason.BASE_PERIOD)
    told = run(
        state.policy,
        A,
        state.facts[1:],
        until=day(80),
        first=registered(fact_id="reg"),
        assume_reminders=False,
    )
    assert told.transitions[-1] == Transition(day(65), Status.EXPIRED, EndReason.BASE_PERIOD)


def test_a_base_period_that_turns_out_to_end_now_ends_before_a_reminder_goes_out() -> None:
    state = life(
        registered(fact_id="reg"),
        corrected(day(65), "reg", {"registered_at": "2029-12-13T12:00:00Z"}),
        policy=replace(UTC_POLICY, base_months=3),
    )
    lapse = next_by_time(state, assume_reminders=True)
    assert isinstance(lapse, Lapsed)
    assert (lapse.at, lapse.recorded_at) == (day(65), day(65))


def test_a_change_of_status_is_dated_by_the_fact_that_made_it() -> None:
    told = run(UTC_POLICY, A, (reminded(day(60)), progress(day(63)), converted(day(64))), until=day(65))
    assert [(each.at, each.to) for each in told.transitions] == [
        (A, Status.ACTIVE),
        (day(60), Status.GRACE),
        (day(63), Status.ACTIVE),
        (day(64), Status.CONVERTED),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": None}, "ledger None"),
        ({"policy": {"base_months": 0}}, "ledger h001: base_months: must be a whole number"),
        ({"policy": 7}, "ledger h001: policy: must be an object of policy fields"),
        ({"registered_at": "2030-01-01"}, "ledger h001: 2030-01-01 has no zone"),
        ({"registered_at": None}, "ledger h001: "),
        ({"facts": [{"type": "activity"}]}, "ledger h001: recorded_at: "),
        ({"facts": [{"type": "released", "at": "x"}]}, "ledger h001: recorded_at: "),
        ({"facts": [3]}, "ledger h001: "),
        ({"facts": None}, "ledger h001: "),
        (
            {
                "facts": [
                    {"type": "released", "at": "2030-02-02T00:00:00Z"},
                    {"type": "released", "at": "2030-02-01T00:00:00Z"},
                ]
            },
            "ledger h001: facts: facts must be in order of `at`",
        ),
        ({"until": "later"}, "ledger h001: "),
        ({"as_of": ["x"]}, "ledger h001: "),
    ],
)
def test_a_vector_that_cannot_be_read_says_where(change: dict[str, Any], says: str) -> None:
    if change == {"id": None}:
        assert read_vector(VECTORS[0] | change).id == "None"
        return
    with pytest.raises(VectorError) as caught:
        read_vector(VECTORS[0] | change)
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize("missing", ["id", "policy", "registered_at", "facts", "until"])
def test_a_vector_that_lacks_something_says_what(missing: str) -> None:
    raw = {name: value for name, value in VECTORS[0].items() if name != missing}
    name = "(no id)" if missing == "id" else "h001"
    with pytest.raises(VectorError) as caught:
        read_vector(raw)
    assert str(caught.value) == f"ledger {name}: {missing} is missing"


@pytest.mark.parametrize("raw", [None, [], 3])
def test_what_is_no_object_is_no_vector(raw: Any) -> None:
    with pytest.raises(VectorError, match=r"^ledger \(no id\): "):
        read_vector(raw)


def test_a_vector_without_instants_is_played_all_the_same() -> None:
    raw = {name: value for name, value in VECTORS[0].items() if name != "as_of"}
    played = play(read_vector(raw))
    assert (played["snapshots"], played["transitions"]) == ([], VECTORS[0]["expected"]["transitions"])


def test_facts_of_a_vector_are_numbered_and_take_their_time_from_at() -> None:
    at = "2030-02-02T00:00:00Z"
    raw = VECTORS[0] | {
        "facts": [
            {"type": "activity", "at": at, "kind": "NOTE"},
            {"type": "hold_placed", "at": at, "hold": "h", "reason": "OTHER"},
            {"type": "activity", "at": at, "kind": "NOTE", "occurred_at": "2030-02-01T00:00:00Z"},
        ]
    }
    first, second, third = read_vector(raw).facts
    assert [(fact.fact_id, fact.by) for fact in (first, second, third)] == [
        ("f0", "vector"),
        ("f1", "vector"),
        ("f2", "vector"),
    ]
    assert first == replace(first, occurred_at=first.recorded_at)  # type: ignore[call-arg]
    assert second == replace(second, start_at=second.recorded_at, end_at=None)  # type: ignore[call-arg]
    assert third.occurred_at < third.recorded_at  # type: ignore[attr-defined]
