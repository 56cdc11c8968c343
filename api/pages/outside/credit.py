"""The credit bureau."""

from __future__ import annotations

from typing import Final

from adapters.credit.bureau import NAME
from adapters.credit.store import pending
from adapters.credit.tokens import NAME as TOKEN
from api.pages.outside.shape import ABSENT, Found, Integration, Line, by_standings
from api.pages.routes.lead_credit import connected
from api.pages.texts import N_
from api.pages.view import View


async def _bureau(view: View) -> Found:
    if not connected(view):
        return ABSENT
    async with view.looking() as connection:
        count, oldest = await pending(connection, view.caller.tenant)
    lines = [Line(N_("Checks not decided yet"), count)]
    if oldest is not None:
        lines.append(Line(N_("Oldest waits since"), oldest))
    return await by_standings(view, NAME, TOKEN, lines=tuple(lines))


CREDIT: Final = Integration(
    "credit", N_("Credit bureau (Allianz Trade)"), N_("Credit checks of companies."), _bureau
)
