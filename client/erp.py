"""The subject erp. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from client.asking import Answer, Call, Group
from client.base import Told
from client.words import EventKind, Fault


class ErpEventRead(Told):
    """Something the ERP told: both when it was so and when we heard of it.

    Attributes:
        subject: id there: of an order, a delivery or an invoice.
        source: sync, reconcile or webhook.
        lead: id of the lead it is about.
        outcome: what came of it; null: nothing yet.
    """

    kind: EventKind
    subject: str
    happened_at: datetime
    learned_at: datetime
    source: str
    lead: UUID | None
    outcome: str | None


class ErpOrderRead(Told):
    """The order of a box of samples.

    Attributes:
        box: id of the box.
        lead: id of its lead.
        state: sent, refused, cancelled or not-needed.
        number: of the order there.
        due_at: by when the ERP says that it is shipped.
        problem: what a person has to look at.
    """

    box: UUID
    lead: UUID
    state: str
    number: str | None
    due_at: datetime | None
    problem: str | None
    changed_at: datetime


class ErpReading(Told):
    """How the reading of one kind of thing stands.

    Attributes:
        resource: products, customers, orders, shipments, invoices, payments; reconcile: our own orders.
        done_at: when everything new was last read.
        problem: why the last try failed; null where it did not.
        read: things of the last reading.
        news: of them, what was news for a box or a lead.
        skipped: of them, what could not be used.
    """

    resource: str
    began_at: datetime
    done_at: datetime | None
    failed_at: datetime | None
    problem: Fault | None
    read: int
    news: int
    skipped: int


class ErpRead(Told):
    """How the ERP stands.

    Attributes:
        waiting: news that are not used yet.
        oldest_waiting: since when the oldest of them waits.
        troubled: orders that a person has to look at.
        withheld: corrections left out in thirty days, because protection would have ended by them.
        orders: the newest.
        events: the newest.
    """

    readings: list[ErpReading]
    waiting: int
    oldest_waiting: datetime | None
    troubled: int
    withheld: int
    orders: list[ErpOrderRead]
    events: list[ErpEventRead]


class ErpSyncStarted(Told):
    """That the ERP is being read.

    Attributes:
        workflow: id of the workflow that reads.
    """

    workflow: str


class ProductRead(Told):
    """Something that can be put into a box."""

    sku: str
    name: str


class ProductList(Told):
    """What can be put into a box, by name."""

    items: list[ProductRead]


class Erp(Group):
    """Operations of the subject erp."""

    def read_products(self, *, text: str | None = None, limit: int | None = None) -> Answer[ProductList]:
        """List products that can be put into a box, by name, as the ERP told of them."""
        call = Call(method="GET", path="/api/products", query={"text": text, "limit": limit})
        return self._asker.ask(call, {200: ProductList})

    def read_erp(self) -> Answer[ErpRead]:
        """Tell how the ERP stands: readings, what is left to do, the newest orders of samples and news."""
        call = Call(method="GET", path="/api/erp")
        return self._asker.ask(call, {200: ErpRead})

    def sync_erp(
        self, *, everything: bool | None = None, idempotency_key: str | None = None
    ) -> Answer[ErpSyncStarted]:
        """Have the ERP read at once; one reading under way is enough.

        `GET /api/erp` tells how far it is.
        """
        call = Call(
            method="POST",
            path="/api/erp/sync",
            query={"everything": everything},
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )
        return self._asker.ask(call, {202: ErpSyncStarted})
