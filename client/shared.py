"""Models of several subjects. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from client.base import Sent, Told
from client.words import EndReason, HoldReason, Knowledge, RequestStatus, Rule, Share, Status, Subject


class Acted(Told):
    """What came of an act, once it is on record.

    Attributes:
        fact_id: the fact's id in the lead's timeline.
        revision: the ledger's revision that holds it.
        valid_until: when protection ends if nothing else happens; null while unknown.
    """

    lead: UUID
    fact_id: str
    revision: int | None
    status: Status
    paused: bool
    valid_until: datetime | None


class ActiveHold(Told):
    """A hold for which the clock stands still, `[startAt, endAt)`; open while `endAt` is null."""

    id: str
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None


class CollaboratorOutput(Told):
    """Somebody the lead is shared with, since when and by whom."""

    user_id: str
    role: Share
    added_by: str
    added_at: datetime


class ExplainedStep(Told):
    """One step towards a deadline.

    Attributes:
        clause: letter of the contract's clause.
        fact_ids: the facts it rests on.
        count: how many months or days the rule counts.
        stood_still_seconds: how long the clock stood still, for holds.
        word: a word of the domain that the rule is about.
    """

    rule: Rule
    clause: str
    fact_ids: list[str]
    from_at: datetime | None
    to_at: datetime | None
    count: int
    stood_still_seconds: int
    word: str


class ExplainedDeadline(Told):
    """A deadline and the steps that made it, in order."""

    subject: Subject
    at: datetime | None
    steps: list[ExplainedStep]


class Explained(Told):
    """Why protection is what it is: for programs, and in words.

    Attributes:
        text: the same in words, line by line.
    """

    as_of: datetime
    status: Status
    paused: bool
    timezone: str
    policy_version: str
    deadlines: list[ExplainedDeadline]
    language: Literal["de", "en"]
    text: str


class Protection(Told):
    """A lead's protection.

    Attributes:
        revision: how many facts were known.
        as_of: the instant it speaks of; not told where it is the present.
        as_known: with `asOf`: whose knowledge it rests on.
        assumed: with `asOf`: the instant is still to come; reminders are taken to go out when due.
    """

    status: Status
    paused: bool
    reason: EndReason | None
    owner: str
    assigned_at: datetime | None
    last_qual_activity_at: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    base_until: datetime | None
    progress_until: datetime | None
    valid_until: datetime | None
    active_holds: list[ActiveHold]
    policy_version: str
    lead: UUID
    revision: int
    as_of: datetime | None = None
    as_known: Knowledge | None = None
    assumed: bool | None = None
    explanation: Explained | None = None


class RatingInput(Sent):
    """What somebody thinks of a product; 5 is best. Comments are kept encrypted."""

    sku: str
    rating: int
    comment: str | None = None


class RejectInput(Sent):
    """Why not; whoever asked is told."""

    reason: str


class RequestActed(Told):
    """Where a request stands now.

    Attributes:
        state: PENDING, APPROVED, REJECTED, WITHDRAWN or VOID.
        start_at: of the hold, as approved once it is.
        days: of the extension, as granted once it is.
    """

    lead: UUID
    fact_id: str
    revision: int | None
    status: Status
    paused: bool
    valid_until: datetime | None
    id: str
    state: RequestStatus
    reason: HoldReason | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    days: int | None = None
    next_step_at: datetime | None = None
