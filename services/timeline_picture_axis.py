"""The axis of a picture: where days and months of the tenant's zone lie, as far apart as labels need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from protection.dates import add_months, later_reading, local

_MONDAY: Final = 7
_DAYS: Final = (1, _MONDAY)
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400)


class Unit(StrEnum):
    """What a tick stands for."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis: a local date and its place.

    Attributes:
        named: whether there is room to name the year beside the month or day.
    """

    x: float
    day: date
    unit: Unit
    named: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants to places: linear, and never outside of `left` and `right`."""

    since: datetime
    until: datetime
    left: float
    right: float

    def x(self, moment: datetime) -> float:
        """Where the instant lies; what is out of sight lies at the edge."""
        share = (moment - self.since) / (self.until - self.since)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 2)

    def shows(self, moment: datetime) -> bool:
        """Whether the instant is in sight."""
        return self.since <= moment <= self.until


def ticks(scale: Scale, tz: ZoneInfo, apart: float) -> tuple[Tick, ...]:
    """Ticks no nearer to each other than `apart`, in the finest unit that allows it."""
    span = scale.until - scale.since
    per_day = (scale.right - scale.left) / max(span / timedelta(days=1), 1e-9)
    for days in _DAYS:
        if per_day * days >= apart:
            return _placed(scale, tz, _days(days), Unit.DAY)
    for months in _MONTHS:
        if per_day * 28 * months >= apart:
            return _placed(scale, tz, _months(months), Unit.MONTH if months < 12 else Unit.YEAR)
    return ()


def _days(step: int) -> Callable[[date, date], Iterator[date]]:
    def days(first: date, last: date) -> Iterator[date]:
        day = first - timedelta(days=first.weekday() if step == _MONDAY else 0)
        while day <= last:
            yield day
            day += timedelta(days=step)

    return days


def _months(step: int) -> Callable[[date, date], Iterator[date]]:
    def months(first: date, last: date) -> Iterator[date]:
        number = first.year * 12 + first.month - 1
        number -= number % step
        day = date(number // 12, number % 12 + 1, 1)
        while day <= last:
            yield day
            day = add_months(day, step)

    return months


def _placed(
    scale: Scale, tz: ZoneInfo, days: Callable[[date, date], Iterator[date]], unit: Unit
) -> tuple[Tick, ...]:
    placed: list[Tick] = []
    year: int | None = None
    for day in days(local(scale.since, tz).date(), local(scale.until, tz).date()):
        moment = later_reading(datetime.combine(day, time.min), tz)
        if scale.shows(moment):
            placed.append(Tick(scale.x(moment), day, unit, named=day.year != year))
            year = day.year
    return tuple(placed)
