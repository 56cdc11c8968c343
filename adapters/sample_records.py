"""Samples as they are on record: boxes, test phases, results and feedback. UTC instants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from activities.sample_orders import Closed, ContactRole

# What a product may be called.
SKU: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}")


class BoxStatus(StrEnum):
    """Where a box is. Wire names."""

    PROMISED = "PROMISED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


class Stage(StrEnum):
    """What a test phase tries. Wire names."""

    SAMPLE = "SAMPLE"
    TRIAL = "TRIAL"
    PRODUCTION_CANDIDATE = "PRODUCTION_CANDIDATE"


class TestOutcome(StrEnum):
    """How a product did in a test phase. Wire names."""

    SUCCESS = "SUCCESS"
    MIXED = "MIXED"
    FAIL = "FAIL"


class FeedbackSource(StrEnum):
    """How feedback reached us. Wire names."""

    EMAIL = "EMAIL"
    FORM = "FORM"
    PHONE = "PHONE"
    VISIT = "VISIT"


@dataclass(frozen=True, slots=True)
class Item:
    """A product in a box."""

    sku: str
    qty: int


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a product did in a test phase.

    Attributes:
        sell_through: change in per cent, two decimals; None: not measured.
        waste_change: the same.
    """

    sku: str
    outcome: TestOutcome
    sell_through: Decimal | None = None
    waste_change: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TestPhase:
    """A time in which the customer tries what was in a box; without an end it is open."""

    id: UUID
    stage: Stage
    starts_at: datetime
    ends_at: datetime | None
    results: tuple[TestResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody thinks of a product.

    Attributes:
        rating: 1 to 5.
        comment: None where there is none, it was erased, or it is not the reader's to read.
    """

    sku: str
    rating: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Said at one time by one person.

    Attributes:
        told_by: who put it on record; `feedback-form` where the customer did.
        outcome: `recorded` once it counts as progress, else why it does not; None: not told to the clock yet.
    """

    id: UUID
    source: FeedbackSource
    contact_role: ContactRole
    told_by: str
    given_at: datetime
    outcome: str | None
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True)
class FeedbackForm:
    """The form of a box; open while `closed_as` is None and it has not expired."""

    issued_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    closed_as: Closed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBox:
    """A box of samples with all that came of it.

    Attributes:
        account: the customer's account, if there is one.
        notes: None where there are none, they were erased, or are not the reader's to read.
        promised_at: by when it was to be shipped.
    """

    id: UUID
    lead: UUID
    account: str | None
    notes: str | None
    promised_at: datetime | None
    created_by: str
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    items: tuple[Item, ...]
    phases: tuple[TestPhase, ...]
    feedback: tuple[Feedback, ...]
    form: FeedbackForm | None

    @property
    def status(self) -> BoxStatus:
        """Where it is."""
        if self.cancelled_at is not None:
            return BoxStatus.CANCELLED
        if self.delivered_at is not None:
            return BoxStatus.DELIVERED
        return BoxStatus.PROMISED if self.shipped_at is None else BoxStatus.SHIPPED

    @property
    def skus(self) -> tuple[str, ...]:
        """What is in it."""
        return tuple(item.sku for item in self.items)
