"""What a lead's page says of its credit."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from adapters.credit.records import CreditStatus
from adapters.credit.rules import promised_p95
from adapters.credit.store import figures, standing_answer
from adapters.database import Connection
from api.pages.texts import N_
from api.pages.view import View
from services.kpi_parts import Period

STATUSES: Final = MappingProxyType(
    {
        CreditStatus.PENDING: (N_("not decided yet"), "info"),
        CreditStatus.APPROVED: (N_("credit approved"), "good"),
        CreditStatus.DECLINED: (N_("declined"), "bad"),
        CreditStatus.REQUIRES_REVIEW: (N_("a person has to look"), "warn"),
    }
)


def connected(view: View) -> bool:
    """Whether the caller's tenant has an account at a bureau."""
    return view.wiring.credit is not None and view.wiring.credit.tenant == view.caller.tenant


async def credit_figures(view: View, period: Period) -> dict[str, Any] | None:
    """How checks of a period went, and how quick they are to be; None where nobody is asked."""
    if not connected(view):
        return None
    async with view.looking() as connection:
        told = await figures(connection, view.caller.tenant, period.since, period.until)
    return {"told": told, "promised": await promised_p95(view.wiring.registry, view.caller.tenant)}


async def credit_on(view: View, connection: Connection, lead: UUID) -> dict[str, Any]:
    """Whether there is a page about it, and what the bureau has said last and still holds."""
    if not connected(view):
        return {"credit_connected": False, "credit_said": None}
    told = await standing_answer(connection, view.caller.tenant, lead, view.now())
    said = None
    if told is not None:
        text, tone = STATUSES[told[0]]
        said = (" ".join(part for part in (view.text(text), told[1]) if part), tone)
    return {"credit_connected": True, "credit_said": said}
