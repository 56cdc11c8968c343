"""Rehearsals of draft policies and what came of them. SQL: sql/queries/rehearsal.sql."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Connection, load_queries

_SQL: Final = load_queries("rehearsal")
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class StoredRehearsal:
    """A rehearsal as it stands. UTC instants.

    Attributes:
        draft: the policy that is tried out, as plain JSON.
        as_of: when it was asked for; the draft is adopted as of then.
        leads: how many living leads there were.
        done: how many of them have been played.
        told_at: when it last told how far it is.
        finished_at: None while it runs.
        summary: the outcomes counted, as plain JSON; None while it runs.
    """

    id: UUID
    draft: Mapping[str, Any]
    requested_by: str
    as_of: datetime
    leads: int
    done: int
    told_at: datetime
    finished_at: datetime | None
    summary: Mapping[str, Any] | None


async def add_rehearsal(
    connection: Connection,
    tenant: UUID,
    rehearsal: UUID,
    draft: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    leads: int,
) -> bool:
    """Enter a rehearsal; False where one of this id is there already."""
    added = await _SQL.add_rehearsal(
        connection, tenant=tenant, id=rehearsal, draft=dict(draft), by=by, at=at, leads=leads
    )
    return added is not None


async def rehearsal_of(connection: Connection, tenant: UUID, rehearsal: UUID) -> StoredRehearsal | None:
    """The rehearsal of that id; None if there is none."""
    row = await _SQL.rehearsal(connection, tenant=tenant, id=rehearsal)
    return None if row is None else StoredRehearsal(**row)


async def latest_rehearsals(connection: Connection, tenant: UUID, most: int) -> list[StoredRehearsal]:
    """Those that are kept, the newest first."""
    return [StoredRehearsal(**row) async for row in _SQL.rehearsals(connection, tenant=tenant, most=most)]


async def runs_since(connection: Connection, tenant: UUID, since: datetime) -> bool:
    """Whether a rehearsal of the tenant that is not finished has told of itself since then."""
    runs: bool = await _SQL.running_since(connection, tenant=tenant, since=since)
    return runs


async def add_outcomes(
    connection: Connection,
    tenant: UUID,
    rehearsal: UUID,
    outcomes: Sequence[Mapping[str, Any]],
    *,
    done: int,
    at: datetime,
) -> None:
    """Keep what came of some leads, and how far it is.

    Args:
        outcomes: plain JSON, each with its `lead`.
        done: how many leads have been played by now.
        at: UTC instant.
    """
    if outcomes:
        await _SQL.add_outcomes(
            connection, tenant=tenant, id=rehearsal, outcomes=[dict(one) for one in outcomes]
        )
    await _SQL.tell_progress(connection, tenant=tenant, id=rehearsal, done=done, at=at)


async def finish(
    connection: Connection,
    tenant: UUID,
    rehearsal: UUID,
    summary: Mapping[str, Any] | None,
    *,
    done: int,
    at: datetime,
    failed: str | None = None,
) -> None:
    """Close a rehearsal."""
    told = None if summary is None else dict(summary)
    await _SQL.finish(connection, tenant=tenant, id=rehearsal, done=done, at=at, failed=failed, summary=told)


async def outcomes_of(
    connection: Connection, tenant: UUID, rehearsal: UUID, *, after: UUID | None, most: int
) -> list[Mapping[str, Any]]:
    """What came of the next leads by id, those left out for whom nothing changes."""
    rows = _SQL.outcomes(connection, tenant=tenant, id=rehearsal, after=after or _FIRST, most=most)
    return [row["outcome"] async for row in rows]


async def forget_before(connection: Connection, tenant: UUID, before: datetime) -> None:
    """Remove the tenant's rehearsals asked for before that UTC instant."""
    await _SQL.forget_before(connection, tenant=tenant, before=before)
