"""What a machine believes to have seen, confirmed or rejected by a person with one press."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from adapters.lead_reading import names_of
from adapters.proposal_store import Proposal, ProposalPlace, ProposalState
from api.pages.asked import address, read_query
from api.pages.forms import FormModel, read_form
from api.pages.proposal_texts import proposal_words
from api.pages.refusals import refusal_text
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.dates import format_instant
from protection.refusal import Refused
from services import proposals
from services.asking import Asking
from services.desk import Desk
from services.errors import Decided, Unavailable

router: Final = APIRouter(include_in_schema=False)
_ROWS: Final = 20
HERE: Final = "/proposals"


class ProposalsAsked(FormModel):
    """Where a page begins: after this proposal."""

    at: datetime | None = None
    after: UUID | None = None

    @property
    def place(self) -> ProposalPlace | None:
        """As the store has it; None where something of it is missing."""
        if self.at is None or self.at.tzinfo is None or self.after is None:
            return None
        return ProposalPlace(self.at, self.after)


class NothingMore(FormModel):
    """A form of buttons alone."""


@router.get(HERE)
async def read_proposals(view: CurrentView) -> Response:
    """What was proposed and nobody has decided, the oldest first."""
    query = read_query(view, ProposalsAsked)
    place = query.values.place if query.ok else None
    async with view.looking() as connection:
        page = await proposals.list_proposals(connection, view.asking(), after=place, most=_ROWS)
        names = await names_of(connection, view.caller.tenant, {one.owner for one in page.proposals})
    after = page.after
    return view.page(
        "proposals/list.html.j2",
        proposals=page.proposals,
        names=names,
        first=HERE if place is not None else None,
        later=None
        if after is None
        else address(HERE, {"at": format_instant(after.created_at), "after": after.id}),
        **proposal_words(view),
    )


@router.post("/proposals/{proposal}/confirm")
async def confirm_proposal(proposal: UUID, request: Request, view: CurrentView) -> Response:
    """It is so."""
    return await _decided(view, request, proposal, proposals.confirm)


@router.post("/proposals/{proposal}/reject")
async def reject_proposal(proposal: UUID, request: Request, view: CurrentView) -> Response:
    """It is not so."""
    return await _decided(view, request, proposal, proposals.reject)


async def _decided(
    view: View,
    request: Request,
    proposal: UUID,
    decide: Callable[[Desk, Asking, UUID], Awaitable[Proposal]],
) -> Response:
    form = await read_form(request, NothingMore)
    back = form.back or HERE
    try:
        done = await decide(view.desk, view.asking(form.act), proposal)
    except Decided:
        return view.to(back, said=N_("That was decided before. Nothing has changed."))
    except Unavailable:
        return view.to(back, said=N_("Nobody took it up in time. Please confirm it once more."))
    except Refused as refused:
        why = refusal_text(refused, view.text)
        return view.to(back, said=N_("That is not possible: %(why)s"), why=why)
    if done.state is ProposalState.REJECTED:
        return view.to(back, said=N_("Rejected. It will not be proposed again."))
    return view.to(back, said=N_("Confirmed, and done."))
