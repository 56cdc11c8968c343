"""Deadlines worked out by hand: calendar days, working days, clock changes, half-open holds."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from protection.clock import earliest, last_counted_date, period_end, stopwatch
from protection.dates import (
    add_months,
    add_period,
    end_of,
    format_instant,
    later_reading,
    local,
    next_working_day,
    parse_instant,
    zone,
)
from protection.facts import HoldReason
from protection.holds import Hold, first_running, next_boundary, pause_at, paused_time, union
from protection.lifecycle import snapshot
from protection.policy import Counting, Policy, WorkingDayRoll
from tests.protection.told import BERLIN, DAY, TICK, A, day, extended, hold, life, registered, reminded

TZ = ZoneInfo("Europe/Berlin")
CALENDAR = replace(BERLIN, counting=Counting.CALENDAR_DAYS)
ROLLING = replace(CALENDAR, working_day_roll=WorkingDayRoll.NEXT_WORKING_DAY)


def berlin(text: str) -> datetime:
    """A wall time in Berlin as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=TZ).astimezone(UTC)


def held(start: float, end: float | None) -> Hold:
    return Hold("h", HoldReason.OTHER, day(start), None if end is None else day(end), "f")


def test_calendar_days_do_not_count_the_day_of_registration() -> None:
    for clock in ("00:00", "12:00", "23:59:59.999999"):
        state = life(registered(berlin(f"2030-01-07T{clock}")), policy=CALENDAR)
        told = snapshot(state, state.recorded_at)
        assert told.progress_until == berlin("2030-03-09T00:00")
        assert told.base_until == berlin("2030-07-08T00:00")
        assert told.valid_until == berlin("2030-03-20T00:00")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2030-01-10T23:59:59", "2030-01-11T00:00", 1),
        ("2030-01-10T23:59:59", "2030-01-11T00:00:00.000001", 2),
        ("2030-01-10T00:00", "2030-01-12T00:00", 2),
        ("2030-01-05T10:00", "2030-01-07T18:00", 0),
        ("2030-01-05T10:00", "2030-01-08T00:00", 0),
        ("2030-01-05T10:00", "2030-01-08T00:00:01", 1),
        ("2030-03-08T23:59", "2030-03-09T00:00", 1),
        ("2030-03-09T00:00", "2030-03-19T00:00", 0),
    ],
)
def test_calendar_days_leave_out_every_date_a_hold_touches(start: str, end: str, days: int) -> None:
    first = registered(berlin("2030-01-07T12:00"))
    state = life(first, hold(first.recorded_at, start=berlin(start), end=berlin(end)), policy=CALENDAR)
    assert snapshot(state, state.recorded_at).progress_until == berlin("2030-03-09T00:00") + days * DAY


def test_calendar_days_two_holds_on_one_date_leave_it_out_once() -> None:
    pauses = union([held(1, 1.1), held(1.2, 1.3), held(2, 2.1), held(2.2, 4.1)])
    assert last_counted_date(A.date(), 5, pauses, ZoneInfo("UTC")) == A.date() + 9 * DAY


def test_calendar_days_are_unknown_behind_an_open_hold_and_known_before_it() -> None:
    utc = ZoneInfo("UTC")
    assert last_counted_date(A.date(), 5, union([held(5, None)]), utc) is None
    assert last_counted_date(A.date(), 5, union([held(6, None)]), utc) == A.date() + 5 * DAY
    assert last_counted_date(A.date(), 5, union([held(-9, None)]), utc) is None


def test_calendar_days_extension_comes_after_the_months() -> None:
    first = registered(berlin("2030-08-31T12:00"))
    plain = life(first, policy=CALENDAR)
    longer = life(first, extended(first.recorded_at, 1), policy=CALENDAR)
    assert snapshot(plain, first.recorded_at).base_until == berlin("2031-03-01T00:00")
    assert snapshot(longer, first.recorded_at).base_until == berlin("2031-03-02T00:00")


@pytest.mark.parametrize(
    ("registration", "last_day"),
    [
        ("2030-01-07T10:00", "2030-03-08"),  # a Friday stays
        ("2030-01-08T10:00", "2030-03-11"),  # Saturday
        ("2030-01-09T10:00", "2030-03-11"),  # Sunday
        ("2030-01-10T10:00", "2030-03-11"),  # a Monday stays
        ("2030-02-18T10:00", "2030-04-23"),  # Good Friday's week-end, Easter Monday closed
        ("2030-01-30T02:30", "2030-04-01"),  # Sunday of the spring change
    ],
)
def test_the_progress_deadline_rolls_to_the_next_working_day(registration: str, last_day: str) -> None:
    closed = (date(2030, 4, 19), date(2030, 4, 22))
    first = registered(berlin(registration))
    told = snapshot(life(first, policy=replace(ROLLING, closed_days=closed)), first.recorded_at)
    assert told.progress_until == berlin(f"{last_day}T00:00") + DAY


def test_grace_rolls_and_the_base_period_does_not() -> None:
    # 60 days from Monday 7 January end on Friday 8 March, 10 days of grace on Monday 18 March.
    state = life(reminded(day(61)), policy=replace(ROLLING, grace_days=8))
    assert state.deadlines is not None
    assert state.deadlines.grace_until is not None
    assert local(state.deadlines.grace_until - TICK, TZ).strftime("%a") == "Mon"
    base = life(registered(berlin("2030-01-06T12:00")), policy=replace(ROLLING, base_months=3))
    assert snapshot(base, base.recorded_at).base_until == berlin("2030-04-07T00:00")  # a Saturday's end


def test_a_period_asked_for_without_roll_does_not_roll() -> None:
    saturday = berlin("2030-01-05T10:00")
    end_of_saturday = berlin("2030-01-13T00:00")
    assert period_end(ROLLING, saturday, 0, 7, (), rolls=False) == end_of_saturday
    assert period_end(ROLLING, saturday, 0, 7, (), rolls=True) == end_of_saturday + 2 * DAY
    assert period_end(CALENDAR, saturday, 0, 7, (), rolls=True) == end_of_saturday
    assert period_end(BERLIN, saturday, 0, 7, (), rolls=True) == saturday + 7 * DAY
    assert period_end(ROLLING, saturday, 0, 7, union([held(0, None)]), rolls=True) is None


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2030-03-31T01:59:59", "2030-03-31T00:59:59Z"),
        ("2030-03-31T02:30:00", "2030-03-31T01:30:00Z"),  # does not exist: the later reading
        ("2030-03-31T03:00:00", "2030-03-31T01:00:00Z"),
        ("2030-10-27T01:59:59", "2030-10-26T23:59:59Z"),
        ("2030-10-27T02:30:00", "2030-10-27T01:30:00Z"),  # exists twice: the later one
        ("2030-10-27T03:00:00", "2030-10-27T02:00:00Z"),
    ],
)
def test_wall_times_around_the_clock_changes(wall: str, instant: str) -> None:
    assert format_instant(later_reading(datetime.fromisoformat(wall), TZ)) == instant


def test_a_stopwatch_and_its_edges() -> None:
    ten = 10 * DAY
    assert stopwatch(A, ten, ()) == day(10)
    assert stopwatch(A, ten, union([held(-5, 0)])) == day(10)
    assert stopwatch(A, ten, union([held(-5, 3)])) == day(13)
    assert stopwatch(A, ten, union([held(10, 12)])) == day(10)
    assert stopwatch(A, ten, union([held(9, 12)])) == day(13)
    assert stopwatch(A, ten, union([held(9, 12), held(12.5, 14)])) == day(14.5)
    assert stopwatch(A, ten, union([held(9, None)])) is None
    assert stopwatch(A, ten, union([held(10, None)])) == day(10)
    assert stopwatch(A, ten, union([held(-5, None)])) is None


def test_holds_are_half_open() -> None:
    one = held(1, 2)
    assert [one.covers(day(n)) for n in (0.5, 1, 1.5, 2)] == [False, True, True, False]
    assert held(1, None).covers(day(900))
    pauses = union([one])
    assert pause_at(pauses, day(1)) == (day(1), day(2))
    assert pause_at(pauses, day(1) - TICK) is None
    assert pause_at(pauses, day(2)) is None
    assert first_running(pauses, day(1)) == day(2)
    assert first_running(pauses, day(2)) == day(2)
    assert [next_boundary(pauses, day(n)) for n in (0, 1, 2)] == [day(1), day(2), None]
    assert next_boundary(union([held(1, None)]), day(1)) is None


def test_a_released_hold_is_another_value() -> None:
    open_one = held(1, None)
    assert open_one.released_at(day(3)) == held(1, 3)
    assert open_one.released_at(day(0)) == held(1, 1)
    assert held(1, 2).released_at(day(3)) == held(1, 2)
    assert held(1, 9).released_at(day(3)) == held(1, 3)


def test_the_pause_total_is_clipped_to_what_is_asked_for() -> None:
    pauses = union([held(1, 3), held(5, None)])
    assert paused_time(pauses, day(0), day(10)) == 7 * DAY
    assert paused_time(pauses, day(2), day(5)) == DAY
    assert paused_time(pauses, day(3), day(5)) == timedelta()
    assert paused_time(pauses, day(4), day(2)) == timedelta()


def test_months_end_where_the_calendar_ends_them() -> None:
    assert add_months(date(2029, 8, 31), 6) == date(2030, 2, 28)
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert add_months(date(2030, 1, 28), 1) == date(2030, 2, 28)
    assert add_months(date(2030, 1, 29), 1) == date(2030, 2, 28)
    assert add_months(date(2030, 12, 15), 12) == date(2031, 12, 15)
    assert add_period(A, 1, 1, ZoneInfo("UTC")) == datetime(2030, 2, 8, 12, tzinfo=UTC)


def test_a_date_ends_at_local_midnight() -> None:
    assert end_of(date(2030, 3, 31), TZ) == berlin("2030-04-01T00:00")
    assert end_of(date(2030, 12, 31), zone("Asia/Kolkata")) == datetime(2030, 12, 31, 18, 30, tzinfo=UTC)


def test_working_days() -> None:
    friday = date(2030, 3, 8)
    assert next_working_day(friday, ()) == friday
    assert next_working_day(friday, (friday,)) == friday + 3 * DAY
    assert next_working_day(friday + DAY, (date(2030, 3, 11),)) == date(2030, 3, 12)


def test_the_earliest_of_what_is_known() -> None:
    assert earliest(None, day(3), day(2), None) == day(2)
    assert earliest(None) is None
    assert earliest() is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2030-01-01T00:00:00", r"^2030-01-01T00:00:00 has no zone$"),
        ("2030-01-01", r"^2030-01-01 has no zone$"),
        ("1969-12-31T23:59:59Z", r"^1969-12-31T23:59:59Z lies outside the years 1970 to 2999$"),
        ("soon", r"^Invalid isoformat string: 'soon'$"),
    ],
)
def test_what_is_no_instant(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_instant(text)


def test_instants_are_written_with_microseconds_only_where_there_are_any() -> None:
    assert format_instant(A) == "2030-01-07T12:00:00Z"
    assert format_instant(A + TICK) == "2030-01-07T12:00:00.000001Z"
    assert format_instant(berlin("2030-07-01T12:00")) == "2030-07-01T10:00:00Z"


def test_the_zone_of_the_machine_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert format_instant(A) == "2030-01-07T12:00:00Z"
        assert parse_instant("2030-01-07T12:00:00Z") == A
        assert local(A, TZ) == datetime.fromisoformat("2030-01-07T13:00:00")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_no_such_zone() -> None:
    with pytest.raises(LookupError):
        zone("Europe/Nowhere")
    assert Policy().timezone == zone("Europe/Berlin").key
