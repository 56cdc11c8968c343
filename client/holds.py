"""The subject holds. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import RejectInput, RequestActed
from client.words import HoldReason, Status


class ApproveHoldInput(Sent):
    """The hold as asked for, or with another start or end."""

    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None


class HoldActed(Told):
    """What came of asking for a hold.

    Attributes:
        id: of the hold, and of the request for it.
        effect: PLACED takes effect at once; REQUESTED waits for a manager.
    """

    lead: UUID
    fact_id: str
    revision: int | None
    status: Status
    paused: bool
    valid_until: datetime | None
    id: str
    effect: Literal["PLACED", "REQUESTED"]
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None


class HoldInput(Sent):
    """A hold somebody wants. `startAt` left out is now; without `endAt` it ends when it is released."""

    reason: HoldReason
    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None


class Holds(Group):
    """Operations of the subject holds."""

    def ask_for_hold(
        self, lead: UUID, body: HoldInput, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> Answer[HoldActed]:
        """Stop the clock, or ask for it: `effect` says which.

        A manager's hold takes effect at once. The owner's is a request where the tenant's setting
        `lead.protection.holdApproval` demands approval; an approved request becomes the hold of the same id.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: HoldActed})

    def release_hold_now(self, lead: UUID, hold: str, *, if_match: str | None = None) -> Answer[None]:
        """End a hold now; one that has not begun is cancelled.

        For managers.
        """
        call = Call(
            method="DELETE",
            path=address("/api/leads/{lead}/holds/{hold}", lead=lead, hold=hold),
            headers={"If-Match": if_match},
        )
        return self._asker.tell(call)

    def approve_hold(
        self,
        lead: UUID,
        hold: str,
        body: ApproveHoldInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[RequestActed]:
        """Approve a requested hold; never one's own request.

        The second decision is a 409.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds/{hold}/approve", lead=lead, hold=hold),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})

    def reject_hold(
        self,
        lead: UUID,
        hold: str,
        body: RejectInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[RequestActed]:
        """Reject a requested hold; never one's own request.

        The second decision is a 409.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds/{hold}/reject", lead=lead, hold=hold),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})

    def withdraw_hold(
        self, lead: UUID, hold: str, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> Answer[RequestActed]:
        """Ask for a hold no longer; for whoever asked, and for the lead's owner."""
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds/{hold}/withdraw", lead=lead, hold=hold),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})
