"""The subject samples. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import RatingInput
from client.words import BoxStatus, Closed, ContactRole, FeedbackSource, Stage, TestOutcome


class ItemInput(Sent):
    """A product and how much of it."""

    sku: str
    qty: int


class BoxInput(Sent):
    """A box to be promised. Without `promisedAt` nothing is ever late; `notes` are kept encrypted."""

    lead_id: UUID
    account_id: str | None = None
    items: list[ItemInput]
    notes: str | None = None
    promised_at: datetime | None = None


class RatingRead(Told):
    """What somebody thinks of a product; the comment is null where it was erased, or is not yours to read."""

    sku: str
    rating: int
    comment: str | None


class FeedbackRead(Told):
    """What was said at one time.

    Attributes:
        told_by: who put it on record; `feedback-form` where the customer did.
        progress: `recorded` once it counts as progress, else why not; null: the clock was not told yet.
    """

    id: UUID
    source: FeedbackSource
    contact_role: ContactRole
    told_by: str
    given_at: datetime
    progress: str | None
    ratings: list[RatingRead]


class FormState(Told):
    """The form the customer was invited to; its address is secret and not told here."""

    issued_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    closed_as: Closed | None


class ItemRead(Told):
    """A product and how much of it."""

    sku: str
    qty: int


class ResultRead(Told):
    """How a product did; null: not measured."""

    sku: str
    outcome: TestOutcome
    sell_through: float | None
    waste_change: float | None


class PhaseRead(Told):
    """A test phase with its results."""

    id: UUID
    stage: Stage
    starts_at: datetime
    ends_at: datetime | None
    results: list[ResultRead]


class BoxRead(Told):
    """A box of samples with all that came of it."""

    id: UUID
    lead: UUID
    account_id: str | None
    status: BoxStatus
    items: list[ItemRead]
    notes: str | None
    promised_at: datetime | None
    created_by: str
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    phases: list[PhaseRead]
    feedback: list[FeedbackRead]
    form: FormState | None


class BoxList(Told):
    """All boxes of a lead, the newest first."""

    items: list[BoxRead]


class FeedbackList(Told):
    """Everything that was said, the newest first."""

    items: list[FeedbackRead]


class HeardInput(Sent):
    """What a customer has told one of us: on the phone, in a mail, at a visit."""

    source: FeedbackSource
    contact_role: ContactRole
    ratings: list[RatingInput]
    given_at: datetime | None = None


class MomentInput(Sent):
    """When it happened; left out it is now. Never in the future."""

    at: datetime | None = None


class PhaseInput(Sent):
    """A test phase of a box; without `endsAt` it is open."""

    box_id: UUID
    stage: Stage
    starts_at: datetime
    ends_at: datetime | None = None


class ResultInput(Sent):
    """How a product did; changes in per cent with two decimals."""

    sku: str
    outcome: TestOutcome
    sell_through: float | None = None
    waste_change: float | None = None


class ResultsInput(Sent):
    """How products did in a test phase; told again, the new result takes the old one's place."""

    results: list[ResultInput]


class Samples(Group):
    """Operations of the subject samples."""

    def read_sample_boxes(self, lead: UUID) -> Answer[BoxList]:
        """All boxes of a lead with what came of them, the newest first."""
        call = Call(method="GET", path=address("/api/leads/{lead}/sample-boxes", lead=lead))
        return self._asker.ask(call, {200: BoxList})

    def read_sample_box(self, box: UUID) -> Answer[BoxRead]:
        """A box with all that came of it."""
        call = Call(method="GET", path=address("/api/sample-boxes/{box}", box=box))
        return self._asker.ask(call, {200: BoxRead})

    def promise_sample_box(self, body: BoxInput, *, idempotency_key: str | None = None) -> Answer[BoxRead]:
        """Promise a box of samples.

        Its workflow follows it: a shipment that comes later than promised proposes a hold (setting
        `sample.delay.hold`), feedback is asked for after the delivery, and closes the box.
        """
        call = Call(
            method="POST",
            path="/api/sample-boxes",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: BoxRead})

    def ship_sample_box(
        self, box: UUID, body: MomentInput, *, idempotency_key: str | None = None
    ) -> Answer[BoxRead]:
        """Note that a box is on its way."""
        call = Call(
            method="POST",
            path=address("/api/sample-boxes/{box}/shipped", box=box),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: BoxRead})

    def deliver_sample_box(
        self, box: UUID, body: MomentInput, *, idempotency_key: str | None = None
    ) -> Answer[BoxRead]:
        """Note that a box has arrived; a hold because it was late ends."""
        call = Call(
            method="POST",
            path=address("/api/sample-boxes/{box}/delivered", box=box),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: BoxRead})

    def cancel_sample_box(self, box: UUID, *, idempotency_key: str | None = None) -> Answer[BoxRead]:
        """Call a box off; its feedback form closes."""
        call = Call(
            method="POST",
            path=address("/api/sample-boxes/{box}/cancelled", box=box),
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )
        return self._asker.ask(call, {200: BoxRead})

    def note_feedback(
        self, box: UUID, body: HeardInput, *, idempotency_key: str | None = None
    ) -> Answer[FeedbackRead]:
        """Put on record what a customer has told one of us.

        On the phone, in a mail, or at a visit. It counts as progress.
        """
        call = Call(
            method="POST",
            path=address("/api/sample-boxes/{box}/feedback", box=box),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: FeedbackRead})

    def plan_test_phase(self, body: PhaseInput, *, idempotency_key: str | None = None) -> Answer[PhaseRead]:
        """Plan a test phase of a box; feedback is asked for when it is over."""
        call = Call(
            method="POST",
            path="/api/test-phases",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: PhaseRead})

    def note_test_results(
        self, phase: UUID, body: ResultsInput, *, idempotency_key: str | None = None
    ) -> Answer[BoxRead]:
        """Note how products did in a test phase."""
        call = Call(
            method="POST",
            path=address("/api/test-phases/{phase}/results", phase=phase),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: BoxRead})

    def read_test_feedback(self, phase: UUID) -> Answer[FeedbackList]:
        """What was said about the samples of a test phase, the newest first."""
        call = Call(method="GET", path=address("/api/test-phases/{phase}/feedback", phase=phase))
        return self._asker.ask(call, {200: FeedbackList})
