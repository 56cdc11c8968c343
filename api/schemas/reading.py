"""What the service says of a lead's protection, holds, requests and history."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.acts import CollaboratorOutput
from api.schemas.base import Instant, Output
from protection.explain_texts import Language
from protection.facts import EndReason, HoldReason
from protection.requests import RequestKind, RequestStatus
from protection.state import Status
from protection.steps import Rule, Subject
from services.clock_reading import Knowledge


class ActiveHold(Output):
    """A hold for which the clock stands still, `[startAt, endAt)`; open while `endAt` is null."""

    id: str
    reason: HoldReason
    start_at: Instant
    end_at: Instant | None


class Standing(Output):
    """Protection at an instant. Deadlines are null where they are unknown, or do not apply.

    Attributes:
        reason: which period ended protection, where one did.
        assigned_at: start of the owner's tenure.
        last_qual_activity_at: the latest qualifying activity.
        valid_until: when protection ends if nothing else happens and the reminder goes out when due; after
            the end, when it ended.
        active_holds: why the clock stands still.
    """

    status: Status
    paused: bool
    reason: EndReason | None
    owner: str
    assigned_at: Instant | None
    last_qual_activity_at: Instant | None
    reminder_due_at: Instant | None
    grace_until: Instant | None
    base_until: Instant | None
    progress_until: Instant | None
    valid_until: Instant | None
    active_holds: list[ActiveHold]
    policy_version: str


class ExplainedStep(Output):
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
    from_at: Instant | None
    to_at: Instant | None
    count: int
    stood_still_seconds: int
    word: str


class ExplainedDeadline(Output):
    """A deadline and the steps that made it, in order."""

    subject: Subject
    at: Instant | None
    steps: list[ExplainedStep]


class Explained(Output):
    """Why protection is what it is: for programs, and in words.

    Attributes:
        text: the same in words, line by line.
    """

    as_of: Instant
    status: Status
    paused: bool
    timezone: str
    policy_version: str
    deadlines: list[ExplainedDeadline]
    language: Language
    text: str


class Protection(Standing):
    """A lead's protection.

    Attributes:
        revision: how many facts were known.
        as_of: the instant it speaks of; not told where it is the present.
        as_known: with `asOf`: whose knowledge it rests on.
        assumed: with `asOf`: the instant is still to come; reminders are taken to go out when due.
    """

    lead: UUID
    revision: int
    as_of: Instant | None = None
    as_known: Knowledge | None = None
    assumed: bool | None = None
    explanation: Explained | None = None


class HoldRead(Output):
    """A hold of the lead, past, present or planned.

    Attributes:
        active: the clock stands still because of it now.
    """

    id: str
    reason: HoldReason
    start_at: Instant
    end_at: Instant | None
    placed_by: str | None
    active: bool


class HoldList(Output):
    """All holds of a lead, by start."""

    items: list[HoldRead]


class RequestRead(Output):
    """Something that was asked for, and what became of it.

    Attributes:
        start_at: of the hold, as approved once it is.
        days: of the extension, as granted once it is.
        next_step_at: when the next step with the customer is planned.
        decided_at: when it was decided, withdrawn or became void.
        words: what was written about it, by part (`reason`, `next-step`, `note`), for whoever may read it.
        decision_words: the same of the decision.
    """

    id: str
    kind: RequestKind
    status: RequestStatus
    reason: HoldReason | None
    start_at: Instant | None
    end_at: Instant | None
    days: int | None
    next_step_at: Instant | None
    requested_by: str
    requested_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    words: dict[str, str]
    decision_words: dict[str, str]


class HoldStanding(Output):
    """A hold, the request for it, or both: they have one id.

    Attributes:
        hold: null while it is only asked for, or was never approved.
        request: null where nobody had to ask.
    """

    id: str
    hold: HoldRead | None
    request: RequestRead | None


class ExtensionStanding(Output):
    """An extension of the base period, the request for it, or both.

    Attributes:
        id: of the request, or of the fact that granted the days without one.
        days: as granted; null while nothing is. What was corrected later is in the timeline.
        request: null where nobody had to ask.
    """

    id: str
    days: int | None
    granted_by: str | None
    granted_at: Instant | None
    request: RequestRead | None


class RequestList(Output):
    """All requests about a lead, in order of asking."""

    items: list[RequestRead]


class CollaboratorList(Output):
    """Everybody a lead is shared with."""

    items: list[CollaboratorOutput]


class PendingRequestRead(Output):
    """A request nobody has decided, and the lead it is about.

    Attributes:
        mine: the caller asked for it, so somebody else decides.
        status: of the lead.
        valid_until: when its protection ends if nothing happens.
        revision: of the lead; `If-Match: "<revision>"` decides on what was seen.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    valid_until: Instant | None
    revision: int
    id: str
    kind: RequestKind
    reason: HoldReason | None
    start_at: Instant | None
    end_at: Instant | None
    days: int | None
    next_step_at: Instant | None
    requested_by: str
    requested_at: Instant
    mine: bool


class KpiRead(Output):
    """How the caller's leads stand, and what happened to them since an instant.

    Attributes:
        counts: leads by status.
        paused: leads whose clock stands still.
        with_problem: leads an operator has to look at.
        wake_ups_overdue: leads whose clock should have moved 15 minutes ago or earlier.
        reminders_due: reminders that should go out and have not.
        expiring: leads whose protection ends within 7 days if nothing happens.
        expired_last_day: leads that lapsed within the last 24 hours.
        reminders_sent: since then.
        reminders_bounced: since then.
        reactivated: how often a progress ended a lead's grace since then.
        hold_days: days on which leads stood still since then, by reason.
        requests_pending: requests nobody has decided.
        holds_decided: requests for a hold that were decided since then.
        hold_decision_median_seconds: half of those waited no longer.
        dead_letters: mails that were given up.
        mails_waiting: mails that are still tried.
    """

    as_of: Instant
    since: Instant
    counts: dict[Status, int]
    paused: int
    with_problem: int
    wake_ups_overdue: int
    reminders_due: int
    expiring: int
    expired_last_day: int
    reminders_sent: int
    reminders_bounced: int
    reactivated: int
    hold_days: dict[HoldReason, float]
    requests_pending: int
    oldest_request_at: Instant | None
    holds_decided: int
    hold_decision_median_seconds: float | None
    hold_decision_longest_seconds: float | None
    dead_letters: int
    mails_waiting: int


class TimelineEntry(Output):
    """Something that happened.

    Attributes:
        kind: a fact of the ledger, or a mail we sent.
        id: of the fact, or of the mail.
        type: the fact's type, or the kind of mail.
        at: when it was recorded or sent.
        by: who said so; of a mail, whom it went to.
        by_name: what that person is called, where the caller may know.
        text: the same in words.
        fact: the fact itself.
        notes: what was written about it, where the caller may read it.
        mail_status: `sending`, `sent`, `bounced` or `dead`.
    """

    kind: Literal["fact", "mail"]
    id: str
    type: str
    at: Instant
    by: str
    by_name: str | None
    text: str
    fact: dict[str, Any] | None
    notes: list[str]
    mail_status: str | None


class AuditEntry(Output):
    """A row of the audit chain, its values as they are hashed; hashes in hexadecimal.

    Attributes:
        seq: its place in the tenant's chain.
        audit_id: what made a repetition of it known; rows about facts have none.
        reason: why, in stable words.
        words: why, as somebody wrote it, from the lead's personal data and no part of the chain; only in
            the audit of one lead, for whoever may read those, until they are erased.
        whole: it is as it was written, and follows the row before it.
    """

    seq: int
    audit_id: str | None
    actor: str
    what: str
    lead: UUID | None
    fact_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None
    words: list[str]
    at: Instant
    prev_hash: str
    hash: str
    whole: bool


class AuditVerification(Output):
    """The audit chain of the tenant, checked from its first row.

    Attributes:
        whole: nothing was changed, taken out, put in, or (with `kept`) written anew.
        first_broken: the first row that is not as it was written, or that is missing.
        rows: how many rows there are.
        head_seq: number of the last row that was ever written.
        head_hash: its hash. Kept elsewhere, it shows later that the chain was not written anew.
        head: both together, to be kept and to be asked for later as `kept`.
        kept_is_there: whether the head sent as `kept` still belongs to the chain; null if none was sent.
    """

    whole: bool
    first_broken: int | None
    rows: int
    head_seq: int
    head_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    head: str
    kept_is_there: bool | None
