"""Errands: what somebody set going and looks at later. SQL: sql/queries/errand.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from adapters.database import Connection, load_queries

_SQL: Final = load_queries("errand")


class ErrandKind(StrEnum):
    """What is done. Wire names."""

    AUDIT_CHECK = "audit-check"
    POLICY_ADOPTION = "policy-adoption"


@dataclass(frozen=True, slots=True)
class StoredErrand:
    """An errand as it stands. UTC instants.

    Attributes:
        plan: what is to be done, as plain JSON; the same from beginning to end.
        whole: of how much, in rows or leads.
        done: how much of it is done.
        outcome: what came of it so far, as plain JSON.
        told_at: when it last told how far it is.
        finished_at: None while it runs.
    """

    id: UUID
    kind: ErrandKind
    asked_by: str
    asked_at: datetime
    plan: Mapping[str, Any]
    whole: int
    done: int
    outcome: Mapping[str, Any]
    told_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where an audit chain ends: number and hash (hexadecimal) of its last row."""

    seq: int
    hash: str


def _errand(row: Mapping[str, Any]) -> StoredErrand:
    return StoredErrand(**{**row, "kind": ErrandKind(row["kind"])})


async def add_errand(
    connection: Connection,
    tenant: UUID,
    errand: UUID,
    kind: ErrandKind,
    plan: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    whole: int,
) -> bool:
    """Enter an errand; False where one of this id is there already."""
    added = await _SQL.add_errand(
        connection, tenant=tenant, id=errand, kind=str(kind), by=by, at=at, plan=dict(plan), whole=whole
    )
    return added is not None


async def errand_of(
    connection: Connection, tenant: UUID, errand: UUID, kind: ErrandKind
) -> StoredErrand | None:
    """The errand of that id and kind; None if there is none for the caller."""
    row = await _SQL.errand(connection, tenant=tenant, id=errand, kind=str(kind))
    return None if row is None else _errand(row)


async def latest_errands(
    connection: Connection, tenant: UUID, kind: ErrandKind, most: int
) -> list[StoredErrand]:
    """The newest of a kind first."""
    return [_errand(row) async for row in _SQL.latest(connection, tenant=tenant, kind=str(kind), most=most)]


async def errand_runs(connection: Connection, tenant: UUID, kind: ErrandKind, since: datetime) -> bool:
    """Whether one of this kind that is not finished has told of itself since that UTC instant."""
    runs: bool = await _SQL.runs_since(connection, tenant=tenant, kind=str(kind), since=since)
    return runs


async def tell_errand(
    connection: Connection,
    tenant: UUID,
    errand: UUID,
    *,
    done: int,
    outcome: Mapping[str, Any],
    at: datetime,
    last: bool = False,
) -> None:
    """Note how far an errand is; `last` closes it."""
    query = _SQL.finish if last else _SQL.tell
    await query(connection, tenant=tenant, id=errand, done=done, outcome=dict(outcome), at=at)


async def chain_end(connection: Connection) -> ChainEnd:
    """Where the audit chain of the caller's tenant ends."""
    row = await _SQL.chain_end(connection)
    return ChainEnd(row["seq"], row["hash"])


async def part_broken(connection: Connection, first: int, last: int) -> int | None:
    """The first row of this part of the chain that is missing or altered; None if it is whole."""
    broken: int | None = await _SQL.part_broken(connection, first=first, last=last)
    return broken
