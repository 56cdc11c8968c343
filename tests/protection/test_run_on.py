"""The simulator goes on from where a lead stands: nothing happens in the past, and nothing before is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from protection.facts import ActivityRecorded, Registered
from protection.lifecycle import begin
from protection.policy import Policy
from protection.refusal import Code
from protection.simulator import Transition, next_by_time, run, run_on, settle
from protection.state import LeadState, Status

T0 = datetime(2030, 5, 2, 9, 30, tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


def day(number: float) -> datetime:
    return T0 + timedelta(days=number)


def lead() -> LeadState:
    first = Registered(fact_id="reg", recorded_at=T0, by="agent", owner="agent", registered_at=T0)
    return begin(Policy(), first)


def call(number: float) -> ActivityRecorded:
    at = day(number)
    return ActivityRecorded(
        fact_id=f"call-{number}", recorded_at=at, by="agent", kind="QUALIFIED_CALL", occurred_at=at
    )


def test_an_overdue_reminder_goes_out_from_then_on() -> None:
    for since, goes_out in ((None, 60), (day(10), 60), (day(60), 60), (day(64), 64)):
        due = next_by_time(lead(), assume_reminders=True, since=since)
        assert due is not None
        assert due.recorded_at == day(goes_out)
    assert settle(lead(), day(70), since=day(64)).status is Status.GRACE
    assert settle(lead(), day(74), since=day(64)).status is Status.EXPIRED
    assert settle(lead(), day(70)).status is Status.EXPIRED


def test_it_begins_where_the_lead_stands() -> None:
    told = run_on(lead(), [call(65)], since=day(64), until=NEVER, as_of=(day(66), day(64)))
    assert told.transitions[:3] == (
        Transition(day(64), Status.ACTIVE),
        Transition(day(64), Status.GRACE),
        Transition(day(65), Status.ACTIVE),
    )
    assert [one.status for one in told.snapshots] == [Status.ACTIVE, Status.GRACE]
    assert [one.revision for one in told.states] == [3, 2]
    assert told.ledger[0].fact_id == "reg"
    assert told.state.status is Status.EXPIRED


def test_states_go_with_the_snapshots() -> None:
    told = run_on(lead(), [call(30)], since=T0, until=day(40), as_of=(day(20), day(35), day(95)))
    assert [state.revision for state in told.states] == [1, 2, 3]
    assert [one.status for one in told.snapshots] == [Status.ACTIVE, Status.ACTIVE, Status.GRACE]
    assert told.state.revision == 2


def test_what_is_recorded_is_all_that_counts_where_nothing_is_assumed() -> None:
    told = run_on(lead(), [call(0)], since=day(64), until=day(100), assume_reminders=False)
    assert told.transitions == (Transition(day(64), Status.ACTIVE),)
    late = run_on(lead(), [call(75), call(75)], since=day(64), until=day(100), as_of=(day(100),))
    assert [one.refused.code for one in late.rejections] == [Code.PROTECTION_ENDED] * 2
    assert late.rejected == [0, 1]


def test_a_whole_life_is_one_that_begins_with_its_registration() -> None:
    whole = run(Policy(), T0, [call(30)], until=NEVER, as_of=(day(50),), owner="agent")
    rest = run_on(lead(), [call(30)], since=T0, until=NEVER, as_of=(day(50),))
    assert whole.transitions == rest.transitions
    assert whole.snapshots == rest.snapshots
