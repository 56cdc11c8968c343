"""What happened to a lead: timeline, holds, requests."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic.alias_generators import to_camel

from adapters.database import Caller, Connection, transaction
from adapters.lead_reading import Place
from adapters.read_model import Hold
from adapters.share_store import Collaborator
from api.dependencies import CurrentCaller, CurrentWiring
from api.language import SpokenLanguage
from api.paging import CurrentPage, Page, Paging, encode_cursor
from api.problems import ApiError, FieldError, Kind, problems
from api.schemas.acts import CollaboratorOutput
from api.schemas.base import Id
from api.schemas.reading import (
    CollaboratorList,
    ExtensionStanding,
    HoldList,
    HoldRead,
    HoldStanding,
    RequestList,
    RequestRead,
    TimelineEntry,
)
from api.wiring import Wiring
from protection.dates import format_instant, parse_instant
from protection.facts import Fact, HoldReason
from protection.requests import RequestKind, RequestStatus
from protection.wire import fact_to_json
from services import history

router: Final = APIRouter(prefix="/api/leads/{lead}", tags=["history"])


@router.get("/timeline", responses=problems(404))
async def read_timeline(
    lead: UUID,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    page: CurrentPage,
    language: SpokenLanguage,
) -> Page[TimelineEntry]:
    """Tell what happened to the lead, the newest first: facts and mails, in words.

    Notes are there for whoever may read the lead's personal data.
    """
    async with looking(wiring, caller) as connection:
        told, after = await history.timeline(
            connection,
            wiring.vault,
            caller,
            lead,
            language=language,
            before=_place(page),
            most=page.limit,
        )
    return Page[TimelineEntry](
        items=[_entry(one) for one in told],
        next_cursor=None if after is None else encode_cursor((format_instant(after[0]), after[1])),
    )


@router.get("/holds", responses=problems(404))
async def read_holds(lead: UUID, caller: CurrentCaller, wiring: CurrentWiring) -> HoldList:
    """List every hold of the lead, by start, those that are over and those that are planned too."""
    async with looking(wiring, caller) as connection:
        found = await history.holds(connection, caller, lead, now=datetime.now(UTC))
    return HoldList(items=[_hold(one, active) for one, active in found])


@router.get("/holds/{hold}", responses=problems(404))
async def read_hold(
    lead: UUID,
    hold: Annotated[Id, Path(description="id of the hold, and of the request for it")],
    caller: CurrentCaller,
    wiring: CurrentWiring,
) -> HoldStanding:
    """Show one hold and the request for it, whichever of the two there is."""
    async with looking(wiring, caller) as connection:
        found = await history.hold(connection, wiring.vault, caller, lead, hold, now=datetime.now(UTC))
    return HoldStanding(
        id=hold,
        hold=None if found.hold is None else _hold(found.hold, found.active),
        request=None if found.asked is None else _request(found.asked),
    )


@router.get("/extensions/{extension}", responses=problems(404))
async def read_extension(
    lead: UUID,
    extension: Annotated[Id, Path(description="id of the request, or of the fact that granted it")],
    caller: CurrentCaller,
    wiring: CurrentWiring,
) -> ExtensionStanding:
    """Show one extension and the request for it, whichever of the two there is."""
    async with looking(wiring, caller) as connection:
        found = await history.extension(connection, wiring.vault, caller, lead, extension)
    granted = found.granted
    return ExtensionStanding(
        id=extension,
        days=None if granted is None else granted.days,
        granted_by=None if granted is None else granted.by,
        granted_at=None if granted is None else granted.at,
        request=None if found.asked is None else _request(found.asked),
    )


@router.get("/requests", responses=problems(404))
async def read_requests(lead: UUID, caller: CurrentCaller, wiring: CurrentWiring) -> RequestList:
    """List what was asked for about the lead, in order of asking, and how it was decided."""
    async with looking(wiring, caller) as connection:
        found = await history.requests(connection, wiring.vault, caller, lead)
    return RequestList(items=[_request(one) for one in found])


@router.get("/collaborators", responses=problems(404))
async def read_collaborators(lead: UUID, caller: CurrentCaller, wiring: CurrentWiring) -> CollaboratorList:
    """List with whom the lead is shared."""
    async with looking(wiring, caller) as connection:
        found = await history.collaborators(connection, caller, lead)
    return CollaboratorList(items=[collaborator(one) for one in found])


@router.get("/collaborators/{user}", responses=problems(404))
async def read_collaborator(
    lead: UUID,
    user: Annotated[Id, Path(description="whom it is shared with")],
    caller: CurrentCaller,
    wiring: CurrentWiring,
) -> CollaboratorOutput:
    """Show how the lead is shared with somebody."""
    async with looking(wiring, caller) as connection:
        return collaborator(await history.collaborator(connection, caller, lead, user))


def collaborator(one: Collaborator) -> CollaboratorOutput:
    """Somebody the lead is shared with, as the API tells it."""
    return CollaboratorOutput(user_id=one.user, role=one.share, added_by=one.added_by, added_at=one.added_at)


def looking(wiring: Wiring, caller: Caller) -> AbstractAsyncContextManager[Connection]:
    """One reading of one state of all tables, with the caller's eyes."""
    return transaction(wiring.app, caller.tenant, caller.user, caller.roles, reading=True)


def _place(page: Paging) -> Place | None:
    place = page.after(str, str)
    if place is None:
        return None
    at, key = place
    try:
        return parse_instant(str(at)), str(key)
    except (ValueError, OverflowError):
        raise foreign_cursor() from None


def foreign_cursor() -> ApiError:
    """A cursor that reads well, and that no page of ours can have ended with."""
    error = FieldError(
        place="query", pointer="#/cursor", code="unknown-cursor", detail="no cursor of this list"
    )
    return ApiError(Kind.UNPROCESSABLE, "The cursor is not one that this list has given.", errors=(error,))


def _entry(one: history.Happened) -> TimelineEntry:
    row = one.row
    return TimelineEntry(
        kind="mail" if one.fact is None else "fact",
        id=row.key.partition("/")[2] if row.fact_id is None else row.fact_id,
        type=row.type,
        at=row.at,
        by=row.by,
        by_name=one.by_name,
        text=one.text,
        fact=None if one.fact is None else _camel(one.fact),
        notes=list(one.notes),
        mail_status=row.status,
    )


def _camel(fact: Fact) -> dict[str, Any]:
    plain = fact_to_json(fact)
    for name in ("replacement", "policy"):
        if isinstance(plain.get(name), dict):
            plain[name] = {to_camel(key): value for key, value in plain[name].items()}
    return {to_camel(key): value for key, value in plain.items()}


def _hold(hold: Hold, active: bool) -> HoldRead:
    return HoldRead(
        id=hold.hold,
        reason=HoldReason(hold.reason),
        start_at=hold.start_at,
        end_at=hold.end_at,
        placed_by=hold.placed_by,
        active=active,
    )


def _request(one: history.Asked) -> RequestRead:
    row = one.row
    return RequestRead(
        id=row.request,
        kind=RequestKind(row.kind),
        status=RequestStatus(row.status),
        reason=None if row.reason is None else HoldReason(row.reason),
        start_at=row.start_at,
        end_at=row.end_at,
        days=row.days,
        next_step_at=row.next_step_at,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        words=dict(one.words),
        decision_words=dict(one.decision_words),
    )
