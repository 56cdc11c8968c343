"""What the steps of a sample box's workflow are ordered with, and what they answer. Ids and instants only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

READ_SAMPLE = "read-sample"
SETTLE_FEEDBACK = "settle-feedback"
ISSUE_INVITATION = "issue-invitation"
CLOSE_INVITATION = "close-invitation"
OPEN_SAMPLE_DELAY = "open-sample-delay"
END_SAMPLE_DELAY = "end-sample-delay"


class DelayHold(StrEnum):
    """What comes of samples that are shipped late (setting `sample.delay.hold`). Wire names."""

    OFF = "off"
    PROPOSED = "proposed"
    PLACED = "placed"


class Closed(StrEnum):
    """Why a feedback form takes no more. Wire names.

    Attributes:
        USED: somebody has answered, and one answer was wanted.
        CLOSED: its days were over.
        CANCELLED: the box was called off.
        ERASED: the lead's personal data were erased.
    """

    USED = "used"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ERASED = "erased"


class ContactRole(StrEnum):
    """What somebody does at the customer's. Wire names."""

    CHEF = "CHEF"
    BUYER = "BUYER"
    GM = "GM"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """A step about one box.

    Attributes:
        tenant: uuid.
        lead: uuid.
        box: uuid.
        at: the instant of the step, ISO 8601 with a zone.
        submission: uuid of the feedback it is about; None for the other steps.
        mode: what is to come of a delay, a `DelayHold`; None for the other steps.
        since: when a delay began, ISO 8601 with a zone; None for the other steps.
        why: a `Closed`; None for the other steps.
    """

    tenant: str
    lead: str
    box: str
    at: str
    submission: str | None = None
    mode: str | None = None
    since: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class SampleSeen:
    """Where a box stands. Instants are ISO 8601 UTC; None: not yet, or none.

    Attributes:
        wanted: whether the customer is still to be asked: the lead is protected, or a customer.
        promised_at: by when the samples were to be shipped.
        phases_end_at: when the last test phase that has an end is over.
        rated: whether anybody has said how the samples were.
        unsettled: uuids of the feedback that the lead's clock has not been told of.
        invitation: uuid of the invitation.
        delay_known: whether a hold was placed or asked for because of this box.
        delay_lasts: whether it is still in force, or still to be decided.
        delay_mode: what is to come of a delay, a `DelayHold`.
        invite_days: days from delivery to the invitation.
        remind_days: days from the invitation to its reminder; None: there is none.
    """

    wanted: bool
    promised_at: str | None = None
    shipped_at: str | None = None
    delivered_at: str | None = None
    cancelled_at: str | None = None
    phases_end_at: str | None = None
    rated: bool = False
    unsettled: list[str] = field(default_factory=list)
    invitation: str | None = None
    issued_at: str | None = None
    expires_at: str | None = None
    closed_at: str | None = None
    delay_known: bool = False
    delay_lasts: bool = False
    delay_mode: str = DelayHold.OFF
    invite_days: int = 0
    remind_days: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a step at the lead's clock: `recorded`, or the code of the refusal."""

    outcome: str
