"""What a tenant has settled about its ERP (domain.md section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from activities.sample_orders import DelayHold
from adapters.registry import SettingsRegistry
from adapters.setting_definitions import Json

ORDERS: Final = "erp.sample.orders"
PRICE: Final = "erp.priceApproval.hold"
NEW_CUSTOMER: Final = "erp.newCustomer.check"
DELAY: Final = "sample.delay.hold"


class KnownCustomer(StrEnum):
    """What comes of a lead that the ERP knows as a customer. Wire names."""

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class OrderRules:
    """How orders of samples are made.

    Attributes:
        enabled: whether they are.
        customer: number of the customer they are booked on, where the lead has no account.
        project, payment_method, shipping_method: ids.
    """

    enabled: bool
    customer: str
    project: str
    payment_method: str
    shipping_method: str


@dataclass(frozen=True, slots=True)
class NewCustomerRule:
    """What comes of a company that was invoiced within so many months."""

    mode: KnownCustomer
    months: int


async def order_rules(registry: SettingsRegistry, tenant: UUID) -> OrderRules:
    """How orders of samples are made."""
    value = await _object(registry, tenant, ORDERS)
    return OrderRules(
        enabled=value["enabled"] is True,
        customer=str(value["customer"]),
        project=str(value["project"]),
        payment_method=str(value["paymentMethod"]),
        shipping_method=str(value["shippingMethod"]),
    )


async def price_mode(registry: SettingsRegistry, tenant: UUID) -> DelayHold:
    """What comes of an order that waits for its price."""
    return DelayHold(str((await _object(registry, tenant, PRICE))["mode"]))


async def delay_mode(registry: SettingsRegistry, tenant: UUID) -> DelayHold:
    """What comes of samples that are late."""
    return DelayHold(str((await _object(registry, tenant, DELAY))["mode"]))


async def new_customer_rule(registry: SettingsRegistry, tenant: UUID) -> NewCustomerRule:
    """What comes of a lead that the ERP knows as a customer."""
    value = await _object(registry, tenant, NEW_CUSTOMER)
    months = value["months"]
    if not isinstance(months, int):  # pragma: no cover - the setting's schema lets nothing else in
        raise TypeError(f"{NEW_CUSTOMER}: no whole number")
    return NewCustomerRule(KnownCustomer(str(value["mode"])), months)


async def _object(registry: SettingsRegistry, tenant: UUID, key: str) -> dict[str, Json]:
    value = (await registry.effective(tenant, key)).value
    if not isinstance(value, dict):  # pragma: no cover - the setting's schema lets nothing else in
        raise TypeError(f"{key} is no object")
    return value
