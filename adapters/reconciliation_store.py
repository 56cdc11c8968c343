"""Reconciliations kept: when, what did not agree, what was put right. SQL: sql/queries/reconciliation.sql."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from adapters.database import Connection, Pool, load_queries

_SQL: Final = load_queries("reconciliation")


@dataclass(frozen=True, slots=True)
class KeptRun:
    """One reconciliation of a tenant.

    Attributes:
        asked_by: who wanted it; `schedule` by night.
        started_at: UTC instant.
        finished_at: UTC instant; None while it goes on, or if it was broken off.
        repaired: how many of each check were put right.
        found: how many of each check are left for people.
        first_broken_audit: the first row of the audit chain that is not as written; None if whole.
    """

    id: UUID
    asked_by: str
    started_at: datetime
    finished_at: datetime | None
    leads_compared: int
    workflows_asked: int
    repaired: Mapping[str, int]
    found: Mapping[str, int]
    first_broken_audit: int | None


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """Something that did not agree.

    Attributes:
        lead: whose; None where it is no lead's.
        check: a wire name of `services.reconciling.Check`.
        repaired: whether it was put right.
    """

    lead: UUID | None
    check: str
    detail: str
    repaired: bool


def _run(row: asyncpg.Record) -> KeptRun:
    return KeptRun(
        id=row["id"],
        asked_by=row["asked_by"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        leads_compared=row["leads_compared"],
        workflows_asked=row["workflows_asked"],
        repaired=row["repaired"],
        found=row["found"],
        first_broken_audit=row["first_broken_audit"],
    )


@asynccontextmanager
async def overseeing(pool: Pool) -> AsyncIterator[Connection]:
    """A reading transaction that looks into every tenant, as far as the policies let an overseer.

    Args:
        pool: connections as the worker role.
    """
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        await _SQL.oversee(connection)
        yield connection


async def tenants(connection: Connection) -> list[UUID]:
    """All tenants there are; for an overseer."""
    return [row["id"] async for row in _SQL.tenants(connection)]


async def last_of_each_tenant(connection: Connection) -> dict[UUID, KeptRun]:
    """The newest finished reconciliation of each tenant; for an overseer."""
    return {row["tenant"]: _run(row) async for row in _SQL.last_of_each_tenant(connection)}


async def begin_run(connection: Connection, tenant: UUID, run: UUID, *, by: str, at: datetime) -> None:
    """Note that a reconciliation begins; the same one again changes nothing."""
    await _SQL.begin_run(connection, tenant=tenant, id=run, asked_by=by, started_at=at)


async def keep_finding(connection: Connection, tenant: UUID, run: UUID, finding: KeptFinding) -> bool:
    """Keep what did not agree, one of a kind for each lead; answers whether that is news."""
    kept = await _SQL.keep_finding(
        connection,
        tenant=tenant,
        run=run,
        lead=finding.lead,
        check=finding.check,
        detail=finding.detail,
        repaired=finding.repaired,
    )
    return kept is not None


async def finish_run(
    connection: Connection,
    tenant: UUID,
    run: UUID,
    *,
    leads: int,
    workflows: int,
    first_broken: int | None,
    at: datetime,
) -> KeptRun | None:
    """Close a reconciliation and count what it found; None if it never began."""
    row = await _SQL.finish_run(
        connection,
        tenant=tenant,
        id=run,
        leads=leads,
        workflows=workflows,
        first_broken=first_broken,
        at=at,
    )
    return None if row is None else _run(row)


async def last_runs(connection: Connection, tenant: UUID, most: int) -> list[KeptRun]:
    """The newest first."""
    return [_run(row) async for row in _SQL.last_runs(connection, tenant=tenant, most=most)]


async def run_by_id(connection: Connection, tenant: UUID, run: UUID) -> KeptRun:
    """One of them.

    Raises:
        KeyError: there is none of this id.
    """
    row = await _SQL.run_by_id(connection, tenant=tenant, id=run)
    if row is None:
        raise KeyError(str(run))
    return _run(row)


async def findings_of(connection: Connection, tenant: UUID, run: UUID, most: int) -> list[KeptFinding]:
    """What a reconciliation found; what is left for people first."""
    rows = _SQL.findings_of(connection, tenant=tenant, run=run, most=most)
    return [KeptFinding(row["lead"], row["check"], row["detail"], row["repaired"]) async for row in rows]
