"""Corrections that came after a lapse they would have prevented. SQL: sql/queries/late_correction.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Caller, Connection, load_queries
from protection.late import Kept

_SQL: Final = load_queries("late_correction")
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NO_LEAD: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePlace:
    """Where a page of the list ends: the sort key of its last row."""

    told_at: datetime = _EVER
    lead: UUID = _NO_LEAD
    corrects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCorrection:
    """A lapsed lead that a correction would have kept. Instants are UTC.

    Attributes:
        corrects: id of the fact that was wrong.
        replacement: what is right of it; None if it never happened.
        told_by: user id.
        ended_at: when protection lapsed.
        kept_until: how long it would have lasted if nothing else had happened; None is unknown.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    corrects: str
    replacement: Mapping[str, Any] | None
    told_by: str
    told_at: datetime
    ended_at: datetime
    kept_until: datetime | None

    @property
    def place(self) -> LatePlace:
        """Where it stands in the list."""
        return LatePlace(told_at=self.told_at, lead=self.lead, corrects=self.corrects)


async def list_late(
    connection: Connection,
    caller: Caller,
    lead: UUID,
    corrects: str,
    replacement: Mapping[str, Any] | None,
    *,
    kept: Kept,
    at: datetime,
) -> None:
    """Put the lead on the list; the same correction again changes nothing.

    Args:
        corrects: id of the fact that was wrong, or of the hold that nobody had told of.
        replacement: what is right of it; None if it never happened.
        at: UTC instant.
    """
    await _SQL.list_late(
        connection,
        tenant=caller.tenant,
        lead=lead,
        corrects=corrects,
        replacement=None if replacement is None else dict(replacement),
        by=caller.user,
        at=at,
        ended_at=kept.ended_at,
        kept_until=kept.until,
    )


async def late_corrections(
    connection: Connection, tenant: UUID, *, after: LatePlace | None = None, most: int = 50
) -> tuple[LateCorrection, ...]:
    """Lapsed leads the caller may see that a correction would have kept, the longest waiting first.

    Args:
        after: where the page before ended.
        most: rows at most.
    """
    place = after or LatePlace()
    rows = _SQL.late_corrections(
        connection,
        tenant=tenant,
        after_at=place.told_at,
        after_lead=place.lead,
        after_corrects=place.corrects,
        most=most,
    )
    return tuple([LateCorrection(**row) async for row in rows])
