"""What has waited too long: leads in grace, reminders nobody got, holds without end. SQL: overdue.sql."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.campaign_store import Described
from adapters.database import Connection, load_queries
from protection.facts import HoldReason
from protection.lifecycle import REMINDER_BOUNCED

_SQL: Final = load_queries("overdue")


@dataclass(frozen=True, slots=True)
class InGrace:
    """A lead whose grace runs; until when, a UTC instant, None while it stands still."""

    lead: Described
    grace_until: datetime | None


@dataclass(frozen=True, slots=True)
class Bounced:
    """A lead whose reminder reached nobody, so that its grace has not begun. `since` is a UTC instant."""

    lead: Described
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LongHold:
    """A hold that is in force for longer than is usual. UTC instants.

    Attributes:
        end_at: None until somebody ends it.
        max_days: what the lead's policy finds usual.
    """

    lead: Described
    hold: str
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    max_days: int


async def in_grace(connection: Connection, tenant: UUID, *, most: int) -> tuple[InGrace, ...]:
    """Leads in grace, those that lapse first before the others."""
    rows = _SQL.leads_in_grace(connection, tenant=tenant, most=most)
    return tuple([InGrace(Described.of(row), row["grace_until"]) async for row in rows])


async def bounced(connection: Connection, tenant: UUID, *, most: int) -> tuple[Bounced, ...]:
    """Leads whose reminder reached nobody."""
    rows = _SQL.reminders_bounced(connection, tenant=tenant, problem=REMINDER_BOUNCED, most=most)
    return tuple([Bounced(Described.of(row), row["updated_at"]) async for row in rows])


async def long_holds(
    connection: Connection, tenant: UUID, *, now: datetime, most: int
) -> tuple[LongHold, ...]:
    """Holds that are in force for longer than is usual, the longest first.

    Args:
        now: UTC instant.
    """
    rows = _SQL.holds_too_long(connection, tenant=tenant, now=now, most=most)
    return tuple(
        [
            LongHold(
                lead=Described.of(row),
                hold=row["hold"],
                reason=HoldReason(row["reason"]),
                start_at=row["start_at"],
                end_at=row["end_at"],
                max_days=row["max_days"],
            )
            async for row in rows
        ]
    )
