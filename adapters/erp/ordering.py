"""Boxes of samples as orders in the ERP: each once, and called off with its box."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from activities.upstreams import UpstreamRefused, WrongCredentials
from adapters.database import Pool, transaction
from adapters.erp.intake import _SQL
from adapters.erp.rules import OrderRules, order_rules
from adapters.erp.wire import Address, NewOrder, Order
from adapters.erp.xentral import Xentral
from adapters.registry import SettingsRegistry
from adapters.sample_delays import ERP
from protection.dates import zone

NOT_NEEDED: Final = "not-needed"
SENT: Final = "sent"
CANCELLED: Final = "cancelled"
REFUSED: Final = "refused"
_ZONE: Final = zone("Europe/Berlin")


class _Unfit(Exception):
    """The ERP would not take it; the argument is a stable word that says why."""


class Ordering:
    """Makes and calls off orders.

    Args:
        pool: connections as the worker role.
        registry: what tenants have settled.
        erp: where the orders go.
    """

    def __init__(self, pool: Pool, registry: SettingsRegistry, erp: Xentral) -> None:
        self._pool = pool
        self._registry = registry
        self._erp = erp

    async def settle(self, tenant: UUID, box: UUID, at: datetime) -> str:
        """Do what is due about the order of a box; answers in which state it is. Repeating it is safe.

        Raises:
            UpstreamError: the ERP was of no use; try again.
        """
        rules = await order_rules(self._registry, tenant)
        async with transaction(self._pool, tenant, ERP, reading=True) as connection:
            row = await _SQL.box_to_order(connection, tenant=tenant, box=box)
        if row is None:
            return NOT_NEEDED
        if row["state"] in {SENT, CANCELLED}:
            return await self._called_off(tenant, box, row, at)
        if not rules.enabled or row["cancelled_at"] is not None or row["shipped_at"] is not None:
            return await self._keep(tenant, box, row, NOT_NEEDED, at=at)
        try:
            order = await self._erp.make_order(await self._wanted(row, rules, box, at))
        except _Unfit as unfit:
            return await self._keep(tenant, box, row, REFUSED, at=at, problem=str(unfit))
        except WrongCredentials:
            raise
        except UpstreamRefused:
            return await self._keep(tenant, box, row, REFUSED, at=at, problem="refused-by-the-erp")
        return await self._keep(tenant, box, row, SENT, at=at, order=order)

    async def _called_off(self, tenant: UUID, box: UUID, row: asyncpg.Record, at: datetime) -> str:
        if row["cancelled_at"] is None or row["state"] == CANCELLED:
            return str(row["state"])
        try:
            await self._erp.cancel_order(row["erp_id"])
        except WrongCredentials:
            raise
        except UpstreamRefused:
            # Too late there: the order is on its way, and the box stays called off here.
            return await self._keep(tenant, box, row, CANCELLED, at=at, problem="not-cancelled-in-the-erp")
        return await self._keep(tenant, box, row, CANCELLED, at=at)

    async def _wanted(self, row: asyncpg.Record, rules: OrderRules, box: UUID, at: datetime) -> NewOrder:
        return NewOrder.of_samples(
            box=str(box),
            on=at.astimezone(_ZONE).date(),
            customer=await self._customer(row, rules),
            project=rules.project,
            payment_method=rules.payment_method,
            shipping_method=rules.shipping_method,
            to=Address(name=row["company"], zip_code=row["postcode"] or "", city=row["city"]),
            items=await self._items(row),
        )

    async def _customer(self, row: asyncpg.Record, rules: OrderRules) -> str:
        if row["customer"] is not None:
            return str(row["customer"])
        for number in filter(None, (row["account"], rules.customer)):
            found = await self._erp.customer_of(number)
            if found is not None:
                return found.id
        raise _Unfit("unknown-customer")

    async def _items(self, row: asyncpg.Record) -> tuple[tuple[str, int], ...]:
        items = []
        for sku, quantity, known in zip(row["skus"], row["qtys"], row["products"], strict=True):
            product = known
            if product is None:
                found = await self._erp.product_of(sku)
                if found is None:
                    raise _Unfit("unknown-product")
                product = found.id
            items.append((product, quantity))
        return tuple(items)

    async def _keep(
        self,
        tenant: UUID,
        box: UUID,
        row: asyncpg.Record,
        state: str,
        *,
        at: datetime,
        order: Order | None = None,
        problem: str | None = None,
    ) -> str:
        async with transaction(self._pool, tenant, ERP, at=at) as connection:
            await _SQL.keep_order(
                connection,
                tenant=tenant,
                lead=row["lead"],
                box=box,
                state=state,
                erp_id=row["erp_id"] if order is None else order.id,
                number=None if order is None else order.number or None,
                due_at=None,
                problem=problem,
                at=at,
            )
        return state
