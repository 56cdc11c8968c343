"""Takes in what the ERP tells: keeps it, and notes what of it is news for a box or a lead.

All of a page is one transaction, so that news and what they are about are on record together. The same thing
told again, by a reading or by a webhook, is no news. What cannot be used is counted and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg

from activities.erp_orders import Source
from adapters.database import Connection, load_queries
from adapters.erp.wire import (
    Customer,
    Delivery,
    Invoice,
    InvoiceStatus,
    Order,
    OrderStatus,
    Payment,
    Product,
    Thing,
)
from adapters.normalise import lead_key
from adapters.sample_delays import ERP
from adapters.sample_records import SKU
from protection.dates import end_of, format_instant

_SQL: Final = load_queries("erp_work")
# What is told may be this much ahead of our own clock.
_AHEAD: Final = timedelta(minutes=1)
_EURO: Final = "EUR"


T = TypeVar("T")


class EventKind(StrEnum):
    """What the ERP told that means something here. Wire names."""

    ORDER_DUE = "order-due"
    ORDER_CANCELLED = "order-cancelled"
    SHIPPED = "samples-shipped"
    DELIVERED = "samples-delivered"
    PRICE_ASKED = "price-asked"
    PRICE_DECIDED = "price-decided"
    INVOICED = "invoice-issued"
    INVOICE_CANCELLED = "invoice-cancelled"


@dataclass(slots=True)
class Taken:
    """What came of taking things in.

    Attributes:
        news: ids of the events that were not known.
        skipped: things that cannot be used.
    """

    news: list[UUID] = field(default_factory=list)
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How and when something is learned.

    Attributes:
        at: UTC instant.
        zone: in which the ERP's days are.
        happened_at: UTC instant of what is told, where that is said for itself (webhooks say so); None: the
            instant of the last change is all there is.
    """

    tenant: UUID
    source: Source
    at: datetime
    zone: ZoneInfo
    happened_at: datetime | None = None


class Intake:
    """Takes things in, in a transaction of the worker that knows its instant.

    Attributes:
        taken: what came of it so far.
    """

    def __init__(self, connection: Connection, learning: Learning) -> None:
        self._connection = connection
        self._learning = learning
        self._tenant = learning.tenant
        self.taken = Taken()

    async def take(self, items: Sequence[Thing]) -> None:
        """Take in things, whatever they are."""
        if products := [one for one in items if isinstance(one, Product)]:
            await self._products(products)
        if customers := [one for one in items if isinstance(one, Customer)]:
            await self._customers(customers)
        if invoices := [one for one in items if isinstance(one, Invoice)]:
            await self._invoices(invoices)
        if payments := [one for one in items if isinstance(one, Payment)]:
            await self._payments(payments)
        await self._orders(one for one in items if isinstance(one, Order))
        await self._deliveries(one for one in items if isinstance(one, Delivery))

    async def _products(self, items: Sequence[Product]) -> None:
        """What can be ordered."""
        usable = self._usable(
            items, lambda one: SKU.fullmatch(one.number) is not None and bool(one.name.strip())
        )
        listed = {one.number: one for one in usable}.values()
        await _SQL.keep_products(
            self._connection,
            tenant=self._tenant,
            skus=[one.number for one in listed],
            erp_ids=[one.id for one in listed],
            names=[one.name.strip() for one in listed],
            actives=[not one.is_disabled for one in listed],
            at=self._learning.at,
        )

    async def _customers(self, items: Sequence[Customer]) -> None:
        """Who buys: company, city and postcode; nothing of a person."""
        usable = self._usable(items, lambda one: bool(one.name.strip()))
        listed = {one.id: one for one in usable}.values()
        await _SQL.keep_customers(
            self._connection,
            tenant=self._tenant,
            erp_ids=[one.id for one in listed],
            numbers=[one.number for one in listed],
            companies=[one.name.strip() for one in listed],
            cities=[one.address.city for one in listed],
            postcodes=[one.address.zip_code or None for one in listed],
            keys=[lead_key(one.name, one.address.city) for one in listed],
            firsts=[_day(one.first_invoice_at, self._learning.zone) for one in listed],
            at=self._learning.at,
        )

    async def _payments(self, items: Sequence[Payment]) -> None:
        """What was paid."""
        usable = self._usable(items, lambda one: one.amount.currency == _EURO)
        listed = {one.id: one for one in usable}.values()
        await _SQL.keep_payments(
            self._connection,
            tenant=self._tenant,
            erp_ids=[one.id for one in listed],
            invoices=[one.invoice.id for one in listed],
            days=[_day(one.paid_at, self._learning.zone) for one in listed],
            amounts=[one.amount.amount for one in listed],
            at=self._learning.at,
        )

    async def _invoices(self, items: Sequence[Invoice]) -> None:
        """What was billed; an invoice of somebody who can be a lead is news."""
        usable = self._usable(items, lambda one: one.total.currency == _EURO)
        listed = {one.id: one for one in usable}
        ids = list(listed)
        known = {
            row["erp_id"]: row["cancelled"]
            async for row in _SQL.known_invoices(self._connection, tenant=self._tenant, erp_ids=ids)
        }
        await _SQL.keep_invoices(
            self._connection,
            tenant=self._tenant,
            erp_ids=ids,
            numbers=[one.number for one in listed.values()],
            customers=[one.customer.id for one in listed.values()],
            days=[one.date for one in listed.values()],
            totals=[one.total.amount for one in listed.values()],
            cancelled=[one.status == InvoiceStatus.CANCELLED for one in listed.values()],
            at=self._learning.at,
        )
        for one in listed.values():
            cancelled = one.status == InvoiceStatus.CANCELLED
            if cancelled and known.get(one.id, True):
                continue
            lead = await self._lead_of(one.customer.id)
            if lead is None:
                continue
            kind = EventKind.INVOICE_CANCELLED if cancelled else EventKind.INVOICED
            moment = one.updated_at if cancelled else datetime.combine(one.date, time(), self._learning.zone)
            await self._tell(kind, one.id, moment, lead)

    async def _orders(self, items: Iterable[Order]) -> None:
        """Orders: those of our boxes, and those that wait for a price."""
        for order in items:
            box = await self._box(_uuid(order.external_order_number))
            if box is not None:
                await self._order_of_box(order, box)
            await self._price(order, None if box is None else box["lead"])

    async def _order_of_box(self, order: Order, box: asyncpg.Record) -> None:
        cancelled = order.status == OrderStatus.CANCELLED
        due = order.promised_ship_date
        due_at = None if due is None else end_of(due, self._learning.zone)
        state = "cancelled" if cancelled else "sent"
        if (box["state"], box["erp_id"]) != (state, order.id) or (due_at and box["due_at"] != due_at):
            await _SQL.keep_order(
                self._connection,
                tenant=self._tenant,
                lead=box["lead"],
                box=box["id"],
                state=state,
                erp_id=order.id,
                number=order.number or None,
                due_at=due_at,
                problem=None,
                at=self._learning.at,
            )
        over = box["cancelled_at"] or box["delivered_at"]
        if due_at is not None and box["promised_at"] is None and not over:
            # The ERP's word by when the company ships is a promise too, where nobody gave another one.
            await _SQL.promise_box(self._connection, tenant=self._tenant, box=box["id"], promised_at=due_at)
            await self._tell(EventKind.ORDER_DUE, order.id, due_at, box["lead"], box["id"])
        if cancelled and not over:
            moment = self._moment(order.updated_at)
            await _SQL.cancel_box(self._connection, tenant=self._tenant, box=box["id"], by=ERP, at=moment)
            await self._tell(EventKind.ORDER_CANCELLED, order.id, moment, box["lead"], box["id"])

    async def _price(self, order: Order, lead: UUID | None) -> None:
        """Since when the order waits for its price, or waited; an earlier instant corrects a later one."""
        known = [
            row async for row in _SQL.approvals_of(self._connection, tenant=self._tenant, erp_id=order.id)
        ]
        waits, exact = order.waits_for_price, self._learning.happened_at is not None
        moment = self._moment(order.updated_at)
        if not known:
            if lead is None and waits and order.customer is not None:
                lead = await self._lead_of(order.customer.id)
            if waits and lead is not None:
                await self._approval(order, lead, 1, (moment, None), EventKind.PRICE_ASKED)
            return
        lead, number = known[0]["lead"], known[0]["round"]
        asked_at, decided_at = known[0]["asked_at"], known[0]["decided_at"]
        # What is told of a time before this round speaks of another one.
        since = known[1]["decided_at"] if len(known) > 1 else None
        if waits:
            if decided_at is not None and moment > decided_at:
                await self._approval(order, lead, number + 1, (moment, None), EventKind.PRICE_ASKED)
            elif exact and moment < asked_at and (since is None or moment > since):
                await self._approval(order, lead, number, (moment, decided_at), EventKind.PRICE_ASKED)
        elif moment >= asked_at and (decided_at is None or (exact and moment < decided_at)):
            await self._approval(order, lead, number, (asked_at, moment), EventKind.PRICE_DECIDED)

    async def _approval(
        self,
        order: Order,
        lead: UUID,
        number: int,
        waited: tuple[datetime, datetime | None],
        kind: EventKind,
    ) -> None:
        await _SQL.keep_approval(
            self._connection,
            tenant=self._tenant,
            lead=lead,
            erp_id=order.id,
            round=number,
            number=order.number,
            asked_at=waited[0],
            decided_at=waited[1],
            at=self._learning.at,
        )
        happened_at = self._moment(order.updated_at)
        await self._tell(kind, order.id, happened_at, lead)

    async def _deliveries(self, items: Iterable[Delivery]) -> None:
        """Shipments of our boxes; the last word counts, whoever noted what before."""
        for delivery in items:
            if delivery.sales_order is None or delivery.shipped_at is None:
                continue
            found = await _SQL.box_of_order(
                self._connection, tenant=self._tenant, erp_id=delivery.sales_order.id
            )
            box = await self._box(found)
            if box is not None:
                await self._shipment(delivery, delivery.shipped_at.astimezone(UTC), box)

    async def _shipment(self, delivery: Delivery, shipped_at: datetime, box: asyncpg.Record) -> None:
        told = None if delivery.delivered_at is None else delivery.delivered_at.astimezone(UTC)
        delivered_at: datetime | None = told or box["delivered_at"]
        soon = self._learning.at + _AHEAD
        if shipped_at > soon or (delivered_at is not None and not shipped_at <= delivered_at <= soon):
            self.taken.skipped += 1
            return
        before = (box["shipped_at"], box["delivered_at"])
        if before == (shipped_at, delivered_at):
            return
        await _SQL.keep_shipment(
            self._connection,
            tenant=self._tenant,
            lead=box["lead"],
            box=box["id"],
            by=ERP,
            shipped_at=shipped_at,
            delivered_at=delivered_at,
        )
        if before[0] != shipped_at:
            await self._tell(EventKind.SHIPPED, delivery.id, shipped_at, box["lead"], box["id"])
        if delivered_at is not None and before[1] != delivered_at:
            await self._tell(EventKind.DELIVERED, delivery.id, delivered_at, box["lead"], box["id"])

    async def _box(self, box: UUID | None) -> asyncpg.Record | None:
        if box is None:
            return None
        row: asyncpg.Record | None = await _SQL.box_to_change(self._connection, tenant=self._tenant, box=box)
        return row

    async def _lead_of(self, customer: str) -> UUID | None:
        """The one living lead this customer can be; None too where it can be several."""
        found = [
            row["id"]
            async for row in _SQL.leads_of_customer(self._connection, tenant=self._tenant, erp_id=customer)
        ]
        return found[0] if len(found) == 1 else None

    def _moment(self, changed_at: datetime) -> datetime:
        """When something happened; never later than it is learned."""
        return min((self._learning.happened_at or changed_at).astimezone(UTC), self._learning.at)

    async def _tell(
        self, kind: EventKind, subject: str, moment: datetime, lead: UUID, box: UUID | None = None
    ) -> None:
        happened_at = moment.astimezone(UTC)
        said = f"erp-event/{kind}/{subject}/{lead}/{format_instant(happened_at)}"
        if kind is not EventKind.INVOICED:
            # What was said, taken back and said again is news again; an invoice is one for good.
            said += f"/{format_instant(self._learning.at)}"
        identity = uuid5(self._tenant, said)
        added = await _SQL.add_event(
            self._connection,
            tenant=self._tenant,
            id=identity,
            kind=kind,
            subject=subject,
            happened_at=happened_at,
            learned_at=self._learning.at,
            source=self._learning.source,
            lead=lead,
            box=box,
        )
        if added is not None:
            self.taken.news.append(identity)

    def _usable(self, items: Sequence[T], fits: Callable[[T], bool]) -> list[T]:
        found = [one for one in items if fits(one)]
        self.taken.skipped += len(items) - len(found)
        return found


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def _day(moment: datetime | date | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
