"""The subject erasures. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.words import Cause, Obstacle, Status


class ErasureBegun(Told):
    """An erasure that was begun; its receipt is found where `Location` says.

    Attributes:
        over: whether it has come to an end already.
        receipt: id of the receipt; null while it goes on, and where nothing was left to erase.
        rows: how many rows were emptied until now.
    """

    lead: UUID
    over: bool
    receipt: UUID | None
    rows: int


class ErasureInput(Sent):
    """Why. It stays in the audit for good, so name nobody. `dryRun` only looks."""

    reason: str
    dry_run: bool = False


class StoreErased(Told):
    """What an erasure does in one store; `docs/personal-data.md` says what lies there.

    Attributes:
        done: destroyed, emptied, pseudonymised, or why nothing has to be done.
        rows: how many rows; null where nobody counts.
    """

    store: str
    done: str
    rows: int | None


class ErasureOutlook(Told):
    """What an erasure would meet. Nothing was done.

    Attributes:
        status: where the lead stands; null where nothing was recorded of it.
        obstacle: what stands against it; null where nothing does.
        stores: what would be done, store by store.
    """

    lead: UUID
    status: Status | None
    obstacle: Obstacle | None
    stores: list[StoreErased]


class ErasureReceipt(Told):
    """What an erasure has done.

    Attributes:
        by: who asked, or the part of the system that noticed the lapse.
        cause: lapse or request.
    """

    id: UUID
    at: datetime
    by: str
    cause: Cause
    stores: list[StoreErased]


class ErasureReceiptList(Told):
    """All receipts of a lead, the newest first."""

    items: list[ErasureReceipt]


class Erasures(Group):
    """Operations of the subject erasures."""

    def erase_personal_data(
        self, lead: UUID, body: ErasureInput, *, idempotency_key: str | None = None
    ) -> Answer[ErasureOutlook | ErasureBegun]:
        """Erase the lead's personal data for good; protection of a living lead ends first.

        For administrators.

        The lead's key is destroyed, so that copies and backups hold nothing readable either. Company, place,
        clock and audit stay. A customer's data stay, and those under a legal hold: the 409 says which.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/erasure", lead=lead),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: ErasureOutlook, 202: ErasureBegun})

    def read_erasures(self, lead: UUID) -> Answer[ErasureReceiptList]:
        """List the receipts of the lead's erasures, the newest first: when, by whom, and what was done."""
        call = Call(method="GET", path=address("/api/leads/{lead}/erasures", lead=lead))
        return self._asker.ask(call, {200: ErasureReceiptList})
