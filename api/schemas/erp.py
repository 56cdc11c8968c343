"""The ERP over HTTP: how it stands, what can be ordered."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from activities.upstreams import Fault
from adapters.erp.intake import EventKind
from adapters.erp.reading import EventRow, OrderRow, ProductRow, Reading
from api.schemas.base import Output
from services.erp import ErpStanding


class ProductRead(Output):
    """Something that can be put into a box."""

    sku: str
    name: str

    @classmethod
    def of(cls, one: ProductRow) -> Self:
        """As the API tells it."""
        return cls(sku=one.sku, name=one.name)


class ProductList(Output):
    """What can be put into a box, by name."""

    items: list[ProductRead]


class ErpReading(Output):
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

    @classmethod
    def of(cls, one: Reading) -> Self:
        """As the API tells it."""
        return cls(
            resource=one.resource,
            began_at=one.began_at,
            done_at=one.done_at,
            failed_at=one.failed_at,
            problem=one.problem,
            read=one.read,
            news=one.news,
            skipped=one.skipped,
        )


class ErpOrderRead(Output):
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

    @classmethod
    def of(cls, one: OrderRow) -> Self:
        """As the API tells it."""
        return cls(
            box=one.box,
            lead=one.lead,
            state=one.state,
            number=one.number,
            due_at=one.due_at,
            problem=one.problem,
            changed_at=one.changed_at,
        )


class ErpEventRead(Output):
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

    @classmethod
    def of(cls, one: EventRow) -> Self:
        """As the API tells it."""
        return cls(
            kind=one.kind,
            subject=one.subject,
            happened_at=one.happened_at,
            learned_at=one.learned_at,
            source=one.source,
            lead=one.lead,
            outcome=one.outcome,
        )


class ErpRead(Output):
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

    @classmethod
    def of(cls, one: ErpStanding) -> Self:
        """As the API tells it."""
        return cls(
            readings=[ErpReading.of(reading) for reading in one.readings],
            waiting=one.backlog.waiting,
            oldest_waiting=one.backlog.oldest,
            troubled=one.backlog.troubled,
            withheld=one.backlog.withheld,
            orders=[ErpOrderRead.of(order) for order in one.orders],
            events=[ErpEventRead.of(event) for event in one.events],
        )


class ErpSyncStarted(Output):
    """That the ERP is being read.

    Attributes:
        workflow: id of the workflow that reads.
    """

    workflow: str
