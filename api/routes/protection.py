"""A lead's protection: now, at any instant, explained, and what if."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from adapters.database import Caller, transaction
from adapters.lead_reading import protection_now
from api.dependencies import CALLER, CurrentCaller, CurrentWiring
from api.etag import unchanged
from api.language import SpokenLanguage, spoken
from api.plain import plain_first
from api.problems import ETAG, ApiError, Kind, problems
from api.schemas.base import Instant
from api.schemas.previewing import PreviewAnswer, PreviewQuestion, answer_of, question_of
from api.schemas.reading import Protection
from api.standing import explained, row_body, row_etag, standing_of
from api.wiring import Wiring
from protection.explain_texts import Language
from services.clock_reading import Knowledge, NotYetRegistered, read_protection
from services.errors import NotFound
from services.preview import preview_of

_UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": {"ETag": {"description": "Of the present, unexplained.", "schema": {"type": "string"}}}},
    304: {"description": "It is as `If-None-Match` says you have it", "headers": {"ETag": ETAG}},
}


async def _present(request: Request) -> Response | None:
    """The answer where nothing was asked but the lead."""
    if request.scope["query_string"]:
        return None
    try:
        lead = UUID(request.path_params["lead"])
    except ValueError:
        return None
    return await _as_recorded(request, request.app.state.wiring, request.scope[CALLER], lead)


async def _as_recorded(request: Request, wiring: Wiring, caller: Caller, lead: UUID) -> Response:
    row = await protection_now(wiring.app, caller, lead)
    if row is None:
        raise NotFound
    headers = {"ETag": row_etag(row)}
    if unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(row_body(lead, row), media_type="application/json", headers=headers)


router: Final = APIRouter(prefix="/api/leads/{lead}/protection", tags=["protection"])


async def get_protection(
    *,
    request: Request,
    lead: UUID,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    as_of: Annotated[
        Instant | None,
        Query(alias="asOf", description="An instant, past or to come; instants to come assume reminders."),
    ] = None,
    as_known: Annotated[
        Knowledge,
        Query(alias="asKnown", description="With a past `asOf`: as known `then`, or with all we know `now`."),
    ] = Knowledge.THEN,
    explain: Annotated[bool, Query(description="Add the steps behind every deadline.")] = False,
    lang: Annotated[
        Language | None, Query(description="Language of texts; goes before Accept-Language.")
    ] = None,
) -> Any:
    """Say whether the lead is protected, until when, and why.

    Without `asOf` and `explain` this is one row, with an ETag that `If-None-Match` takes. With `asOf` in
    the past it is what was known then, or (`asKnown=now`) what is known today of that instant: corrections
    and late entries keep both truths. An instant before the lead was registered is a 404 of the kind
    `not-yet-registered`.
    """
    if as_of is None and not explain:
        return await _as_recorded(request, wiring, caller, lead)
    now = datetime.now(UTC)
    async with transaction(wiring.app, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        try:
            reading = await read_protection(
                connection, caller, lead, as_of=as_of or now, now=now, knowledge=as_known
            )
        except NotYetRegistered as error:
            raise ApiError(
                Kind.NOT_FOUND, "The lead was not registered at that instant.", code="not-yet-registered"
            ) from error
    more: dict[str, Any] = {}
    if as_of is not None:
        more = {"as_of": as_of, "as_known": as_known, "assumed": reading.assumed}
    if explain:
        more["explanation"] = explained(reading.explanation, spoken(request, lang))
    told = Protection(**standing_of(reading), lead=lead, revision=reading.revision, **more)
    return Response(told.model_dump_json(exclude_unset=True), media_type="application/json")


router.add_api_route(
    "",
    get_protection,
    methods=["GET"],
    response_model=Protection,
    responses=_UNCHANGED | problems(404),
    route_class_override=plain_first(_present),
)


@router.post("/preview", responses=problems(404))
async def preview_protection(
    lead: UUID,
    question: PreviewQuestion,
    caller: CurrentCaller,
    wiring: CurrentWiring,
    language: SpokenLanguage,
) -> PreviewAnswer:
    """Say what would become of the protection if something happened or the policy were another.

    Nothing is written, so whoever may read the lead may ask. What the contract would not allow is told in
    `refused`, fact by fact; the others are played on.
    """
    async with transaction(wiring.app, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        told = await preview_of(connection, caller, lead, question_of(question), now=datetime.now(UTC))
    return answer_of(lead, told, language)
