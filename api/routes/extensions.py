"""Extensions of the base period: asked for with a next step, decided by somebody else."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.asking import ACTED, CREATED, CurrentAsking, CurrentDesk, acted, etag
from api.problems import problems
from api.schemas.acts import (
    ApproveExtensionInput,
    ExtensionActed,
    ExtensionInput,
    RejectInput,
    RequestActed,
)
from api.schemas.base import Id
from protection.requests import RequestKind
from services.door import Done
from services.holding import Decision, WantedExtension, ask_extension, decide, withdraw

router: Final = APIRouter(prefix="/api/leads/{lead}/extensions", tags=["extensions"])
ExtensionId = Annotated[Id, Path(description="id of the request")]


@router.post("", status_code=201, responses=CREATED | problems(403, 404, 409, 412))
async def ask_for_extension(
    lead: UUID, said: ExtensionInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> ExtensionActed:
    """Ask for more days of base period, with a reason and the next step; one request at a time.

    A manager grants `days` at once; `effect` says which it was. A request stops no clock, but one still
    open when the base period ends is decided first.
    """
    step = said.next_step
    wanted = WantedExtension(
        reason=said.reason,
        days=said.days,
        next_step=None if step is None else step.what,
        next_step_at=None if step is None else step.at,
    )
    done = await ask_extension(desk, asking, lead, wanted)
    told = ExtensionActed(**acted(done))
    response.headers.update({"Location": f"/api/leads/{lead}/extensions/{told.id}", **etag(done)})
    return told


@router.post("/{extension}/approve", responses=ACTED | problems(403, 404, 409, 412))
async def approve_extension(
    *,
    lead: UUID,
    extension: ExtensionId,
    said: ApproveExtensionInput,
    asking: CurrentAsking,
    desk: CurrentDesk,
    response: Response,
) -> RequestActed:
    """Grant so many days; never one's own request. The second decision is a 409."""
    decision = Decision(kind=RequestKind.EXTENSION, approve=True, days=said.days, why=said.note)
    return _decided(await decide(desk, asking, lead, extension, decision), response)


@router.post("/{extension}/reject", responses=ACTED | problems(403, 404, 409, 412))
async def reject_extension(
    *,
    lead: UUID,
    extension: ExtensionId,
    said: RejectInput,
    asking: CurrentAsking,
    desk: CurrentDesk,
    response: Response,
) -> RequestActed:
    """Reject it with a reason; never one's own request. The second decision is a 409."""
    decision = Decision(kind=RequestKind.EXTENSION, approve=False, why=said.reason)
    return _decided(await decide(desk, asking, lead, extension, decision), response)


@router.post("/{extension}/withdraw", responses=ACTED | problems(403, 404, 409, 412))
async def withdraw_extension(
    lead: UUID, extension: ExtensionId, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> RequestActed:
    """Ask no longer; for whoever asked, and for the lead's owner."""
    return _decided(await withdraw(desk, asking, lead, extension, RequestKind.EXTENSION), response)


def _decided(done: Done, response: Response) -> RequestActed:
    response.headers.update(etag(done))
    return RequestActed(**acted(done))
