"""Who reads a page: language, zone, looks; and how instants and words look to him."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from api.pages.texts import N_, say
from protection.explain_texts import Language, word_text, zone_text
from protection.permission import Role
from protection.policy import Policy
from protection.state import Status

Theme: TypeAlias = Literal["light", "dark"]

_LOCALES: Final[Mapping[Language, str]] = MappingProxyType({"de": "de_DE", "en": "en_GB"})
_DAYS: Final[Mapping[Language, str]] = MappingProxyType({"de": "EEE, d. MMM y", "en": "EEE, d MMM y"})
_INPUT: Final = "%Y-%m-%dT%H:%M"

USUAL_ZONE: Final = ZoneInfo(Policy().timezone)
STATUS_TEXTS: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.PREREGISTERED: N_("Pre-registered"),
        Status.ACTIVE: N_("Protected"),
        Status.GRACE: N_("In grace"),
        Status.EXPIRED: N_("Lapsed"),
        Status.CONVERTED: N_("Customer"),
        Status.RELEASED: N_("Released"),
        Status.ERASED: N_("Erased"),
    }
)


ROLE_TEXTS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.AGENT: N_("Agent"),
        Role.MANAGER: N_("Manager"),
        Role.ADMIN: N_("Administrator"),
        Role.AUDITOR: N_("Auditor"),
    }
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever looks at a page.

    Attributes:
        language: what he reads.
        zone: in which instants are shown and times he types are meant.
        theme: light or dark by choice; None follows his system.
    """

    language: Language = "en"
    zone: ZoneInfo = USUAL_ZONE
    theme: Theme | None = None

    def local(self, instant: datetime) -> datetime:
        """The instant in his zone; seconds are cut, never added."""
        return instant.astimezone(self.zone).replace(second=0, microsecond=0)

    def day(self, instant: datetime | date) -> str:
        """The day: `Mon, 23 Nov 2026`."""
        shown = self.local(instant).date() if isinstance(instant, datetime) else instant
        return format_date(shown, _DAYS[self.language], locale=_LOCALES[self.language])

    def moment(self, instant: datetime) -> str:
        """Day, minute and zone: `Mon, 23 Nov 2026, 14:30 CET`."""
        local = self.local(instant)
        return f"{self.day(instant)}, {local:%H:%M} {zone_text(local, self.language)}"

    def due(self, instant: datetime) -> str:
        """As `moment`, but a deadline at midnight is 24:00 of the day it ends."""
        local = self.local(instant)
        if local.time() != time.min:
            return self.moment(instant)
        return f"{self.day(local.date() - timedelta(days=1))}, 24:00 {zone_text(local, self.language)}"

    def due_day(self, instant: datetime) -> str:
        """The date of a deadline's last minute."""
        local = self.local(instant)
        return self.day(local.date() - timedelta(days=1) if local.time() == time.min else local.date())

    def month(self, day: date) -> str:
        """`November 2026`."""
        return format_datetime(datetime.combine(day, time.min), "LLLL y", locale=_LOCALES[self.language])

    def typed(self, instant: datetime) -> str:
        """The instant as a field of type `datetime-local` holds it."""
        return self.local(instant).strftime(_INPUT)

    def number(self, value: float) -> str:
        """`1,234.5` or `1.234,5`."""
        return format_decimal(value, locale=_LOCALES[self.language])

    def word(self, word: str) -> str:
        """A kind, reason, status or role in his language."""
        if word in _ROLES:
            return say(self.language, ROLE_TEXTS[Role(word)])
        if word in Status.__members__:
            return say(self.language, STATUS_TEXTS[Status(word)])
        return word_text(word, self.language)


_ROLES: Final = frozenset(str(role) for role in Role)
_ANYBODY: Final = Reader()
_READING: Final[ContextVar[Reader]] = ContextVar("fristwerk_reader", default=_ANYBODY)


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """While a template is rendered: for whom. Macros know their reader by this, however they are imported."""
    token = _READING.set(reader)
    try:
        yield
    finally:
        _READING.reset(token)


def current() -> Reader:
    """For whom is rendered at the moment."""
    return _READING.get()


def iso(instant: datetime | date) -> str:
    """For machines: what belongs into the attribute `datetime`."""
    if isinstance(instant, datetime):
        return instant.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return instant.isoformat()
