"""The subject proposals. Made by `make openapi`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Told
from client.words import ContactRole, Potential, ProposalKind, ProposalSource, ProposalState, Segment


class ProposedRead(Told):
    """What is proposed; only what belongs to the kind is there, all else is null.

    Attributes:
        occurred_at: CUSTOMER_REACTION: when the customer answered.
        category: CUSTOMER_REACTION: what his answer is about, if somebody has said.
        customer_no: CONVERSION: the customer's number.
        agreement_date: CONVERSION: since when.
        document: CONVERSION: what shows it, such as the number of an invoice.
        segment: LEAD_CLASS: what sort of customer it would be.
        potential: LEAD_CLASS: how much it would buy.
        contact: CONTACT_ROLE: id of the contact.
        role: CONTACT_ROLE: what the contact does.
    """

    occurred_at: datetime | None = None
    category: str | None = None
    customer_no: str | None = None
    agreement_date: date | None = None
    document: str | None = None
    segment: Segment | None = None
    potential: Potential | None = None
    contact: UUID | None = None
    role: ContactRole | None = None


class ProposalRead(Told):
    """Something a machine believes to have seen.

    Attributes:
        kind: what is proposed.
        source: what has seen it.
        subject_id: in what it was seen.
        confidence: how sure it is, 0 to 1; null: it is no matter of degree.
        decided_by: user id of whoever decided it.
        settled_at: when it was done, once it was confirmed.
        mine: whether the caller may decide it.
    """

    id: UUID
    lead: UUID
    company: str
    city: str
    owner: str
    kind: ProposalKind
    proposed: ProposedRead
    source: ProposalSource
    subject_id: str
    confidence: float | None
    created_at: datetime
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None
    settled_at: datetime | None
    mine: bool


class ProposalReadPage(Told):
    """A page of a list."""

    items: list[ProposalRead]
    next_cursor: str | None


class Proposals(Group):
    """Operations of the subject proposals."""

    def read_proposals(
        self,
        *,
        lead: UUID | None = None,
        mine: bool | None = None,
        decided: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Answer[ProposalReadPage]:
        """List what was proposed about the leads the caller may see, the oldest first."""
        call = Call(
            method="GET",
            path="/api/proposals",
            query={"lead": lead, "mine": mine, "decided": decided, "limit": limit, "cursor": cursor},
        )
        return self._asker.ask(call, {200: ProposalReadPage})

    def confirm_proposal(self, proposal: UUID, *, idempotency_key: str | None = None) -> Answer[ProposalRead]:
        """Say that it is so, and have it done as if the caller had done it himself.
         A customer's reaction becomes progress, a conversion ends the clock, a class is noted. Confirming
        twice has one effect; after a 503, confirm again.
        """
        call = Call(
            method="POST",
            path=address("/api/proposals/{proposal}/confirm", proposal=proposal),
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )
        return self._asker.ask(call, {200: ProposalRead})

    def reject_proposal(self, proposal: UUID, *, idempotency_key: str | None = None) -> Answer[ProposalRead]:
        """Say that it is not so; nothing is done, and it is not proposed again."""
        call = Call(
            method="POST",
            path=address("/api/proposals/{proposal}/reject", proposal=proposal),
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )
        return self._asker.ask(call, {200: ProposalRead})
