"""My week: what runs out, in which order and why; and what has become of what somebody asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from adapters.database import Caller, Connection
from adapters.lead_reading import names_of
from adapters.week_store import (
    Asked,
    LapsedLead,
    Pressing,
    PressingCount,
    Span,
    Waiting,
    WeekPlace,
    asked_by,
    lapsed_of,
    pressing_counts,
    pressing_leads,
    to_decide,
    waiting_on,
)
from protection.lifecycle import REMINDER_BOUNCED
from protection.state import Status

# How far a week looks ahead: the advance notices of the contract's base period go out as early.
AHEAD: Final = timedelta(days=14)
SOON: Final = timedelta(days=7)
# How long what has happened is still news.
NEWS: Final = timedelta(days=7)
MOST_TO_DECIDE: Final = 100
_MOST_NEWS: Final = 10
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_MOMENT: Final = timedelta(microseconds=1)


class Need(StrEnum):
    """Why a lead is in somebody's week."""

    GRACE = "grace"  # a reminder went out; at the end of grace protection lapses
    BASE_PERIOD = "base-period"  # the base period ends first, whatever progress there is
    PROGRESS = "progress"  # no progress for long; a reminder will go out
    REMINDER_DUE = "reminder-due"  # the same, and the reminder may go out any moment
    REMINDER_BOUNCED = "reminder-bounced"  # the reminder could not be delivered
    NOTE = "note"  # a pre-registration that soon keeps nobody away any more


class Nearness(StrEnum):
    """How near it is; the headings of a week."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Item:
    """A lead in a week.

    Attributes:
        days_left: local dates until it happens; 0 is today, negative is past.
        waiting: requests on the lead that nobody has decided.
    """

    lead: Pressing
    need: Need
    nearness: Nearness
    days_left: int
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What somebody sees first.

    Attributes:
        items: the most pressing first.
        coming: where nothing is pressing, what comes next after these days.
        place: where the next page begins; None at the end.
        counts: of each person whose leads are looked at.
        asked: his own requests that wait, then those decided lately; on the first page only.
        lapsed: leads he has lost lately; on the first page only.
        to_decide: how many requests wait for him or another manager, up to `MOST_TO_DECIDE`.
        names: what people are called, by id; of an agent only his own is known.
    """

    items: tuple[Item, ...]
    coming: Item | None
    place: WeekPlace | None
    counts: tuple[PressingCount, ...]
    asked: tuple[Asked, ...]
    lapsed: tuple[LapsedLead, ...]
    to_decide: int
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Next:
    """What a lead runs into next, if nothing happens.

    Attributes:
        at: when, a UTC instant.
        days_left: local dates until then; 0 is today, negative is past.
    """

    need: Need
    at: datetime
    days_left: int


class Clocked(Protocol):
    """A lead's deadlines as recorded; UTC instants."""

    @property
    def status(self) -> Status:
        """Where it stands."""

    @property
    def problem(self) -> str | None:
        """What an operator has to look at."""

    @property
    def reminder_due_at(self) -> datetime | None:
        """From when the reminder may go out."""

    @property
    def grace_until(self) -> datetime | None:
        """When grace ends."""

    @property
    def valid_until(self) -> datetime | None:
        """When protection ends."""


def act_by(lead: Clocked) -> datetime | None:
    """By when somebody has to act, or something is lost; as the column of that name in SQL."""
    match lead.status:
        case Status.ACTIVE:
            return lead.reminder_due_at or lead.valid_until
        case Status.GRACE | Status.PREREGISTERED:
            return lead.valid_until
        case _:
            return None


def next_of(lead: Clocked, *, now: datetime, zone: ZoneInfo) -> Next | None:
    """What a lead runs into next; None where nothing runs out, or nobody knows when.

    Args:
        now: UTC instant.
        zone: in which days are counted.
    """
    at = act_by(lead)
    return None if at is None else Next(need_of(lead, now), at, _days_until(at, now, zone))


def _days_until(at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Local dates from now to the last moment before a deadline: one at midnight ends the day before."""
    return ((at - _MOMENT).astimezone(zone).date() - now.astimezone(zone).date()).days


def need_of(lead: Clocked, now: datetime) -> Need:
    """Why this lead is in the week."""
    if lead.status is Status.PREREGISTERED:
        return Need.NOTE
    if lead.status is Status.GRACE:
        return Need.GRACE if lead.grace_until == lead.valid_until else Need.BASE_PERIOD
    if lead.reminder_due_at is None:
        return Need.BASE_PERIOD
    if lead.problem == REMINDER_BOUNCED:
        return Need.REMINDER_BOUNCED
    return Need.REMINDER_DUE if lead.reminder_due_at <= now else Need.PROGRESS


def item_of(lead: Pressing, waiting: Iterable[Waiting], *, now: datetime, zone: ZoneInfo) -> Item:
    """A lead as the week shows it.

    Args:
        waiting: requests on any leads.
        now: UTC instant.
        zone: in which days are counted.
    """
    if lead.act_by <= now:
        near = Nearness.OVERDUE
    else:
        near = Nearness.SOON if lead.act_by < now + SOON else Nearness.LATER
    days = _days_until(lead.act_by, now, zone)
    return Item(lead, need_of(lead, now), near, days, tuple(one for one in waiting if one.lead == lead.id))


async def read_week(
    connection: Connection,
    caller: Caller,
    *,
    now: datetime,
    zone: ZoneInfo,
    owner: str | None = None,
    after: WeekPlace | None = None,
    most: int,
) -> Week:
    """Somebody's week: of his own leads and those he helps with, or of the whole team where he reads all.

    Args:
        connection: of a transaction that has the caller's context.
        caller: who looks.
        now: UTC instant.
        zone: in which days are counted.
        owner: only this person's leads.
        after: where the page before ended.
        most: rows of a page.
    """
    tenant = caller.tenant
    span = Span(now=now, soon=now + SOON, before=now + AHEAD)
    found = await pressing_leads(connection, caller, span, owner=owner, after=after, most=most + 1)
    leads = found[:most]
    waiting = await waiting_on(connection, tenant, [lead.id for lead in leads]) if leads else ()
    whose = owner if caller.reads_all else caller.user
    counts = await pressing_counts(connection, tenant, span, owner=whose)
    asked: tuple[Asked, ...] = ()
    lapsed: tuple[LapsedLead, ...] = ()
    coming: tuple[Pressing, ...] = ()
    if after is None:
        if not leads:
            coming = await pressing_leads(
                connection, caller, replace(span, before=_NEVER), owner=owner, most=1
            )
        since = now - NEWS
        asked = await asked_by(connection, tenant, caller.user, since=since, most=_MOST_NEWS)
        lapsed = await lapsed_of(connection, tenant, whose or caller.user, since=since, most=_MOST_NEWS)
    people = {lead.owner for lead in leads} | {one.owner for one in counts} if caller.reads_all else ()
    return Week(
        items=tuple(item_of(lead, waiting, now=now, zone=zone) for lead in leads),
        coming=item_of(coming[0], (), now=now, zone=zone) if coming else None,
        place=leads[-1].place if len(found) > most else None,
        counts=counts,
        asked=asked,
        lapsed=lapsed,
        to_decide=await to_decide(connection, tenant, caller.user, most=MOST_TO_DECIDE)
        if caller.reads_all
        else 0,
        names=await names_of(connection, tenant, people) if people else {},
    )
