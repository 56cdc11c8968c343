"""How each system outside stands."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.outside.shape import ABSENT, STATES, Found, Integration
from api.pages.outside.systems import INTEGRATIONS
from api.pages.view import CurrentView, View
from protection.permission import Act

router: Final = APIRouter(include_in_schema=False)


@router.get("/integrations")
async def read_integrations(view: CurrentView) -> Response:
    """Show how each system outside stands; asks those that answer questions."""
    view.asking().require(Act.READ_SETTINGS)
    found = await asyncio.gather(*(_found(view, one) for one in INTEGRATIONS))
    return view.page(
        "integrations/list.html.j2",
        systems=[(one, state, STATES[state.state]) for one, state in zip(INTEGRATIONS, found, strict=True)],
        moment=view.now(),
    )


async def _found(view: View, one: Integration) -> Found:
    return ABSENT if one.probe is None else await one.probe(view)
