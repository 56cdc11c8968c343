"""What the ERP says and is told, in its own words; docs/sandbox.md says what of it is documented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Self, TypeAlias, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from activities.erp_orders import Resource

# A field is called `date`, which hides the type.
Day: TypeAlias = date


def _as_text(value: object) -> object:
    """Ids are numbers in some of its versions and texts in others."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_Id = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#-]{0,79}$")]
_Text = Annotated[str, Field(max_length=500)]
_Number = Annotated[str, Field(min_length=1, max_length=80)]


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class Reference(_Wire):
    """Something else, by its id."""

    id: _Id


class Amount(_Wire):
    """Money."""

    amount: Annotated[Decimal, Field(max_digits=14, decimal_places=2)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Product(_Wire):
    """Something that can be ordered; `number` is its SKU."""

    id: _Id
    number: _Number
    name: _Text
    is_disabled: bool = False
    updated_at: AwareDatetime


class Place(_Wire):
    """Where a customer is; the street is not read."""

    city: _Text = ""
    zip_code: Annotated[str, Field(max_length=20)] = ""


class Customer(_Wire):
    """Who buys."""

    id: _Id
    number: _Number
    name: _Text
    address: Place = Place()
    first_invoice_at: AwareDatetime | Day | None = None
    updated_at: AwareDatetime


class OrderStatus(StrEnum):
    """How an order stands. Wire names; further ones mean nothing here."""

    ON_HOLD = "on-hold"
    CANCELLED = "canceled"


PRICE_APPROVAL = "price-approval"


class Order(_Wire):
    """A sales order; ours carry the id of their box as external number."""

    id: _Id
    number: Annotated[str, Field(max_length=80)] = ""
    external_order_number: Annotated[str, Field(max_length=200)] | None = None
    status: Annotated[str, Field(max_length=40)]
    hold_reason: Annotated[str, Field(max_length=80)] | None = None
    promised_ship_date: Day | None = None
    customer: Reference | None = None
    updated_at: AwareDatetime

    @property
    def waits_for_price(self) -> bool:
        """Whether it waits until the company approves its price."""
        return self.status == OrderStatus.ON_HOLD and self.hold_reason == PRICE_APPROVAL


class Delivery(_Wire):
    """Something on its way, or arrived."""

    id: _Id
    sales_order: Reference | None = None
    shipped_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    updated_at: AwareDatetime


class InvoiceStatus(StrEnum):
    """How an invoice stands. Wire names; further ones mean nothing here."""

    CANCELLED = "canceled"


class Invoice(_Wire):
    """What was billed."""

    id: _Id
    number: Annotated[str, Field(max_length=80)] = ""
    customer: Reference
    date: Day
    total: Amount
    status: Annotated[str, Field(max_length=40)]
    updated_at: AwareDatetime


class Payment(_Wire):
    """What was paid on an invoice."""

    id: _Id
    invoice: Reference
    amount: Amount
    paid_at: AwareDatetime | Day
    updated_at: AwareDatetime


Thing: TypeAlias = Product | Customer | Order | Delivery | Invoice | Payment
KINDS: Final[Mapping[Resource, type[Thing]]] = {
    Resource.PRODUCTS: Product,
    Resource.CUSTOMERS: Customer,
    Resource.ORDERS: Order,
    Resource.SHIPMENTS: Delivery,
    Resource.INVOICES: Invoice,
    Resource.PAYMENTS: Payment,
}

T = TypeVar("T", bound=BaseModel)


class _Extra(_Wire):
    total_count: Annotated[int, Field(ge=0)]


class Listed(_Wire, Generic[T]):
    """One page of a list, all of whose rows are looked for."""

    data: tuple[T, ...]
    extra: _Extra


class Odd(_Wire):
    """A row that cannot be read, but says which it is and when it changed, so that reading goes on behind it.

    Attributes:
        faults: the fields at fault, such as `total.amount`.
    """

    id: _Id
    updated_at: AwareDatetime
    faults: tuple[str, ...] = ()


def _row(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError as error:
        try:
            odd = Odd.model_validate(value)
        except ValidationError:
            raise error from None
        listed = error.errors(include_url=False, include_context=False, include_input=False)
        faults = tuple(".".join(str(part) for part in one["loc"]) for one in listed)
        return odd.model_copy(update={"faults": faults})


class Sheet(_Wire, Generic[T]):
    """One page of everything of a kind. One odd row does not keep the others from being read."""

    data: tuple[Annotated[T, WrapValidator(_row)], ...]
    extra: _Extra

    @model_validator(mode="after")
    def _some_can_be_read(self) -> Self:
        if len(self.data) > 1 and all(isinstance(one, Odd) for one in self.data):
            raise ValueError("none of the rows can be read")
        return self


SHEETS: Final[Mapping[Resource, type[Sheet[Any]]]] = {
    Resource.PRODUCTS: Sheet[Product],
    Resource.CUSTOMERS: Sheet[Customer],
    Resource.ORDERS: Sheet[Order],
    Resource.SHIPMENTS: Sheet[Delivery],
    Resource.INVOICES: Sheet[Invoice],
    Resource.PAYMENTS: Sheet[Payment],
}


class Single(_Wire, Generic[T]):
    """One thing."""

    data: T


class Address(_Wire):
    """Where a box goes: the company and its town, nobody's name."""

    name: str
    zip_code: str
    city: str
    country: str = "DE"


class _Financials(_Wire):
    payment_method: Reference
    currency: str = "EUR"


class _Delivery(_Wire):
    shipping_method: Reference
    auto_shipping: bool = False
    shipping_address: Address


class Position(_Wire):
    """A product of an order."""

    product: Reference
    quantity: int
    price: Amount


class NewOrder(_Wire):
    """An order to be made."""

    date: Day
    external_order_number: str
    customer: Reference
    project: Reference
    financials: _Financials
    delivery: _Delivery
    positions: tuple[Position, ...]

    @classmethod
    def of_samples(
        cls,
        *,
        box: str,
        on: Day,
        customer: str,
        project: str,
        payment_method: str,
        shipping_method: str,
        to: Address,
        items: tuple[tuple[str, int], ...],
    ) -> NewOrder:
        """An order of samples: nothing is to be paid for them.

        Args:
            box: its external number.
            items: ids of products, and how many of each.
        """
        free = Amount(amount=Decimal("0.00"), currency="EUR")
        return cls(
            date=on,
            external_order_number=box,
            customer=Reference(id=customer),
            project=Reference(id=project),
            financials=_Financials(payment_method=Reference(id=payment_method)),
            delivery=_Delivery(shipping_method=Reference(id=shipping_method), shipping_address=to),
            positions=tuple(
                Position(product=Reference(id=product), quantity=quantity, price=free)
                for product, quantity in items
            ),
        )
