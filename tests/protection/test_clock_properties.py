"""Dates, holds and stopwatch against slow, independent reckonings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given
from hypothesis import strategies as st

from protection.clock import last_counted_date, period_end, stopwatch
from protection.dates import (
    add_months,
    add_period,
    end_of,
    format_instant,
    later_reading,
    local,
    next_working_day,
    parse_instant,
)
from protection.facts import HoldReason
from protection.holds import Hold, first_running, next_boundary, pause_at, paused_time, union
from protection.policy import Counting, Policy, WorkingDayRoll
from tests.protection.ledgers import EPOCH, instants, spans
from tests.protection.moves import DAY, ZONES
from tests.protection.profile import thorough

HOUR = timedelta(hours=1)
GRID_END = 80


def at(hour: int) -> datetime:
    return EPOCH + hour * HOUR


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def held(start: int, length: int | None) -> Hold:
    end = None if length is None else at(start + length)
    return Hold("h", HoldReason.OTHER, at(start), end, "f")


lengths = st.one_of(st.integers(-2, 12), st.integers(-2, 12), st.integers(-2, 12), st.none())
hourly_holds = st.lists(st.builds(held, st.integers(0, 60), lengths), max_size=5)
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.integers(0, 12_000).map(lambda number: date(2000, 1, 1) + number * DAY)
wall_times = st.builds(datetime.combine, days, st.times())


def hour_is_held(holds: list[Hold], hour: int) -> bool:
    return any(
        hold.start_at <= at(hour) and (hold.end_at is None or at(hour) < hold.end_at) for hold in holds
    )


@thorough
@given(hourly_holds, st.integers(0, 30), st.integers(1, 40))
def test_the_stopwatch_agrees_with_counting_every_hour(holds: list[Hold], anchor: int, budget: int) -> None:
    hour, run = anchor, 0
    while run < budget and hour < 200:
        run += not hour_is_held(holds, hour)
        hour += 1
    expected = at(hour) if run == budget else None
    assert stopwatch(at(anchor), budget * HOUR, union(holds)) == expected


@thorough
@given(hourly_holds)
def test_the_union_holds_exactly_what_some_hold_covers(holds: list[Hold]) -> None:
    pauses = union(holds)
    for hour in range(GRID_END):
        inside = hour_is_held(holds, hour)
        assert (pause_at(pauses, at(hour)) is not None) == inside
        assert any(hold.covers(at(hour)) for hold in holds) == inside


@thorough
@given(hourly_holds)
def test_pauses_are_sorted_disjoint_and_never_empty(holds: list[Hold]) -> None:
    pauses = union(holds)
    for number, (start, end) in enumerate(pauses):
        assert end is None or start < end
        if number + 1 < len(pauses):
            assert end is not None
            assert end < pauses[number + 1][0]


@thorough
@given(hourly_holds, st.integers(0, 60), st.integers(0, 60))
def test_the_pause_total_never_exceeds_the_elapsed_time(holds: list[Hold], since: int, more: int) -> None:
    total = paused_time(union(holds), at(since), at(since + more))
    hours = sum(hour_is_held(holds, hour) for hour in range(since, since + more))
    assert timedelta() <= total == hours * HOUR <= more * HOUR


@thorough
@given(hourly_holds, st.integers(0, GRID_END))
def test_the_clock_runs_again_at_the_first_hour_no_hold_covers(holds: list[Hold], hour: int) -> None:
    free = next((h for h in range(hour, 82) if not hour_is_held(holds, h)), None)
    assert first_running(union(holds), at(hour)) == (None if free is None else at(free))


@thorough
@given(hourly_holds, st.integers(0, GRID_END))
def test_the_next_boundary_is_where_held_and_not_held_change(holds: list[Hold], hour: int) -> None:
    changes = [h for h in range(hour + 1, 82) if hour_is_held(holds, h) != hour_is_held(holds, h - 1)]
    assert next_boundary(union(holds), at(hour)) == (at(changes[0]) if changes else None)


@thorough
@given(st.lists(st.builds(held, st.integers(0, 400), st.one_of(st.integers(1, 90), st.none())), max_size=4),
       st.integers(0, 200), st.integers(1, 12), zones)  # fmt: skip
def test_calendar_days_agree_with_counting_every_date(
    holds: list[Hold], anchor: int, budget: int, tz: ZoneInfo
) -> None:
    first = local(at(anchor), tz).date()
    day, counted = first, 0
    while counted < budget and day < first + 60 * DAY:
        day += DAY
        opens, closes = end_of(day - DAY, tz), end_of(day, tz)
        touched = any(
            hold.start_at < closes and (hold.end_at is None or hold.end_at > opens) for hold in holds
        )
        counted += not touched
    expected = day if counted == budget else None
    assert last_counted_date(first, budget, union(holds), tz) == expected


@thorough
@given(days, st.integers(0, 30))
@example(date(2027, 8, 31), 6)
@example(date(2023, 8, 31), 6)
@example(date(2027, 12, 31), 2)
def test_adding_months_keeps_the_day_or_clamps_to_the_months_last(day: date, months: int) -> None:
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + 32 * DAY).replace(day=1)
    last = (first + 32 * DAY).replace(day=1) - DAY
    assert add_months(day, months) == min(first + (day.day - 1) * DAY, last)


def readings(shown: datetime, tz: ZoneInfo) -> list[datetime]:
    """Every instant at which clocks there show this wall time."""
    around = shown.replace(tzinfo=UTC)
    offsets = {(around + hours * HOUR).astimezone(tz).utcoffset() for hours in (-40, 40)}
    moments = sorted(around - offset for offset in offsets if offset is not None)
    return [moment for moment in moments if local(moment, tz) == shown] or moments


@thorough
@given(wall_times, zones)
@example(wall("2027-03-28T02:30"), ZoneInfo("Europe/Berlin"))
@example(wall("2027-10-31T02:30"), ZoneInfo("Europe/Berlin"))
@example(wall("2027-04-04T01:45"), ZoneInfo("Australia/Lord_Howe"))
def test_a_wall_time_means_the_later_of_its_readings(shown: datetime, tz: ZoneInfo) -> None:
    assert later_reading(shown, tz) == readings(shown, tz)[-1]


changes_2027 = st.sampled_from([
    ("Europe/Berlin", wall("2027-03-28T02:00"), HOUR),
    ("Europe/Berlin", wall("2027-10-31T02:00"), HOUR),
    ("America/New_York", wall("2027-03-14T02:00"), HOUR),
    ("America/New_York", wall("2027-11-07T01:00"), HOUR),
    ("Australia/Lord_Howe", wall("2027-10-03T02:00"), HOUR / 2),
    ("Australia/Lord_Howe", wall("2027-04-04T01:30"), HOUR / 2),
])  # fmt: skip


@thorough
@given(changes_2027, st.integers(-3600, 7200), st.integers(1, 60))
def test_a_period_that_ends_in_a_clock_change_ends_at_the_later_reading(
    change: tuple[str, datetime, timedelta], seconds: int, length: int
) -> None:
    name, start, _ = change
    tz = ZoneInfo(name)
    target = start + timedelta(seconds=seconds)
    anchor = (target - length * DAY).replace(tzinfo=tz).astimezone(UTC)
    assume(local(anchor, tz) == target - length * DAY)
    assert add_period(anchor, 0, length, tz) == readings(target, tz)[-1]


@thorough
@given(instants(), st.integers(0, 24), st.integers(0, 60), zones)
def test_a_period_keeps_the_wall_time(anchor: datetime, months: int, more: int, tz: ZoneInfo) -> None:
    end, began = add_period(anchor, months, more, tz), local(anchor, tz)
    expected = datetime.combine(add_months(began.date(), months) + more * DAY, began.time())
    assert local(end, tz) == expected or not any(
        local(moment, tz) == expected for moment in readings(expected, tz)
    )


@thorough
@given(days, st.lists(days, max_size=3), st.integers(0, 3))
def test_the_next_working_day_is_the_first_that_is_open(day: date, closed: list[date], near: int) -> None:
    shut = (*closed, day + near * DAY)
    found = next_working_day(day, shut)
    assert found.strftime("%a") not in {"Sat", "Sun"}
    assert found not in shut
    for skipped in range((found - day).days):
        missed = day + skipped * DAY
        assert missed.strftime("%a") in {"Sat", "Sun"} or missed in shut


@thorough
@given(instants(), spans(0, 60))
def test_a_rolled_deadline_is_never_earlier_than_the_same_one_not_rolled(
    anchor: datetime, wait: timedelta
) -> None:
    policy = Policy(counting=Counting.CALENDAR_DAYS, working_day_roll=WorkingDayRoll.NEXT_WORKING_DAY)
    plain = period_end(policy, anchor + wait, 0, 60, (), rolls=False)
    rolled = period_end(policy, anchor + wait, 0, 60, (), rolls=True)
    assert plain is not None
    assert rolled is not None
    assert plain <= rolled <= plain + 2 * DAY + HOUR
    assert local(rolled - timedelta(microseconds=1), ZoneInfo("Europe/Berlin")).weekday() <= 4


@thorough
@given(instants().flatmap(lambda moment: spans(0, 1).map(lambda rest: moment + rest / 1000)))
def test_an_instant_survives_being_written_and_read(moment: datetime) -> None:
    assert parse_instant(format_instant(moment)) == moment
    assert format_instant(moment).endswith("Z")


@thorough
@given(days, zones)
def test_the_end_of_a_date_is_where_the_next_one_begins(day: date, tz: ZoneInfo) -> None:
    midnight = end_of(day, tz)
    assert local(midnight, tz) == datetime.combine(day + DAY, time.min)
    assert local(midnight - timedelta(microseconds=1), tz).date() == day
