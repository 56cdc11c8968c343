"""What a webhook of the ERP says: something as its lists give it, and since when it is so."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from activities.erp_orders import Resource


class NewsKind(StrEnum):
    """What a webhook is about, in the ERP's words."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "salesOrders"
    DELIVERIES = "deliveries"
    INVOICES = "invoices"
    PAYMENTS = "payments"


RESOURCES = {
    NewsKind.PRODUCTS: Resource.PRODUCTS,
    NewsKind.CUSTOMERS: Resource.CUSTOMERS,
    NewsKind.ORDERS: Resource.ORDERS,
    NewsKind.DELIVERIES: Resource.SHIPMENTS,
    NewsKind.INVOICES: Resource.INVOICES,
    NewsKind.PAYMENTS: Resource.PAYMENTS,
}


class _About(BaseModel):
    type: Annotated[str, Field(max_length=80)]


class News(BaseModel):
    """A webhook's body.

    Attributes:
        occurred_at: when it happened; may lie days back.
        data: the thing itself, read by its own model.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    occurred_at: AwareDatetime
    resource: _About
    data: dict[str, Any]

    @property
    def kind(self) -> NewsKind | None:
        """What it is about; None: nothing that means anything here."""
        return NewsKind(self.resource.type) if self.resource.type in set(NewsKind) else None
