"""Deadlines as entries of a calendar: in a mail's attachment and in the feed people subscribe to.

An entry keeps its UID for as long as the lead has a deadline of that kind, and its SEQUENCE is the revision
of the lead's ledger: a deadline that has moved moves its entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from activities.ports import CalendarMethod, Language
from adapters.calendar_zone import described
from adapters.mail_texts.catalogue import Phrases, phrases
from adapters.mail_texts.moments import deadline
from adapters.mail_texts.plain import one_line

_PRODUCT: Final = "-//Fristwerk//Deadlines//EN"
_AHEAD: Final = timedelta(days=-1)
_END: Final = b"END:VCALENDAR\r\n"
_MOST_KEPT: Final = 10_000
_MINUTE: Final = timedelta(minutes=1)


class DeadlineKind(StrEnum):
    """Which deadline an entry is about. Part of its UID."""

    PROGRESS = "progress"
    GRACE = "grace"
    BASE = "base"
    RESERVATION = "reservation"


@dataclass(frozen=True, slots=True)
class Entry:
    """A deadline of a lead.

    Attributes:
        at: the deadline, a UTC instant: protection, or what it is about, is over then.
        revision: of the lead's ledger that this deadline follows from.
        changed_at: when that was known, a UTC instant.
    """

    lead: UUID
    kind: DeadlineKind
    at: datetime
    company: str
    city: str
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """For whom entries are written, and where their links lead."""

    language: Language
    zone: ZoneInfo
    public_url: str


def subscribed(entries: Sequence[Entry], book: Book) -> bytes:
    """The entries as the feed somebody subscribes to; the same entries give the same bytes."""
    return calendar(entries, book, name=phrases(book.language).say("Deadlines of my leads"))


def calendar(
    entries: Sequence[Entry], book: Book, *, method: CalendarMethod | None = None, name: str | None = None
) -> bytes:
    """The entries as a calendar file (RFC 5545).

    Args:
        entries: the deadlines, in the order in which they are listed.
        book: language, zone and links.
        method: for an attachment; None for a feed.
        name: what a calendar program calls a feed.
    """
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", _PRODUCT)
    made.add("calscale", "GREGORIAN")
    if method is not None:
        made.add("method", method.value)
    if name is not None:
        made.add("name", one_line(name))
        made.add("x-wr-calname", one_line(name))
        made.add("x-wr-timezone", book.zone.key)
        made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", "PT1H")
    if entries:
        years = [entry.at.astimezone(book.zone).year for entry in entries]
        made.add_component(described(book.zone, min(years) - 1, max(years) + 1))
    head = bytes(made.to_ical()).removesuffix(_END)
    return b"".join((head, *(_written(entry, book, method) for entry in entries), _END))


def summary(kind: DeadlineKind, words: Phrases, company: str, city: str) -> str:
    """What an entry is called."""
    names = {"company": one_line(company), "city": one_line(city)}
    match kind:
        case DeadlineKind.PROGRESS:
            return words.say("Progress due: %(company)s, %(city)s") % names
        case DeadlineKind.GRACE:
            return words.say("Grace ends: %(company)s, %(city)s") % names
        case DeadlineKind.BASE:
            return words.say("Base period ends: %(company)s, %(city)s") % names
        case DeadlineKind.RESERVATION:
            return words.say("Pre-registration ends: %(company)s, %(city)s") % names
    assert_never(kind)


@lru_cache(maxsize=_MOST_KEPT)
def _written(entry: Entry, book: Book, method: CalendarMethod | None) -> bytes:
    """One entry as it stands in a file; takes a millisecond, and programs ask for the same ones all day."""
    return bytes(_event(entry, book, method).to_ical())


def _uid(entry: Entry) -> str:
    return f"{entry.lead}.{entry.kind}@fristwerk"


def _event(entry: Entry, book: Book, method: CalendarMethod | None) -> Event:
    words = phrases(book.language)
    link = f"{book.public_url}/leads/{entry.lead}"
    made = Event()
    made.add("uid", _uid(entry))
    made.add("sequence", entry.revision)
    made.add("dtstamp", entry.changed_at.astimezone(UTC))
    made.add("last-modified", entry.changed_at.astimezone(UTC))
    title = summary(entry.kind, words, entry.company, entry.city)
    made.add("summary", title)
    if method is CalendarMethod.CANCEL:
        made.add("status", "CANCELLED")
        return made
    local = _local(entry.at, book.zone)
    if local.astimezone(book.zone).replace(second=0).time() == time.min:
        # A deadline at midnight belongs to the day it ends, as the mails say: 24:00.
        made.add("dtstart", _local(entry.at - _MINUTE, book.zone))
        made.add("dtend", local)
    else:
        made.add("dtstart", local)
    until = words.say("Until: %(date)s") % {"date": deadline(entry.at, book.language, book.zone)}
    made.add("description", f"{until}\n{words.say('Open the lead')}: {link}")
    made.add("url", link)
    made.add("transp", "TRANSPARENT")
    made.add("status", "CONFIRMED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", _AHEAD)
    alarm.add("description", title)
    made.add_component(alarm)
    return made


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    """In the zone; in UTC where clocks show the same time twice, which a calendar file cannot tell apart."""
    local = instant.astimezone(zone).replace(microsecond=0)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.astimezone(UTC) if twice else local
