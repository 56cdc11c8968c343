"""What a machine proposed about leads, and a person decides."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query

from adapters.proposal_store import ProposalPlace
from api.asking import CurrentDesk, PlainAsking, StatelessAsking
from api.paging import CurrentPage, Page, Paging, encode_cursor
from api.problems import problems
from api.routes.history import foreign_cursor
from api.schemas.proposals import ProposalRead
from protection.dates import format_instant, parse_instant
from services import proposals

router: Final = APIRouter(prefix="/api/proposals", tags=["proposals"])
ProposalId = Annotated[UUID, Path(description="id of the proposal")]
_DECIDED: Final[dict[int | str, dict[str, Any]]] = problems(403, 404, 409)


@router.get("")
async def read_proposals(
    *,
    asking: PlainAsking,
    desk: CurrentDesk,
    page: CurrentPage,
    lead: Annotated[UUID | None, Query(description="About this lead only.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller may decide.")] = False,
    decided: Annotated[bool, Query(description="Also what is decided.")] = False,
) -> Page[ProposalRead]:
    """List what was proposed about the leads the caller may see, the oldest first."""
    async with desk.looking(asking) as connection:
        found = await proposals.list_proposals(
            connection,
            asking,
            lead=lead,
            mine=mine,
            waiting=not decided,
            after=_place(page),
            most=page.limit,
        )
    place = found.after
    return Page[ProposalRead](
        items=[ProposalRead.of(one) for one in found.proposals],
        next_cursor=None
        if place is None
        else encode_cursor((format_instant(place.created_at), str(place.id))),
    )


@router.post("/{proposal}/confirm", responses=_DECIDED)
async def confirm_proposal(proposal: ProposalId, asking: StatelessAsking, desk: CurrentDesk) -> ProposalRead:
    """Say that it is so, and have it done as if the caller had done it himself.

    A customer's reaction becomes progress, a conversion ends the clock, a class is noted. Confirming twice
    has one effect; after a 503, confirm again.
    """
    return ProposalRead.of(await proposals.confirm(desk, asking, proposal))


@router.post("/{proposal}/reject", responses=_DECIDED)
async def reject_proposal(proposal: ProposalId, asking: StatelessAsking, desk: CurrentDesk) -> ProposalRead:
    """Say that it is not so; nothing is done, and it is not proposed again."""
    return ProposalRead.of(await proposals.reject(desk, asking, proposal))


def _place(page: Paging) -> ProposalPlace | None:
    place = page.after(str, str)
    if place is None:
        return None
    try:
        return ProposalPlace(parse_instant(str(place[0])), UUID(str(place[1])))
    except (ValueError, OverflowError):
        raise foreign_cursor() from None
