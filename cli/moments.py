"""Times at the command line: read with a zone, shown as wall time with what is left until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cli.console import UsageError
from protection.dates import FIRST_YEAR, LAST_YEAR, format_instant, later_reading, parse_instant, zone
from protection.explain_texts import Language, moment_text
from protection.policy import Policy

HOME: Final = Policy().timezone
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


def read_moment(text: str, option: str) -> datetime:
    """A time as somebody typed it, as a UTC instant.

    Raises:
        UsageError: it is no time, lacks a zone, or lies in no year we know of; says what to write instead.
    """
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"{option}: {text!r} is no time; write it like 2026-11-23T09:30+01:00 or 2026-11-23T08:30:00Z"
        ) from error
    if not FIRST_YEAR < written.year < LAST_YEAR:
        raise UsageError(f"{option}: {text!r} lies outside the years {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    if written.tzinfo is None:
        tz = zone(HOME)
        here = later_reading(written, tz).astimezone(tz)
        raise UsageError(
            f"{option}: {text!r} has no zone. For wall time in {HOME} write "
            f"{here.isoformat(timespec='minutes')}, for UTC {written.isoformat(timespec='minutes')}Z"
        )
    return parse_instant(written.isoformat())


def maybe_moment(text: str | None, option: str) -> datetime | None:
    """The same; None where nothing was typed."""
    return None if text is None else read_moment(text, option)


def now() -> datetime:
    """This moment, a UTC instant."""
    return datetime.now(UTC)


def wall(moment: datetime | None, *, timezone: str = HOME, language: Language = "en") -> str:
    """An instant as wall time with its zone; a dash if there is none."""
    return "–" if moment is None else moment_text(moment, zone(timezone), language)


def distance(moment: datetime, since: datetime) -> str:
    """How far an instant lies ahead or back, in the largest unit that fits."""
    span = abs(moment - since)
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        count = span // unit
        if count:
            amount = f"{count} {name}{'' if count == 1 else 's'}"
            return f"in {amount}" if moment > since else f"{amount} ago"
    return "now"


def wall_and_distance(moment: datetime | None, since: datetime, *, timezone: str = HOME) -> str:
    """Both, for people."""
    if moment is None:
        return "unknown"
    return f"{wall(moment, timezone=timezone)} ({distance(moment, since)})"


def iso(moment: datetime | None) -> str | None:
    """An instant for programs."""
    return None if moment is None else format_instant(moment)
