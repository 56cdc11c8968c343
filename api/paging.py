"""Pages with a stable order: each ends with a cursor that says where the next one begins.

A cursor is the sort key of the last row, opaque to callers. It carries no rights; row security decides
anew what the next page shows.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeAlias, TypeVar

from fastapi import Depends, Query

from api.problems import ApiError, FieldError, Kind
from api.schemas.base import Output

MOST: Final = 200
USUAL: Final = 50
_LONGEST: Final = 1000
_NOT_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_GREATEST: Final = 2**63

Place: TypeAlias = "str | int | None"
Item = TypeVar("Item")


class Page(Output, Generic[Item]):
    """Some of the rows, and where the next ones begin.

    Attributes:
        next_cursor: to be sent as `cursor` with otherwise the same query; null on the last page.
    """

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is wanted.

    Attributes:
        limit: rows at most.
        cursor: as an earlier page gave it; None for the first page.
    """

    limit: int
    cursor: str | None

    def after(self, *kinds: type) -> tuple[Place, ...] | None:
        """The sort key of the last row seen; None for the first page.

        Args:
            kinds: what each part of the key is, `str` or `int`; any part may be None.

        Raises:
            ApiError: 422; the cursor is none of ours, or of another list.
        """
        return None if self.cursor is None else decode_cursor(self.cursor, kinds)


def encode_cursor(place: Sequence[Place]) -> str:
    """The cursor that stands for this sort key."""
    text = json.dumps(list(place), ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, kinds: Sequence[type]) -> tuple[Place, ...]:
    """The sort key a cursor stands for.

    Raises:
        ApiError: 422; the cursor is none of ours, or of another list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = json.loads(b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        place = None
    if (
        not isinstance(place, list)
        or len(place) != len(kinds)
        or not all(part is None or type(part) is kind for part, kind in zip(place, kinds, strict=True))
        or not all(_sendable(part) for part in place)
    ):
        error = FieldError(
            place="query", pointer="#/cursor", code="unknown-cursor", detail="no cursor of this list"
        )
        raise ApiError(Kind.UNPROCESSABLE, "The cursor is not one that this list has given.", errors=(error,))
    return tuple(place)


def _sendable(part: Place) -> bool:
    """Whether the database takes it: no NUL, no half of a surrogate pair, no number past its greatest."""
    if isinstance(part, str):
        return not _NOT_TEXT.search(part)
    return part is None or abs(part) < _GREATEST


async def _paging(
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows at most")] = USUAL,
    cursor: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=_LONGEST,
            json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},
            description="`nextCursor` of the page before",
        ),
    ] = None,
) -> Paging:
    return Paging(limit, cursor)


CurrentPage = Annotated[Paging, Depends(_paging)]
