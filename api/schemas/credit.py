"""Credit checks: what is asked, and what is on record. Money is text with two decimals, exact to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from adapters.credit.records import CreditCheck, CreditStatus, Grade, Purpose
from api.schemas.base import Choice, Id, Input, Instant, Output, Uuid
from services.credit import WantedCheck

Money = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
VatNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9+*]{2,13}$")]
RegistrationNumber = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
    ),
]


class CheckInput(Input):
    """A lead's company and how much credit it is to get. The name is the lead's.

    Attributes:
        account_id: the customer's account, whose answers serve all its leads; left out it is the lead's own.
        registration_number: in the register of companies.
        vat_number: with its country's prefix.
        amount: above 0, such as "2500.00".
        currency: ISO 4217.
        country: ISO 3166, two letters.
    """

    lead_id: Uuid
    account_id: Id | None = None
    registration_number: RegistrationNumber | None = None
    vat_number: VatNumber | None = None
    country: Country = "DE"
    amount: Money
    currency: Currency = "EUR"
    purpose: Choice[Purpose] = Purpose.OTHER

    def wanted(self) -> WantedCheck:
        """The same for the service."""
        return WantedCheck(
            lead=self.lead_id,
            amount=Decimal(self.amount),
            currency=self.currency,
            purpose=self.purpose,
            country=self.country,
            account=self.account_id,
            registration_no=self.registration_number,
            vat_no=self.vat_number,
        )


class CheckRead(Output):
    """A check on record.

    Attributes:
        status: `pending` until the bureau has decided; never `approved` without its word.
        degraded: why the bureau did not answer in time, such as `timeout`; null where it did.
        limit: up to how much the bureau covers.
        valid_until: how long its answer holds; null: no end was named.
        cached: it was answered by what is on record, without asking the bureau.
    """

    id: UUID
    lead: UUID
    account_id: str
    registration_number: str | None
    vat_number: str | None
    country: str
    amount: Money
    currency: str
    purpose: Purpose
    requested_by: str
    requested_at: Instant
    status: CreditStatus
    degraded: str | None
    grade: Grade | None
    limit: Money | None
    conditions: Annotated[list[str], Field(max_length=20)]
    valid_until: Instant | None
    decided_at: Instant | None
    cached: bool

    @classmethod
    def of(cls, check: CreditCheck) -> Self:
        """What is on record."""
        subject = check.subject
        return cls(
            id=check.id,
            lead=check.lead,
            account_id=subject.account,
            registration_number=subject.registration_no,
            vat_number=subject.vat_no,
            country=subject.country,
            amount=f"{subject.amount:.2f}",
            currency=subject.currency,
            purpose=check.purpose,
            requested_by=check.requested_by,
            requested_at=check.requested_at,
            status=check.status,
            degraded=check.degraded,
            grade=check.grade,
            limit=None if check.limit is None else f"{check.limit:.2f}",
            conditions=list(check.conditions),
            valid_until=check.valid_until,
            decided_at=check.decided_at,
            cached=check.cached,
        )
