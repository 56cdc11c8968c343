"""What the steps with the ERP are ordered with, and what they answer. Ids, instants and counts only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

ERP_QUEUE: Final = "erp"
PULL_ERP: Final = "pull-erp"
SETTLE_ERP: Final = "settle-erp-events"
RECONCILE_ERP: Final = "reconcile-erp"
SETTLE_ORDER: Final = "settle-sample-order"


class Resource(StrEnum):
    """What is read from the ERP, in the order in which it is. Wire names."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    SHIPMENTS = "shipments"
    INVOICES = "invoices"
    PAYMENTS = "payments"


class Source(StrEnum):
    """How something was learned of. Wire names."""

    SYNC = "sync"
    RECONCILE = "reconcile"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class PullOrder:
    """Read one kind of thing.

    Attributes:
        tenant: uuid.
        resource: a `Resource`.
        source: a `Source`; a reconciliation reads everything again.
        at: the instant of the order, ISO 8601 with a zone.
    """

    tenant: str
    resource: str
    source: str
    at: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of it.

    Attributes:
        read: things read.
        news: of them, what means something here and was not known.
        skipped: of them, what cannot be used.
    """

    read: int = 0
    news: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class TenantOrder:
    """A step about everything of a tenant.

    Attributes:
        tenant: uuid.
        at: the instant of the order, ISO 8601 with a zone.
    """

    tenant: str
    at: str


@dataclass(frozen=True, slots=True)
class BoxOrder:
    """A step about the order of one box.

    Attributes:
        tenant: uuid.
        lead: uuid.
        box: uuid.
        at: the instant of the order, ISO 8601 with a zone.
    """

    tenant: str
    lead: str
    box: str
    at: str


@dataclass(frozen=True, slots=True)
class OrderState:
    """In which state the order of a box is."""

    state: str


@dataclass(frozen=True, slots=True)
class ErpSettled:
    """What came of news.

    Attributes:
        outcomes: how often each outcome came of them.
        more: whether some are left.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    more: bool = False
