"""Instants as people read them, in their zone, with the zone beside them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from activities.ports import Language

_LOCALES: Final = {Language.DE: "de_DE", Language.EN: "en_GB"}
_DAYS: Final = {Language.DE: "EEEE, d. MMMM y", Language.EN: "EEEE, d MMMM y"}
_DATES: Final = {Language.DE: "d. MMMM y", Language.EN: "d MMMM y"}
_CLOCK: Final = {Language.DE: "{} Uhr", Language.EN: "{}"}


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(second=0, microsecond=0)


def _offset(local: datetime) -> str:
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def moment(instant: datetime, language: Language, zone: ZoneInfo) -> str:
    """Day, minute and zone: `Monday, 23 November 2026, 14:30 (Europe/Berlin, UTC+01:00)`."""
    local = _local(instant, zone)
    day = format_datetime(local, _DAYS[language], locale=_LOCALES[language])
    return f"{day}, {_CLOCK[language].format(f'{local:%H:%M}')} ({zone.key}, {_offset(local)})"


def deadline(instant: datetime, language: Language, zone: ZoneInfo) -> str:
    """As `moment`, but a deadline at midnight is 24:00 of the day it ends. Seconds are cut, never added."""
    return ", ".join(deadline_parts(instant, language, zone))


def deadline_parts(instant: datetime, language: Language, zone: ZoneInfo) -> tuple[str, str]:
    """A deadline's day, and its time with the zone."""
    local = _local(instant, zone)
    midnight = local.time() == time.min
    last = local.date() - timedelta(days=1) if midnight else local.date()
    clock = _CLOCK[language].format("24:00" if midnight else f"{local:%H:%M}")
    return (
        format_date(last, _DAYS[language], locale=_LOCALES[language]),
        f"{clock} ({zone.key}, {_offset(local)})",
    )


def deadline_day(instant: datetime, language: Language, zone: ZoneInfo) -> str:
    """The date of a deadline's last minute, for subject lines."""
    local = _local(instant, zone)
    day = local.date() - timedelta(days=1) if local.time() == time.min else local.date()
    return format_date(day, _DATES[language], locale=_LOCALES[language])


def day(instant: datetime, language: Language, zone: ZoneInfo) -> str:
    """The date an instant lies in."""
    return format_date(_local(instant, zone).date(), _DATES[language], locale=_LOCALES[language])
