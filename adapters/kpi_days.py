"""Figures by local day and the leads behind them, of those the caller may see. SQL: sql/queries/kpi_days.sql.

The days are gathered from the audit chain by the database itself; a row of the chain is counted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from adapters.database import Connection, load_queries
from protection.facts import HoldReason
from protection.requests import RequestKind

_SQL: Final = load_queries("kpi_days")
# Rows of the whole tenant are kept under this owner.
EVERYBODY: Final = ""
_MOST_AGENTS: Final = 500


class Unit(StrEnum):
    """The parts a period is told in; each but the day begins on a Monday or the first of a month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Figure(StrEnum):
    """A figure whose leads can be listed. Wire names.

    Attributes:
        DUE: their reminder should go out and has not; now.
        EXPIRING: protection ends within 7 days if nothing happens; now.
        PAUSED: the clock stands still; now.
        OVERDUE: the clock should have moved, or an operator has to look; now.
        WAITING: a request that nobody has decided; now.
        UNDELIVERED: a mail that was given up; now.
        QUEUED: a mail that is still tried; now.
        HELD: stood still within the period.
        HOLDS_DECIDED: a request for a hold was decided within the period.
        EXTENSIONS_DECIDED: the same for extensions.
        DELIVERED: a box of samples arrived within the period.
    """

    DUE = "due"
    EXPIRING = "expiring"
    PAUSED = "paused"
    OVERDUE = "overdue"
    WAITING = "waiting"
    UNDELIVERED = "undelivered"
    QUEUED = "queued"
    ENTERED = "entered"
    REMINDED = "reminded"
    BOUNCED = "bounced"
    LAPSED = "lapsed"
    REACTIVATED = "reactivated"
    WON = "won"
    HELD = "held"
    HOLDS_DECIDED = "holds-decided"
    EXTENSIONS_DECIDED = "extensions-decided"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """How many leads stood in each status."""

    preregistered: int
    active: int
    grace: int
    expired: int
    converted: int
    released: int
    erased: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A local day: `change` is how the numbers by status moved, the rest how often something happened."""

    day: date
    change: Stood
    entered: int
    activities: int
    reminded: int
    bounced: int
    reactivated: int
    lapsed: int
    won: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """How the leads standing still for a reason change on a day.

    Attributes:
        share: millionths of this day at which spans begin or end.
        standing: how many more (or fewer) stand still from this day on.
    """

    day: date
    reason: HoldReason
    share: int
    standing: int


@dataclass(frozen=True, slots=True)
class Decided:
    """Requests decided in a part of a period.

    Attributes:
        part: the first day of the part; None is the whole period.
        median: how long half of those who asked waited at most.
    """

    kind: RequestKind
    part: date | None
    decided: int
    median: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Feedback:
    """Boxes of samples that arrived within a period, and those of them that somebody has answered since."""

    delivered: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadBehind:
    """A lead that a figure counts.

    Attributes:
        at: the instant the figure speaks of, UTC; None is unknown.
        number: days on hold or waited, or tries of a mail, where the figure has any.
        word: a stable word about it: reason of a hold, kind of a fact, code of a mail server.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    at: datetime | None
    number: float | None
    word: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which leads to list.

    Attributes:
        owner: only his; `EVERYBODY` is the whole tenant.
        since: UTC instant, where the period begins.
        until: UTC instant, where it ends; of what is told of now, that now.
        reasons: of holds.
        skip: how many of the list to leave out.
        most: how many at most.
    """

    figure: Figure
    owner: str
    since: datetime
    until: datetime
    reasons: Sequence[HoldReason] = tuple(HoldReason)
    skip: int = 0
    most: int = 50


async def gather(connection: Connection, zone: str, most: int) -> int | None:
    """Count what the audit chain has told since, so many rows of it at most; how many are left.

    Args:
        connection: a transaction in the context of the tenant that may write.
        zone: IANA name of the zone whose days are meant.

    Returns:
        None where somebody else is counting.
    """
    left: int | None = await _SQL.gather(connection, zone=zone, most=most)
    return left


async def gathered(connection: Connection, tenant: UUID) -> int:
    """How many rows of the tenant's audit chain are counted."""
    row = await _SQL.gathered(connection, tenant=tenant)
    return 0 if row is None else int(row["seq"])


async def stood_before(connection: Connection, tenant: UUID, owner: str, first: date) -> Stood:
    """How the leads stood when that local day began."""
    return _stood(await _SQL.stood_before(connection, tenant=tenant, owner=owner, first=first))


async def days_between(
    connection: Connection, tenant: UUID, owner: str, first: date, last: date
) -> list[DayRow]:
    """The days on which anything happened, both ends included."""
    told = {"tenant": tenant, "owner": owner, "first": first, "last": last}
    return [
        DayRow(
            change=_stood(row),
            **{field.name: row[field.name] for field in fields(DayRow) if field.name != "change"},
        )
        async for row in _SQL.days_between(connection, **told)
    ]


async def held_between(
    connection: Connection, tenant: UUID, owner: str, first: date, last: date
) -> list[HeldRow]:
    """Who stood still: the standing when the first day began, then its changes, both ends included."""
    told = {"tenant": tenant, "owner": owner, "first": first, "last": last}
    return [
        HeldRow(row["day"], HoldReason(row["reason"]), row["share"], row["standing"])
        async for row in _SQL.held_between(connection, **told)
    ]


async def decided_between(
    connection: Connection,
    tenant: UUID,
    owner: str,
    *,
    unit: Unit,
    zone: str,
    since: datetime,
    until: datetime,
) -> list[Decided]:
    """Requests decided within `[since, until)` (UTC), by part of the period and as a whole."""
    told = {"tenant": tenant, "owner": owner, "unit": str(unit), "zone": zone, "since": since, "until": until}
    return [
        Decided(RequestKind(row["kind"]), row["part"], row["decided"], row["median"], row["longest"])
        async for row in _SQL.decided_between(connection, **told)
    ]


async def feedback_between(
    connection: Connection, tenant: UUID, owner: str, *, since: datetime, until: datetime
) -> Feedback:
    """How many boxes of samples were answered that arrived within `[since, until)` (UTC)."""
    return Feedback(
        **await _SQL.feedback_between(connection, tenant=tenant, owner=owner, since=since, until=until)
    )


async def agents_of(connection: Connection, tenant: UUID) -> list[tuple[str, str]]:
    """Id and name of the tenant's agents, by name; of those the caller may see."""
    rows = _SQL.agents(connection, tenant=tenant, most=_MOST_AGENTS)
    return [(row["id"], row["display_name"]) async for row in rows]


_HERE: Final = ("tenant", "owner", "skip", "most")
_NOW: Final = (*_HERE, "as_of")
_WITHIN: Final = (*_HERE, "since", "until")
# Of each figure: its query, what that is asked for, and what it is asked for besides.
_LISTS: Final[Mapping[Figure, tuple[str, tuple[str, ...], Mapping[str, str]]]] = {
    Figure.DUE: ("leads_due", _NOW, {}),
    Figure.EXPIRING: ("leads_expiring", _NOW, {}),
    Figure.PAUSED: ("leads_paused", _HERE, {}),
    Figure.OVERDUE: ("leads_overdue", _NOW, {}),
    Figure.WAITING: ("leads_waiting", _NOW, {}),
    Figure.UNDELIVERED: ("leads_unsent", _HERE, {"status": "dead"}),
    Figure.QUEUED: ("leads_unsent", _HERE, {"status": "sending"}),
    Figure.ENTERED: ("leads_entered", _WITHIN, {}),
    Figure.REMINDED: ("leads_told", _WITHIN, {"what": "reminder_sent"}),
    Figure.BOUNCED: ("leads_told", _WITHIN, {"what": "reminder_bounced"}),
    Figure.LAPSED: ("leads_told", _WITHIN, {"what": "lapsed"}),
    Figure.REACTIVATED: ("leads_reactivated", _WITHIN, {}),
    Figure.WON: ("leads_told", _WITHIN, {"what": "converted"}),
    Figure.HELD: ("leads_held", (*_WITHIN, "reasons"), {}),
    Figure.HOLDS_DECIDED: ("leads_decided", _WITHIN, {"kind": str(RequestKind.HOLD)}),
    Figure.DELIVERED: ("leads_delivered", _WITHIN, {}),
    Figure.EXTENSIONS_DECIDED: ("leads_decided", _WITHIN, {"kind": str(RequestKind.EXTENSION)}),
}


async def leads_behind(connection: Connection, tenant: UUID, wanted: Behind) -> list[LeadBehind]:
    """The leads that a figure counts, in the order that tells most."""
    query, asked, besides = _LISTS[wanted.figure]
    known = {
        "tenant": tenant,
        "owner": wanted.owner,
        "skip": wanted.skip,
        "most": wanted.most,
        "as_of": wanted.until,
        "since": wanted.since,
        "until": wanted.until,
        "reasons": [str(reason) for reason in wanted.reasons],
    }
    rows = getattr(_SQL, query)(connection, **{name: known[name] for name in asked}, **besides)
    return [LeadBehind(**row) async for row in rows]


def _stood(row: Mapping[str, Any]) -> Stood:
    return Stood(**{field.name: int(row[field.name]) for field in fields(Stood)})
