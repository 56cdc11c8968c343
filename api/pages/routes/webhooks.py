"""News of systems outside, for whoever looks after them: dead letters first, each to be tried again."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from activities.webhook_orders import EventState, Source
from api.pages.forms import FormModel, read_form
from api.pages.texts import N_
from api.pages.view import CurrentView
from protection.permission import Act
from services.errors import NotFound
from services.webhooks import list_events, replay

router: Final = APIRouter(include_in_schema=False)

_DEAD: Final = 50
_NEWEST: Final = 50
SOURCES: Final = {
    Source.XENTRAL: N_("ERP (Xentral)"),
    Source.ALLIANZ: N_("Credit bureau (Allianz Trade)"),
}
_STATES: Final = {
    EventState.WAITING: ("info", N_("waits")),
    EventState.HANDLED: ("good", N_("handled")),
    EventState.DEAD: ("bad", N_("given up")),
}


@router.get("/integrations/webhooks")
async def read_webhooks(view: CurrentView) -> Response:
    """Show what came, and what came of it."""
    asking = view.asking()
    async with view.looking() as connection:
        dead = await list_events(connection, asking, states=(EventState.DEAD,), most=_DEAD)
        newest = await list_events(connection, asking, most=_NEWEST)
    return view.page(
        "integrations/webhooks.html.j2",
        dead=dead,
        newest=[one for one in newest if one.state is not EventState.DEAD],
        states=_STATES,
        sources=SOURCES,
        may_replay=view.can(Act.CHANGE_SETTINGS),
    )


@router.post("/integrations/webhooks/{event}/replay")
async def replay_webhook(view: CurrentView, request: Request, event: UUID) -> Response:
    """Have a dead letter tried again; pressed twice, it is tried once."""
    form = await read_form(request, FormModel)
    try:
        await replay(view.wiring.app, view.asking(form.act), event, at=view.now())
    except NotFound:
        return view.to("/integrations/webhooks", said=N_("It is no dead letter any more."))
    return view.to("/integrations/webhooks", said=N_("It is tried again."))
