"""The form of a secret link as JSON: for whoever has the link, without signing in."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request

from api.dependencies import CurrentWiring
from api.problems import problems
from api.schemas.samples import FormInput, FormTaken, OpenFormRead
from services.feedback import FeedbackDesk, Said

router: Final = APIRouter(prefix="/api/feedback", tags=["feedback"])
Token = Annotated[str, Path(description="the last part of the secret link")]


def network_of(request: Request, desk: FeedbackDesk) -> str:
    """The address range a request comes from."""
    peer = None if request.client is None else request.client.host
    return desk.network_of(peer, request.headers.get("x-forwarded-for"))


@router.get("/{token}", responses=problems(410, 429))
async def read_feedback_form(token: Token, request: Request, wiring: CurrentWiring) -> OpenFormRead:
    """Whether the form is open, and which products it asks for.

    A link that has expired, was used, or never was is a 410; which of them is not told.
    """
    desk = wiring.feedback
    form = await desk.look(token, network_of(request, desk))
    return OpenFormRead(open=True, skus=list(form.skus), language=form.language)


@router.post("/{token}", status_code=201, responses=problems(410, 429))
async def give_feedback(token: Token, said: FormInput, request: Request, wiring: CurrentWiring) -> FormTaken:
    """Say how the samples were, once."""
    desk = wiring.feedback
    form = await desk.look(token, network_of(request, desk))
    await desk.give(form, Said(said.contact_role, [rating.said() for rating in said.ratings]))
    return FormTaken(received=True)
