"""The ERP, for people: how it stands, what it told, what can be ordered; reading it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client

from adapters.erp import reading
from adapters.erp.reading import Backlog, EventRow, OrderRow, ProductRow, Reading
from adapters.erp.schedules import NobodyReads, read_now
from protection.permission import Act
from services.asking import Asking
from services.desk import Desk
from services.errors import NotConfigured, Unavailable

NAME: Final = "xentral"
_SHOWN: Final = 50
_LATELY: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ErpConnected:
    """That there is an ERP.

    Attributes:
        tenant: whose it is.
    """

    tenant: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpStanding:
    """How the ERP stands: readings, what is left to do, the newest orders and news."""

    readings: tuple[Reading, ...]
    backlog: Backlog
    orders: tuple[OrderRow, ...]
    events: tuple[EventRow, ...]


def require_connected(erp: ErpConnected | None, asking: Asking) -> ErpConnected:
    """The ERP of the caller's tenant.

    Raises:
        NotConfigured: there is none.
    """
    if erp is None or erp.tenant != asking.tenant:
        raise NotConfigured(NAME)
    return erp


async def standing(desk: Desk, erp: ErpConnected | None, asking: Asking) -> ErpStanding:
    """How the ERP stands.

    Raises:
        Forbidden: the caller does not look after the systems outside.
        NotConfigured: there is no ERP.
    """
    asking.require(Act.READ_SETTINGS)
    require_connected(erp, asking)
    async with desk.looking(asking) as connection:
        return ErpStanding(
            readings=await reading.readings(connection, asking.tenant),
            backlog=await reading.backlog(connection, asking.tenant, since=desk.now() - _LATELY),
            orders=await reading.orders(connection, asking.tenant, most=_SHOWN),
            events=await reading.events(connection, asking.tenant, most=_SHOWN),
        )


async def read_at_once(
    client: Client, erp: ErpConnected | None, asking: Asking, *, everything: bool = False
) -> str:
    """Have the ERP read at once; answers the id of the workflow. One that is under way is fine.

    Args:
        everything: read everything again and compare, instead of what is new.

    Raises:
        Forbidden: the caller does not look after leads that are not his.
        NotConfigured: there is no ERP.
        Unavailable: nobody took it up in time; ask again.
    """
    asking.require(Act.GOVERN)
    connected = require_connected(erp, asking)
    try:
        return await read_now(client, connected.tenant, everything=everything)
    except NobodyReads as error:
        raise Unavailable from error


async def products(desk: Desk, asking: Asking, text: str, *, most: int) -> tuple[ProductRow, ...]:
    """What can be put into a box, by name; nothing where no ERP has told of any."""
    async with desk.looking(asking) as connection:
        return await reading.products(connection, asking.tenant, text, most=most)
