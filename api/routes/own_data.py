"""The caller's own data, to take along."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from adapters.own_data import own_data
from api.dependencies import CurrentCaller, CurrentWiring
from api.routes.history import looking
from api.schemas.own_data import OwnExport
from protection.permission import Act
from services.asking import Asking

router: Final = APIRouter(prefix="/api/me/export", tags=["caller"])


@router.get("")
async def export_own_data(caller: CurrentCaller, wiring: CurrentWiring) -> OwnExport:
    """Give the caller everything that is held about him: account, leads, activities, mails."""
    Asking.of(caller).require(Act.EXPORT_OWN)
    async with looking(wiring, caller) as connection:
        found = await own_data(connection, caller.tenant, caller.user)
    return OwnExport.model_validate(found.to_json())
