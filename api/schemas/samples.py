"""Samples: what is said about boxes, test phases and feedback, and what is on record."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from activities.sample_orders import Closed, ContactRole
from adapters import sample_records as records
from adapters.sample_records import BoxStatus, FeedbackSource, Stage, TestOutcome
from api.schemas.base import Choice, Id, Input, Instant, Output, Uuid
from api.schemas.opening import Note
from services.sample_checks import MAX_COMMENT, MOST_ITEMS, MOST_QTY

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}$")]
Comment = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_COMMENT, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"),
]
# A change in per cent, two decimals; that there are no more, the service looks at.
Change = Annotated[float, Field(ge=-99999.99, le=99999.99)]


class ItemInput(Input):
    """A product and how much of it."""

    sku: Sku
    qty: Annotated[int, Field(ge=1, le=MOST_QTY)]


class BoxInput(Input):
    """A box to be promised. Without `promisedAt` nothing is ever late; `notes` are kept encrypted."""

    lead_id: Uuid
    account_id: Id | None = None
    items: Annotated[list[ItemInput], Field(min_length=1, max_length=MOST_ITEMS)]
    notes: Note | None = None
    promised_at: Instant | None = None


class MomentInput(Input):
    """When it happened; left out it is now. Never in the future."""

    at: Instant | None = None


class PhaseInput(Input):
    """A test phase of a box; without `endsAt` it is open."""

    box_id: Uuid
    stage: Choice[Stage]
    starts_at: Instant
    ends_at: Instant | None = None


class ResultInput(Input):
    """How a product did; changes in per cent with two decimals."""

    sku: Sku
    outcome: Choice[TestOutcome]
    sell_through: Change | None = None
    waste_change: Change | None = None

    def said(self) -> records.TestResult:
        """The same for the service."""
        return records.TestResult(
            self.sku, self.outcome, _decimal(self.sell_through), _decimal(self.waste_change)
        )


class ResultsInput(Input):
    """How products did in a test phase; told again, the new result takes the old one's place."""

    results: Annotated[list[ResultInput], Field(min_length=1, max_length=MOST_ITEMS)]


class RatingInput(Input):
    """What somebody thinks of a product; 5 is best. Comments are kept encrypted."""

    sku: Sku
    rating: Annotated[int, Field(ge=1, le=5)]
    comment: Comment | None = None

    def said(self) -> records.Rating:
        """The same for the service."""
        return records.Rating(self.sku, self.rating, self.comment)


Ratings = Annotated[list[RatingInput], Field(min_length=1, max_length=MOST_ITEMS)]


class HeardInput(Input):
    """What a customer has told one of us: on the phone, in a mail, at a visit."""

    source: Choice[FeedbackSource]
    contact_role: Choice[ContactRole]
    ratings: Ratings
    given_at: Instant | None = None


class FormInput(Input):
    """What a customer says himself. `website` is a trap: leave it out."""

    contact_role: Choice[ContactRole]
    ratings: Ratings
    website: Annotated[str, Field(max_length=0)] | None = None


class ItemRead(Output):
    """A product and how much of it."""

    sku: str
    qty: int


class ResultRead(Output):
    """How a product did; null: not measured."""

    sku: str
    outcome: TestOutcome
    sell_through: float | None
    waste_change: float | None


class PhaseRead(Output):
    """A test phase with its results."""

    id: UUID
    stage: Stage
    starts_at: Instant
    ends_at: Instant | None
    results: list[ResultRead]

    @classmethod
    def of(cls, phase: records.TestPhase) -> Self:
        """What is on record."""
        return cls(
            id=phase.id,
            stage=phase.stage,
            starts_at=phase.starts_at,
            ends_at=phase.ends_at,
            results=[
                ResultRead(
                    sku=one.sku,
                    outcome=one.outcome,
                    sell_through=None if one.sell_through is None else float(one.sell_through),
                    waste_change=None if one.waste_change is None else float(one.waste_change),
                )
                for one in phase.results
            ],
        )


class RatingRead(Output):
    """What somebody thinks of a product; the comment is null where it was erased, or is not yours to read."""

    sku: str
    rating: int
    comment: str | None


class FeedbackRead(Output):
    """What was said at one time.

    Attributes:
        told_by: who put it on record; `feedback-form` where the customer did.
        progress: `recorded` once it counts as progress, else why not; null: the clock was not told yet.
    """

    id: UUID
    source: FeedbackSource
    contact_role: ContactRole
    told_by: str
    given_at: Instant
    progress: str | None
    ratings: list[RatingRead]

    @classmethod
    def of(cls, said: records.Feedback) -> Self:
        """What is on record."""
        return cls(
            id=said.id,
            source=said.source,
            contact_role=said.contact_role,
            told_by=said.told_by,
            given_at=said.given_at,
            progress=said.outcome,
            ratings=[RatingRead(sku=one.sku, rating=one.rating, comment=one.comment) for one in said.ratings],
        )


class FeedbackList(Output):
    """Everything that was said, the newest first."""

    items: list[FeedbackRead]


class FormState(Output):
    """The form the customer was invited to; its address is secret and not told here."""

    issued_at: Instant
    expires_at: Instant
    closed_at: Instant | None
    closed_as: Closed | None


class BoxRead(Output):
    """A box of samples with all that came of it."""

    id: UUID
    lead: UUID
    account_id: str | None
    status: BoxStatus
    items: list[ItemRead]
    notes: str | None
    promised_at: Instant | None
    created_by: str
    created_at: Instant
    shipped_at: Instant | None
    delivered_at: Instant | None
    cancelled_at: Instant | None
    phases: list[PhaseRead]
    feedback: list[FeedbackRead]
    form: FormState | None

    @classmethod
    def of(cls, box: records.SampleBox) -> Self:
        """What is on record."""
        form = box.form
        return cls(
            id=box.id,
            lead=box.lead,
            account_id=box.account,
            status=box.status,
            items=[ItemRead(sku=item.sku, qty=item.qty) for item in box.items],
            notes=box.notes,
            promised_at=box.promised_at,
            created_by=box.created_by,
            created_at=box.created_at,
            shipped_at=box.shipped_at,
            delivered_at=box.delivered_at,
            cancelled_at=box.cancelled_at,
            phases=[PhaseRead.of(phase) for phase in box.phases],
            feedback=[FeedbackRead.of(said) for said in box.feedback],
            form=None
            if form is None
            else FormState(
                issued_at=form.issued_at,
                expires_at=form.expires_at,
                closed_at=form.closed_at,
                closed_as=form.closed_as,
            ),
        )


class BoxList(Output):
    """All boxes of a lead, the newest first."""

    items: list[BoxRead]


class OpenFormRead(Output):
    """A form that takes feedback: which products may be rated, in which language the customer was asked."""

    open: bool
    skus: list[str]
    language: str


class FormTaken(Output):
    """Thank you; it is on record."""

    received: bool


def _decimal(figure: float | None) -> Decimal | None:
    return None if figure is None else Decimal(str(figure))
