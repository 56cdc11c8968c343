"""What waits for a decision, and the numbers of the caller's leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from adapters.kpi_store import kpis
from adapters.late_store import LatePlace, late_corrections
from adapters.request_inbox import InboxPlace, PendingRequest, pending_requests
from api.dependencies import CurrentCaller, CurrentWiring
from api.paging import CurrentPage, Page, Paging, encode_cursor
from api.routes.history import foreign_cursor, looking
from api.schemas.late import LateCorrectionRead
from api.schemas.reading import KpiRead, PendingRequestRead
from protection.dates import format_instant, parse_instant
from protection.requests import RequestKind

router: Final = APIRouter(prefix="/api", tags=["overview"])
_USUAL_DAYS: Final = 30
_MOST_DAYS: Final = 366


@router.get("/requests")
async def read_inbox(
    *,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    page: CurrentPage,
    kind: Annotated[RequestKind | None, Query(description="Holds or extensions only.")] = None,
    others: Annotated[bool, Query(description="Only what somebody else asked for.")] = False,
) -> Page[PendingRequestRead]:
    """List the requests that nobody has decided, of the leads the caller may see, the oldest first."""
    async with looking(wiring, caller) as connection:
        found = await pending_requests(
            connection,
            caller.tenant,
            kind=kind,
            not_by=caller.user if others else None,
            after=_place(page),
            most=page.limit + 1,
        )
    listed = found[: page.limit]
    return Page[PendingRequestRead](
        items=[_pending(one, caller.user) for one in listed],
        next_cursor=_cursor(listed[-1].place) if len(found) > page.limit else None,
    )


@router.get("/late-corrections")
async def read_late_corrections(
    *, caller: CurrentCaller, wiring: CurrentWiring, page: CurrentPage
) -> Page[LateCorrectionRead]:
    """List the lapsed leads that a correction would have kept; a manager may reinstate them."""
    async with looking(wiring, caller) as connection:
        found = await late_corrections(
            connection, caller.tenant, after=_late_place(page), most=page.limit + 1
        )
    listed = found[: page.limit]
    place = listed[-1].place if len(found) > page.limit else None
    return Page[LateCorrectionRead](
        items=[LateCorrectionRead.of(one) for one in listed],
        next_cursor=None
        if place is None
        else encode_cursor((format_instant(place.told_at), str(place.lead), place.corrects)),
    )


@router.get("/kpis")
async def read_kpis(
    caller: CurrentCaller,
    wiring: CurrentWiring,
    days: Annotated[
        int, Query(ge=1, le=_MOST_DAYS, description="How far back to count what happened.")
    ] = _USUAL_DAYS,
) -> KpiRead:
    """Count the caller's leads: an agent's own and shared ones, everybody else's whole tenant."""
    now = datetime.now(UTC)
    async with looking(wiring, caller) as connection:
        told = await kpis(connection, caller.tenant, as_of=now, since=now - timedelta(days=days))
    median, longest = told.hold_decision_median, told.hold_decision_longest
    return KpiRead(
        as_of=told.as_of,
        since=told.since,
        counts={one.status: one.leads for one in told.counts},
        paused=told.paused,
        with_problem=told.with_problem,
        wake_ups_overdue=told.wake_ups_overdue,
        reminders_due=told.reminders_due,
        expiring=told.expiring,
        expired_last_day=told.expired_last_day,
        reminders_sent=told.reminders_sent,
        reminders_bounced=told.reminders_bounced,
        reactivated=told.reactivated,
        hold_days={reason: round(number, 2) for reason, number in told.hold_days.items()},
        requests_pending=told.requests_pending,
        oldest_request_at=told.oldest_request_at,
        holds_decided=told.holds_decided,
        hold_decision_median_seconds=None if median is None else median.total_seconds(),
        hold_decision_longest_seconds=None if longest is None else longest.total_seconds(),
        dead_letters=told.dead_letters,
        mails_waiting=told.mails_waiting,
    )


def _place(page: Paging) -> InboxPlace | None:
    place = page.after(str, str, str)
    if place is None:
        return None
    at, lead, request = (str(part) for part in place)
    try:
        return InboxPlace(requested_at=parse_instant(at), lead=UUID(lead), request=request)
    except (ValueError, OverflowError):
        raise foreign_cursor() from None


def _late_place(page: Paging) -> LatePlace | None:
    place = page.after(str, str, str)
    if place is None:
        return None
    at, lead, corrects = (str(part) for part in place)
    try:
        return LatePlace(told_at=parse_instant(at), lead=UUID(lead), corrects=corrects)
    except (ValueError, OverflowError):
        raise foreign_cursor() from None


def _cursor(place: InboxPlace) -> str:
    return encode_cursor((format_instant(place.requested_at), str(place.lead), place.request))


def _pending(one: PendingRequest, user: str) -> PendingRequestRead:
    request = one.request
    return PendingRequestRead(
        lead=one.lead,
        company=one.company,
        city=one.city,
        owner=one.owner,
        status=one.status,
        valid_until=one.valid_until,
        revision=one.revision,
        id=request.request,
        kind=request.kind,
        reason=request.reason,
        start_at=request.start_at,
        end_at=request.end_at,
        days=request.days,
        next_step_at=request.next_step_at,
        requested_by=request.requested_by,
        requested_at=request.requested_at,
        mine=request.requested_by == user,
    )
