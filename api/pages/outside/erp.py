"""The ERP."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from adapters.erp.reading import backlog, readings
from api.pages.outside.shape import ABSENT, Found, Integration, Line, Link, by_standings
from api.pages.texts import N_
from api.pages.view import View
from services.erp import NAME

_LATELY: Final = timedelta(days=30)


def connected(view: View) -> bool:
    """Whether the caller's tenant has an ERP."""
    return view.wiring.erp is not None and view.wiring.erp.tenant == view.caller.tenant


async def _erp(view: View) -> Found:
    if not connected(view):
        return ABSENT
    tenant = view.caller.tenant
    async with view.looking() as connection:
        left = await backlog(connection, tenant, since=view.now() - _LATELY)
        read = await readings(connection, tenant)
    lines = [Line(N_("News not used yet"), left.waiting), Line(N_("Orders to look at"), left.troubled)]
    if left.oldest is not None:
        lines.append(Line(N_("Oldest waits since"), left.oldest))
    last = min((one.done_at for one in read if one.done_at is not None), default=None)
    if last is not None:
        lines.append(Line(N_("Read completely"), last))
    return await by_standings(
        view, NAME, lines=tuple(lines), links=(Link("/erp", N_("Readings, orders, news")),)
    )


ERP: Final = Integration(
    "erp", N_("ERP (Xentral)"), N_("Products, sample orders, shipments, first invoices."), _erp
)
