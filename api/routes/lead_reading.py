"""Leads as they are read: the list a person works with, and one lead with everything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import StringConstraints, TypeAdapter
from pydantic.alias_generators import to_camel

from adapters.database import Caller
from adapters.lead_export import lead_csv
from adapters.lead_list import list_leads
from adapters.lead_listing import (
    BadListing,
    Due,
    LeadFilter,
    LeadOrder,
    LeadSort,
    ListedLead,
    check_filter,
)
from adapters.lead_page import SpelledPage, page_at_once
from api.dependencies import CALLER, CurrentCaller, CurrentWiring
from api.etag import Version
from api.paging import MOST, USUAL, CurrentPage, Page, Paging
from api.plain import plain_first
from api.problems import WITH_ETAG, ApiError, FieldError, Kind, problems
from api.routes.history import collaborator, looking
from api.schemas.base import Id, Instant
from api.schemas.lead_reading import (
    ContactRead,
    LeadDetail,
    LeadListed,
    LeadOrderName,
)
from api.standing import recorded
from api.wiring import Wiring
from protection.state import Status
from services.lead_reading import LeadRead, read_lead

router: Final = APIRouter(prefix="/api/leads", tags=["leads"])

_JSON: Final = TypeAdapter[Any](Any)
_CSV: Final = "text/csv"
_LONGEST_DUE_DAYS: Final = 1000
_LONGEST_CURSOR: Final = 1000
_LISTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {_CSV: {"schema": {"type": "string"}}},
        "description": "A page, or all of it as CSV",
        "headers": {
            "Content-Disposition": {"description": "Of CSV: a file name.", "schema": {"type": "string"}},
            "Vary": {"description": "`Accept` decides about JSON or CSV.", "schema": {"type": "string"}},
        },
    }
}
_TRUTH: Final = frozenset({"true", "false"})
_FEW_VALUES: Final[dict[str, frozenset[str]]] = {
    "mine": _TRUTH,
    "shared": _TRUTH,
    "paused": _TRUTH,
    "status": frozenset(Status),
    "sort": frozenset(get_args(LeadOrderName)),
}
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


async def list_leads_page(
    *,
    request: Request,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    page: CurrentPage,
    mine: Annotated[bool, Query(description="My own; with `shared`, also those shared with me.")] = False,
    shared: Annotated[bool, Query(description="Those shared with me.")] = False,
    owner: Annotated[Id | None, Query(description="Those of this person.")] = None,
    city: Annotated[Words | None, Query(description="In this city, in any spelling.")] = None,
    status: Annotated[Status | None, Query(description="`GRACE` lists what is in grace.")] = None,
    paused: Annotated[bool | None, Query(description="Whether a hold stops the clock.")] = None,
    due_within: Annotated[
        int | None,
        Query(
            alias="dueWithin",
            ge=0,
            le=_LONGEST_DUE_DAYS,
            description="Whose deadline (`due`) lies within so many days.",
        ),
    ] = None,
    due_before: Annotated[
        Instant | None, Query(alias="dueBefore", description="The same up to an instant.")
    ] = None,
    due: Annotated[
        Due, Query(description="Which deadline: of protection, of progress, of the reminder.")
    ] = Due.END,
    text: Annotated[
        Words | None, Query(description="Words in company, city and postcode, parts of words too.")
    ] = None,
    sort: Annotated[LeadOrderName, Query(description="With a minus, backwards.")] = "validUntil",
    form: Annotated[
        Literal["json", "csv"] | None,
        Query(alias="format", description="`csv`, as `Accept: text/csv` does, gives all of the list."),
    ] = None,
) -> Any:
    """List the leads the caller may see, a page at a time, or all of them as CSV."""
    wanted = LeadFilter(
        mine=mine,
        shared=shared,
        owner=owner,
        city=city,
        status=status,
        paused=paused,
        due_before=_due_before(due_before, due_within),
        due=due,
        text=text,
    )
    order = LeadOrder(sort=LeadSort(sort.removeprefix("-")), descending=sort.startswith("-"))
    try:
        if form == "csv" or (form is None and _wants_csv(request)):
            check_filter(wanted)
            return StreamingResponse(
                lead_csv(wiring.app, caller, wanted, order),
                media_type=_CSV,
                headers={"Content-Disposition": 'attachment; filename="leads.csv"', "Vary": "Accept"},
            )
    except BadListing as error:
        raise _refused(error) from error
    return await _page(wiring, caller, wanted, order, page)


async def _page(
    wiring: Wiring, caller: Caller, wanted: LeadFilter, order: LeadOrder, page: Paging
) -> Response:
    try:
        told = await page_at_once(wiring.app, caller, wanted, order, cursor=page.cursor, most=page.limit)
        if told is None:
            async with looking(wiring, caller) as connection:
                found = await list_leads(
                    connection, caller, wanted, order, cursor=page.cursor, most=page.limit
                )
            told = SpelledPage(spelled(found.leads), found.cursor)
    except BadListing as error:
        raise _refused(error) from error
    body = b'{"items":[%b],"nextCursor":%b}' % (told.items, json.dumps(told.cursor).encode())
    return Response(body, media_type="application/json", headers={"Vary": "Accept"})


async def _plain_page(request: Request) -> Response | None:
    """The page where only what has few values was asked for."""
    asked = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    said = dict(asked)
    limit = said.get("limit", str(USUAL))
    if (
        len(said) < len(asked)
        or not all(said[name] in known for name, known in _FEW_VALUES.items() if name in said)
        or said.keys() - _FEW_VALUES.keys() - {"limit", "cursor"}
        or not (limit.isascii() and limit.isdecimal() and 0 < int(limit[:4]) <= MOST)
        or not 0 < len(said.get("cursor", "c")) <= _LONGEST_CURSOR
        or _wants_csv(request)
    ):
        return None
    sort = said.get("sort", LeadSort.VALID_UNTIL)
    wanted = LeadFilter(
        mine=said.get("mine") == "true",
        shared=said.get("shared") == "true",
        status=Status(said["status"]) if "status" in said else None,
        paused=said["paused"] == "true" if "paused" in said else None,
    )
    order = LeadOrder(sort=LeadSort(sort.removeprefix("-")), descending=sort.startswith("-"))
    page = Paging(int(limit), said.get("cursor"))
    return await _page(request.app.state.wiring, request.scope[CALLER], wanted, order, page)


router.add_api_route(
    "",
    list_leads_page,
    methods=["GET"],
    response_model=Page[LeadListed],
    responses=_LISTED,
    route_class_override=plain_first(_plain_page),
)


@router.get("/{lead}", response_model=LeadDetail, responses=WITH_ETAG | problems(404))
async def get_lead(lead: UUID, caller: CurrentCaller, wiring: CurrentWiring) -> Any:
    """Read one lead: company, protection, collaborators, and contacts where the caller may read them."""
    async with looking(wiring, caller) as connection:
        read = await read_lead(connection, wiring.vault, caller, lead)
    headers = {"ETag": str(Version(read.standing.revision, read.standing.changed))}
    body = _detail(read).model_dump_json(exclude_unset=True)
    return Response(body, media_type="application/json", headers=headers)


def _due_before(instant: datetime | None, days: int | None) -> datetime | None:
    if instant is not None and days is not None:
        error = FieldError(
            place="query", pointer="#/dueWithin", code="one-of-two", detail="either dueWithin or dueBefore"
        )
        raise ApiError(Kind.UNPROCESSABLE, "Say either dueWithin or dueBefore.", errors=(error,))
    return instant if days is None else datetime.now(UTC) + timedelta(days=days)


def _wants_csv(request: Request) -> bool:
    """Whether CSV is named in Accept before anything JSON would fit."""
    for part in request.headers.get("accept", "").split(","):
        media_type = part.partition(";")[0].strip().lower()
        if media_type in {"application/json", "*/*", "application/*"}:
            return False
        if media_type == _CSV:
            return True
    return False


def _refused(error: BadListing) -> ApiError:
    pointer = f"#/{'limit' if error.field == 'most' else to_camel(error.field)}"
    field = FieldError(place="query", pointer=pointer, code=error.code, detail="no such list can be given")
    return ApiError(Kind.UNPROCESSABLE, "Look at `errors` for the parameter at fault.", errors=(field,))


def spelled(leads: Iterable[ListedLead]) -> bytes:
    """Rows as JSON, with commas between them; `lead_page` in SQL spells the same."""
    return _JSON.dump_json([_listed(one) for one in leads])[1:-1]


def _listed(one: ListedLead) -> dict[str, Any]:
    """A row as `LeadListed` spells it; made by us from typed columns, so nothing checks it a second time."""
    lead, protection = one.lead, one.protection
    return {
        "id": lead.id,
        "externalId": lead.external_id,
        "company": lead.company,
        "city": lead.city,
        "postcode": lead.postcode,
        "industry": lead.industry,
        "source": lead.source,
        "owner": lead.owner,
        "createdAt": lead.created_at,
        "status": protection.status,
        "paused": protection.paused,
        "activeHolds": protection.active_holds,
        "registeredAt": protection.registered_at,
        "lastQualActivityAt": protection.last_progress_at,
        "reminderDueAt": protection.reminder_due_at,
        "graceUntil": protection.grace_until,
        "baseUntil": protection.base_until,
        "progressUntil": protection.progress_until,
        "validUntil": protection.valid_until,
        "reason": protection.reason,
        "problem": protection.problem,
        "policyVersion": protection.policy_version,
        "revision": protection.revision,
        "updatedAt": protection.updated_at,
    }


def _detail(read: LeadRead) -> LeadDetail:
    lead = read.lead
    return LeadDetail(
        id=lead.id,
        external_id=lead.external_id,
        company=lead.company,
        city=lead.city,
        postcode=lead.postcode,
        industry=lead.industry,
        source=lead.source,
        owner=lead.owner,
        created_at=lead.created_at,
        protection=None if read.protection is None else recorded(lead.id, read.protection),
        collaborators=[collaborator(one) for one in read.collaborators],
        contacts=[
            ContactRead(
                kind="CONTACT" if one.kind == "CONTACT" else "FIRST_CONTACT",
                name=one.name,
                email=one.email,
                phone=one.phone,
                note=one.note,
                occurred_at=one.occurred_at,
                channel=one.channel,
            )
            for one in read.contacts
        ],
    )
