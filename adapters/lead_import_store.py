"""Imports over HTTP: how far they are and what came of each row. SQL: sql/queries/lead_import.sql.

All of it as the application role on the caller's behalf; row security shows everybody his own only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from adapters.database import Connection, load_queries

_SQL: Final = load_queries("lead_import")
_ONE_AT_A_TIME: Final = "lead_import_one_at_a_time"


class ImportState(StrEnum):
    """Where an import stands. Wire names."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"


class RowOutcome(StrEnum):
    """What came of a row, or would come of it. Wire names."""

    REGISTERED = "registered"
    ALREADY_THERE = "already-there"
    LIVE_DUPLICATE = "live-duplicate"
    SIMILAR = "similar"
    REFUSED = "refused"


class ImportRunning(Exception):
    """The caller has another import running."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; nothing of what it says.

    Attributes:
        field: its parts separated by dots; "" is the whole row.
        code: stable reason.
        detail: what would be right, in a few words.
    """

    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTold:
    """What came of a row.

    Attributes:
        number: the first row is 1.
        line: where it begins in the file, the first line is 1; None where there are no lines.
        lead: the lead it made or met; of a similar row the likest lead the caller may see.
    """

    number: int
    line: int | None
    outcome: RowOutcome
    lead: UUID | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImport:
    """An import as it stands. UTC instants.

    Attributes:
        request_hash: what its repetition must say; None where it cannot be repeated.
        told_at: when it last told that it runs.
        done: for how many rows it is known what came of them.
    """

    id: UUID
    requested_by: str
    request_hash: bytes | None
    dry_run: bool
    total: int
    state: ImportState
    asked_at: datetime
    told_at: datetime
    finished_at: datetime | None
    done: int
    registered: int
    already_there: int
    live_duplicate: int
    similar_leads: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestImport:
    """An import somebody may come back to. `asked_at` is a UTC instant."""

    id: UUID
    dry_run: bool
    total: int
    state: ImportState
    asked_at: datetime


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == _ONE_AT_A_TIME:
            raise ImportRunning from error
        raise


async def add_import(
    connection: Connection,
    tenant: UUID,
    name: UUID,
    *,
    by: str,
    request_hash: bytes | None,
    dry_run: bool,
    total: int,
    at: datetime,
) -> bool:
    """Enter an import that runs from now on; False where one of this id is there already.

    Raises:
        ImportRunning: another one of the same person runs.
    """
    async with _one_at_a_time():
        added = await _SQL.add_import(
            connection,
            tenant=tenant,
            id=name,
            by=by,
            request_hash=request_hash,
            dry_run=dry_run,
            total=total,
            at=at,
        )
    return added is not None


async def import_of(connection: Connection, tenant: UUID, name: UUID) -> StoredImport | None:
    """The caller's import of that id; None if there is none."""
    row = await _SQL.import_standing(connection, tenant=tenant, id=name)
    return None if row is None else StoredImport(**{**row, "state": ImportState(row["state"])})


async def latest_imports(
    connection: Connection, tenant: UUID, by: str, *, since: datetime, most: int
) -> tuple[LatestImport, ...]:
    """Somebody's imports since a UTC instant, the newest first."""
    rows = _SQL.latest_imports(connection, tenant=tenant, by=by, since=since, most=most)
    return tuple([LatestImport(**{**row, "state": ImportState(row["state"])}) async for row in rows])


async def give_up_silent(connection: Connection, tenant: UUID, by: str, *, since: datetime) -> None:
    """Note that imports which have told nothing since that UTC instant are interrupted."""
    await _SQL.give_up_silent(connection, tenant=tenant, by=by, since=since)


async def take_up(connection: Connection, tenant: UUID, name: UUID, *, at: datetime) -> frozenset[int]:
    """Let an interrupted import run again; the numbers of the rows it need not look at any more.

    Raises:
        ImportRunning: another one of the same person runs.
    """
    async with _one_at_a_time():
        await _SQL.take_up(connection, tenant=tenant, id=name, at=at)
    return frozenset([row["number"] async for row in _SQL.numbers_done(connection, tenant=tenant, id=name)])


async def keep_rows(
    connection: Connection, tenant: UUID, name: UUID, told: Sequence[RowTold], *, at: datetime
) -> None:
    """Keep what came of some rows, and that the import runs."""
    if told:
        rows = [{**asdict(one), "lead": None if one.lead is None else str(one.lead)} for one in told]
        await _SQL.add_rows(connection, tenant=tenant, id=name, told=rows)
    await _SQL.tell(connection, tenant=tenant, id=name, at=at)


async def close_import(
    connection: Connection, tenant: UUID, name: UUID, state: ImportState, *, at: datetime
) -> None:
    """Note that an import does not run any more."""
    await _SQL.close(connection, tenant=tenant, id=name, state=state, at=at)


async def rows_of(
    connection: Connection, tenant: UUID, name: UUID, *, after: int, everything: bool, most: int
) -> list[RowTold]:
    """What came of the next rows by number.

    Args:
        everything: not only rows with which something is wrong.
    """
    found = _SQL.rows(connection, tenant=tenant, id=name, after=after, everything=everything, most=most)
    return [
        RowTold(
            number=row["number"],
            line=row["line"],
            outcome=RowOutcome(row["outcome"]),
            lead=row["lead"],
            faults=tuple(Fault(**fault) for fault in row["faults"]),
        )
        async for row in found
    ]


async def forget_before(connection: Connection, tenant: UUID, by: str, before: datetime) -> None:
    """Remove a person's imports asked for before that UTC instant."""
    await _SQL.forget_before(connection, tenant=tenant, by=by, before=before)


async def same_lead(
    connection: Connection,
    tenant: UUID,
    *,
    owner: str,
    company_key: str,
    postcode: str | None,
    external_id: str | None,
    noted: bool,
    registered_at: datetime | None,
    at: datetime,
) -> UUID | None:
    """The live lead of this owner, company and place, if the caller may see it.

    Args:
        noted: whether one that is only pre-registered will do.
        registered_at: UTC instant when its protection must have begun; None is any.
        at: UTC instant of the question.
    """
    found: UUID | None = await _SQL.same_lead(
        connection,
        tenant=tenant,
        owner=owner,
        company_key=company_key,
        postcode=postcode,
        external_id=external_id,
        noted=noted,
        registered_at=registered_at,
        at=at,
    )
    return found
