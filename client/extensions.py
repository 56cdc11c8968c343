"""The subject extensions. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import RejectInput, RequestActed
from client.words import Status


class ApproveExtensionInput(Sent):
    """How many days are granted."""

    days: int
    note: str | None = None


class ExtensionActed(Told):
    """What came of asking for an extension.

    Attributes:
        id: of the request, or of the fact that grants it.
        effect: GRANTED takes effect at once; REQUESTED waits for a manager.
    """

    lead: UUID
    fact_id: str
    revision: int | None
    status: Status
    paused: bool
    valid_until: datetime | None
    id: str
    effect: Literal["GRANTED", "REQUESTED"]
    days: int | None
    next_step_at: datetime | None = None


class NextStepInput(Sent):
    """What is to happen next with the customer, and when."""

    what: str
    at: datetime


class ExtensionInput(Sent):
    """More days of base period: why, and the next step. Whoever may decide says `days`."""

    reason: str
    days: int | None = None
    next_step: NextStepInput | None = None


class Extensions(Group):
    """Operations of the subject extensions."""

    def ask_for_extension(
        self,
        lead: UUID,
        body: ExtensionInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[ExtensionActed]:
        """Ask for more days of base period, with a reason and the next step; one request at a time.

        A manager grants `days` at once; `effect` says which it was. A request stops no clock, but one still
        open when the base period ends is decided first.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/extensions", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: ExtensionActed})

    def approve_extension(
        self,
        lead: UUID,
        extension: str,
        body: ApproveExtensionInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[RequestActed]:
        """Grant so many days; never one's own request.

        The second decision is a 409.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/extensions/{extension}/approve", lead=lead, extension=extension),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})

    def reject_extension(
        self,
        lead: UUID,
        extension: str,
        body: RejectInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[RequestActed]:
        """Reject it with a reason; never one's own request.

        The second decision is a 409.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/extensions/{extension}/reject", lead=lead, extension=extension),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})

    def withdraw_extension(
        self, lead: UUID, extension: str, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> Answer[RequestActed]:
        """Ask no longer; for whoever asked, and for the lead's owner."""
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/extensions/{extension}/withdraw", lead=lead, extension=extension),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})
