"""What was proposed about leads, in PostgreSQL, as whoever proposes or decides. SQL: proposal.sql.

The transaction must know its instant and its user: triggers tell the audit. A proposal is for one subject of
one source (a mail, an invoice), and is made once, whatever has come of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import asyncpg

from activities.proposal_facts import ContactRoleFound, LeadClass, ProposalFacts, ProposalKind, facts_of
from adapters.database import Connection, load_queries

_SQL: Final = load_queries("proposal")


class ProposalSource(StrEnum):
    """What has seen it. Wire names."""

    INBOX = "inbound-mail"
    ERP = "erp-event"
    AI = "ai-router"


class ProposalState(StrEnum):
    """What has come of a proposal. Wire names.

    Attributes:
        EXPIRED: protection was over before anybody decided.
    """

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Something to be proposed.

    Attributes:
        subject_id: what it was seen in: an id without personal data, up to 100 characters.
        at: when it was seen, a UTC instant.
        confidence: how sure whoever proposes it is, 0 to 1; None: it is no matter of degree.
    """

    tenant: UUID
    lead: UUID
    facts: ProposalFacts
    source: ProposalSource
    subject_id: str
    at: datetime
    confidence: float | None = None

    @property
    def id(self) -> UUID:
        """Its id; the same for the same subject."""
        return uuid5(self.tenant, f"proposal/{self.facts.KIND}/{self.source}/{self.subject_id}")


class ProposalPlace(NamedTuple):
    """Where a proposal stands in a list."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal as it stands, with what there is to know of its lead. UTC instants.

    Attributes:
        mine: whether the caller may decide it.
        settled_at: when it was done, once it was confirmed.
    """

    id: UUID
    lead: UUID
    company: str
    city: str
    owner: str
    facts: ProposalFacts
    source: ProposalSource
    subject_id: str
    confidence: float | None
    created_at: datetime
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None
    settled_at: datetime | None
    mine: bool

    @property
    def kind(self) -> ProposalKind:
        """What is proposed."""
        return self.facts.KIND

    @property
    def place(self) -> ProposalPlace:
        """Where it stands in a list."""
        return ProposalPlace(self.created_at, self.id)

    @property
    def waits(self) -> bool:
        """Whether there is something left to do about it."""
        confirmed = self.state is ProposalState.CONFIRMED and self.settled_at is None
        return confirmed or self.state is ProposalState.OPEN


async def propose(connection: Connection, proposed: Proposed) -> UUID | None:
    """Propose something; None where it was proposed before, or the lead's protection is over.

    Raises:
        asyncpg.InsufficientPrivilegeError: the caller may tell nothing about this lead.
    """
    confidence = None if proposed.confidence is None else Decimal(f"{proposed.confidence:.3f}")
    made: UUID | None = await _SQL.propose(
        connection,
        tenant=proposed.tenant,
        id=proposed.id,
        lead=proposed.lead,
        kind=proposed.facts.KIND,
        source=proposed.source,
        subject_id=proposed.subject_id,
        facts=proposed.facts.model_dump(mode="json", exclude_none=True),
        confidence=confidence,
        at=proposed.at,
    )
    return made


async def proposal_of(connection: Connection, tenant: UUID, proposal: UUID) -> Proposal | None:
    """One proposal; None where there is no such one for this caller."""
    row = await _SQL.proposal_of(connection, tenant=tenant, id=proposal)
    return None if row is None else _proposal(row)


async def proposals_of(
    connection: Connection,
    tenant: UUID,
    *,
    lead: UUID | None = None,
    mine: bool = False,
    waiting: bool = True,
    after: ProposalPlace | None = None,
    most: int,
) -> tuple[Proposal, ...]:
    """Proposals the caller may see, the oldest first.

    Args:
        lead: of this lead alone.
        mine: only those he may decide.
        waiting: only those about which there is something left to do.
        after: only those behind this one.
        most: how many at most.
    """
    rows = _SQL.proposals_of(
        connection,
        tenant=tenant,
        lead=lead,
        mine=mine,
        waiting=waiting,
        after_at=None if after is None else after.created_at,
        after_id=None if after is None else after.id,
        most=most,
    )
    return tuple([_proposal(row) async for row in rows])


async def decide_proposal(
    connection: Connection, tenant: UUID, proposal: UUID, state: ProposalState, *, by: str, at: datetime
) -> bool:
    """Confirm or reject; False where that was done before.

    What was confirmed and is not done yet may be confirmed again, by somebody else too: he does it then.
    """
    decided = await _SQL.decide_proposal(connection, tenant=tenant, id=proposal, state=state, by=by, at=at)
    return decided is not None


async def give_back(connection: Connection, tenant: UUID, proposal: UUID, *, by: str) -> None:
    """A proposal he confirmed could not be done: it is open again."""
    await _SQL.give_back(connection, tenant=tenant, id=proposal, by=by)


async def expire_proposal(connection: Connection, tenant: UUID, proposal: UUID, *, by: str) -> None:
    """A proposal he confirmed came too late: protection was over."""
    await _SQL.expire(connection, tenant=tenant, id=proposal, by=by)


async def settle_proposal(
    connection: Connection, tenant: UUID, proposal: UUID, *, by: str, at: datetime
) -> None:
    """A proposal he confirmed was done."""
    await _SQL.settle_proposal(connection, tenant=tenant, id=proposal, by=by, at=at)


async def note_class(
    connection: Connection, tenant: UUID, lead: UUID, said: LeadClass, *, by: str, at: datetime
) -> None:
    """Note what sort of customer a lead would be."""
    await _SQL.note_class(
        connection, tenant=tenant, lead=lead, segment=said.segment, potential=said.potential, by=by, at=at
    )


async def note_contact_role(
    connection: Connection, tenant: UUID, lead: UUID, said: ContactRoleFound, *, by: str, at: datetime
) -> bool:
    """Note what a contact does; False where that contact is no longer there."""
    try:
        async with connection.transaction():
            await _SQL.note_contact_role(
                connection, tenant=tenant, lead=lead, contact=said.contact, role=said.role, by=by, at=at
            )
    except asyncpg.ForeignKeyViolationError:
        return False
    return True


async def class_of(connection: Connection, tenant: UUID, lead: UUID) -> LeadClass | None:
    """What sort of customer the lead would be, as somebody has confirmed."""
    row = await _SQL.class_of(connection, tenant=tenant, lead=lead)
    return None if row is None else LeadClass(segment=row["segment"], potential=row["potential"])


async def contact_roles_of(connection: Connection, tenant: UUID, lead: UUID) -> tuple[ContactRoleFound, ...]:
    """What the lead's contacts do, as somebody has confirmed; for whoever may see the contacts."""
    rows = _SQL.contact_roles_of(connection, tenant=tenant, lead=lead)
    return tuple([ContactRoleFound(contact=row["contact"], role=row["role"]) async for row in rows])


def _proposal(row: asyncpg.Record) -> Proposal:
    return Proposal(
        id=row["id"],
        lead=row["lead"],
        company=row["company"],
        city=row["city"],
        owner=row["owner"],
        facts=facts_of(ProposalKind(row["kind"]), row["facts"]),
        source=ProposalSource(row["source"]),
        subject_id=row["subject_id"],
        confidence=None if row["confidence"] is None else float(row["confidence"]),
        created_at=row["created_at"],
        state=ProposalState(row["state"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        settled_at=row["settled_at"],
        mine=row["mine"],
    )
