"""The subject protection. Made by `make openapi`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import ActiveHold, Explained, Protection
from client.words import Code, Counting, EndReason, HoldReason, Knowledge, Mode, Status, WorkingDayRoll


class Gained(Told):
    """By how many days each deadline moves; negative is lost, null where one of the two is unknown."""

    base_until: int | None
    progress_until: int | None
    reminder_due_at: int | None
    grace_until: int | None
    valid_until: int | None


class Standing(Told):
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
    assigned_at: datetime | None
    last_qual_activity_at: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    base_until: datetime | None
    progress_until: datetime | None
    valid_until: datetime | None
    active_holds: list[ActiveHold]
    policy_version: str


class Compared(Told):
    """The protection at an instant, as things are and as they would be."""

    as_of: datetime
    before: Standing
    after: Standing
    gained_days: Gained


class OtherPolicy(Sent):
    """Fields of the policy that would be others; the rest stays as it is for this lead."""

    timezone: str | None = None
    base_months: int | None = None
    progress_days: int | None = None
    grace_days: int | None = None
    mode: Mode | None = None
    counting: Counting | None = None
    working_day_roll: WorkingDayRoll | None = None
    closed_days: list[date] | None = None
    qualifying_kinds: list[str] | None = None
    other_kinds: list[str] | None = None
    preregistration_days: int | None = None
    preregistration_delete_days: int | None = None
    extension_decision_days: int | None = None


class RefusedSupposition(Told):
    """Something supposed that the contract would not allow.

    Attributes:
        index: which of the facts; null is the policy.
        pointer: JSON pointer to the field at fault.
    """

    index: int | None
    pointer: str
    code: Code
    detail: str


class StatusChange(Told):
    """A change of status; the first of a course is where it begins."""

    at: datetime
    to: Status
    reason: EndReason | None


class PreviewAnswer(Told):
    """What would become of the lead.

    Attributes:
        now: from where both courses go on.
        compared: one per instant asked for, in that order.
        transitions_before: how the status changes as things are.
        transitions_after: how it would change.
        explanation: the steps behind the deadlines as they would be, at the last instant.
    """

    lead: UUID
    now: datetime
    compared: list[Compared]
    transitions_before: list[StatusChange]
    transitions_after: list[StatusChange]
    refused: list[RefusedSupposition]
    explanation: Explained


class SupposedActivity(Sent):
    """An activity; `occurredAt` is `at` where it is left out."""

    at: datetime | None = None
    type: Literal["activity"]
    kind: str
    occurred_at: datetime | None = None


class SupposedConversion(Sent):
    """A customer agreement is made."""

    at: datetime | None = None
    type: Literal["converted"]
    customer_no: str | None = None
    agreement_date: date | None = None


class Replacement(Sent):
    """The fields of a fact that were wrong, as they are right."""

    kind: str | None = None
    occurred_at: datetime | None = None
    registered_at: datetime | None = None
    reason: HoldReason | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    ended_at: datetime | None = None
    days: int | None = None


class SupposedCorrection(Sent):
    """A fact turns out to be wrong: these of its fields, or (without `replacement`) all of it."""

    at: datetime | None = None
    type: Literal["corrected"]
    corrects: str
    replacement: Replacement | None = None


class SupposedDecision(Sent):
    """A request is decided, by whoever may."""

    at: datetime | None = None
    type: Literal["request_decided"]
    request: str
    approved: bool
    days: int | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


class SupposedExtension(Sent):
    """The base period is extended."""

    at: datetime | None = None
    type: Literal["extension_granted"]
    days: int


class SupposedExtensionRequest(Sent):
    """An extension is asked for."""

    at: datetime | None = None
    type: Literal["extension_requested"]
    request: str | None = None
    days: int | None = None


class SupposedHold(Sent):
    """A hold is placed; `startAt` is `at` where it is left out."""

    at: datetime | None = None
    type: Literal["hold_placed"]
    reason: HoldReason = "OTHER"
    hold: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


class SupposedHoldRelease(Sent):
    """A hold ends."""

    at: datetime | None = None
    type: Literal["hold_released"]
    hold: str
    ended_at: datetime | None = None


class SupposedHoldRequest(Sent):
    """A hold is asked for."""

    at: datetime | None = None
    type: Literal["hold_requested"]
    reason: HoldReason = "OTHER"
    request: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


class SupposedRegistration(Sent):
    """A pre-registered lead is registered."""

    at: datetime | None = None
    type: Literal["registered"]
    owner: str
    registered_at: datetime | None = None


class SupposedReinstatement(Sent):
    """A lapsed or released lead is brought back."""

    at: datetime | None = None
    type: Literal["reinstated"]
    restart_base: bool = False


class SupposedRelease(Sent):
    """The lead is given up."""

    at: datetime | None = None
    type: Literal["released"]


class SupposedTransfer(Sent):
    """The lead gets another owner."""

    at: datetime | None = None
    type: Literal["transferred"]
    owner: str
    restart_base: bool = False


class SupposedWithdrawal(Sent):
    """A request is withdrawn."""

    at: datetime | None = None
    type: Literal["request_withdrawn"]
    request: str


class PreviewQuestion(Sent):
    """What if?

    Attributes:
        facts: what might happen, in any order. What one of them makes without naming it (a hold, a request,
            the fact itself) has the id `what-if-<index>`.
        policy: how the rules might be, from now on.
        as_of: instants to compare, none in the past; left out, the latest supposed fact's, else now.
        until: where to stop; what is supposed for later is left out. Left out, the end of protection.
    """

    facts: list[
        Annotated[
            SupposedActivity
            | SupposedHold
            | SupposedHoldRelease
            | SupposedExtension
            | SupposedHoldRequest
            | SupposedExtensionRequest
            | SupposedDecision
            | SupposedWithdrawal
            | SupposedTransfer
            | SupposedRegistration
            | SupposedConversion
            | SupposedRelease
            | SupposedReinstatement
            | SupposedCorrection,
            Field(discriminator="type"),
        ]
    ] = Field(default_factory=list)
    policy: OtherPolicy | None = None
    as_of: list[datetime] | None = None
    until: datetime | None = None


class ProtectionClock(Group):
    """Operations of the subject protection."""

    def get_protection(
        self,
        lead: UUID,
        *,
        as_of: datetime | None = None,
        as_known: Knowledge | None = None,
        explain: bool | None = None,
        lang: Literal["de", "en"] | None = None,
        if_none_match: str | None = None,
    ) -> Answer[Protection]:
        """Say whether the lead is protected, until when, and why.
         Without `asOf` and `explain` this is one row, with an ETag that `If-None-Match` takes. With `asOf` in
        the past it is what was known then, or (`asKnown=now`) what is known today of that instant:
        corrections and late entries keep both truths. An instant before the lead was registered is a 404 of
        the kind `not-yet-registered`.
        """
        call = Call(
            method="GET",
            path=address("/api/leads/{lead}/protection", lead=lead),
            query={"asOf": as_of, "asKnown": as_known, "explain": explain, "lang": lang},
            headers={"If-None-Match": if_none_match},
        )
        return self._asker.ask(call, {200: Protection})

    def preview_protection(
        self, lead: UUID, body: PreviewQuestion, *, lang: Literal["de", "en"] | None = None
    ) -> Answer[PreviewAnswer]:
        """Say what would become of the protection if something happened or the policy were another.

        Nothing is written, so whoever may read the lead may ask. What the contract would not allow is told in
        `refused`, fact by fact; the others are played on.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/protection/preview", lead=lead),
            query={"lang": lang},
            body=body,
        )
        return self._asker.ask(call, {200: PreviewAnswer})
