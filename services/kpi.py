"""Figures over time: how leads stood, what happened to them, and how long the company let people wait.

An agent is told of the leads he owns, everybody else of the tenant or of one agent. Days are those of the
contract's zone. What is over does not change by looking again: the audit chain is counted once, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.database import Caller, Connection, Pool, transaction
from adapters.kpi_days import (
    EVERYBODY,
    Behind,
    Feedback,
    Figure,
    LeadBehind,
    Stood,
    agents_of,
    days_between,
    decided_between,
    feedback_between,
    gathered,
    held_between,
    leads_behind,
    stood_before,
)
from adapters.kpi_store import Now, now
from services.kpi_gathering import Gatherings
from services.kpi_parts import DAYS, Part, Period, Told, parts_of, today

# What speaks of this moment, not of a period.
OF_NOW: Final = frozenset(
    {
        Figure.DUE,
        Figure.EXPIRING,
        Figure.PAUSED,
        Figure.OVERDUE,
        Figure.WAITING,
        Figure.UNDELIVERED,
        Figure.QUEUED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures of a period.

    Attributes:
        now: how the leads stand at this moment.
        stood: how many stand in which status at this moment.
        parts: in order; none of days to come.
        whole: the period as one part.
        feedback: on samples that arrived within the period.
        left: rows of the audit chain that are still to be counted; None where somebody else is counting.
    """

    period: Period
    now: Now
    stood: Stood
    parts: Sequence[Part]
    whole: Part
    feedback: Feedback
    left: int | None


def whose(caller: Caller, asked: str | None) -> str:
    """Whose figures a caller is shown: an agent his own, others those asked for, or everybody's."""
    return (asked or EVERYBODY) if caller.reads_all else caller.user


async def figures(
    pool: Pool, gatherings: Gatherings, caller: Caller, period: Period, owner: str, *, moment: datetime
) -> Figures:
    """The figures of a period.

    Args:
        owner: of one agent, or `EVERYBODY`; see `whose`.
        moment: UTC instant, now.
    """
    left = await gatherings.catch_up(pool, caller)
    tenant, here = caller.tenant, today(moment)
    over = min(period.last, here - timedelta(days=1))
    async with transaction(pool, tenant, caller.user, caller.roles, reading=True) as connection:
        standing = await now(connection, tenant, as_of=moment, owner=owner or None)
        present = await stood_before(connection, tenant, owner, here + timedelta(days=1))
        answers = await feedback_between(connection, tenant, owner, since=period.since, until=period.until)
        # Nothing else of a period changes but by a row of the chain.
        of = (tenant, owner, period, over, await gathered(connection, tenant))
        told = gatherings.known(of)
        if told is None:
            told = await _told(connection, tenant, period, owner, over)
            if left == 0:
                gatherings.keep(of, told)
    parts, whole = parts_of(period, min(period.last, here), told)
    return Figures(
        period=period, now=standing, stood=present, parts=parts, whole=whole, feedback=answers, left=left
    )


async def _told(connection: Connection, tenant: UUID, period: Period, owner: str, over: date) -> Told:
    first = period.first
    return Told(
        stood=await stood_before(connection, tenant, owner, first),
        days=await days_between(connection, tenant, owner, first, period.last),
        held=await held_between(connection, tenant, owner, first, over) if over >= first else (),
        over=over,
        decided=await decided_between(
            connection,
            tenant,
            owner,
            unit=period.unit,
            zone=DAYS,
            since=period.since,
            until=period.until,
        ),
    )


async def agents(pool: Pool, caller: Caller) -> list[tuple[str, str]]:
    """Whose figures the caller may ask for, by id and name; for an agent nobody's but his own."""
    if not caller.reads_all:
        return []
    async with transaction(pool, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        return await agents_of(connection, caller.tenant)


async def behind(pool: Pool, caller: Caller, wanted: Behind) -> list[LeadBehind]:
    """The leads that a figure counts; of those the caller may see."""
    async with transaction(pool, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        return await leads_behind(connection, caller.tenant, wanted)
