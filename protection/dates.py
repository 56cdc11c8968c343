"""Instants, local wall time, and adding months and days the way the contract means it.

Source: domain.md section 3, "Adding a period"; BGB 188 (2) and (3) for months.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
_SATURDAY = 5
# Outside these years a time is a slip, and adding periods to it would leave the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 2999


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises ValueError (or KeyError) for a name there is none of."""
    return ZoneInfo(name)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 time with a zone, as a UTC instant.

    Raises:
        ValueError: it is no time, has no zone, or lies in no year we know of.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{text} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment.astimezone(UTC)


def format_instant(moment: datetime) -> str:
    """A UTC instant as ISO 8601 with a Z, microseconds only where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def later_reading(wall: datetime, tz: ZoneInfo) -> datetime:
    """The UTC instant of a naive local time; the later one where it exists twice or not at all."""
    first = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    return max(first, second)


def local(moment: datetime, tz: ZoneInfo) -> datetime:
    """The naive wall time of an instant in that zone."""
    return moment.astimezone(tz).replace(tzinfo=None, fold=0)


def end_of(day: date, tz: ZoneInfo) -> datetime:
    """The local midnight that ends this date, as a UTC instant."""
    return later_reading(datetime.combine(day + ONE_DAY, time.min), tz)


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    if day.day <= 28:
        return day.replace(year=year, month=month)
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def add_period(anchor: datetime, months: int, days: int, tz: ZoneInfo) -> datetime:
    """Months, then days, added to the wall time of the anchor; a UTC instant."""
    wall = local(anchor, tz)
    moved = datetime.combine(add_months(wall.date(), months) + timedelta(days=days), wall.time())
    return later_reading(moved, tz)


def next_working_day(day: date, closed: tuple[date, ...]) -> date:
    """This date, or the next that is neither Saturday, Sunday nor closed (BGB 193)."""
    while day.weekday() >= _SATURDAY or day in closed:
        day += ONE_DAY
    return day
