"""Corrections of a lapsed lead: whether they would have kept it, and until when."""

from __future__ import annotations

import pytest

from protection.facts import Corrected, EndReason, Fact, Lapsed
from protection.late import Kept, kept_by
from tests.protection.told import (
    UTC_POLICY,
    A,
    corrected,
    day,
    hold,
    progress,
    registered,
    released,
    reminded,
)

REMINDED = day(65)
LAPSED = day(75)


def silent(*more: Fact) -> list[Fact]:
    """Sixty days without progress after a call on day 5, a reminder, ten days of grace, the lapse."""
    over = Lapsed(fact_id="over", recorded_at=LAPSED, by="clock", at=LAPSED, reason=EndReason.INACTIVITY)
    return [registered(), progress(day(5), fact_id="call"), *more, reminded(REMINDED, cycle=2), over]


def correction(corrects: str, **right: object) -> Corrected:
    return corrected(day(90), corrects, right or None)


def test_an_activity_that_was_later_than_said_would_have_kept_the_lead() -> None:
    note = progress(day(30), kind="NOTE", fact_id="note")
    kept = kept_by(UTC_POLICY, silent(note), correction("note", kind="CUSTOMER_REACTION"))
    assert kept == Kept(LAPSED, day(30 + 60 + 10))


def test_how_long_a_lead_is_kept_by_a_hold_nobody_has_ended_is_unknown() -> None:
    paused = hold(day(20), end=day(20.5), fact_id="pause")
    late = kept_by(
        UTC_POLICY,
        [
            registered(),
            progress(day(5), fact_id="call"),
            paused,
            reminded(day(65.5), cycle=2),
            Lapsed(
                fact_id="over", recorded_at=day(75.5), by="clock", at=day(75.5), reason=EndReason.INACTIVITY
            ),
        ],
        correction("pause", end_at=None),
    )
    assert late == Kept(day(75.5), None)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(correction("call", occurred_at=day(4).isoformat()), id="changes nothing about the end"),
        pytest.param(correction("nobody", kind="NOTE"), id="there is no such fact"),
        pytest.param(correction("call", kind="JUGGLING"), id="no kind of activity"),
        pytest.param(correction("over"), id="a lapse is no fact to correct"),
    ],
)
def test_what_would_not_have_kept_it(told: Corrected) -> None:
    assert kept_by(UTC_POLICY, silent(), told) is None


def test_a_lead_that_was_given_up_is_not_brought_back_by_a_correction() -> None:
    facts = [registered(), progress(day(5), kind="NOTE", fact_id="note"), released(day(20))]
    assert facts[0].recorded_at == A
    assert kept_by(UTC_POLICY, facts, correction("note", kind="CUSTOMER_REACTION")) is None
