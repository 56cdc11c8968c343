"""What a list of leads can be asked for: filters, orders, pages, and the cursors between them. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from adapters.normalise import fold
from adapters.read_model import Lead, Protection
from protection.dates import format_instant, parse_instant
from protection.state import Status

MOST_ROWS: Final = 200
LONGEST_TEXT: Final = 200
_LONGEST_CURSOR: Final = 2_000
_FORM: Final = 1
_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]+")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_FIRST_ID: Final = UUID(int=0)
_LAST_ID: Final = UUID(int=2**128 - 1)
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

Place = tuple[datetime | str, UUID]


class LeadSort(StrEnum):
    """What a list is sorted by. A deadline that is unknown sorts as if it lay behind all others.

    Companies are sorted by their name without legal form, ä as ae, ß as ss.
    """

    VALID_UNTIL = "validUntil"
    COMPANY = "company"
    REGISTERED_AT = "registeredAt"
    UPDATED_AT = "updatedAt"


class Due(StrEnum):
    """Which deadline `due_before` speaks of."""

    END = "end"  # the end of protection
    PROGRESS = "progress"  # the end of the days within which a progress is expected
    REMINDER = "reminder"  # the instant from which the reminder may go out


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadOrder:
    """The order of a list; ties are broken by the lead's id, in the same direction."""

    sort: LeadSort = LeadSort.VALID_UNTIL
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads to list; None and False do not narrow, the rest narrows together.

    Attributes:
        mine: the caller's own; with `shared`, his own and those shared with him.
        shared: those shared with the caller.
        owner: id of the person whose leads.
        city: a city in any spelling, 1..200 characters.
        status: `Status.GRACE` lists what is in grace.
        due_before: leads under protection whose deadline lies before this UTC instant.
        due: which deadline.
        text: words that company, city and postcode together have to say, in any order and spelling, parts
            of words too; 1..200 characters.
    """

    mine: bool = False
    shared: bool = False
    owner: str | None = None
    city: str | None = None
    status: Status | None = None
    paused: bool | None = None
    due_before: datetime | None = None
    due: Due = Due.END
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ListedLead:
    """A lead in a list, with its protection."""

    lead: Lead
    protection: Protection


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and where the next one begins; None at the end."""

    leads: tuple[ListedLead, ...]
    cursor: str | None


class BadListing(ValueError):
    """A list nobody can be given.

    Attributes:
        field: what is wrong: `cursor`, `most`, or a field of the filter.
        code: what is wrong with it, a stable word.
    """

    def __init__(self, field: str, code: Literal["malformed", "of-another-list", "out-of-range"]) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


def check_filter(wanted: LeadFilter) -> None:
    """Refuse what no lead could match.

    Raises:
        BadListing: a text is empty, too long, or holds a NUL; `text` has no letter and no digit;
            `due_before` has no zone.
    """
    for field, text in (("city", wanted.city), ("owner", wanted.owner), ("text", wanted.text)):
        if text is not None and not 0 < len(text.strip()) <= LONGEST_TEXT:
            raise BadListing(field, "out-of-range")
        if text is not None and not _sendable(text):
            raise BadListing(field, "malformed")
    if wanted.text is not None and not fold(wanted.text):
        raise BadListing("text", "malformed")
    if wanted.due_before is not None and wanted.due_before.tzinfo is None:
        raise BadListing("due_before", "malformed")


def mark_of(user: str, wanted: LeadFilter, order: LeadOrder) -> str:
    """What a list is, in 16 characters. The instant of `due_before` may move on while pages are turned."""
    told = [
        user,
        wanted.mine,
        wanted.shared,
        wanted.owner,
        wanted.city,
        wanted.status,
        wanted.paused,
        wanted.due if wanted.due_before else None,
        wanted.text,
        order.sort,
        order.descending,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def beginning(order: LeadOrder) -> Place:
    """The place before the first row of a list."""
    if order.sort is LeadSort.COMPANY:
        return ("\U0010ffff", _LAST_ID) if order.descending else ("", _FIRST_ID)
    return (_NEVER, _LAST_ID) if order.descending else (_EVER, _FIRST_ID)


def known(key: datetime | str) -> datetime | str:
    """A row's sort key; the driver reads infinity as an instant without a zone."""
    return _NEVER if isinstance(key, datetime) and key.tzinfo is None else key


def cursor_after(place: Place, mark: str) -> str:
    """The cursor of the page that begins after this row."""
    key, lead = place
    if isinstance(key, datetime):
        key = "never" if key == _NEVER else format_instant(key)
    told = json.dumps([_FORM, mark, key, str(lead)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def place_of(cursor: str, order: LeadOrder, mark: str) -> Place:
    """The row after which a page begins.

    Args:
        cursor: what `cursor_after` made.
        order: of the list that is asked for.
        mark: of the list that is asked for.

    Raises:
        BadListing: it is no cursor, or one of another list.
    """
    told_mark, key, lead = _opened(cursor)
    if told_mark != mark:
        raise BadListing("cursor", "of-another-list")
    try:
        if order.sort is LeadSort.COMPANY:
            return key, UUID(lead)
        return _NEVER if key == "never" else parse_instant(key), UUID(lead)
    except ValueError as error:
        raise BadListing("cursor", "malformed") from error


def _opened(cursor: str) -> tuple[str, str, str]:
    if len(cursor) > _LONGEST_CURSOR or not _CURSOR.fullmatch(cursor):
        raise BadListing("cursor", "malformed")
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadListing("cursor", "malformed") from error
    match told:
        case [int(form), str(mark), str(key), str(lead)] if form == _FORM and _sendable(key):
            return mark, key, lead
        case _:
            raise BadListing("cursor", "malformed")


def _sendable(text: str) -> bool:
    """Whether PostgreSQL takes this text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not _HALVES.search(text)
