"""What the played ERP has on record, and what can happen in it: orders, shipments, invoices, payments."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

_CENT: Final = Decimal("0.01")
_KITCHEN: Final = (
    ("GULASCH-VEGAN-1", "Veganes Gulasch, 1 kg", "9.80"),
    ("KUERBISSUPPE-5L", "Kürbissuppe, 5 l", "24.50"),
    ("RAGOUT-LINSEN", "Linsenragout, 2,5 kg", "18.90"),
    ("BOLOGNESE-VEGAN-5", "Vegane Bolognese, 5 kg", "39.00"),
    ("CURRY-GEMUESE-2", "Gemüsecurry, 2 kg", "16.40"),
    ("KARTOFFELSUPPE-5L", "Kartoffelsuppe, 5 l", "21.50"),
    ("SPAETZLE-3", "Spätzle, 3 kg", "11.20"),
    ("ROTKOHL-5", "Apfelrotkohl, 5 kg", "14.70"),
    ("SAUCE-BRATEN-2L", "Bratensauce vegan, 2 l", "13.30"),
    ("KNOEDEL-SEMMEL-40", "Semmelknödel, 40 Stück", "22.80"),
    ("RISOTTO-PILZ-2", "Pilzrisotto, 2 kg", "19.60"),
    ("CHILI-SIN-CARNE-5", "Chili sin Carne, 5 kg", "34.90"),
)
# Who is on record at the start; the last three are leads of the demo, too. Days since the first invoice.
_HOUSES: Final = (
    ("Hotel Mustersee GmbH", "10115", "Berlin", None),
    ("Mensa Probeblick AG", "97070", "Würzburg", None),
    ("Gasthof Beispielhof GmbH & Co. KG", "20095", "Hamburg", None),
    ("Bäckerei Niemandsland GmbH", "1010", "Wien", 200),
)

Record = dict[str, Any]


class Kind(StrEnum):
    """What is on record; the value is the path."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "salesOrders"
    DELIVERIES = "deliveries"
    INVOICES = "invoices"
    PAYMENTS = "payments"


class NotThere(Exception):
    """Nothing of that kind has that id."""


def instant(at: datetime) -> str:
    """An instant as it is written."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Records:
    """Everything on record. Whoever wants to be told of what happens gives `told`."""

    def __init__(self, told: Callable[[Mapping[str, Any]], None]) -> None:
        self._told = told
        self._last = 0
        self._kept: dict[Kind, dict[str, Record]] = {kind: {} for kind in Kind}
        self.restock()

    def all(self, kind: Kind) -> list[Record]:
        """The records of a kind, the longest unchanged first."""
        return sorted(self._kept[kind].values(), key=lambda one: (one["updatedAt"], int(one["id"])))

    def one(self, kind: Kind, record_id: str) -> Record:
        """One record.

        Raises:
            NotThere: there is none.
        """
        try:
            return self._kept[kind][record_id]
        except KeyError as error:
            raise NotThere(record_id) from error

    def memory(self) -> dict[str, Any]:
        """Everything, as JSON."""
        return {kind: list(kept.values()) for kind, kept in self._kept.items()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Have on record what `memory` gave.

        Raises:
            KeyError: it did not.
            TypeError: it did not.
            ValueError: it did not.
        """
        self._kept = {kind: {str(one["id"]): dict(one) for one in memory[kind]} for kind in Kind}
        self._last = max((int(number) for kept in self._kept.values() for number in kept), default=0)

    def restock(self, products: int = len(_KITCHEN)) -> None:
        """Start anew with so many products and a few customers; nobody is told."""
        self._last = 0
        for kept in self._kept.values():
            kept.clear()
        now = datetime.now(UTC)
        for number in range(products):
            sku, name, price = _KITCHEN[number % len(_KITCHEN)]
            again = number // len(_KITCHEN)
            self._add(
                Kind.PRODUCTS,
                now,
                number=f"{sku}-{again:03d}" if again else sku,
                name=f"{name} ({again})" if again else name,
                unit="Stück",
                isDisabled=False,
                salesPrice=_euro(price),
            )
        # On whose name boxes of samples are booked that have no customer's account.
        self.add_customer("Musterversand Testküche", "10115", "Berlin", number="10000", at=now)
        for house, zip_code, city, days in _HOUSES:
            customer = self.add_customer(house, zip_code, city, at=now)
            if days is not None:
                customer["firstInvoiceAt"] = instant(now - timedelta(days=days))

    def add_customer(
        self, name: str, zip_code: str, city: str, *, number: str | None = None, at: datetime | None = None
    ) -> Record:
        """Put a customer on record."""
        record = self._add(
            Kind.CUSTOMERS,
            at or datetime.now(UTC),
            name=name,
            vatNumber=None,
            address={"city": city, "zipCode": zip_code, "country": "DE"},
            firstInvoiceAt=None,
        )
        record["number"] = number or f"K{10_000 + int(record['id'])}"
        return record

    def add_order(self, order: Mapping[str, Any], *, at: datetime | None = None) -> Record:
        """Put an order on record, as it was imported."""
        at = at or datetime.now(UTC)
        positions = [
            {
                "product": {"id": one["product"]["id"], "number": self._sku(one["product"]["id"])},
                "quantity": one["quantity"],
            }
            for one in order["positions"]
        ]
        record = self._add(
            Kind.ORDERS,
            at,
            externalOrderNumber=order.get("externalOrderNumber"),
            status="released",
            holdReason=None,
            date=order["date"],
            promisedShipDate=order.get("delivery", {}).get("promisedShipDate"),
            customer={"id": order["customer"]["id"]},
            positions=positions,
        )
        record["number"] = f"SO-{10_000 + int(record['id'])}"
        self._tell("salesOrder.created", Kind.ORDERS, record, at)
        return record

    def hold(self, order_id: str, *, at: datetime | None = None) -> None:
        """Let an order wait until its price is approved."""
        self._order_stands(order_id, "salesOrder.onHold", at, status="on-hold", holdReason="price-approval")

    def release(self, order_id: str, *, at: datetime | None = None) -> None:
        """Approve the price of an order."""
        self._order_stands(order_id, "salesOrder.released", at, status="released", holdReason=None)

    def cancel(self, order_id: str, *, at: datetime | None = None) -> None:
        """Give an order up."""
        self._order_stands(order_id, "salesOrder.canceled", at, status="canceled", holdReason=None)

    def ship(self, order_id: str, *, at: datetime | None = None) -> Record:
        """Hand an order over to the carrier; `at` may lie back.

        Raises:
            NotThere: there is no such order.
        """
        at = at or datetime.now(UTC)
        order = self.one(Kind.ORDERS, order_id)
        order.update(status="completed", updatedAt=instant(datetime.now(UTC)))
        record = self._add(
            Kind.DELIVERIES,
            datetime.now(UTC),
            salesOrder={"id": order_id},
            trackingNumber=f"JJD{secrets.randbelow(10**12):012d}",
            carrier="DHL",
            shippedAt=instant(at),
            deliveredAt=None,
        )
        record["number"] = f"LS-{10_000 + int(record['id'])}"
        self._tell("delivery.shipped", Kind.DELIVERIES, record, at)
        return record

    def deliver(self, delivery_id: str, *, at: datetime | None = None) -> None:
        """Let a shipment arrive; `at` may lie back.

        Raises:
            NotThere: there is no such shipment.
        """
        at = at or datetime.now(UTC)
        record = self.one(Kind.DELIVERIES, delivery_id)
        record.update(deliveredAt=instant(at), updatedAt=instant(datetime.now(UTC)))
        self._tell("delivery.delivered", Kind.DELIVERIES, record, at)

    def invoice(
        self,
        customer_id: str,
        total: str = "480.00",
        *,
        order_id: str | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Send a customer an invoice; `at` may lie back.

        Raises:
            NotThere: there is no such customer.
        """
        at = at or datetime.now(UTC)
        customer = self.one(Kind.CUSTOMERS, customer_id)
        if customer["firstInvoiceAt"] is None or customer["firstInvoiceAt"] > instant(at):
            customer.update(firstInvoiceAt=instant(at), updatedAt=instant(datetime.now(UTC)))
        record = self._add(
            Kind.INVOICES,
            datetime.now(UTC),
            customer={"id": customer_id},
            salesOrder=None if order_id is None else {"id": order_id},
            date=at.date().isoformat(),
            total=_euro(total),
            status="open",
            createdAt=instant(at),
        )
        record["number"] = f"RE-{10_000 + int(record['id'])}"
        self._tell("invoice.created", Kind.INVOICES, record, at)
        return record

    def pay(self, invoice_id: str, *, at: datetime | None = None) -> Record:
        """Let an invoice be paid.

        Raises:
            NotThere: there is no such invoice.
        """
        at = at or datetime.now(UTC)
        invoice = self.one(Kind.INVOICES, invoice_id)
        invoice.update(status="paid", updatedAt=instant(datetime.now(UTC)))
        record = self._add(
            Kind.PAYMENTS,
            datetime.now(UTC),
            invoice={"id": invoice_id},
            amount=dict(invoice["total"]),
            paidAt=instant(at),
        )
        self._tell("payment.received", Kind.PAYMENTS, record, at)
        return record

    def change_product(self, product_id: str, **fields: Any) -> None:
        """Change a product, such as `name` or `isDisabled`.

        Raises:
            NotThere: there is no such product.
        """
        record = self.one(Kind.PRODUCTS, product_id)
        now = datetime.now(UTC)
        record.update(fields, updatedAt=instant(now))
        self._tell("product.updated", Kind.PRODUCTS, record, now)

    def _order_stands(self, order_id: str, event: str, at: datetime | None, **fields: Any) -> None:
        record = self.one(Kind.ORDERS, order_id)
        record.update(fields, updatedAt=instant(datetime.now(UTC)))
        self._tell(event, Kind.ORDERS, record, at or datetime.now(UTC))

    def _sku(self, product_id: str) -> str:
        return str(self.one(Kind.PRODUCTS, product_id)["number"])

    def _add(self, kind: Kind, at: datetime, **fields: Any) -> Record:
        self._last += 1
        record_id = str(self._last)
        record: Record = {"id": record_id, "number": "", **fields, "updatedAt": instant(at)}
        self._kept[kind][record_id] = record
        return record

    def _tell(self, event: str, kind: Kind, record: Record, at: datetime) -> None:
        self._told(
            {
                "eventId": f"evt-{secrets.token_hex(12)}",
                "eventType": event,
                "occurredAt": instant(at),
                "resource": {"type": str(kind), "id": record["id"]},
                "data": dict(record),
            }
        )


def _euro(amount: str) -> dict[str, str]:
    return {"amount": str(Decimal(amount).quantize(_CENT)), "currency": "EUR"}
