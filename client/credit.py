"""The subject credit. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.words import CreditStatus, Grade, Purpose


class CheckInput(Sent):
    """A lead's company and how much credit it is to get. The name is the lead's.

    Attributes:
        account_id: the customer's account, whose answers serve all its leads; left out it is the lead's own.
        registration_number: in the register of companies.
        vat_number: with its country's prefix.
        amount: above 0, such as "2500.00".
        currency: ISO 4217.
        country: ISO 3166, two letters.
    """

    lead_id: UUID
    account_id: str | None = None
    registration_number: str | None = None
    vat_number: str | None = None
    country: str = "DE"
    amount: str
    currency: str = "EUR"
    purpose: Purpose = "OTHER"


class CheckRead(Told):
    """A check on record.

    Attributes:
        status: `pending` until the bureau has decided; never `approved` without its word.
        degraded: why the bureau did not answer in time, such as `timeout`; null where it did.
        limit: up to how much the bureau covers.
        valid_until: how long its answer holds; null: no end was named.
        cached: it was answered by what is on record, without asking the bureau.
    """

    id: UUID
    lead: UUID
    account_id: str
    registration_number: str | None
    vat_number: str | None
    country: str
    amount: str
    currency: str
    purpose: Purpose
    requested_by: str
    requested_at: datetime
    status: CreditStatus
    degraded: str | None
    grade: Grade | None
    limit: str | None
    conditions: list[str]
    valid_until: datetime | None
    decided_at: datetime | None
    cached: bool


class Credit(Group):
    """Operations of the subject credit."""

    def check_credit(self, body: CheckInput, *, idempotency_key: str | None = None) -> Answer[CheckRead]:
        """Ask the credit bureau about a lead's company, or answer from what it has said lately.
         201 is a new answer, 200 one on record (setting `credit.cache.ttl`), 202 means that the bureau has
        not decided or could not be asked: the check is seen through and can be read until then. 503 `not-
        configured` where no bureau is connected.
        """
        call = Call(
            method="POST",
            path="/api/credit/checks",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: CheckRead, 201: CheckRead, 202: CheckRead})

    def read_credit_check(self, check: UUID) -> Answer[CheckRead]:
        """A check as it stands; a pending one changes when the bureau has decided."""
        call = Call(method="GET", path=address("/api/credit/checks/{check}", check=check))
        return self._asker.ask(call, {200: CheckRead})
