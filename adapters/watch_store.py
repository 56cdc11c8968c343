"""What those who watch the installation are told of a tenant. SQL: watch.sql, kpis.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from adapters import kpi_store
from adapters.ai.usage import budgets_of
from adapters.breaker import BreakerState
from adapters.credit import store as credit_store
from adapters.database import Connection, load_queries
from adapters.read_model import counts_by_status
from protection.state import Status

_SQL: Final = load_queries("watch")
_KPIS: Final = load_queries("kpis")
_DAY: Final = timedelta(days=1)
# So long a slow check counts: a few of them make a figure, and it ends soon after them.
_CREDIT_WINDOW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SeenBreaker:
    """How a process last saw a system outside; `since` is a UTC instant."""

    system: str
    process: str
    state: BreakerState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFigures:
    """How a tenant stands. Instants are UTC, money is EUR.

    Attributes:
        leads: how many are in each status; every status is there.
        now: how the leads stand beside that.
        reminder_due_since: when the reminder that waits longest should have gone out; None where none waits.
        reminders_sent: within a day.
        reminders_bounced: within a day.
        given_up: dead letters by source.
        breakers: of the systems outside, as each process saw them.
        ai_spent: booked and set aside in the running month.
        ai_answers: AI calls of the last day, by how they went.
        ai_cost_day: what they cost.
        credit_checks: of the last five minutes.
        credit_p95: how long 95 of 100 of them took at most; None without any.
    """

    leads: Mapping[Status, int]
    now: kpi_store.Now
    reminder_due_since: datetime | None
    reminders_sent: int
    reminders_bounced: int
    given_up: Mapping[str, int]
    breakers: tuple[SeenBreaker, ...]
    ai_spent: Decimal
    ai_answers: Mapping[str, int]
    ai_cost_day: Decimal
    credit_checks: int
    credit_p95: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFigures:
    """What PostgreSQL counts of the database we are connected to, since it was last reset."""

    bytes: int
    connections: int
    most_connections: int
    commits: int
    rollbacks: int
    blocks_hit: int
    blocks_read: int
    deadlocks: int
    temp_bytes: int


async def tenant_figures(connection: Connection, tenant: UUID, *, as_of: datetime) -> TenantFigures:
    """How a tenant stands, as the worker or as somebody who reads all of it.

    Args:
        as_of: UTC instant, now.
    """
    day = {"tenant": tenant, "since": as_of - _DAY, "as_of": as_of}
    reminders = await _KPIS.kpi_reminders(connection, **day)
    spent = await budgets_of(connection, tenant, as_of.date().replace(day=1))
    booked, reserved = spent.get("", (Decimal(0), Decimal(0)))
    counted = {row.status: row.leads for row in await counts_by_status(connection, tenant)}
    asked = [row async for row in _SQL.ai_answers(connection, tenant=tenant, since=as_of - _DAY, until=as_of)]
    checks = await credit_store.figures(connection, tenant, as_of - _CREDIT_WINDOW, as_of)
    return TenantFigures(
        leads={status: counted.get(status, 0) for status in Status},
        now=await kpi_store.now(connection, tenant, as_of=as_of),
        reminder_due_since=await _SQL.reminder_due_since(connection, tenant=tenant, as_of=as_of),
        reminders_sent=reminders["sent"],
        reminders_bounced=reminders["bounced"],
        given_up={row["source"]: row["letters"] async for row in _SQL.given_up(connection, tenant=tenant)},
        breakers=tuple(
            [
                SeenBreaker(row["system"], row["process"], BreakerState(row["state"]), row["since"])
                async for row in _SQL.breakers(connection, tenant=tenant)
            ]
        ),
        ai_spent=booked + reserved,
        ai_answers={row["how"]: row["calls"] for row in asked},
        ai_cost_day=sum((row["cost_eur"] for row in asked), Decimal(0)),
        credit_checks=checks.checks,
        credit_p95=None if checks.p95_ms is None else timedelta(milliseconds=checks.p95_ms),
    )


async def server_figures(connection: Connection) -> ServerFigures:
    """What the database server counts."""
    return ServerFigures(**dict(await _SQL.server(connection)))
