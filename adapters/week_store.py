"""What needs somebody this week, as the application role. SQL: sql/queries/week.sql."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Caller, Connection, load_queries
from adapters.request_store import request_from
from protection.facts import EndReason
from protection.permission import Share
from protection.policy import policy_from_json
from protection.requests import Request, RequestKind
from protection.state import Status

_SQL: Final = load_queries("week")
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NO_LEAD: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPlace:
    """Where a page of the week ends: the sort key of its last row. `act_by` is a UTC instant."""

    act_by: datetime = _EVER
    lead: UUID = _NO_LEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when a week reaches. UTC instants.

    Attributes:
        now: this moment.
        soon: until when something is pressing.
        before: until when it is looked ahead.
    """

    now: datetime
    soon: datetime
    before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """A lead that runs into something. UTC instants; None is unknown, or not applicable.

    Attributes:
        act_by: when the reminder goes out or protection ends, whichever is next.
        share: how the lead is shared with the reader, if it is.
    """

    id: UUID
    company: str
    city: str
    industry: str | None
    owner: str
    status: Status
    paused: bool
    act_by: datetime
    reminder_due_at: datetime | None
    grace_until: datetime | None
    base_until: datetime | None
    progress_until: datetime | None
    valid_until: datetime | None
    last_progress_at: datetime | None
    registered_at: datetime | None
    problem: str | None
    revision: int
    share: Share | None

    @property
    def place(self) -> WeekPlace:
        """Where it stands in the week."""
        return WeekPlace(act_by=self.act_by, lead=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressingCount:
    """How many leads of somebody run into something, are in grace, or do so soon."""

    owner: str
    leads: int
    in_grace: int
    soon: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request and the lead it is about."""

    request: Request
    lead: UUID
    company: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsedLead:
    """A lead whose protection ended. `ended_at` is a UTC instant."""

    lead: UUID
    company: str
    city: str
    reason: EndReason | None
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request on a lead that nobody has decided."""

    lead: UUID
    kind: RequestKind
    requested_by: str
    requested_at: datetime


async def pressing_leads(
    connection: Connection,
    caller: Caller,
    span: Span,
    *,
    owner: str | None = None,
    after: WeekPlace | None = None,
    most: int = 25,
) -> tuple[Pressing, ...]:
    """Leads the caller may see that run into something, by the instant of it.

    Args:
        connection: of a transaction that has the caller's context.
        caller: who asks.
        span: how far to look ahead.
        owner: only this person's; None: all the caller may see.
        after: where the page before ended.
        most: rows at most, 1..101.
    """
    place = after or WeekPlace()
    team = owner is None and caller.reads_all
    rows = _SQL.week_page(
        connection,
        tenant=caller.tenant,
        everybody=team,
        owner=None if team else owner or caller.user,
        shared_with=None if caller.reads_all or owner is not None else caller.user,
        now=span.now,
        before=span.before,
        after_at=place.act_by,
        after_lead=place.lead,
        most=most,
    )
    return tuple([_pressing(dict(row)) async for row in rows])


async def pressing_counts(
    connection: Connection, tenant: UUID, span: Span, *, owner: str | None
) -> tuple[PressingCount, ...]:
    """How many leads of each person run into something, who has most in grace first; or of one person."""
    times = {"tenant": tenant, "now": span.now, "soon": span.soon, "before": span.before}
    if owner is None:
        rows = _SQL.pressing_of_team(connection, **times)
    else:
        rows = _SQL.pressing_of_owner(connection, **times, owner=owner)
    return tuple([PressingCount(**dict(row)) async for row in rows])


async def asked_by(
    connection: Connection, tenant: UUID, user: str, *, since: datetime, most: int
) -> tuple[Asked, ...]:
    """Somebody's requests: those that wait, then those that were decided since a UTC instant."""
    rows = _SQL.asked_by(connection, tenant=tenant, user=user, since=since, most=most)
    return tuple(
        [
            Asked(request=request_from(row), lead=row["lead"], company=row["company"], city=row["city"])
            async for row in rows
        ]
    )


async def lapsed_of(
    connection: Connection, tenant: UUID, owner: str, *, since: datetime, most: int
) -> tuple[LapsedLead, ...]:
    """What somebody has lost since a UTC instant, the newest first."""
    rows = _SQL.lapsed_of(connection, tenant=tenant, owner=owner, since=since, most=most)
    return tuple(
        [
            LapsedLead(
                lead=row["lead"],
                company=row["company"],
                city=row["city"],
                reason=None if row["reason"] is None else EndReason(row["reason"]),
                ended_at=row["ended_at"],
            )
            async for row in rows
        ]
    )


async def waiting_on(connection: Connection, tenant: UUID, leads: Sequence[UUID]) -> tuple[Waiting, ...]:
    """Requests on these leads that nobody has decided."""
    rows = _SQL.waiting_on(connection, tenant=tenant, leads=list(leads))
    return tuple(
        [
            Waiting(
                lead=row["lead"],
                kind=RequestKind(row["kind"]),
                requested_by=row["requested_by"],
                requested_at=row["requested_at"],
            )
            async for row in rows
        ]
    )


async def progress_kinds(connection: Connection, tenant: UUID, lead: UUID) -> tuple[str, ...]:
    """What counts as progress of this lead, by its policy; nothing where the caller may not see it."""
    policy = await _SQL.policy_in_force(connection, tenant=tenant, lead=lead)
    return () if policy is None else policy_from_json(policy).qualifying_kinds


async def to_decide(connection: Connection, tenant: UUID, user: str, *, most: int) -> int:
    """How many requests wait that somebody else made; counted up to `most`."""
    return int(await _SQL.to_decide(connection, tenant=tenant, user=user, most=most))


def _pressing(row: dict[str, Any]) -> Pressing:
    share = row["share"]
    shaped = {"status": Status(row["status"]), "share": None if share is None else Share(share)}
    return Pressing(**{**row, **shaped})
