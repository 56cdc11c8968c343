"""Every reason to refuse a fact: the code, the field, and what the message tells people to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from protection.checks import check_hold
from protection.facts import EndReason, Fact, Lapsed
from protection.lifecycle import apply, begin, replay, snapshot
from protection.refusal import Code, Refused
from protection.state import LeadState, Status
from tests.protection.told import (
    TICK,
    UTC_POLICY,
    A,
    bounced,
    converted,
    corrected,
    day,
    extended,
    hold,
    hold_released,
    lapse_of,
    life,
    note,
    preregistered,
    progress,
    refusal,
    registered,
    reinstated,
    released,
    reminded,
    transferred,
)

LAPSED = life(reminded(day(60)), lapse_of(life(reminded(day(60)))))
CONVERTED = life(converted(day(1)))
RELEASED = life(released(day(1)))


def recorded(at: float) -> list[Fact]:
    """One fact of every type people record on a living lead."""
    return [
        progress(day(at)),
        hold(day(at)),
        hold_released(day(at)),
        extended(day(at), 10),
        converted(day(at)),
        released(day(at)),
        transferred(day(at)),
        corrected(day(at), "registration"),
        reminded(day(at)),
        bounced(day(at)),
        registered(day(at)),
    ]


def ended(status: Status) -> str:
    return f"protection has ended ({status}); a manager can reinstate a lapsed or released lead"


@pytest.mark.parametrize("number", range(11))
def test_after_a_terminal_state_facts_are_refused(number: int) -> None:
    for state in (LAPSED, CONVERTED, RELEASED):
        message = refusal(state, recorded(80)[number], Code.PROTECTION_ENDED, "")
        assert message == ended(state.status)


@pytest.mark.parametrize("number", range(11))
def test_at_the_deadline_facts_are_refused_though_the_lapse_is_not_recorded_yet(number: int) -> None:
    state = life(reminded(day(60)))
    assert refusal(state, recorded(70)[number], Code.PROTECTION_ENDED, "") == ended(Status.EXPIRED)


def test_a_moment_before_the_deadline_facts_are_accepted() -> None:
    assert apply(life(reminded(day(60))), progress(day(70) - TICK)).status is Status.ACTIVE


@pytest.mark.parametrize(
    "fact",
    [
        progress(day(1)),
        hold(day(1)),
        hold_released(day(1)),
        extended(day(1), 10),
        converted(day(1)),
        transferred(day(1)),
        corrected(day(1), "x"),
        reminded(day(1)),
        bounced(day(1)),
    ],
    ids=lambda fact: fact.type,
)
def test_a_preregistered_lead_takes_none_of_these(fact: Fact) -> None:
    message = refusal(life(preregistered()), fact, Code.NOT_REGISTERED, "")
    assert message == "the lead is only pre-registered; register it first"


@pytest.mark.parametrize("fact", [progress(A), released(A), converted(A)], ids=lambda fact: fact.type)
def test_a_ledger_begins_with_a_registration(fact: Fact) -> None:
    with pytest.raises(Refused) as caught:
        begin(UTC_POLICY, fact)
    assert (caught.value.code, caught.value.field) == (Code.NOT_REGISTERED, "type")
    assert caught.value.message == "a ledger begins with a registration or a pre-registration"


def test_an_empty_ledger_has_no_state() -> None:
    with pytest.raises(ValueError, match=r"^an empty ledger says nothing$"):
        replay(UTC_POLICY, ())


def test_a_lead_is_registered_once() -> None:
    message = refusal(life(), registered(day(1)), Code.ALREADY_REGISTERED, "type")
    assert message == "the lead is already registered"
    for state in (life(), life(preregistered()), LAPSED):
        message = refusal(state, preregistered(state.recorded_at), Code.ALREADY_REGISTERED, "type")
        assert message == "the lead is already known here"


@pytest.mark.parametrize("late", [0, 1])
def test_a_registration_in_the_future_is_refused(late: int) -> None:
    ahead = registered(A, since=A + timedelta(minutes=1) + late * TICK)
    if not late:
        assert begin(UTC_POLICY, ahead).status is Status.ACTIVE
        assert apply(life(preregistered()), ahead).status is Status.ACTIVE
        return
    with pytest.raises(Refused) as caught:
        begin(UTC_POLICY, ahead)
    assert (caught.value.code, caught.value.field) == (Code.FUTURE_PROGRESS, "registered_at")
    assert caught.value.message == "registered_at lies in the future"
    refusal(life(preregistered()), ahead, Code.FUTURE_PROGRESS, "registered_at")


def test_facts_are_recorded_in_order() -> None:
    state = life(note(day(2)))
    message = refusal(state, progress(day(2) - TICK), Code.RECORDED_BACKWARDS, "recorded_at")
    assert message == "facts are recorded in order; use occurred_at for the past"
    assert apply(state, progress(day(2))).revision == 3


def test_a_fact_id_is_used_once() -> None:
    state = life(note(day(1), fact_id="one"), note(day(2), fact_id="two"))
    for name in ("one", "two"):
        message = refusal(state, progress(day(3), fact_id=name), Code.FACT_ID_REUSED, "fact_id")
        assert message == f"fact_id {name} is already in the ledger"


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    message = refusal(life(), progress(day(1), kind="LUNCH"), Code.UNKNOWN_KIND, "kind")
    assert message == (
        "unknown kind LUNCH; known are QUALIFIED_CALL, CUSTOMER_REACTION, SCHEDULED_FOLLOWUP, "
        "SAMPLE_FEEDBACK, ROI_PRESENTATION, EMAIL_SENT, NOTE, CALL_ATTEMPT, MEETING_PLANNED"
    )


def test_a_hold_id_is_used_once() -> None:
    state = life(hold(day(1), "h", end=day(2)))
    message = refusal(state, hold(day(3), "h"), Code.HOLD_EXISTS, "hold")
    assert message == "there is a hold h already; choose another id"


def test_a_hold_nobody_placed_cannot_be_released() -> None:
    state = life(hold(day(1), "h"))
    message = refusal(state, hold_released(day(2), "g"), Code.UNKNOWN_HOLD, "hold")
    assert message == "there is no hold g on this lead"


def test_a_release_still_to_come_is_refused() -> None:
    state = life(hold(day(1)))
    ahead = hold_released(day(2), ended=day(2) + TICK)
    message = refusal(state, ahead, Code.FUTURE_PROGRESS, "ended_at")
    assert message == "ended_at lies in the future; release the hold when it ends"
    assert apply(state, hold_released(day(2), ended=day(2))).basis.pauses == ((day(1), day(2)),)


@pytest.mark.parametrize("days", [0, -1, 731])
def test_an_extension_has_a_range(days: int) -> None:
    message = refusal(life(), extended(day(1), days), Code.DAYS_OUT_OF_RANGE, "days")
    assert message == "days must be from 1 to 730"


@pytest.mark.parametrize("days", [1, 730])
def test_the_shortest_and_the_longest_extension(days: int) -> None:
    assert life(extended(day(1), days)).basis.extension_days == days


def test_a_hold_without_length_is_refused_at_the_door_and_idle_in_a_ledger() -> None:
    check_hold(day(1), None)
    check_hold(day(1), day(1) + TICK)
    for end in (day(1), day(0)):
        with pytest.raises(Refused) as caught:
            check_hold(day(1), end)
        assert (caught.value.code, caught.value.field) == (Code.END_BEFORE_START, "end_at")
        assert caught.value.message == "end_at must lie after start_at"
        assert life(hold(day(1), end=end)).deadlines == life().deadlines


def test_only_what_has_lapsed_or_was_released_can_be_reinstated() -> None:
    for state in (life(), life(preregistered()), CONVERTED, life(reminded(day(60)))):
        message = refusal(state, reinstated(state.recorded_at), Code.NOT_ENDED, "")
        assert message == f"only a lapsed or released lead can be reinstated, this one is {state.status}"


def test_a_lead_that_was_never_registered_cannot_be_reinstated() -> None:
    state = life(preregistered(), released(day(1)))
    for restart in (False, True):
        message = refusal(state, reinstated(day(2), restart_base=restart), Code.NOT_REGISTERED, "")
        assert message == "the lead was never registered; register it instead"


def test_a_lead_whose_base_period_is_over_needs_a_new_one() -> None:
    state = life()
    over = apply(state, lapse_of(state))
    message = refusal(over, reinstated(day(200)), Code.BASE_PERIOD_OVER, "restart_base")
    assert message == "the base period is over; reinstate with restart_base to start a new one"


@pytest.mark.parametrize(
    ("noticed", "at", "reason"),
    [
        (70, 70, EndReason.BASE_PERIOD),
        (70, 69, EndReason.INACTIVITY),
        (69, 70, EndReason.INACTIVITY),
    ],
)
def test_a_lapse_that_no_deadline_calls_for_is_refused(noticed: int, at: int, reason: EndReason) -> None:
    early = Lapsed(fact_id="l", recorded_at=day(noticed), by="x", at=day(at), reason=reason)
    message = refusal(life(reminded(day(60))), early, Code.LAPSE_NOT_DUE, "at")
    assert message == "no deadline of this lead passed then"


def test_a_lapse_noticed_late_ended_at_its_own_instant() -> None:
    state = life(reminded(day(60)))
    over = apply(state, lapse_of(state, noticed=day(90)))
    assert (over.ended_at, over.recorded_at, over.reason) == (day(70), day(90), EndReason.INACTIVITY)
    assert snapshot(over, day(91)).valid_until == day(70)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (CONVERTED, (Status.CONVERTED, day(1), None)),
        (RELEASED, (Status.RELEASED, day(1), None)),
        (LAPSED, (Status.EXPIRED, day(70), EndReason.INACTIVITY)),
        (life(preregistered()), (Status.ERASED, day(60), EndReason.UNPURSUED)),
    ],
)
def test_the_answer_after_the_end(state: LeadState, answer: tuple[object, ...]) -> None:
    told = snapshot(state, day(90))
    assert (told.status, told.valid_until, told.reason) == answer
    assert not told.paused
    for name in ("base_until", "progress_until", "reminder_due_at", "grace_until"):
        assert getattr(told, name) is None
