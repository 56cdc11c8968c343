"""What has waited too long: grace that runs, reminders nobody got, holds without end, late corrections."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from adapters.late_store import late_corrections
from adapters.lead_reading import names_of
from adapters.overdue_store import bounced, in_grace, long_holds
from adapters.request_inbox import pending_requests
from api.pages.view import CurrentView
from protection.permission import Act
from services.deciding import PATIENCE

router: Final = APIRouter(include_in_schema=False)

# Of each kind so many are shown; who has more begins with these.
_MOST: Final = 20


@router.get("/desk/overdue")
async def read_overdue(view: CurrentView) -> Response:
    """What a manager should not leave lying, with the act beside it."""
    view.asking().require(Act.DECIDE)
    tenant, now = view.caller.tenant, view.now()
    async with view.looking() as connection:
        grace = await in_grace(connection, tenant, most=_MOST + 1)
        unreached = await bounced(connection, tenant, most=_MOST + 1)
        holds = await long_holds(connection, tenant, now=now, most=_MOST + 1)
        late = await late_corrections(connection, tenant, most=_MOST + 1)
        asked = await pending_requests(connection, tenant, most=_MOST + 1)
        owners = {one.lead.owner for found in (grace, unreached, holds) for one in found}
        names = await names_of(connection, tenant, owners | {one.owner for one in late})
    return view.page(
        "desk/overdue.html.j2",
        most=_MOST,
        grace=grace,
        unreached=unreached,
        holds=[(one, (now - one.start_at).days) for one in holds],
        late=late,
        waiting=[one for one in asked if now - one.request.requested_at > PATIENCE],
        patience=PATIENCE.days,
        names=names,
    )
