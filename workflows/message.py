"""What every message to a lead's workflow has, and the types its fields are checked by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field, Strict, StringConstraints
from pydantic.dataclasses import dataclass

# No "@" and no blank: an id, not somebody's address or name.
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}$")]
Instant = AwareDatetime
Flag = Annotated[bool, Strict()]
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Message:
    """What every message has. `fact_id` may be left out by a person at the console.

    Attributes:
        if_revision: only if the ledger still ends with this revision; old histories decode to None.
    """

    by: Id
    fact_id: Id | None = None
    if_revision: Annotated[int, Strict(), Field(ge=0)] | None = None


def utc(moment: datetime | None) -> datetime | None:
    """The instant in UTC."""
    return None if moment is None else moment.astimezone(UTC)
