"""Facts are never changed, only corrected by later ones; both truths stay."""

from __future__ import annotations

from typing import Any

import pytest

from protection.basis import CORRECTABLE, bears_on_deadlines, effective
from protection.facts import (
    ActivityRecorded,
    ExtensionGranted,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    HoldRequested,
    Registered,
    RequestDecided,
)
from protection.lifecycle import apply, replay, snapshot
from protection.refusal import Code
from protection.shelf import KEPT_WITHOUT_BEARING
from protection.state import LeadState, Status
from tests.protection.told import (
    DAY,
    UTC_POLICY,
    A,
    converted,
    corrected,
    day,
    extended,
    hold,
    hold_released,
    life,
    note,
    progress,
    refusal,
    registered,
    released,
    reminded,
    transferred,
)


def iso(number: float) -> str:
    return day(number).isoformat()


def told() -> LeadState:
    """A life with one fact of every correctable type in it."""
    return life(
        registered(fact_id="reg"),
        progress(day(5), fact_id="call"),
        note(day(6), fact_id="note"),
        hold(day(7), end=day(17), fact_id="hold"),
        hold_released(day(12), fact_id="end"),
        extended(day(13), 10, fact_id="ext"),
    )


def test_what_may_be_corrected() -> None:
    assert {kind.type: set(fields) for kind, fields in CORRECTABLE.items()} == {
        "registered": {"registered_at"},
        "activity": {"kind", "occurred_at"},
        "hold_placed": {"reason", "start_at", "end_at"},
        "hold_released": {"ended_at"},
        "extension_granted": {"days"},
        "hold_requested": {"reason", "start_at", "end_at"},
        "request_decided": {"days", "start_at", "end_at"},
    }


@pytest.mark.parametrize(
    ("corrects", "replacement", "base", "progress_until"),
    [
        ("call", None, 15, 65),
        ("call", {"occurred_at": iso(3)}, 15, 68),
        ("call", {"kind": "NOTE"}, 15, 65),
        ("note", {"kind": "CUSTOMER_REACTION"}, 15, 71),
        ("note", None, 15, 70),
        ("hold", None, 10, 65),
        ("hold", {"start_at": iso(9)}, 13, 68),
        ("hold", {"end_at": iso(8)}, 11, 66),
        ("hold", {"end_at": None}, 15, 70),
        ("hold", {"reason": "OTHER"}, 15, 70),
        ("end", None, 20, 75),
        ("end", {"ended_at": iso(8)}, 11, 66),
        ("end", {}, 15, 70),
        ("ext", None, 5, 70),
        ("ext", {"days": 40}, 45, 70),
        ("reg", {"registered_at": iso(-1)}, 14, 70),
    ],
)
def test_a_correction_counts_and_the_old_answer_stays_in_the_prefix(
    corrects: str, replacement: dict[str, Any] | None, base: float, progress_until: float
) -> None:
    before = told()
    after = apply(before, corrected(day(20), corrects, replacement))
    plain = life()
    assert plain.deadlines is not None
    assert plain.deadlines.base_until is not None
    assert after.deadlines is not None
    assert after.deadlines.base_until == plain.deadlines.base_until + base * DAY
    assert after.deadlines.progress_until == day(progress_until)
    assert after.revision == before.revision + 1
    then = replay(UTC_POLICY, after.facts[:-1])
    assert then == before
    assert snapshot(then, day(20)).progress_until == day(70)


def test_the_newest_correction_of_a_fact_speaks_for_all_of_it() -> None:
    once = apply(told(), corrected(day(20), "call", {"occurred_at": iso(3)}))
    twice = apply(once, corrected(day(21), "call", {"kind": "SAMPLE_FEEDBACK"}))
    assert twice.basis.last_progress == day(5)
    gone = apply(twice, corrected(day(22), "call"))
    assert gone.basis.last_progress is None
    back = apply(gone, corrected(day(23), "call", {}))
    assert back.basis.last_progress == day(5)


def test_corrections_are_folded_into_what_is_known() -> None:
    state = apply(told(), corrected(day(20), "hold", {"reason": "OTHER"}))
    known = effective(state.facts)
    assert [fact.fact_id for fact in known[:6]] == ["reg", "call", "note", "hold", "end", "ext"]
    placed = known[3]
    assert isinstance(placed, HoldPlaced)
    assert placed.reason is HoldReason.OTHER
    assert placed.recorded_at == day(7)
    gone = apply(state, corrected(day(21), "hold"))
    assert "hold" not in {fact.fact_id for fact in effective(gone.facts)}


def test_retracting_the_progress_that_voided_a_reminder_calls_for_a_new_reminder() -> None:
    state = life(reminded(day(60)), progress(day(65), fact_id="call"))
    assert (state.status, state.cycle) == (Status.ACTIVE, 2)
    gone = apply(state, corrected(day(66), "call"))
    assert (gone.status, gone.cycle, gone.reminder) == (Status.ACTIVE, 3, None)
    assert gone.deadlines is not None
    assert gone.deadlines.reminder_due_at == day(60)


def test_a_correction_can_void_the_reminder_that_is_out() -> None:
    state = life(progress(day(5), fact_id="call"), reminded(day(65), cycle=2))
    assert state.status is Status.GRACE
    moved = apply(state, corrected(day(66), "call", {"occurred_at": iso(5)}))
    assert moved.status is Status.GRACE
    note_was_call = life(
        note(day(30), fact_id="n"), reminded(day(60)), corrected(day(61), "n", {"kind": "QUALIFIED_CALL"})
    )
    assert (note_was_call.status, note_was_call.cycle) == (Status.ACTIVE, 2)


def test_a_correction_never_revives_what_has_ended() -> None:
    for end in (converted(day(20)), released(day(20))):
        refusal(apply(told(), end), corrected(day(21), "call"), Code.PROTECTION_ENDED, "")


def test_a_fact_that_is_not_there_cannot_be_corrected() -> None:
    message = refusal(told(), corrected(day(20), "nothing"), Code.UNKNOWN_FACT, "corrects")
    assert message == "there is no fact nothing in this ledger"


@pytest.mark.parametrize("kind", ["transferred", "reminder_sent", "corrected"])
def test_what_is_no_statement_of_the_agent_cannot_be_corrected(kind: str) -> None:
    state = life(
        progress(day(1), fact_id="call"),
        transferred(day(2)),
        corrected(day(3), "call", {}),
        reminded(day(62), cycle=3),
    )
    wrong = next(fact for fact in state.facts if fact.type == kind)
    message = refusal(state, corrected(day(63), wrong.fact_id, {}), Code.NOT_CORRECTABLE, "corrects")
    assert message == f"a fact of type {kind} cannot be corrected this way"


def test_the_registration_can_be_corrected_but_not_retracted() -> None:
    message = refusal(told(), corrected(day(20), "reg"), Code.NOT_CORRECTABLE, "corrects")
    assert message == "a fact of type registered cannot be corrected this way"


@pytest.mark.parametrize(
    ("corrects", "field", "allowed"),
    [
        ("reg", "owner", "registered_at"),
        ("call", "recorded_at", "kind, occurred_at"),
        ("hold", "hold", "end_at, reason, start_at"),
        ("end", "hold", "ended_at"),
        ("ext", "by", "days"),
        ("ext", "nonsense", "days"),
    ],
)
def test_only_the_substance_of_a_fact_is_correctable(corrects: str, field: str, allowed: str) -> None:
    wrong = corrected(day(20), corrects, {field: "x"})
    message = refusal(told(), wrong, Code.NOT_CORRECTABLE, f"replacement.{field}")
    kind = next(fact for fact in told().facts if fact.fact_id == corrects).type
    assert message == f"of {kind} one may correct {allowed}"


@pytest.mark.parametrize(
    ("corrects", "replacement", "code"),
    [
        ("call", {"kind": "LUNCH"}, Code.UNKNOWN_KIND),
        ("call", {"occurred_at": iso(6)}, Code.FUTURE_PROGRESS),
        ("call", {"occurred_at": "yesterday"}, Code.MALFORMED),
        ("call", {"occurred_at": "2030-01-08T00:00:00"}, Code.MALFORMED),
        ("hold", {"end_at": iso(7)}, Code.END_BEFORE_START),
        ("hold", {"reason": "WEATHER"}, Code.MALFORMED),
        ("end", {"ended_at": iso(13)}, Code.FUTURE_PROGRESS),
        ("ext", {"days": 0}, Code.DAYS_OUT_OF_RANGE),
        ("ext", {"days": "ten"}, Code.MALFORMED),
        ("reg", {"registered_at": iso(1)}, Code.FUTURE_PROGRESS),
    ],
)
def test_a_correction_must_itself_be_right(corrects: str, replacement: dict[str, Any], code: Code) -> None:
    field = next(iter(replacement))
    message = refusal(told(), corrected(day(20), corrects, replacement), code, f"replacement.{field}")
    assert message


def test_a_hold_may_be_placed_anew_under_the_id_of_one_retracted() -> None:
    state = life(hold(day(1), fact_id="wrong"), corrected(day(2), "wrong"))
    assert state.basis.holds == ()
    again = apply(state, hold(day(3), end=day(5)))
    assert again.basis.pauses == ((day(3), day(5)),)


def test_a_retracted_hold_cannot_be_released() -> None:
    state = life(hold(day(1), fact_id="wrong"), corrected(day(2), "wrong"))
    refusal(state, hold_released(day(3)), Code.UNKNOWN_HOLD, "hold")


def many_notes(first: int, how_many: int) -> list[Fact]:
    return [note(day(1 + n / 1000), fact_id=f"note-{n}") for n in range(first, first + how_many)]


def test_what_bears_on_no_deadline_is_set_aside_beyond_the_newest_two_hundred() -> None:
    kept = life(*many_notes(0, KEPT_WITHOUT_BEARING))
    assert (len(kept.facts), kept.set_aside, kept.revision) == (201, 0, 201)
    more = apply(kept, note(day(2), fact_id="one-more"))
    assert (len(more.facts), more.set_aside, more.revision) == (201, 1, 202)
    assert more.fact("note-0") is None
    assert more.fact("note-1") is not None
    assert isinstance(more.facts[0], Registered)
    assert more.deadlines == kept.deadlines


def test_what_bears_on_a_deadline_is_never_set_aside() -> None:
    progressing = [progress(day(1 + n / 1000)) for n in range(KEPT_WITHOUT_BEARING + 20)]
    state = life(*progressing)
    assert (len(state.facts), state.set_aside) == (KEPT_WITHOUT_BEARING + 21, 0)
    mixed = apply(state, note(day(2)))
    assert mixed.set_aside == 0
    assert bears_on_deadlines(UTC_POLICY, progressing[0])
    assert not bears_on_deadlines(UTC_POLICY, note(day(1)))
    assert bears_on_deadlines(UTC_POLICY, hold(day(1)))


def test_a_note_that_a_correction_made_progress_of_is_not_set_aside() -> None:
    state = life(
        note(day(1), fact_id="call-after-all"),
        extended(day(1), 5, fact_id="ext"),
        corrected(day(1), "call-after-all", {"kind": "QUALIFIED_CALL"}),
        *many_notes(0, KEPT_WITHOUT_BEARING + 5),
    )
    assert state.set_aside > 0
    assert state.fact("call-after-all") is not None
    assert state.basis.last_progress == day(1)
    again = apply(state, corrected(day(2), "ext", {"days": 6}))
    assert again.basis.last_progress == day(1)


def test_types_that_are_correctable_are_what_people_said() -> None:
    assert set(CORRECTABLE) == {
        Registered,
        ActivityRecorded,
        HoldPlaced,
        HoldReleased,
        ExtensionGranted,
        HoldRequested,
        RequestDecided,
    }
    assert day(0) == A
