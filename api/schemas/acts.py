"""Acts on leads: what is said, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.base import Choice, Day, Id, Input, Instant, Line, Output
from api.schemas.opening import ContactInput, ExternalId, Note, Postcode, Reason
from protection.facts import HoldReason
from protection.permission import Share
from protection.requests import RequestStatus
from protection.state import Status
from services.holding import Effect
from services.words import LeadSource

Days = Annotated[int, Field(ge=1, le=730)]


class ActivityInput(Input):
    """Something the agent did or the customer said. `occurredAt` left out is now; never in the future."""

    kind: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Z][A-Z_]*$")]
    occurred_at: Instant | None = None
    note: Note | None = None


class TransferInput(Input):
    """Who takes the lead over, and why. The base period restarts only if so said."""

    owner: Id
    reason: Reason
    restart_base: bool = False


class NoteInput(Input):
    """A word about it; kept encrypted."""

    note: Note | None = None


class ConvertInput(Input):
    """The written customer agreement."""

    customer_no: Id | None = None
    agreement_date: Day | None = None
    note: Note | None = None


class ReinstateInput(Input):
    """Why a lapsed or released lead comes back; `restartBase` where its base period is over."""

    reason: Reason
    restart_base: bool = False


class ReplacementInput(Input):
    """The corrected fields; null empties one that may be empty."""

    registered_at: Instant | None = None
    kind: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    occurred_at: Instant | None = None
    reason: Choice[HoldReason] | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None
    ended_at: Instant | None = None
    days: int | None = None

    def said(self) -> dict[str, Any]:
        """The fields that were sent, as the ledger spells them."""
        return self.model_dump(mode="json", include=self.model_fields_set, by_alias=False)


class CorrectionInput(Input):
    """An earlier fact was wrong: in these of its fields, or, without `replacement`, altogether.

    Fields that may be corrected: of a registration `registeredAt`; of an activity `kind`, `occurredAt`; of
    a hold `reason`, `startAt`, `endAt`; of a release `endedAt`; of an extension `days`.
    """

    corrects: Id
    replacement: ReplacementInput | None = None
    reason: Reason


class HoldInput(Input):
    """A hold somebody wants. `startAt` left out is now; without `endAt` it ends when it is released."""

    reason: Choice[HoldReason]
    start_at: Instant | None = None
    end_at: Instant | None = None
    note: Note | None = None


class ApproveHoldInput(Input):
    """The hold as asked for, or with another start or end."""

    start_at: Instant | None = None
    end_at: Instant | None = None
    note: Note | None = None


class RejectInput(Input):
    """Why not; whoever asked is told."""

    reason: Reason


class NextStepInput(Input):
    """What is to happen next with the customer, and when."""

    what: Note
    at: Instant


class ExtensionInput(Input):
    """More days of base period: why, and the next step. Whoever may decide says `days`."""

    reason: Note
    days: Days | None = None
    next_step: NextStepInput | None = None


class ApproveExtensionInput(Input):
    """How many days are granted."""

    days: Days
    note: Note | None = None


class CollaboratorInput(Input):
    """Whom the lead is shared with, and how."""

    user_id: Id
    role: Choice[Share]


class CollaboratorOutput(Output):
    """Somebody the lead is shared with, since when and by whom."""

    user_id: str
    role: Share
    added_by: str
    added_at: Instant


class LeadChange(Input):
    """What is to be different (merge patch): fields left out stay, null empties one.

    A contact replaces the old one as a whole.
    """

    external_id: ExternalId | None = None
    postcode: Postcode | None = None
    industry: Line | None = None
    source: Choice[LeadSource] | None = None
    contact: ContactInput | None = None


class Changed(Output):
    """The lead's version after a change, as in its ETag."""

    lead: UUID
    revision: int
    changed: int


class Acted(Output):
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
    valid_until: Instant | None


class ReminderOrdered(Output):
    """The reminder is being sent again; no fact tells of it, the audit does."""

    lead: UUID
    status: Status
    paused: bool
    valid_until: Instant | None


class HoldActed(Acted):
    """What came of asking for a hold.

    Attributes:
        id: of the hold, and of the request for it.
        effect: PLACED takes effect at once; REQUESTED waits for a manager.
    """

    id: str
    effect: Literal[Effect.PLACED, Effect.REQUESTED]
    reason: HoldReason
    start_at: Instant
    end_at: Instant | None


class ExtensionActed(Acted):
    """What came of asking for an extension.

    Attributes:
        id: of the request, or of the fact that grants it.
        effect: GRANTED takes effect at once; REQUESTED waits for a manager.
    """

    id: str
    effect: Literal[Effect.GRANTED, Effect.REQUESTED]
    days: int | None
    next_step_at: Instant | None = None


class RequestActed(Acted):
    """Where a request stands now.

    Attributes:
        state: PENDING, APPROVED, REJECTED, WITHDRAWN or VOID.
        start_at: of the hold, as approved once it is.
        days: of the extension, as granted once it is.
    """

    id: str
    state: RequestStatus
    reason: HoldReason | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None
    days: int | None = None
    next_step_at: Instant | None = None
