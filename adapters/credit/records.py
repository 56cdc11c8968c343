"""Credit checks as the rest of the product sees them (domain.md section 10). Money is Decimal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

# How long a check is waited for; then a person has to look.
PATIENCE: Final = timedelta(days=7)
# Where amounts are put together: 1, 2 and 5 of every power of ten.
_STEPS: Final = (Decimal(1), Decimal(2), Decimal(5))


class CreditStatus(StrEnum):
    """What has come of a check. Wire names."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    REQUIRES_REVIEW = "requires_review"


class Grade(StrEnum):
    """How the bureau rates a company; A is best."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Purpose(StrEnum):
    """What for somebody asks. Wire names."""

    SAMPLES = "SAMPLES"
    FIRST_ORDER = "FIRST_ORDER"
    CONVERSION = "CONVERSION"
    CREDIT_LINE = "CREDIT_LINE"
    OTHER = "OTHER"


class GivenUp(StrEnum):
    """Why a check ended without the bureau's answer, beside the faults of `activities.upstreams`."""

    NO_ANSWER = "no-answer"
    REFUSED = "refused"
    ERASED = "erased"


class Postponed(StrEnum):
    """Why the bureau was not asked in time, beside the faults of `activities.upstreams`.

    Attributes:
        ASKED_TOGETHER: it was asked for another lead of the company, and has not decided.
    """

    ASKED_TOGETHER = "asked-together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is asked about, and for how much.

    Attributes:
        account: whose answers belong together: the customer's account, or the lead itself.
        country: ISO 3166, two letters.
        registration_no: in the register of companies.
        vat_no: with its country's prefix.
        amount: in `currency`, two decimals.
        currency: ISO 4217.
    """

    account: str
    country: str
    registration_no: str | None
    vat_no: str | None
    amount: Decimal
    currency: str

    @property
    def bucket(self) -> Decimal:
        """The step of the 1-2-5 series the amount is counted to; part of the cache's key."""
        return bucket_of(self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the bureau is asked.

    Attributes:
        reference: our id of the check; asked again with the same one, the bureau answers the same.
        company: its name; not personal.
    """

    reference: UUID
    company: str
    subject: Subject
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the bureau says.

    Attributes:
        bureau_id: its own id of the check.
        limit: up to how much it covers, in the currency of the question; None where it says nothing of it.
        conditions: under which it does.
        valid_until: UTC instant; None where it sets no end.
        decided_at: UTC instant; None while pending.
    """

    bureau_id: str
    status: CreditStatus
    grade: Grade | None = None
    limit: Decimal | None = None
    conditions: tuple[str, ...] = ()
    valid_until: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCheck:
    """A check on record. Instants are UTC.

    Attributes:
        degraded: why the bureau did not answer in time, or not at all; None where it did.
        limit: up to how much the bureau covers.
        decided_at: when the bureau decided; None where it has not.
        settled_at: when that was put on record; also where the check was given up.
        cached: this answer was there already.
    """

    id: UUID
    lead: UUID
    company: str = field(repr=False)
    subject: Subject
    purpose: Purpose
    requested_by: str
    requested_at: datetime
    status: CreditStatus
    degraded: str | None
    bureau_id: str | None
    grade: Grade | None
    limit: Decimal | None
    conditions: tuple[str, ...]
    valid_until: datetime | None
    decided_at: datetime | None
    settled_at: datetime | None
    cached: bool = False

    @property
    def question(self) -> Question:
        """What the bureau is asked."""
        return Question(reference=self.id, company=self.company, subject=self.subject, purpose=self.purpose)

    def covers(self, moment: datetime) -> bool:
        """Whether the bureau has said yes, and still does at this UTC instant."""
        return self.status is CreditStatus.APPROVED and (
            self.valid_until is None or moment < self.valid_until
        )


def bucket_of(amount: Decimal) -> Decimal:
    """The next step of 1, 2, 5, 10, 20, 50 … an amount does not exceed."""
    power = Decimal(1)
    while True:
        for step in _STEPS:
            if amount <= step * power:
                return step * power
        power *= 10
