"""When the time alone will next change a lead, as the read model tells it."""

from __future__ import annotations

from protection.decide import next_change
from tests.protection.told import A, bounced, converted, day, hold, life, preregistered, reminded

BASE = day(181)


def test_notices_change_nothing() -> None:
    assert next_change(life(), A) == day(60)
    assert next_change(life(), day(54)) == day(60)


def test_a_reminder_that_is_on_its_way_is_still_due() -> None:
    assert next_change(life(), day(65)) == day(60)


def test_in_grace_its_end() -> None:
    assert next_change(life(reminded(day(60))), day(61)) == day(70)


def test_with_a_refused_reminder_the_end_of_the_base_period() -> None:
    assert next_change(life(bounced(day(60))), day(61)) == BASE


def test_a_pause_begins_and_ends() -> None:
    planned = life(hold(day(1), start=day(20), end=day(25)))
    assert next_change(planned, day(2)) == day(20)
    assert next_change(planned, day(20)) == day(25)


def test_a_reminder_waits_for_the_end_of_a_pause() -> None:
    assert next_change(life(hold(day(1), start=day(60), end=day(64))), day(60)) == day(64)


def test_an_open_pause_lets_nothing_happen() -> None:
    assert next_change(life(hold(day(50))), day(54)) is None


def test_never_for_a_lead_that_is_not_alive() -> None:
    assert next_change(life(converted(day(1))), day(999)) is None


def test_a_preregistration_changes_when_it_is_deleted() -> None:
    assert next_change(life(preregistered()), day(30)) == day(60)
