"""What is said to the credit bureau and back; documented and assumed parts: docs/credit.md.

Whatever is not as documented is refused as a whole, so that half a decision never counts as one.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from adapters.credit.records import CreditStatus, Grade, Question

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
# Control characters have no place in a text for people, and one of them separates our conditions.
_Condition = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,500}$")]
_Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
_Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class _Said(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore", allow_inf_nan=False
    )


class AskedCompany(_Said):
    """Who is asked about."""

    name: str
    registration_number: str | None
    vat_number: str | None
    country: str


class Asked(_Said):
    """One question."""

    reference: UUID
    company: AskedCompany
    amount: Decimal
    currency: str
    purpose: str

    @classmethod
    def of(cls, question: Question) -> Self:
        """The same for the bureau."""
        subject = question.subject
        return cls(
            reference=question.reference,
            company=AskedCompany(
                name=question.company,
                registration_number=subject.registration_no,
                vat_number=subject.vat_no,
                country=subject.country,
            ),
            amount=subject.amount,
            currency=subject.currency,
            purpose=question.purpose.lower().replace("_", "-"),
        )


class AskedTogether(_Said):
    """Many questions in one call."""

    covers: list[Asked]


class Limit(_Said):
    """Up to how much the bureau covers."""

    amount: _Amount
    currency: _Currency


class Cover(_Said):
    """A decision."""

    cover_id: _Name
    reference: UUID
    status: CreditStatus
    limit: Limit | None
    grade: Grade | None
    conditions: Annotated[list[_Condition], Field(max_length=20)]
    valid_until: AwareDatetime | None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status is CreditStatus.PENDING:
            raise ValueError("a decision is never pending")
        if self.status is CreditStatus.APPROVED and (self.limit is None or self.grade is None):
            raise ValueError("an approval has a limit and a grade")
        return self


class JobStatus(StrEnum):
    """How far the bureau is with a question."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class Job(_Said):
    """A question that is decided later.

    Attributes:
        resource_url: where the decision is, once it is processed.
    """

    job_id: _Name
    reference: UUID
    status: JobStatus
    resource_url: Annotated[str, StringConstraints(pattern=r"^/covers/[A-Za-z0-9._-]{1,100}$")] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status is JobStatus.PROCESSED and self.resource_url is None:
            raise ValueError("a processed job says where its decision is")
        return self


class Trouble(_Said):
    """Why the bureau does not take one question; others of the same call are not touched by it."""

    code: _Name


class Result(_Said):
    """What the bureau says to one of many questions."""

    reference: UUID
    cover: Cover | None = None
    job: Job | None = None
    error: Trouble | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.cover, self.job, self.error)) != 1:
            raise ValueError("a decision, a job or an error")
        return self


class Results(_Said):
    """What the bureau says to many questions."""

    results: list[Result]


class Decided(_Said):
    """News by webhook: a question that was pending is decided. `event_type` is `cover.decided`."""

    event_type: str
    occurred_at: AwareDatetime
    reference: UUID
    cover: Cover


class Token(BaseModel):
    """A token as OAuth2 has it (RFC 6749, section 5.1)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,8192}$")]
    token_type: Annotated[str, StringConstraints(pattern=r"^[Bb]earer$")]
    expires_in: Annotated[int, Field(ge=1)] = 3600
