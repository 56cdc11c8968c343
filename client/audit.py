"""The subject audit. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Told


class AuditEntry(Told):
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
    at: datetime
    prev_hash: str
    hash: str
    whole: bool


class AuditVerification(Told):
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
    head_hash: str
    head: str
    kept_is_there: bool | None


class AuditEntryPage(Told):
    """A page of a list."""

    items: list[AuditEntry]
    next_cursor: str | None


class Audit(Group):
    """Operations of the subject audit."""

    def read_audit(self, *, limit: int | None = None, cursor: str | None = None) -> Answer[AuditEntryPage]:
        """List the audit of the tenant, the newest row first; for managers, administrators and auditors."""
        call = Call(method="GET", path="/api/audit", query={"limit": limit, "cursor": cursor})
        return self._asker.ask(call, {200: AuditEntryPage})

    def verify_audit(self, *, kept: str | None = None) -> Answer[AuditVerification]:
        """Check the whole chain of the tenant: every row carries the hash of the one before it."""
        call = Call(method="GET", path="/api/audit/verification", query={"kept": kept})
        return self._asker.ask(call, {200: AuditVerification})

    def read_lead_audit(
        self, lead: UUID, *, limit: int | None = None, cursor: str | None = None
    ) -> Answer[AuditEntryPage]:
        """List the audit of one lead, the newest row first; each says whether it is as it was written."""
        call = Call(
            method="GET",
            path=address("/api/leads/{lead}/audit", lead=lead),
            query={"limit": limit, "cursor": cursor},
        )
        return self._asker.ask(call, {200: AuditEntryPage})
