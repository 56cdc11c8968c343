"""Asks Xentral: lists a page at a time, one thing by its number, and makes orders that exist once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Self, TypeVar
from urllib.parse import quote

from activities.erp_orders import Resource
from activities.upstreams import UpstreamMalformed, UpstreamRefused
from adapters.breaker import Breaker, Standing
from adapters.erp.wire import (
    SHEETS,
    Customer,
    Listed,
    NewOrder,
    Odd,
    Order,
    Product,
    Reference,
    Single,
    Thing,
)
from adapters.http import Method, Upstream
from adapters.outside_settings import XentralAccount
from protection.dates import format_instant

NAME: Final = "xentral"
# The most that all of its versions give at once.
PAGE_SIZE: Final = 50
_WITHIN: Final = timedelta(seconds=10)

N = TypeVar("N", Product, Customer)
PATHS: Final[Mapping[Resource, str]] = {
    Resource.PRODUCTS: "/products",
    Resource.CUSTOMERS: "/customers",
    Resource.ORDERS: "/salesOrders",
    Resource.SHIPMENTS: "/deliveries",
    Resource.INVOICES: "/invoices",
    Resource.PAYMENTS: "/payments",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of a list.

    Attributes:
        rows: as they follow each other; those that cannot be read among them.
        more: whether there is another one behind it.
    """

    rows: tuple[Thing | Odd, ...]
    more: bool

    @property
    def items(self) -> tuple[Thing, ...]:
        """What can be read."""
        return tuple(row for row in self.rows if not isinstance(row, Odd))

    @property
    def odd(self) -> tuple[Odd, ...]:
        """What cannot."""
        return tuple(row for row in self.rows if isinstance(row, Odd))


class Xentral:
    """The ERP of one account. Closed by whoever made it (`async with`).

    Args:
        account: where it is and how it knows us.
        breaker: stands before every request; shared within this process.
        timeout: for one request.
    """

    def __init__(
        self, account: XentralAccount, *, breaker: Breaker | None = None, timeout: timedelta = _WITHIN
    ) -> None:
        self._upstream = Upstream(
            NAME,
            f"{account.url}/api/v1",
            breaker=breaker,
            timeout=timeout,
            ca_file=account.ca_file,
            headers={"Authorization": f"Bearer {account.token}", "Accept": "application/json"},
        )

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._upstream.aclose()

    def state(self) -> Standing:
        """How its breaker stands."""
        return self._upstream.state()

    async def page(self, resource: Resource, number: int, *, since: datetime | None = None) -> Slice:
        """A page of everything of a kind, the longest unchanged first.

        Args:
            number: from 1.
            since: only what has changed since that UTC instant.

        Raises:
            UpstreamError: see `activities.upstreams`.
        """
        query: dict[str, str | int] = {
            "page[number]": number,
            "page[size]": PAGE_SIZE,
            "order[0][field]": "updatedAt",
            "order[0][dir]": "ASC",
        }
        if since is not None:
            query |= _filter("updatedAt", "greaterThanOrEqual", format_instant(since))
        listed = await self._upstream.ask(Method.GET, PATHS[resource], SHEETS[resource], query=query)
        rows = tuple(listed.data)
        return Slice(rows, bool(rows) and number * PAGE_SIZE < listed.extra.total_count)

    async def order_of(self, box: str) -> Order | None:
        """The order that carries a box's id; None if there is none. The oldest where there are several."""
        query = {"page[number]": 1, "page[size]": PAGE_SIZE, **_filter("externalOrderNumber", "equals", box)}
        listed = await self._upstream.ask(Method.GET, PATHS[Resource.ORDERS], Listed[Order], query=query)
        found = [order for order in listed.data if order.external_order_number == box]
        return found[0] if found else None

    async def order(self, order: str) -> Order | None:
        """One order; None where it does not exist (any more)."""
        try:
            answer = await self._upstream.ask(
                Method.GET, f"{PATHS[Resource.ORDERS]}/{quote(order, safe='')}", Single[Order]
            )
        except UpstreamRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return answer.data

    async def customer_of(self, number: str) -> Customer | None:
        """The customer of that number; None if there is none."""
        return await self._by_number(Resource.CUSTOMERS, Customer, number)

    async def product_of(self, number: str) -> Product | None:
        """The product of that SKU; None if there is none."""
        return await self._by_number(Resource.PRODUCTS, Product, number)

    async def make_order(self, wanted: NewOrder) -> Order:
        """Make an order; the one that is there where this one was made before.

        It is looked for first, because an answer may have been lost on its way; and where the ERP says that
        the external number is taken, somebody has been quicker.

        Raises:
            UpstreamRefused: it does not want it; a person must look.
            UpstreamError: see `activities.upstreams`.
        """
        known = await self.order_of(wanted.external_order_number)
        if known is not None:
            return known
        try:
            made = await self._upstream.ask(
                Method.POST, f"{PATHS[Resource.ORDERS]}/actions/import", Single[Reference], body=wanted
            )
        except UpstreamRefused as refused:
            if refused.status != HTTPStatus.CONFLICT:
                raise
            known = await self.order_of(wanted.external_order_number)
            if known is None:
                raise
            return known
        order = await self.order(made.data.id)
        if order is None:
            raise UpstreamMalformed(NAME, where="data.id")
        return order

    async def cancel_order(self, order: str) -> None:
        """Call an order off; one that is not there, or was called off before, is fine.

        Raises:
            UpstreamRefused: it is too late.
        """
        path = f"{PATHS[Resource.ORDERS]}/{quote(order, safe='')}/actions/cancel"
        try:
            await self._upstream.send(Method.POST, path)
        except UpstreamRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise

    async def _by_number(self, resource: Resource, kind: type[N], number: str) -> N | None:
        query = {"page[number]": 1, "page[size]": PAGE_SIZE, **_filter("number", "equals", number)}
        listed = await self._upstream.ask(Method.GET, PATHS[resource], Listed[kind], query=query)  # type: ignore[valid-type]
        items: tuple[N, ...] = listed.data
        return next((one for one in items if one.number == number), None)


def _filter(key: str, op: str, value: str) -> dict[str, str | int]:
    return {"filter[0][key]": key, "filter[0][op]": op, "filter[0][value]": value}
