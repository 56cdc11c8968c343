"""News that systems outside send by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from activities.webhook_orders import Source
from adapters.webhooks.store import SourceStanding
from api.pages.outside.shape import ABSENT, Found, Integration, Line, Link, SystemState
from api.pages.texts import N_
from api.pages.view import View
from services.webhooks import standings

# What waits for so long says that nobody carries it, or that its handler is in trouble.
_LONG: Final = timedelta(minutes=30)
_LINKS: Final = (Link("/integrations/webhooks", N_("What came, and what came of it")),)
_WAITING: Final = {
    Source.XENTRAL: N_("Waiting, of the ERP"),
    Source.ALLIANZ: N_("Waiting, of the credit bureau"),
}


async def _webhooks(view: View) -> Found:
    desk = view.wiring.webhooks
    async with view.looking() as connection:
        found = await standings(connection, view.asking())
    if not found and (desk is None or desk.tenant != view.caller.tenant or not desk.sources):
        return ABSENT
    dead = sum(one.dead for one in found)
    oldest = min((one.oldest_waiting for one in found if one.oldest_waiting), default=None)
    stuck = oldest is not None and view.now() - oldest > _LONG
    if dead:
        state, advice = (
            SystemState.TROUBLED,
            N_("Some news was given up. Look at why, then have it tried again."),
        )
    elif stuck:
        state = SystemState.TROUBLED
        advice = N_("News waits too long. Is a worker running? Page Status, or fristwerk status")
    else:
        state, advice = (SystemState.UP if found else SystemState.UNUSED), None
    lines = [Line(_WAITING[one.source], one.waiting) for one in found]
    lines.append(Line(N_("Given up"), dead))
    if oldest is not None:
        lines.append(Line(N_("Oldest waits since"), oldest))
    return Found(
        state=state,
        worked=_latest(found),
        failed=max((one.last_dead for one in found if one.last_dead), default=None),
        lines=tuple(lines),
        links=_LINKS,
        advice=advice,
    )


def _latest(found: list[SourceStanding]) -> datetime | None:
    return max((one.last_handled for one in found if one.last_handled), default=None)


WEBHOOKS: Final = Integration(
    "webhooks", N_("Webhooks"), N_("News from ERP and credit bureau, signed."), _webhooks
)
