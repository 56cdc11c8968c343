"""What was proposed about leads, for the wire."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from activities.proposal_facts import (
    ContactRoleFound,
    Conversion,
    CustomerReaction,
    LeadClass,
    Potential,
    ProposalFacts,
    ProposalKind,
    Segment,
)
from activities.sample_orders import ContactRole
from adapters.proposal_store import Proposal, ProposalSource, ProposalState
from api.schemas.base import Instant, Output


class ProposedRead(Output):
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

    occurred_at: Instant | None = None
    category: str | None = None
    customer_no: str | None = None
    agreement_date: date | None = None
    document: str | None = None
    segment: Segment | None = None
    potential: Potential | None = None
    contact: UUID | None = None
    role: ContactRole | None = None

    @classmethod
    def of(cls, facts: ProposalFacts) -> Self:
        """The same, for the wire."""
        match facts:
            case CustomerReaction():
                return cls(occurred_at=facts.occurred_at, category=facts.category)
            case Conversion():
                return cls(
                    customer_no=facts.customer_no,
                    agreement_date=facts.agreement_date,
                    document=facts.document,
                )
            case LeadClass():
                return cls(segment=facts.segment, potential=facts.potential)
            case ContactRoleFound():
                return cls(contact=facts.contact, role=facts.role)


class ProposalRead(Output):
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
    created_at: Instant
    state: ProposalState
    decided_by: str | None
    decided_at: Instant | None
    settled_at: Instant | None
    mine: bool

    @classmethod
    def of(cls, one: Proposal) -> Self:
        """The same, for the wire."""
        return cls(
            id=one.id,
            lead=one.lead,
            company=one.company,
            city=one.city,
            owner=one.owner,
            kind=one.kind,
            proposed=ProposedRead.of(one.facts),
            source=one.source,
            subject_id=one.subject_id,
            confidence=one.confidence,
            created_at=one.created_at,
            state=one.state,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            settled_at=one.settled_at,
            mine=one.mine,
        )
