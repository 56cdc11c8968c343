"""A lead's personal data are erased on request, and the receipts of what was erased."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from adapters.erasure_gateway import TemporalErasures
from adapters.erasure_store import stores_of
from api.asking import CurrentDesk, StatelessAsking
from api.dependencies import CurrentCaller, CurrentWiring
from api.problems import LOCATION, problems
from api.routes.history import looking
from api.schemas.erasing import (
    ErasureBegun,
    ErasureInput,
    ErasureOutlook,
    ErasureReceipt,
    ErasureReceiptList,
    StoreErased,
)
from services.erasing import erase, outlook, receipts

router: Final = APIRouter(prefix="/api/leads/{lead}", tags=["erasures"])
_LOCATED: Final[dict[int | str, dict[str, Any]]] = {202: {"headers": {"Location": LOCATION}}}
_LOOKED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ErasureOutlook, "description": "A dry run: what it would meet; nothing was done"}
}


@router.post(
    "/erasure",
    status_code=202,
    response_model=ErasureBegun,
    responses=_LOCATED | _LOOKED | problems(403, 404, 409),
)
async def erase_personal_data(
    *,
    lead: UUID,
    said: ErasureInput,
    asking: StatelessAsking,
    desk: CurrentDesk,
    wiring: CurrentWiring,
    response: Response,
) -> ErasureBegun | Response:
    """Erase the lead's personal data for good; protection of a living lead ends first. For administrators.

    The lead's key is destroyed, so that copies and backups hold nothing readable either. Company, place,
    clock and audit stay. A customer's data stay, and those under a legal hold: the 409 says which.
    """
    if said.dry_run:
        seen = await outlook(desk.pool, asking, lead, reason=said.reason)
        told = ErasureOutlook(
            lead=lead, status=seen.status, obstacle=seen.obstacle, stores=StoreErased.listed(stores_of(seen))
        )
        return Response(told.model_dump_json(), media_type="application/json")
    erasures = TemporalErasures(wiring.temporal, within=wiring.patience)
    begun = await erase(desk, erasures, asking, lead, reason=said.reason, patience=wiring.patience)
    response.headers["Location"] = f"/api/leads/{lead}/erasures"
    return ErasureBegun(lead=begun.lead, over=begun.over, receipt=begun.receipt, rows=begun.rows)


@router.get("/erasures", responses=problems(403, 404))
async def read_erasures(lead: UUID, caller: CurrentCaller, wiring: CurrentWiring) -> ErasureReceiptList:
    """List the receipts of the lead's erasures, the newest first: when, by whom, and what was done."""
    async with looking(wiring, caller) as connection:
        found = await receipts(connection, caller, lead)
    return ErasureReceiptList(
        items=[
            ErasureReceipt(
                id=one.id, at=one.at, by=one.by, cause=one.cause, stores=StoreErased.listed(one.stores)
            )
            for one in found
        ]
    )
