"""The timeline picture: everything lies where the engine says, on any canvas, for any life of a lead."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.console_model import Ledger
from protection.facts import (
    ActivityRecorded,
    Converted,
    Erased,
    ExtensionGranted,
    HoldPlaced,
    HoldReason,
    Preregistered,
    Registered,
    Reinstated,
    Released,
)
from protection.lifecycle import replay
from protection.policy import Policy
from protection.simulator import settle
from protection.state import ENDED, Status
from services.clock_reading import read_at
from services.preview import Supposed, WhatIf, preview
from services.timeline_picture import NARROW, WIDE, Canvas, Picture, draw
from services.timeline_picture_parts import BarKind, Lane, MarkKind, Story
from services.timeline_picture_periods import pauses_in
from services.timeline_picture_story import tell
from tests.protection.ledgers import Ledger as Drawn
from tests.protection.ledgers import ledgers
from tests.protection.moves import ALL_OF_IT

DAY = timedelta(days=1)
START = datetime(2026, 1, 15, 9, tzinfo=UTC)
some = settings(
    max_examples=min(60, int(os.environ.get("FRISTWERK_EXAMPLES", "60"))),
    deadline=None,
    database=None,
    suppress_health_check=tuple(HealthCheck),
)


def registered(at: datetime = START, **more: datetime) -> Registered:
    return Registered(
        fact_id="r", recorded_at=more.get("recorded_at", at), by="anna", owner="anna", registered_at=at
    )


def activity(day: int, kind: str = "QUALIFIED_CALL") -> ActivityRecorded:
    at = START + day * DAY
    return ActivityRecorded(fact_id=f"a{day}{kind}", recorded_at=at, by="anna", kind=kind, occurred_at=at)


def hold(name: str, start: int, end: int | None, *, told: int = 1) -> HoldPlaced:
    return HoldPlaced(
        fact_id=name,
        recorded_at=START + told * DAY,
        by="maria",
        hold=name,
        reason=HoldReason.FFZ_SAMPLE_DELAY,
        start_at=START + start * DAY,
        end_at=None if end is None else START + end * DAY,
    )


def told(ledger: Ledger, now: datetime, question: WhatIf | None = None) -> Story:
    told = preview(ledger, question or WhatIf(), now=now)
    return tell(ledger.policy, ledger.facts, told.supposed, now=told.now)


def story(*facts: object, day: int = 20, policy: Policy | None = None) -> Story:
    return told(Ledger(policy or Policy(), tuple(facts)), START + day * DAY)  # type: ignore[arg-type]


def ledger_of(drawn: Drawn) -> tuple[Ledger, datetime]:
    """A ledger as the database would hold it: what was accepted by then, and what the time had brought."""
    return Ledger(drawn.policy, drawn.played().ledger), drawn.until


def kinds(told: Story) -> list[str]:
    return [str(mark.kind) for mark in told.marks]


def marks(told: Story, kind: MarkKind) -> list[datetime]:
    return [mark.at for mark in told.marks if mark.kind is kind]


def bars(told: Story, kind: BarKind) -> list[tuple[datetime, datetime | None]]:
    return [(bar.start, bar.end) for bar in told.bars if bar.kind is kind]


def check_geometry(picture: Picture) -> None:
    canvas = picture.canvas
    for shape in picture.shapes:
        assert canvas.left <= shape.x
        assert shape.x + shape.width <= canvas.right + 0.02
        assert shape.width >= 0
        assert canvas.top <= shape.y
        assert shape.y + shape.height <= picture.bottom
    for lane in Lane:
        here = [
            shape for shape in picture.shapes if shape.lane is lane and shape.kind is not BarKind.BASE_UNUSED
        ]
        for one, other in pairwise(here):
            assert one.x + one.width <= other.x + 0.02, (one, other)
        pins = [pin for pin in picture.pins if pin.lane is lane]
        for left, right in pairwise(pins):
            assert right.x - left.x >= canvas.target
    for x in [pin.x for pin in picture.pins] + [tick.x for tick in picture.ticks]:
        assert canvas.left <= x <= canvas.right
    for tick, following in pairwise(picture.ticks):
        assert following.x - tick.x >= canvas.apart * 0.85
    assert picture.today is None or canvas.left <= picture.today <= canvas.right


def check_table(picture: Picture) -> None:
    keys = [entry.key for entry in picture.entries]
    assert len(set(keys)) == len(keys)
    assert [entry.start for entry in picture.entries] == sorted(entry.start for entry in picture.entries)
    assert {shape.key for shape in picture.shapes} <= set(keys)
    assert {key for pin in picture.pins for key in pin.keys} <= set(keys)
    pointed = {key for pin in picture.pins for key in pin.keys}
    for entry in picture.entries:
        assert entry.told, entry
        assert not entry.deadline or entry.key in pointed


@some
@given(ledgers(acts=ALL_OF_IT, longest=12), st.sampled_from((WIDE, NARROW)))
def test_any_life_is_drawn_inside_the_canvas_in_order_and_explained(drawn: Drawn, canvas: Canvas) -> None:
    ledger, now = ledger_of(drawn)
    whole = told(ledger, now)
    picture = draw(whole, canvas)
    check_geometry(picture)
    check_table(picture)


@some
@given(ledgers(acts=ALL_OF_IT, longest=12))
def test_pauses_are_the_engines_and_deadlines_are_the_engines(drawn: Drawn) -> None:
    ledger, now = ledger_of(drawn)
    whole = told(ledger, now)
    final = settle(replay(ledger.policy, ledger.facts), now, assume_reminders=False)
    ended_at = final.ended_at if final.status in ENDED else whole.until
    assert bars(whole, BarKind.PAUSE) == list(pauses_in(final.basis.pauses, ended_at))
    answer = read_at(ledger, as_of=now, now=now).answer
    if answer.status in {Status.ACTIVE, Status.GRACE}:
        if answer.base_until is not None:
            assert answer.base_until in marks(whole, MarkKind.BASE_END)
        if answer.grace_until is not None and (
            answer.base_until is None or answer.grace_until <= answer.base_until
        ):
            assert answer.grace_until in marks(whole, MarkKind.GRACE_END) + marks(whole, MarkKind.LAPSE)
        last = whole.marks[-1]
        assert answer.valid_until is None or last.at >= answer.valid_until
        assert (whole.until is None) == (answer.valid_until is None)


@some
@given(
    ledgers(acts=ALL_OF_IT, longest=6),
    st.integers(0, 120),
    st.integers(1, 90),
    st.booleans(),
    st.integers(1, 30),
)
def test_what_if_is_drawn_like_what_is(
    drawn: Drawn, days: int, extension: int, progress: bool, grace: int
) -> None:
    ledger, now = ledger_of(drawn)
    facts = [Supposed("extension_granted", values={"days": extension})]
    if days:
        end = max(now, ledger.facts[-1].recorded_at) + days * DAY
        facts.append(Supposed("hold_placed", values={"reason": "OTHER", "end_at": end.isoformat()}))
    if progress:
        facts.append(Supposed("activity", values={"kind": "QUALIFIED_CALL"}))
    whole = told(ledger, now, WhatIf(facts=tuple(facts), policy={"grace_days": grace}))
    picture = draw(whole)
    check_geometry(picture)
    check_table(picture)


def test_a_plain_lead_shows_its_windows_its_reminder_and_its_end() -> None:
    whole = story(registered(), activity(30))
    assert [start for start, _ in bars(whole, BarKind.WINDOW)] == [START, START + 30 * DAY]
    answer = read_at(
        Ledger(Policy(), (registered(), activity(30))), as_of=START + 31 * DAY, now=START + 31 * DAY
    ).answer
    assert marks(whole, MarkKind.PROGRESS_DUE) == [answer.progress_until]
    assert marks(whole, MarkKind.REMINDER) == [answer.reminder_due_at]
    assert marks(whole, MarkKind.LAPSE) == [answer.valid_until]
    assert marks(whole, MarkKind.BASE_END) == [answer.base_until]
    picture = draw(whole)
    assert picture.today is not None
    assert [entry.kind for entry in picture.entries if entry.to_come and entry.deadline]
    clauses = {step.clause for entry in picture.entries for step in entry.told if hasattr(step, "clause")}
    assert {"a", "b", "c"} <= clauses


def test_overlapping_holds_are_one_pause_that_names_them_all() -> None:
    many = [hold(f"h{n}", 40 + n, 60 + n) for n in range(30)]
    whole = story(registered(), *many)
    ((start, end),) = bars(whole, BarKind.PAUSE)
    assert (start, end) == (START + 40 * DAY, START + 89 * DAY)
    (pause,) = [bar for bar in whole.bars if bar.kind is BarKind.PAUSE]
    assert len(pause.told) == 30


def test_an_open_hold_fades_out_and_leaves_the_end_unknown() -> None:
    whole = story(registered(), hold("h", 2, None))
    assert whole.until is None
    assert marks(whole, MarkKind.LAPSE) == []
    picture = draw(whole)
    fading = {shape.kind for shape in picture.shapes if shape.fades}
    assert fading == {BarKind.PAUSE, BarKind.BASE, BarKind.WINDOW, BarKind.PROTECTED}
    assert all(shape.x + shape.width == WIDE.right for shape in picture.shapes if shape.fades)


def test_an_extension_is_a_bar_of_its_own_after_the_base_period() -> None:
    granted = ExtensionGranted(fact_id="e", recorded_at=START + 5 * DAY, by="maria", days=30)
    whole = story(registered(), granted)
    ((_, plain),) = bars(whole, BarKind.BASE)
    ((start, end),) = bars(whole, BarKind.EXTENSION)
    assert plain == start
    assert end is not None
    assert end - start == 30 * DAY
    assert MarkKind.EXTENDED in kinds(whole)


def test_years_of_a_lead_have_few_ticks_and_nothing_hides() -> None:
    policy = replace(Policy(), base_months=24)
    holds = [hold(f"h{n}", 10 + 200 * n, 190 + 200 * n) for n in range(12)]
    whole = story(registered(), *holds, day=40, policy=policy)
    for canvas in (WIDE, NARROW):
        picture = draw(whole, canvas)
        check_geometry(picture)
        check_table(picture)
        assert 2 <= len(picture.ticks) <= 20


def test_thousands_of_calls_share_pins_and_the_table_says_what_it_leaves_out() -> None:
    calls = [activity(n // 20, "CALL_ATTEMPT") for n in range(0, 2000, 20)]
    picture = draw(story(registered(), *calls, day=110))
    check_geometry(picture)
    assert picture.left_out == len(calls) - 50
    assert len(picture.whiskers) == len(calls)


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (Released(fact_id="x", recorded_at=START + 20 * DAY, by="anna"), MarkKind.RELEASED),
        (Converted(fact_id="x", recorded_at=START + 20 * DAY, by="maria"), MarkKind.CONVERTED),
        (Erased(fact_id="x", recorded_at=START + 20 * DAY, by="adam"), MarkKind.ERASED),
    ],
)
def test_what_somebody_ended_ends_there(end: Released | Converted | Erased, kind: MarkKind) -> None:
    whole = story(registered(), hold("h", 5, None), end, day=25)
    assert kinds(whole)[-1] == kind
    assert whole.ended_at == START + 20 * DAY
    assert bars(whole, BarKind.PAUSE) == [(START + 5 * DAY, START + 20 * DAY)]
    assert draw(whole).today is not None
    assert draw(replace(whole, now=START + 2000 * DAY)).today is None


def test_a_lapse_leaves_the_rest_of_the_base_period_unused() -> None:
    first = registered()
    lapsed = settle(replay(Policy(), (first,)), START + 80 * DAY)
    whole = story(*lapsed.facts, day=80)
    assert lapsed.status is Status.EXPIRED
    ((start, _),) = bars(whole, BarKind.BASE_UNUSED)
    assert start == lapsed.ended_at
    (lapse,) = [mark for mark in whole.marks if mark.kind is MarkKind.LAPSE]
    assert {step.clause for step in lapse.told if hasattr(step, "clause")} == {"a", "b", "c"}
    back = Reinstated(fact_id="b", recorded_at=START + 90 * DAY, by="maria", restart_base=True)
    again = story(*lapsed.facts, back, day=95)
    assert len(bars(again, BarKind.BASE)) == 2
    assert MarkKind.REINSTATED in kinds(again)


def test_a_pre_registration_is_kept_for_a_while_and_deleted_in_the_end() -> None:
    noted = Preregistered(fact_id="p", recorded_at=START, by="anna", owner="anna")
    whole = story(noted, day=3)
    assert [bar.kind for bar in whole.bars] == [BarKind.NOTED, BarKind.NOTED_ONLY]
    assert kinds(whole) == [MarkKind.NOTED, MarkKind.RESERVED_END, MarkKind.LAPSE]
    check_table(draw(whole))
    later = story(noted, registered(START + 4 * DAY), day=6)
    assert MarkKind.RESERVED_END not in kinds(later)
    assert bars(later, BarKind.PROTECTED)[0][0] == START + 4 * DAY


def test_an_empty_ledger_has_no_story() -> None:
    with pytest.raises(ValueError, match="empty ledger"):
        tell(Policy(), (), (), now=START)
