"""What is recorded about leads, read in batches for comparison. SQL: sql/queries/reconcile.sql."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from adapters.database import Connection, load_queries

_SQL: Final = load_queries("reconcile")
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class RecordedLead:
    """One lead as the database has it; rows as plain JSON.

    Attributes:
        policy: what its ledger begins under; None without a projection.
        projection: its row of `protection`.
        facts: its ledger, in order.
        revisions: their numbers.
        unaudited: how many facts no audit row tells of.
        holds: its rows of `hold`.
        requests: its rows of `request`.
        twin: what SQL computes from the ledger alone.
        as_of: the UTC instant that projection and twin speak of; None without both.
    """

    id: UUID
    external_id: str | None
    created_at: datetime
    policy: Mapping[str, Any] | None
    projection: Mapping[str, Any] | None
    facts: tuple[Mapping[str, Any], ...]
    revisions: tuple[int, ...]
    unaudited: int
    holds: tuple[Mapping[str, Any], ...]
    requests: tuple[Mapping[str, Any], ...]
    twin: Mapping[str, Any] | None
    as_of: datetime | None


def _lead(row: asyncpg.Record) -> RecordedLead:
    return RecordedLead(
        id=row["id"],
        external_id=row["external_id"],
        created_at=row["created_at"],
        policy=row["policy"],
        projection=row["projection"],
        facts=tuple(row["facts"]),
        revisions=tuple(row["revisions"]),
        unaudited=row["unaudited"],
        holds=tuple(row["holds"]),
        requests=tuple(row["requests"]),
        twin=row["twin"],
        as_of=row["as_of"],
    )


async def count_leads(connection: Connection, tenant: UUID, only: UUID | None = None) -> int:
    """How many leads there are to compare."""
    count: int = await _SQL.count_leads(connection, tenant=tenant, only=only)
    return count


async def recorded_leads(
    connection: Connection, tenant: UUID, *, only: UUID | None = None, after: UUID = _FIRST, most: int
) -> list[RecordedLead]:
    """The next leads by id.

    Args:
        only: just this one.
        after: the last one seen.
        most: how many at most.
    """
    rows = _SQL.recorded_leads(connection, tenant=tenant, only=only, after=after, most=most)
    return [_lead(row) async for row in rows]


async def known_leads(connection: Connection, tenant: UUID, leads: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these leads that the database knows."""
    rows = _SQL.known_leads_of(connection, tenant=tenant, leads=list(leads))
    return frozenset([row["id"] async for row in rows])
