"""The subject facts. Made by `make openapi`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import Acted
from client.words import HoldReason, Status


class ActivityInput(Sent):
    """Something the agent did or the customer said. `occurredAt` left out is now; never in the future."""

    kind: str
    occurred_at: datetime | None = None
    note: str | None = None


class ConvertInput(Sent):
    """The written customer agreement."""

    customer_no: str | None = None
    agreement_date: date | None = None
    note: str | None = None


class ReplacementInput(Sent):
    """The corrected fields; null empties one that may be empty."""

    registered_at: datetime | None = None
    kind: str | None = None
    occurred_at: datetime | None = None
    reason: HoldReason | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    ended_at: datetime | None = None
    days: int | None = None


class CorrectionInput(Sent):
    """An earlier fact was wrong: in these of its fields, or, without `replacement`, altogether.

    Fields that may be corrected: of a registration `registeredAt`; of an activity `kind`, `occurredAt`; of
    a hold `reason`, `startAt`, `endAt`; of a release `endedAt`; of an extension `days`.
    """

    corrects: str
    replacement: ReplacementInput | None = None
    reason: str


class NoteInput(Sent):
    """A word about it; kept encrypted."""

    note: str | None = None


class ReinstateInput(Sent):
    """Why a lapsed or released lead comes back; `restartBase` where its base period is over."""

    reason: str
    restart_base: bool = False


class ReminderOrdered(Told):
    """The reminder is being sent again; no fact tells of it, the audit does."""

    lead: UUID
    status: Status
    paused: bool
    valid_until: datetime | None


class TransferInput(Sent):
    """Who takes the lead over, and why. The base period restarts only if so said."""

    owner: str
    reason: str
    restart_base: bool = False


class Facts(Group):
    """Operations of the subject facts."""

    def log_activity(
        self,
        lead: UUID,
        body: ActivityInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[Acted]:
        """Log something the agent did or the customer said; progress if its kind qualifies.

        Progress is QUALIFIED_CALL, CUSTOMER_REACTION, SCHEDULED_FOLLOWUP, SAMPLE_FEEDBACK, ROI_PRESENTATION.
        EMAIL_SENT, NOTE, CALL_ATTEMPT, MEETING_PLANNED and the like are recorded and move no deadline.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/activities", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: Acted})

    def transfer_lead(
        self,
        lead: UUID,
        body: TransferInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[Acted]:
        """Hand the lead over: a new tenure starts, with its own 60 days for progress.

        For managers.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/transfer", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: Acted})

    def release_lead(
        self, lead: UUID, body: NoteInput, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> Answer[Acted]:
        """Give the lead up: protection ends at once and anybody may win it."""
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/release", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: Acted})

    def convert_lead(
        self,
        lead: UUID,
        body: ConvertInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[Acted]:
        """The lead has become a customer: a written agreement exists.

        Its clock ends here. For managers.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/convert", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: Acted})

    def reinstate_lead(
        self,
        lead: UUID,
        body: ReinstateInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[Acted]:
        """Bring a lapsed or released lead back; progress is counted from now.

        For managers.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/reinstate", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: Acted})

    def correct_fact(
        self,
        lead: UUID,
        body: CorrectionInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[Acted]:
        """Say that an earlier fact was wrong; the ledger keeps both, the audit both deadlines.

        For managers.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/corrections", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: Acted})

    def resend_reminder(self, lead: UUID, *, idempotency_key: str | None = None) -> Answer[ReminderOrdered]:
        """Have the reminder sent again that the mail server had refused for good.

        For managers.

        Mend the owner's address first. While a refused reminder is owed, no grace runs.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/reminder", lead=lead),
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )
        return self._asker.ask(call, {202: ReminderOrdered})
