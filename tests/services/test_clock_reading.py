"""Protection at a past or coming instant: both truths, side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from adapters.console_model import Ledger
from protection.dates import add_period, zone
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    EndReason,
    Erased,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    HoldRequested,
    Lapsed,
    PolicyAdopted,
    Preregistered,
    Registered,
    Reinstated,
    Released,
    ReminderBounced,
    ReminderSent,
    RequestDecided,
)
from protection.policy import Policy, policy_to_json
from protection.state import Status
from protection.steps import Rule, Subject
from services.clock_reading import Knowledge, NotYetRegistered, Reading, read_at
from tests.protection.ledgers import Ledger as Drawn
from tests.protection.ledgers import ledgers
from tests.protection.moves import ALL_OF_IT
from tests.protection.profile import EXAMPLES, thorough

T0 = datetime(2030, 5, 2, 9, 30, tzinfo=UTC)
NOW = T0 + timedelta(days=900)
# Each example is played several times over.
enough = settings(thorough, max_examples=max(EXAMPLES // 5, 50))
BERLIN = zone("Europe/Berlin")


def day(number: float, after: datetime = T0) -> datetime:
    """So many days after registration, by the wall clock in Berlin."""
    return add_period(after, 0, int(number), BERLIN) + timedelta(days=number % 1)


def registered(recorded: float = 0, at: float = 0) -> Registered:
    return Registered(
        fact_id="reg", recorded_at=day(recorded), by="agent", owner="agent", registered_at=day(at)
    )


def call(recorded: float, occurred: float | None = None, name: str = "call") -> ActivityRecorded:
    at = day(recorded if occurred is None else occurred)
    return ActivityRecorded(
        fact_id=name, recorded_at=day(recorded), by="agent", kind="QUALIFIED_CALL", occurred_at=at
    )


def reminder(sent: float, recorded: float | None = None, cycle: int = 1) -> ReminderSent:
    return ReminderSent(
        fact_id=f"reminder/{sent}",
        recorded_at=day(sent if recorded is None else recorded),
        by="clock",
        sent_at=day(sent),
        cycle=cycle,
    )


def corrected(recorded: float, wrong: str, **right: object) -> Corrected:
    return Corrected(
        fact_id=f"correction-{recorded}",
        recorded_at=day(recorded),
        by="manager",
        corrects=wrong,
        replacement=right or None,
    )


def placed(recorded: float, start: float, end: float | None = None, hold: str = "h1") -> HoldPlaced:
    return HoldPlaced(
        fact_id=f"place-{hold}",
        recorded_at=day(recorded),
        by="manager",
        hold=hold,
        reason=HoldReason.FFZ_SAMPLE_DELAY,
        start_at=day(start),
        end_at=None if end is None else day(end),
    )


def lapsed(at: float, recorded: float, reason: EndReason = EndReason.INACTIVITY) -> Lapsed:
    return Lapsed(fact_id="lapse", recorded_at=day(recorded), by="clock", at=day(at), reason=reason)


def ask(
    *facts: Fact,
    at: float,
    knowledge: Knowledge = Knowledge.THEN,
    now: datetime = NOW,
    policy: Policy | None = None,
) -> Reading:
    return read_at(Ledger(policy or Policy(), facts), as_of=day(at), now=now, knowledge=knowledge)


def both(*facts: Fact, at: float) -> tuple[Reading, Reading]:
    """As known then, and as known now."""
    return ask(*facts, at=at), ask(*facts, at=at, knowledge=Knowledge.NOW)


def test_facts_recorded_later_are_not_known_then() -> None:
    then, now = both(registered(), call(50), call(120, name="later"), at=55)
    assert then.answer == now.answer
    assert then.answer.progress_until == day(110)
    assert (then.revision, now.revision) == (2, 3)
    assert not then.assumed
    assert not now.assumed


def test_a_late_entry_is_known_now_and_not_then() -> None:
    then, now = both(registered(), reminder(60), call(65, occurred=50), at=62)
    assert then.answer.status is Status.GRACE
    assert then.answer.grace_until == day(70)
    assert now.answer.status is Status.ACTIVE
    assert now.answer.progress_until == day(110)
    assert now.answer.grace_until is None
    # Before it happened it counts for neither.
    assert ask(
        registered(), call(65, occurred=50), at=45, knowledge=Knowledge.NOW
    ).answer.progress_until == day(60)


def test_a_correction_keeps_both_truths() -> None:
    facts = (registered(), call(50), corrected(55, "call"), reminder(60, cycle=3))
    then, now = both(*facts, at=52)
    assert then.answer.progress_until == day(110)
    assert now.answer.progress_until == day(60)
    steps = {step.rule for reckoning in now.explanation.reckonings for step in reckoning.steps}
    assert Rule.CORRECTION in steps
    assert Rule.CORRECTION not in {
        step.rule for reckoning in then.explanation.reckonings for step in reckoning.steps
    }
    # From the correction on both say the same.
    then, now = both(*facts, at=56)
    assert then.answer == now.answer


def test_a_correction_that_moves_a_call_counts_where_it_was_moved_to() -> None:
    facts = (registered(), call(50), corrected(58, "call", occurred_at=day(30).isoformat()))
    then, now = both(*facts, at=40)
    assert then.answer.progress_until == day(60)
    assert now.answer.progress_until == day(90)


def test_a_hold_entered_late_stood_still_as_known_now() -> None:
    facts = (registered(), placed(40, start=20, end=50))
    then, now = both(*facts, at=30)
    assert not then.answer.paused
    assert then.answer.progress_until == day(60)
    assert now.answer.paused
    assert now.answer.progress_until == day(90)


def test_the_end_of_a_hold_is_known_when_it_ends() -> None:
    freed = HoldReleased(fact_id="free", recorded_at=day(45), by="manager", hold="h1", ended_at=day(40))
    facts = (registered(), placed(20, start=20), freed)
    for at, ended in ((30, False), (42, True)):
        then, now = both(*facts, at=at)
        assert then.answer.valid_until is None
        assert (now.answer.progress_until == day(80)) is ended


def test_a_hold_approved_later_reaches_back() -> None:
    wish = HoldRequested(
        fact_id="ask",
        recorded_at=day(25),
        by="agent",
        request="r1",
        reason=HoldReason.OTHER,
        start_at=day(25),
    )
    decided = RequestDecided(
        fact_id="yes",
        recorded_at=day(40),
        by="manager",
        request="r1",
        approved=True,
        start_at=day(20),
        end_at=day(50),
    )
    then, now = both(registered(), wish, decided, at=22)
    assert not then.answer.paused
    assert now.answer.paused
    as_asked = RequestDecided(
        fact_id="yes", recorded_at=day(40), by="manager", request="r1", approved=True, end_at=day(50)
    )
    assert ask(registered(), wish, as_asked, at=30, knowledge=Knowledge.NOW).answer.paused
    assert not ask(registered(), wish, as_asked, at=22, knowledge=Knowledge.NOW).answer.paused
    refused = RequestDecided(fact_id="no", recorded_at=day(40), by="manager", request="r1", approved=False)
    assert not ask(registered(), wish, refused, at=42, knowledge=Knowledge.NOW).answer.paused


def test_an_extension_counts_from_when_it_was_granted() -> None:
    granted = ExtensionGranted(fact_id="more", recorded_at=day(100), by="manager", days=30)
    facts = (registered(), call(55), granted)
    then, now = both(*facts, at=90)
    assert then.answer.base_until == now.answer.base_until
    then, now = both(*facts, corrected(110, "more", days=20), at=105)
    assert then.answer.base_until is not None
    assert now.answer.base_until is not None
    assert then.answer.base_until - now.answer.base_until == timedelta(days=10)


def test_before_the_registration_there_is_nothing_to_say() -> None:
    with pytest.raises(NotYetRegistered) as told:
        ask(registered(), at=-1)
    assert told.value.as_of == day(-1)
    with pytest.raises(NotYetRegistered):
        ask(registered(), at=-1, knowledge=Knowledge.NOW)


def test_a_backdated_registration_was_unknown_and_in_force() -> None:
    facts = (registered(recorded=20, at=0),)
    with pytest.raises(NotYetRegistered):
        ask(*facts, at=10)
    now = ask(*facts, at=10, knowledge=Knowledge.NOW)
    assert now.answer.status is Status.ACTIVE
    assert now.answer.base_until == add_period(T0, 6, 0, BERLIN)
    # Backdating moves the base period, not the progress period.
    assert now.answer.progress_until == day(80)
    assert now.explanation.reckonings[0].steps[0].rule is Rule.BACKDATED


def test_a_registration_corrected_to_an_earlier_date_reaches_back() -> None:
    facts = (registered(), corrected(30, "reg", registered_at=day(-10).isoformat()))
    with pytest.raises(NotYetRegistered):
        ask(*facts, at=-5)
    assert ask(*facts, at=-5, knowledge=Knowledge.NOW).answer.status is Status.ACTIVE


def test_a_pre_registration_is_one_until_it_is_registered() -> None:
    noted = Preregistered(fact_id="note", recorded_at=day(0), by="agent", owner="agent")
    facts = (noted, registered(recorded=8, at=8))
    then, now = both(*facts, at=5)
    assert then.answer == now.answer
    assert then.answer.status is Status.PREREGISTERED
    assert then.answer.valid_until == day(10)
    assert both(*facts, at=9)[0].answer.status is Status.ACTIVE


def test_a_reminder_counts_from_when_it_went_out() -> None:
    facts = (registered(), reminder(60, recorded=60.5))
    then, now = both(*facts, at=60.25)
    assert then.answer.status is Status.ACTIVE
    assert now.answer.status is Status.GRACE
    assert both(*facts, at=61)[0].answer == both(*facts, at=61)[1].answer


def test_a_void_reminder_is_not_revived() -> None:
    facts = (registered(), reminder(60), placed(62, start=50, end=75), corrected(64, "place-h1"))
    answers = {at: both(*facts, at=at) for at in (61, 63, 65)}
    then, now = answers[61]
    assert then.answer.status is now.answer.status is Status.GRACE
    then, now = answers[63]
    assert then.answer.status is now.answer.status is Status.ACTIVE
    assert then.answer.paused
    assert not now.answer.paused
    then, now = answers[65]
    assert then.answer == now.answer
    assert now.answer.status is Status.ACTIVE


def test_a_refused_reminder_is_a_problem_only_while_one_is_owed() -> None:
    bounced = ReminderBounced(fact_id="bounce", recorded_at=day(61), by="clock", cycle=1, code="550")
    facts = (registered(), bounced, call(65, occurred=40))
    then, now = both(*facts, at=62)
    assert then.state.problem == "reminder-bounced"
    assert now.state.problem is None
    assert ask(registered(), bounced, at=62, knowledge=Knowledge.NOW).state.problem == "reminder-bounced"


def test_a_lapse_counts_from_its_own_instant_and_stays_one() -> None:
    facts = (registered(), reminder(60), lapsed(70, recorded=70.5))
    then, now = both(*facts, at=70.25)
    assert then.answer == now.answer
    assert (then.answer.status, then.answer.valid_until) == (Status.EXPIRED, day(70))
    back = Reinstated(fact_id="back", recorded_at=day(80), by="manager")
    late = call(82, occurred=65)
    then, now = both(*facts, back, late, at=75)
    assert then.answer == now.answer
    assert now.answer.reason is EndReason.INACTIVITY
    assert both(*facts, back, late, at=85)[1].answer.status is Status.ACTIVE
    assert {reckoning.subject for reckoning in now.explanation.reckonings} >= {Subject.ENDED}


def test_a_correction_can_show_that_protection_was_over() -> None:
    granted = ExtensionGranted(fact_id="more", recorded_at=day(10), by="manager", days=60)
    calls = [call(number, name=f"call-{number}") for number in range(30, 220, 30)]
    wrong = corrected(220, "more", days=10)
    then, now = both(registered(), granted, *calls, wrong, at=215)
    assert then.answer.status is Status.ACTIVE
    assert (now.answer.status, now.answer.reason) == (Status.EXPIRED, EndReason.BASE_PERIOD)


@pytest.mark.parametrize(
    ("fact", "status"),
    [
        (Converted(fact_id="end", recorded_at=day(20), by="manager"), Status.CONVERTED),
        (Released(fact_id="end", recorded_at=day(20), by="agent"), Status.RELEASED),
        (Erased(fact_id="end", recorded_at=day(20), by="admin"), Status.ERASED),
    ],
)
def test_an_ended_lead_was_alive_before(fact: Fact, status: Status) -> None:
    for reading in both(registered(), fact, at=19):
        assert reading.answer.status is Status.ACTIVE
    for reading in both(registered(), fact, at=21):
        assert (reading.answer.status, reading.answer.valid_until) == (status, day(20))


def test_a_policy_counts_from_when_it_was_adopted() -> None:
    longer = policy_to_json(Policy(version="two", progress_days=90))
    adopted = PolicyAdopted(
        fact_id="policy", recorded_at=day(30), by="admin", version="two", replaces="contract-1", policy=longer
    )
    for at, until in ((29, 60), (31, 90)):
        for reading in both(registered(), adopted, at=at):
            assert reading.answer.progress_until == day(until)


def test_what_is_to_come_assumes_the_reminder_when_due() -> None:
    now = day(10)
    coming = ask(registered(), at=62, now=now)
    assert coming.assumed
    assert (coming.answer.status, coming.answer.grace_until) == (Status.GRACE, day(70))
    assert ask(registered(), at=71, now=now).answer.status is Status.EXPIRED
    known_now = ask(registered(), at=62, now=now, knowledge=Knowledge.NOW)
    assert known_now.answer == coming.answer


def test_an_overdue_reminder_is_taken_to_go_out_now_and_not_in_the_past() -> None:
    coming = ask(registered(), at=75, now=day(64))
    assert coming.answer.status is Status.EXPIRED
    assert coming.answer.valid_until == day(74)


@enough
@given(drawn=ledgers(acts=ALL_OF_IT, asked=2))
def test_of_now_both_truths_are_one(drawn: Drawn) -> None:
    stored = drawn.played().ledger
    for moment in (*drawn.as_of, drawn.until):
        known = tuple(fact for fact in stored if fact.recorded_at <= moment)
        if not known:
            continue
        ledger = Ledger(drawn.policy, known)
        then = read_at(ledger, as_of=moment, now=moment)
        now = read_at(ledger, as_of=moment, now=moment, knowledge=Knowledge.NOW)
        assert now.answer == then.answer
        assert now.state.cycle == then.state.cycle
        assert now.explanation.to_json() == then.explanation.to_json()


@enough
@given(drawn=ledgers(asked=4))
def test_where_nothing_is_learned_late_both_truths_are_one(drawn: Drawn) -> None:
    stored = [fact for fact in drawn.played().ledger if _told_at_once(fact)]
    if any(isinstance(fact, Corrected) for fact in stored) or len(stored) < len(drawn.played().ledger):
        return
    ledger = Ledger(drawn.policy, tuple(stored))
    for moment in drawn.as_of:
        then = read_at(ledger, as_of=moment, now=drawn.until)
        now = read_at(ledger, as_of=moment, now=drawn.until, knowledge=Knowledge.NOW)
        assert now.answer == then.answer


def _told_at_once(fact: Fact) -> bool:
    match fact:
        case ActivityRecorded(occurred_at=at) | HoldPlaced(start_at=at):
            return at >= fact.recorded_at
        case Registered(registered_at=at):
            return at == fact.recorded_at
        case HoldReleased(ended_at=ended):
            return ended is None
        case _:
            return True
