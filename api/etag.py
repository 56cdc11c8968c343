"""ETags of leads: which state an answer shows, and which one a change is meant for.

`"7"` is revision 7 of the lead's ledger; `"7.2"` says besides how often its master data changed. Whoever
sends one back in If-Match acts only if the lead is still in that state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from api.problems import ApiError, FieldError, Kind

_OURS: Final = re.compile(r'"(\d{1,9})(?:\.(\d{1,18}))?"')
# What callers are told to send.
IF_MATCH: Final = r'^(\*|"[0-9]{1,9}(\.[0-9]{1,18})?")$'
_ENTITY_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


@dataclass(frozen=True, slots=True)
class Version:
    """The state of a lead that a caller has seen.

    Attributes:
        revision: how many facts its ledger had.
        changed: how often its master data had changed; None where the caller saw only the ledger.
    """

    revision: int
    changed: int | None = None

    def __str__(self) -> str:
        """The entity tag, with its quotation marks."""
        return f'"{self.revision}"' if self.changed is None else f'"{self.revision}.{self.changed}"'


def parse_if_match(header: str | None) -> Version | None:
    """What If-Match demands; None where it demands nothing, or only that the lead is there (`*`).

    Raises:
        ApiError: 422 for what is no single entity tag; 412 for one that no lead ever had.
    """
    if header is None or header.strip() == "*":
        return None
    given = header.strip()
    if not _ENTITY_TAG.fullmatch(given):
        error = FieldError(place="header", pointer="#/If-Match", code="not-one-etag", detail="one ETag, or *")
        raise ApiError(
            Kind.UNPROCESSABLE, "If-Match must hold the ETag of an earlier answer.", errors=(error,)
        )
    ours = _OURS.fullmatch(given)
    if ours is None:
        raise ApiError(Kind.REVISION_CONFLICT, "If-Match names a state this lead is not in; read it again.")
    return Version(int(ours[1]), None if ours[2] is None else int(ours[2]))


def unchanged(request: Request, etag: str) -> bool:
    """Whether the caller has this state already (If-None-Match), so that 304 is the answer."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    known = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in known or etag in known
