"""The ERP: how it stands, reading it at once; and the products that can be put into a box."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from api.asking import CurrentDesk, PlainAsking, StatelessAsking
from api.dependencies import CurrentWiring
from api.problems import problems
from api.schemas.erp import ErpRead, ErpSyncStarted, ProductList, ProductRead
from services import erp

router: Final = APIRouter(prefix="/api", tags=["erp"])
_MOST: Final = 200


@router.get("/products")
async def read_products(
    *,
    asking: PlainAsking,
    desk: CurrentDesk,
    text: Annotated[str, Query(max_length=100, description="Only those that hold this in name or SKU.")] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST, description="So many at most.")] = 50,
) -> ProductList:
    """List products that can be put into a box, by name, as the ERP told of them."""
    found = await erp.products(desk, asking, text, most=limit)
    return ProductList(items=[ProductRead.of(one) for one in found])


@router.get("/erp", responses=problems(403))
async def read_erp(asking: PlainAsking, desk: CurrentDesk, wiring: CurrentWiring) -> ErpRead:
    """Tell how the ERP stands: readings, what is left to do, the newest orders of samples and news."""
    return ErpRead.of(await erp.standing(desk, wiring.erp, asking))


@router.post("/erp/sync", status_code=202, responses=problems(403))
async def sync_erp(
    asking: StatelessAsking,
    wiring: CurrentWiring,
    *,
    everything: Annotated[
        bool, Query(description="Read everything again and compare, instead of what is new.")
    ] = False,
) -> ErpSyncStarted:
    """Have the ERP read at once; one reading under way is enough. `GET /api/erp` tells how far it is."""
    workflow = await erp.read_at_once(wiring.temporal, wiring.erp, asking, everything=everything)
    return ErpSyncStarted(workflow=workflow)
