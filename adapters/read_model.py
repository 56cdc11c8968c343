"""What people and programs read: protection, leads, facts, audit; as the application role.

Every function takes the connection of a transaction that has its context (`adapters.database.transaction`)
and answers frozen dataclasses. A lead the caller may not see does not exist here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg

from adapters.database import Caller, Connection, Pool, load_queries
from protection.facts import EndReason
from protection.state import Status

_LEAD: Final = load_queries("lead")
_FACT: Final = load_queries("fact")
_PROTECTION: Final = load_queries("protection")
_AUDIT: Final = load_queries("audit")
_AT_ONCE: Final[str] = _PROTECTION.protection_at_once.sql

MOST_ROWS: Final = 500
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """A lead's protection as last recorded. UTC instants; None is unknown, or not applicable.

    Attributes:
        revision: how many facts it rests on.
        valid_until: when protection ends if nothing else happens; after the end, when it ended.
        reason: which period ended it, where a period did.
        active_holds: reasons for which the clock stands still.
        problem: what an operator has to look at, a stable word.
    """

    lead: UUID
    revision: int
    status: Status
    paused: bool
    owner: str
    base_until: datetime | None
    progress_until: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    valid_until: datetime | None
    reason: EndReason | None
    next_wake_up: datetime | None
    cycle: int
    active_holds: tuple[str, ...]
    problem: str | None
    registered_at: datetime | None
    last_progress_at: datetime | None
    ended_at: datetime | None
    policy_version: str
    refused_facts: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What SQL computes from the ledger alone, for comparison with `Protection`."""

    revision: int
    status: Status
    paused: bool
    base_until: datetime | None
    progress_until: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    valid_until: datetime | None
    reason: EndReason | None
    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A company at a place that somebody wants to win; nothing personal."""

    id: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    owner: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One stop of the clock, `[start_at, end_at)` in UTC; open while `end_at` is None."""

    hold: str
    reason: str
    start_at: datetime
    end_at: datetime | None
    placed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFact:
    """A fact of the ledger; `payload` is the fact as JSON (`protection.wire.fact_from_json`)."""

    revision: int
    fact_id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    by: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Who did what to a lead, and what it moved."""

    seq: int
    actor: str
    what: str
    lead: UUID | None
    fact_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many of the caller's leads have this status, and how many of those stand still or need a look."""

    status: Status
    leads: int
    paused: int
    with_problem: int


_SHAPED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "status": Status,
    "reason": lambda value: None if value is None else EndReason(value),
    "active_holds": tuple,
}


@lru_cache(maxsize=64)
def _shapes(kind: type[Any], shaped: bool) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    return tuple((field.name, _SHAPED.get(field.name) if shaped else None) for field in fields(kind))


def row_of(kind: type[Row], row: asyncpg.Record, *, shaped: bool = True) -> Row:
    """The columns of a row as a dataclass; `shaped` gives statuses and reasons their types."""
    read = _shapes(kind, shaped)  # type: ignore[arg-type]  # a type is hashable; mypy does not see it
    return kind(**{name: row[name] if shape is None else shape(row[name]) for name, shape in read})


async def protection_of(connection: Connection, tenant: UUID, lead: UUID) -> Protection | None:
    """The lead's protection as last recorded; None if there is none the caller may see."""
    row = await _PROTECTION.protection_of(connection, tenant=tenant, lead=lead)
    return None if row is None else row_of(Protection, row)


async def protection_at_once(pool: Pool, caller: Caller, lead: UUID) -> Protection | None:
    """The same in one round trip, context included, for callers that need nothing else."""
    row = await pool.fetchrow(_AT_ONCE, caller.tenant, caller.user, caller.roles_text, lead)
    return None if row is None else row_of(Protection, row)


async def clock_of(connection: Connection, tenant: UUID, lead: UUID, as_of: datetime) -> Clock | None:
    """Status and deadlines at an instant, computed in SQL from the facts recorded by then."""
    row = await _PROTECTION.clock_of(connection, tenant=tenant, lead=lead, as_of=as_of)
    return None if row is None else row_of(Clock, row)


async def find_lead(connection: Connection, tenant: UUID, key: str) -> Lead | None:
    """The lead of that uuid or external id; None if there is none the caller may see."""
    try:
        row = await _LEAD.lead_by_id(connection, tenant=tenant, lead=UUID(key))
    except ValueError:
        row = None
    if row is None:
        row = await _LEAD.lead_by_external_id(connection, tenant=tenant, external_id=key)
    return None if row is None else row_of(Lead, row)


async def facts_of(connection: Connection, tenant: UUID, lead: UUID) -> tuple[RecordedFact, ...]:
    """The lead's ledger, in order of recording."""
    rows = _FACT.facts_of(connection, tenant=tenant, lead=lead)
    return tuple([row_of(RecordedFact, row) async for row in rows])


async def holds_of(connection: Connection, tenant: UUID, lead: UUID) -> tuple[Hold, ...]:
    """Every hold of the lead, by start."""
    rows = _PROTECTION.holds_of(connection, tenant=tenant, lead=lead)
    return tuple([row_of(Hold, row, shaped=False) async for row in rows])


async def audit_of_lead(
    connection: Connection, tenant: UUID, lead: UUID, *, after: int = 0, most: int = MOST_ROWS
) -> tuple[AuditEvent, ...]:
    """What happened to the lead, oldest first, beginning after the audit row of that number."""
    rows = _AUDIT.audit_of_lead(connection, tenant=tenant, lead=lead, after=after, most=most)
    return tuple([row_of(AuditEvent, row, shaped=False) async for row in rows])


async def counts_by_status(connection: Connection, tenant: UUID) -> tuple[StatusCount, ...]:
    """How many leads the caller has in each status."""
    rows = _PROTECTION.counts_by_status(connection, tenant=tenant)
    return tuple([row_of(StatusCount, row) async for row in rows])


async def audit_first_broken(connection: Connection, tenant: UUID) -> int | None:
    """The first place at which the tenant's audit chain is broken; None if it is whole."""
    broken: int | None = await _AUDIT.audit_first_broken(connection, tenant=tenant)
    return broken
