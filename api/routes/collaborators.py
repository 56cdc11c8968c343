"""With whom a lead is shared."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.asking import LOCATED, CurrentDesk, PlainAsking, StatelessAsking
from api.problems import problems
from api.schemas.acts import CollaboratorInput, CollaboratorOutput
from api.schemas.base import Id
from services.sharing import share, unshare

router: Final = APIRouter(prefix="/api/leads/{lead}/collaborators", tags=["collaborators"])


@router.post("", status_code=201, responses=LOCATED | problems(403, 404, 409))
async def add_collaborator(
    lead: UUID, said: CollaboratorInput, asking: StatelessAsking, desk: CurrentDesk, response: Response
) -> CollaboratorOutput:
    """Share the lead with somebody; a new role takes the old one's place. For its owner and managers."""
    shared, _ = await share(desk, asking, lead, said.user_id, said.role)
    response.headers["Location"] = f"/api/leads/{lead}/collaborators/{said.user_id}"
    return CollaboratorOutput(
        user_id=shared.user, role=shared.share, added_by=shared.added_by, added_at=shared.added_at
    )


@router.delete("/{user}", status_code=204, responses=problems(403, 404))
async def remove_collaborator(
    lead: UUID,
    user: Annotated[Id, Path(description="whom it is shared with")],
    asking: PlainAsking,
    desk: CurrentDesk,
) -> None:
    """Share the lead with somebody no longer."""
    await unshare(desk, asking, lead, user)
