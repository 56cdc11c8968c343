"""Which deadlines a letter brings along for its reader's calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from activities.letters import Letter
from activities.orders import NotificationKind
from activities.ports import CalendarFile, CalendarMethod
from adapters.mail_texts.entries import Book, DeadlineKind, Entry, calendar
from protection.requests import RequestStatus
from protection.state import ALIVE

_OF_CLOCK: Final = (DeadlineKind.PROGRESS, DeadlineKind.GRACE, DeadlineKind.BASE)


def attachment(letter: Letter, book: Book) -> CalendarFile | None:
    """The calendar file of a letter; None if it tells its reader no deadline.

    A hold without an end leaves every deadline unknown: their entries are taken back until they are known.
    """
    told = _told(letter)
    known = [_entry(letter, kind, at) for kind, at in told.items() if at is not None]
    if known:
        return _file(known, book, CalendarMethod.PUBLISH)
    if told and letter.kind is NotificationKind.REQUEST_DECIDED:
        gone = [_entry(letter, kind, letter.sent_at) for kind in _OF_CLOCK]
        return _file(gone, book, CalendarMethod.CANCEL)
    return None


def _file(entries: list[Entry], book: Book, method: CalendarMethod) -> CalendarFile:
    return CalendarFile(calendar(entries, book, method=method), method)


def _told(letter: Letter) -> dict[DeadlineKind, datetime | None]:
    match letter.kind:
        case NotificationKind.REMINDER:
            ends, grace = letter.valid_until, letter.grace_until
            before = ends is not None and grace is not None and ends < grace
            return {DeadlineKind.BASE: ends} if before else {DeadlineKind.GRACE: grace}
        case NotificationKind.NOTICE_PROGRESS:
            return {DeadlineKind.PROGRESS: letter.progress_until}
        case NotificationKind.NOTICE_BASE:
            return {DeadlineKind.BASE: letter.base_until}
        case NotificationKind.NOTICE_PREREGISTRATION:
            return {DeadlineKind.RESERVATION: letter.valid_until}
        case NotificationKind.REQUEST_DECIDED:
            return _moved(letter)
        case _:
            return {}


def _moved(letter: Letter) -> dict[DeadlineKind, datetime | None]:
    approved = letter.request is not None and letter.request.status is RequestStatus.APPROVED
    if not approved or letter.status not in ALIVE:
        return {}
    return {
        DeadlineKind.PROGRESS: letter.progress_until,
        DeadlineKind.GRACE: letter.grace_until,
        DeadlineKind.BASE: letter.base_until,
    }


def _entry(letter: Letter, kind: DeadlineKind, at: datetime) -> Entry:
    return Entry(letter.lead, kind, at, letter.company, letter.city, letter.revision, letter.sent_at)
