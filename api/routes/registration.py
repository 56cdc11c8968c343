"""Opening leads, registering what was only noted, and changing what describes them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.asking import (
    ACTED,
    CREATED,
    CurrentAsking,
    CurrentDesk,
    KeylessAsking,
    StatelessAsking,
    acted,
    etag,
    plainly,
)
from api.dependencies import IfMatch
from api.etag import Version
from api.problems import problems
from api.schemas.acts import Acted, Changed, LeadChange
from api.schemas.opening import (
    BackdatingInput,
    NewLeadInput,
    RegisterInput,
    SimilarLeadOutput,
    SimilarOutput,
)
from services.editing import Change, edit
from services.errors import Similar
from services.governing import set_registered_at
from services.registering import NewLead, register, register_known

router: Final = APIRouter(prefix="/api/leads", tags=["leads"])
_SIMILAR: Final = {
    202: {
        "model": SimilarOutput,
        "description": "Nothing was entered: confirm that this is another company than these",
    }
}


@router.post("", status_code=201, response_model=Acted, responses=CREATED | _SIMILAR | problems(403, 409))
async def open_lead(
    said: NewLeadInput, asking: StatelessAsking, desk: CurrentDesk, response: Response
) -> Acted | Response:
    """Register a lead: its protection starts. Or, with `preregistration`, only note it.

    A registration needs a contact or a documented first contact; TRADE_FAIR and PHONE need the first
    contact. Where a live lead of the same company and place exists, the answer is a 409 that says nothing
    about it. Where there are similar ones you may see, it is a 202 that names them, and nothing is entered.
    """
    wanted = NewLead(
        company=said.said(), opening=said.opening(), owner=said.owner, preregistration=said.preregistration
    )
    try:
        done = await register(desk, asking, wanted)
    except Similar as similar:
        return _similar(similar)
    response.headers.update({"Location": f"/api/leads/{done.lead}", **etag(done)})
    return plainly(done)


@router.post(
    "/{lead}/register", response_model=Acted, responses=ACTED | _SIMILAR | problems(403, 404, 409, 412)
)
async def register_preregistered_lead(
    lead: UUID, said: RegisterInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted | Response:
    """Register a lead that was pre-registered; looks for duplicates again."""
    try:
        done = await register_known(desk, asking, lead, said.opening(), source=said.source)
    except Similar as similar:
        return _similar(similar)
    response.headers.update(etag(done))
    return plainly(done)


@router.put("/{lead}/registered-at", responses=ACTED | problems(403, 404, 409, 412))
async def correct_registered_at(
    lead: UUID, said: BackdatingInput, asking: KeylessAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """Correct when protection began: moves the base period, not the progress period. For managers."""
    done = await set_registered_at(desk, asking, lead, said.said())
    response.headers.update(etag(done))
    return Acted(**acted(done))


@router.patch("/{lead}", responses=ACTED | problems(403, 404, 409, 412))
async def change_lead(
    *,
    lead: UUID,
    said: LeadChange,
    asking: KeylessAsking,
    seen: IfMatch,
    desk: CurrentDesk,
    response: Response,
) -> Changed:
    """Change what describes a lead, or its contact. Fields left out stay as they are; null empties one."""
    sent = said.model_fields_set - {"contact"}
    change = Change(
        fields={name: getattr(said, name) for name in sent},
        contact=None if said.contact is None else said.contact.said(),
        seen=None if seen is None else seen.changed,
    )
    standing = await edit(desk, asking, lead, change)
    response.headers["ETag"] = str(Version(standing.revision, standing.changed))
    return Changed(lead=lead, revision=standing.revision, changed=standing.changed)


def _similar(similar: Similar) -> Response:
    told = SimilarOutput(
        candidates=[
            SimilarLeadOutput(lead=one.lead, company=one.company, city=one.city, score=one.score)
            for one in similar.candidates
        ]
    )
    return JSONResponse(told.model_dump(mode="json"), status_code=202)
