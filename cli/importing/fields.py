"""Checks of single cells. Each gives the clean value or raises `BadCell` with the reason."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from adapters.normalise import email_key
from services.words import MAX_NAME, is_address

# The calendar cannot add years to the very last ones, and nobody's lead is older than this.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

_LINE_MARKS: Final = frozenset("\n\r\t")
_PLAIN: Final = re.compile(r"[\x20-\x7e\xa0-\u2fff]*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}")

Member = TypeVar("Member", bound=StrEnum)


class BadCell(Exception):
    """A cell that cannot be taken.

    Attributes:
        column: the column at fault.
        reason: why, as it is listed for the user.
    """

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


def text(cells: Mapping[str, str], column: str, longest: int = MAX_NAME, *, note: bool = False) -> str:
    """Return the cell exactly as it was written.

    Args:
        cells: the row.
        column: which cell.
        longest: most characters it may have.
        note: whether line breaks and tabs are allowed.

    Raises:
        BadCell: it holds control characters or is too long.
    """
    value = cells[column]
    if len(value) > longest:
        raise BadCell(column, f"longer than {longest} characters")
    if not _PLAIN.fullmatch(value):
        allowed = _LINE_MARKS if note else frozenset()
        if any(unicodedata.category(mark) == "Cc" and mark not in allowed for mark in value):
            raise BadCell(column, "control characters")
    return value


def filled(cells: Mapping[str, str], column: str, longest: int = MAX_NAME) -> str:
    """Return the cell exactly as it was written; it must say something.

    Raises:
        BadCell: it is empty, only blanks, holds control characters or is too long.
    """
    value = cells[column]
    if not value:
        raise BadCell(column, f"{column} is empty")
    if value.isspace():
        raise BadCell(column, f"{column} is only blanks")
    return text(cells, column, longest)


def token(cells: Mapping[str, str], column: str) -> str:
    """Return an identifier without the blanks around it.

    Raises:
        BadCell: as `filled`.
    """
    return filled(cells, column).strip()


def identifier(cells: Mapping[str, str], column: str) -> str:
    """Return a short name that messages to a workflow accept too.

    Raises:
        BadCell: as `filled`, or it holds something else than letters, digits and `. _ : # -`.
    """
    value = token(cells, column)
    if _IDENTIFIER.fullmatch(value) is None:
        raise BadCell(column, f"{column} holds more than 100 characters or others than A-Z 0-9 . _ : # -")
    return value


def instant(cells: Mapping[str, str], column: str, *, now: datetime | None = None) -> datetime:
    """Return an ISO 8601 time with a zone as a UTC instant.

    Args:
        cells: the row.
        column: which cell.
        now: UTC instant it may not lie after; None where the future is allowed.

    Raises:
        BadCell: it is empty, no time, has no zone, or lies outside what is possible.
    """
    written = cells[column].strip()
    if not written:
        raise BadCell(column, f"{column} is empty")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadCell(column, f"{column} is no time") from error
    if moment.tzinfo is None:
        raise BadCell(column, f"{column} has no zone")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise BadCell(column, f"{column} is no time") from error
    if now is not None and moment > now:
        raise BadCell(column, f"{column} lies in the future")
    if not EARLIEST <= moment < LATEST:
        raise BadCell(column, f"{column} lies before {EARLIEST.year} or after {LATEST.year - 1}")
    return moment


def maybe_instant(cells: Mapping[str, str], column: str, *, now: datetime | None = None) -> datetime | None:
    """Return a time as `instant` does, or None where the cell is empty."""
    return instant(cells, column, now=now) if cells[column].strip() else None


def choice(cells: Mapping[str, str], column: str, kinds: type[Member], reason: str) -> Member:
    """Return the member of an enumeration that the cell names.

    Raises:
        BadCell: with `reason`, where it names none.
    """
    try:
        return kinds(token(cells, column))
    except ValueError as error:
        raise BadCell(column, reason) from error


def whole_days(cells: Mapping[str, str], column: str, most: int) -> int:
    """Return a number of days from 1 to `most`.

    Raises:
        BadCell: it is no whole number or out of range.
    """
    written = token(cells, column)
    if not (written.isascii() and written.isdigit()):
        raise BadCell(column, f"{column} is no whole number")
    if len(written) > 6 or not 1 <= int(written) <= most:
        raise BadCell(column, f"{column} out of range (1 to {most})")
    return int(written)


def email(cells: Mapping[str, str], column: str, reason: str) -> str:
    """Return an e-mail address trimmed and in lower case.

    Raises:
        BadCell: with `reason`, where it is none.
    """
    written = email_key(text(cells, column))
    if not written or not is_address(written):
        raise BadCell(column, reason)
    return written
