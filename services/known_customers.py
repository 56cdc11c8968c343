"""Whether a lead is a new customer: one that the ERP has invoiced within some months is none."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.erp.reading import last_invoice, lead_to_check
from adapters.erp.rules import KnownCustomer, NewCustomerRule, new_customer_rule
from adapters.normalise import lead_key
from protection.dates import add_months, zone
from protection.refusal import Code, Refused
from services.asking import Asking
from services.desk import Desk
from services.openings import Company, Opening

_ZONE: Final = zone("Europe/Berlin")


async def require_new_customer(desk: Desk, asking: Asking, company: Company, opening: Opening) -> None:
    """Go on only with a new customer, where the tenant wants that; a manager's override goes before it.

    Raises:
        Refused: code `known-customer`.
    """
    rule = await new_customer_rule(desk.registry, asking.tenant)
    if rule.mode is not KnownCustomer.REFUSE or opening.override is not None:
        return
    key, today = lead_key(company.company, company.city), desk.now().astimezone(_ZONE).date()
    async with desk.looking(asking) as connection:
        found = await last_invoice(connection, key, company.postcode, before=today + timedelta(days=1))
    if _counts(found, rule, today):
        raise _refused("company")


async def require_new_customer_lead(desk: Desk, asking: Asking, lead: UUID) -> None:
    """The same for a lead that is to become a customer: nothing was invoiced before it was registered.

    Raises:
        Refused: code `known-customer`.
    """
    rule = await new_customer_rule(desk.registry, asking.tenant)
    if rule.mode is KnownCustomer.REFUSE and await _known(desk, asking, lead, rule) is not None:
        raise _refused("")


async def known_customer(desk: Desk, asking: Asking, lead: UUID) -> date | None:
    """The day of the last invoice before the lead was registered, where that makes it no new customer.

    None too where the tenant does not want to know, and where there is no such lead for this caller.
    """
    rule = await new_customer_rule(desk.registry, asking.tenant)
    return None if rule.mode is KnownCustomer.OFF else await _known(desk, asking, lead, rule)


async def _known(desk: Desk, asking: Asking, lead: UUID, rule: NewCustomerRule) -> date | None:
    async with desk.looking(asking) as connection:
        described = await lead_to_check(connection, asking.tenant, lead)
        if described is None:
            return None
        key, postcode, since = described
        registered = _day(since)
        found = await last_invoice(connection, key, postcode, before=registered)
    return found if _counts(found, rule, registered) else None


def _counts(found: date | None, rule: NewCustomerRule, day: date) -> bool:
    return found is not None and found >= add_months(day, -rule.months)


def _day(moment: datetime) -> date:
    return moment.astimezone(_ZONE).date()


def _refused(field: str) -> Refused:
    return Refused(
        Code.KNOWN_CUSTOMER, field, "the ERP has invoiced this company lately: it is no new customer"
    )
