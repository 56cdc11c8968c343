"""A time zone as a calendar file carries it: exact to the second where clocks change.

The library's own description begins summer time an hour late, which programs that trust the file would show.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _changes(zone: ZoneInfo, first: int, last: int) -> list[datetime]:
    """The instants from the year `first` to the year `last` at which the offset changes."""
    found: list[datetime] = []
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while day < end:
        before, after = day, day + _DAY
        if _offset(zone, before) != _offset(zone, after):
            old = _offset(zone, before)
            while after - before > _SECOND:
                middle = before + (after - before) // 2
                before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
            found.append(after.replace(microsecond=0))
        day += _DAY
    return found


@lru_cache(maxsize=256)
def described(zone: ZoneInfo, first: int, last: int) -> Timezone:
    """The zone's VTIMEZONE, good from the year `first` to the year `last`."""
    made = Timezone()
    made.add("TZID", zone.key)
    start = datetime(first, 1, 1, tzinfo=UTC)
    made.add_component(_observance(zone, start, _offset(zone, start)))
    for change in _changes(zone, first, last):
        made.add_component(_observance(zone, change, _offset(zone, change - _SECOND)))
    return made


def _observance(zone: ZoneInfo, instant: datetime, before: timedelta) -> TimezoneStandard | TimezoneDaylight:
    """What holds from this instant on; its start is told as clocks showed it that nobody had set yet."""
    local = instant.astimezone(zone)
    made = TimezoneDaylight() if local.dst() else TimezoneStandard()
    made.add("DTSTART", instant.replace(tzinfo=None) + before)
    made.add("TZOFFSETFROM", before)
    made.add("TZOFFSETTO", local.utcoffset() or timedelta())
    made.add("TZNAME", local.tzname() or zone.key)
    return made
