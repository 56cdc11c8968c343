"""Leads registered many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from email.message import Message
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect

from api.asking import CurrentDesk, PlainAsking, StatelessAsking
from api.bodies import CSV, IMPORT_PATH, JSON
from api.dependencies import CurrentWiring
from api.import_body import rows_of_csv, rows_of_json
from api.paging import USUAL, CurrentPage
from api.problems import LOCATION, ApiError, Kind, problems
from api.schemas.importing import ImportAnswer, answer_of
from protection.permission import Act
from services.importing import PATIENCE, AlreadyImporting

router: Final = APIRouter(prefix=IMPORT_PATH, tags=["imports"])
_READERS: Final = MappingProxyType({JSON: rows_of_json, CSV: rows_of_csv})
_EXAMPLE: Final = (
    "company;city;postcode;source;contact.name;contact.email\r\n"
    "Gasthof Beispiel GmbH;Erfurt;99084;REFERRAL;Jo Beispiel;jo@gasthof.example\r\n"
)
_LOCATED: Final[dict[int | str, dict[str, Any]]] = {202: {"headers": {"Location": LOCATION}}}
_BODY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": {"$ref": "#/components/schemas/ImportInput"}},
                CSV: {
                    "schema": {"type": "string"},
                    "examples": {"semicolons": {"summary": "As spreadsheets write it", "value": _EXAMPLE}},
                },
            },
        }
    }
)


@router.post(
    "",
    status_code=202,
    responses=_LOCATED | problems(403, 409),
    openapi_extra=dict(_BODY),
)
async def import_leads(
    *,
    request: Request,
    asking: StatelessAsking,
    desk: CurrentDesk,
    wiring: CurrentWiring,
    response: Response,
    dry_run: Annotated[
        bool, Query(alias="dryRun", description="only say what would come of each row; nothing is written")
    ] = False,
) -> ImportAnswer:
    """Register or pre-register up to 10,000 leads, each row like one `POST /api/leads`.

    Good rows are taken, bad ones are listed. It goes on behind the answer; look at `Location`. The same rows
    again change nothing. Everybody has one import running at a time.

    CSV is UTF-8 with commas or semicolons; its header names the fields as JSON does, with a dot where
    JSON has an object (`contact.email`). At least `company` and `city`. An empty cell is a field left out.
    """
    asking.require(Act.REGISTER)
    kind = _kind(request)
    try:
        body = await request.body()
    except ClientDisconnect as error:
        raise ApiError(Kind.MALFORMED, "The body could not be read.") from error
    # Megabytes are read beside the loop, so that nobody else has to wait.
    rows = await asyncio.to_thread(_READERS[kind], body)
    asking = replace(asking, dry_run=dry_run)
    try:
        name = await wiring.imports.ask(desk, asking, rows, f"{kind} {dry_run} ".encode() + body)
    except AlreadyImporting as error:
        raise ApiError(
            Kind.CONFLICT, "An import of yours is running; wait until it is done.", code="import-running"
        ) from error
    response.headers["Location"] = f"{IMPORT_PATH}/{name}"
    return answer_of(await wiring.imports.look(desk, asking, name, most=USUAL, patience=PATIENCE))


@router.get("/{job}", responses=problems(404))
async def read_import(
    *,
    job: UUID,
    asking: PlainAsking,
    desk: CurrentDesk,
    wiring: CurrentWiring,
    page: CurrentPage,
    everything: Annotated[
        bool, Query(description="all rows, not only those with which something is wrong")
    ] = False,
) -> ImportAnswer:
    """Say how far an import of one's own is, and which rows were not taken.

    It is kept for a day. One that tells nothing for a minute counts as interrupted.
    """
    place = page.after(int)
    after = 0 if place is None or place[0] is None else int(place[0])
    found = await wiring.imports.look(desk, asking, job, after=after, everything=everything, most=page.limit)
    return answer_of(found)


def _kind(request: Request) -> str:
    """The media type of the body; its charset must be UTF-8."""
    head = Message()
    head["content-type"] = request.headers.get("content-type", JSON)
    charset = head.get_content_charset("utf-8")
    if charset not in {"utf-8", "utf8"}:
        raise ApiError(
            Kind.UNSUPPORTED_MEDIA_TYPE,
            "Send it in UTF-8.",
            headers={"Accept": f"{JSON}, {CSV}; charset=utf-8"},
        )
    return head.get_content_type()
