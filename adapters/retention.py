"""How long personal data are kept: by state, what is overdue, and legal holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from activities.erasure_orders import Cause
from adapters.database import Connection, Pool, load_queries, transaction
from protection.dates import format_instant
from protection.state import Status

_SQL: Final = load_queries("erasure")


@dataclass(frozen=True, slots=True)
class StateRetention:
    """The leads of one state.

    Attributes:
        status: the state.
        leads: how many there are.
        holding: how many hold personal data.
        oldest_end: UTC instant at which the protection of the first of these ended; None while it lasts.
        on_hold: how many of them are under a legal hold.
        overdue: how many should hold nothing any more.
    """

    status: Status
    leads: int
    holding: int
    oldest_end: datetime | None
    on_hold: int
    overdue: int


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A duty to keep a lead's personal data. UTC instants; `until` None: until it is lifted."""

    reason: str
    until: datetime | None
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure has done.

    Attributes:
        id: its id.
        at: UTC instant.
        by: who asked, or the part of the system that noticed the lapse.
        cause: why.
        stores: per store what was done there, and to how many rows.
    """

    id: UUID
    at: datetime
    by: str
    cause: Cause
    stores: dict[str, dict[str, Any]]


async def receipts_of(connection: Connection, tenant: UUID, lead: UUID) -> list[Receipt]:
    """The receipts of a lead's erasures the caller may see, oldest first."""
    rows = _SQL.receipts_of(connection, tenant=tenant, lead=lead)
    return [Receipt(**{**row, "cause": Cause(row["cause"])}) async for row in rows]


async def retention(
    connection: Connection, tenant: UUID, at: datetime, objection_days: int
) -> list[StateRetention]:
    """How many leads hold personal data at this UTC instant, by state."""
    rows = _SQL.retention(connection, tenant=tenant, at=at, objection_days=objection_days)
    return [StateRetention(**{**row, "status": Status(row["status"])}) async for row in rows]


async def overdue(connection: Connection, tenant: UUID, at: datetime, objection_days: int) -> list[UUID]:
    """The leads that should hold nothing any more at this UTC instant, the longest ended first."""
    rows = _SQL.overdue(connection, tenant=tenant, at=at, objection_days=objection_days)
    return [row["lead"] async for row in rows]


async def put_legal_hold(pool: Pool, tenant: UUID, lead: UUID, hold: LegalHold) -> None:
    """Put down a duty to keep; another one of the lead is replaced. As the worker role."""
    async with transaction(pool, tenant, hold.placed_by) as connection:
        await _SQL.put_legal_hold(
            connection,
            tenant=tenant,
            lead=lead,
            reason=hold.reason,
            until=hold.until,
            placed_by=hold.placed_by,
            placed_at=hold.placed_at,
        )
        await _SQL.tell_audit(
            connection,
            what="legal-hold-placed",
            lead=lead,
            after={"until": None if hold.until is None else format_instant(hold.until)},
            reason=hold.reason,
            at=hold.placed_at,
        )


async def lift_legal_hold(
    pool: Pool, tenant: UUID, lead: UUID, *, by: str, reason: str, at: datetime
) -> bool:
    """End a duty to keep; whether there was one. As the worker role.

    Args:
        at: UTC instant.
    """
    async with transaction(pool, tenant, by) as connection:
        if await _SQL.lift_legal_hold(connection, tenant=tenant, lead=lead) is None:
            return False
        await _SQL.tell_audit(
            connection, what="legal-hold-lifted", lead=lead, after=None, reason=reason, at=at
        )
    return True
