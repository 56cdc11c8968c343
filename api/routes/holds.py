"""Holds: placed or asked for, decided by somebody else, released."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.asking import ACTED, CREATED, CurrentAsking, CurrentDesk, KeylessAsking, acted, etag
from api.problems import problems
from api.schemas.acts import ApproveHoldInput, HoldActed, HoldInput, RejectInput, RequestActed
from api.schemas.base import Id
from protection.requests import RequestKind
from services.door import Done
from services.holding import Decision, WantedHold, decide, place_hold, release_hold, withdraw

router: Final = APIRouter(prefix="/api/leads/{lead}/holds", tags=["holds"])
HoldId = Annotated[Id, Path(description="id of the hold, and of the request for it")]


@router.post("", status_code=201, responses=CREATED | problems(403, 404, 409, 412))
async def ask_for_hold(
    lead: UUID, said: HoldInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> HoldActed:
    """Stop the clock, or ask for it: `effect` says which.

    A manager's hold takes effect at once. The owner's is a request where the tenant's setting
    `lead.protection.holdApproval` demands approval; an approved request becomes the hold of the same id.
    """
    wanted = WantedHold(reason=said.reason, start_at=said.start_at, end_at=said.end_at, note=said.note)
    done = await place_hold(desk, asking, lead, wanted)
    told = HoldActed(**acted(done))
    response.headers.update({"Location": f"/api/leads/{lead}/holds/{told.id}", **etag(done)})
    return told


@router.post("/{hold}/approve", responses=ACTED | problems(403, 404, 409, 412))
async def approve_hold(
    *,
    lead: UUID,
    hold: HoldId,
    said: ApproveHoldInput,
    asking: CurrentAsking,
    desk: CurrentDesk,
    response: Response,
) -> RequestActed:
    """Approve a requested hold; never one's own request. The second decision is a 409."""
    decision = Decision(
        kind=RequestKind.HOLD, approve=True, start_at=said.start_at, end_at=said.end_at, why=said.note
    )
    return _decided(await decide(desk, asking, lead, hold, decision), response)


@router.post("/{hold}/reject", responses=ACTED | problems(403, 404, 409, 412))
async def reject_hold(
    *,
    lead: UUID,
    hold: HoldId,
    said: RejectInput,
    asking: CurrentAsking,
    desk: CurrentDesk,
    response: Response,
) -> RequestActed:
    """Reject a requested hold; never one's own request. The second decision is a 409."""
    decision = Decision(kind=RequestKind.HOLD, approve=False, why=said.reason)
    return _decided(await decide(desk, asking, lead, hold, decision), response)


@router.post("/{hold}/withdraw", responses=ACTED | problems(403, 404, 409, 412))
async def withdraw_hold(
    lead: UUID, hold: HoldId, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> RequestActed:
    """Ask for a hold no longer; for whoever asked, and for the lead's owner."""
    return _decided(await withdraw(desk, asking, lead, hold, RequestKind.HOLD), response)


@router.delete("/{hold}", status_code=204, responses=problems(403, 404, 409, 412))
async def release_hold_now(lead: UUID, hold: HoldId, asking: KeylessAsking, desk: CurrentDesk) -> None:
    """End a hold now; one that has not begun is cancelled. For managers."""
    await release_hold(desk, asking, lead, hold)


def _decided(done: Done, response: Response) -> RequestActed:
    response.headers.update(etag(done))
    return RequestActed(**acted(done))
