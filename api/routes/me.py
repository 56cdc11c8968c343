"""Who the caller is, as the service understands the token."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.dependencies import CurrentCaller
from api.schemas.base import Output
from protection.permission import Role

router = APIRouter(prefix="/api/me", tags=["caller"])


class Me(Output):
    """The caller."""

    user: Annotated[str, Field(description="id of the person")]
    tenant: UUID
    roles: tuple[Role, ...]


@router.get("")
async def read_me(caller: CurrentCaller) -> Me:
    """Say who the bearer of this token is."""
    return Me(user=caller.user, tenant=caller.tenant, roles=tuple(Role(role) for role in caller.roles))
