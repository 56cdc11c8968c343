"""Proposals as parts of the system make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from activities.proposal_facts import (
    Conversion,
    CustomerReaction,
    LeadClass,
    Potential,
    ProposalFacts,
    Segment,
)
from adapters.database import transaction
from adapters.proposal_store import ProposalSource, Proposed, propose
from tests.services.office import Office

HOTEL = LeadClass(segment=Segment.HOTEL, potential=Potential.HIGH)
INVOICED = Conversion(customer_no="K-77", document="RE-2026-1")


def answered(ago: timedelta = timedelta(hours=2)) -> CustomerReaction:
    """An answer of the customer's, so long ago."""
    return CustomerReaction(occurred_at=datetime.now(UTC) - ago, category="PRICE_REQUEST")


async def proposed(
    office: Office, lead: UUID, facts: ProposalFacts, *, subject: str | None = None, **more: Any
) -> UUID | None:
    """Propose something as the worker."""
    wanted = Proposed(
        tenant=office.lab.tenant,
        lead=lead,
        facts=facts,
        source=ProposalSource.INBOX,
        subject_id=subject or str(uuid4()),
        at=datetime.now(UTC),
        **more,
    )
    async with transaction(office.lab.pool, wanted.tenant, "inbox", at=wanted.at) as connection:
        return await propose(connection, wanted)


async def made(office: Office, lead: UUID, facts: ProposalFacts, **more: Any) -> UUID:
    """The same; it is new."""
    found = await proposed(office, lead, facts, **more)
    assert found is not None
    return found
