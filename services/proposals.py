"""What a machine proposed, decided by a person (domain.md sections 9 and 10).

Confirming does what that person could have done himself, through the ordinary services, under a fact id
made from the proposal: done twice it has one effect. A proposal is marked as confirmed before and as settled
afterwards; whoever confirms one in between, because nobody answered the first time, completes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final
from uuid import UUID

from activities.proposal_facts import (
    ContactRoleFound,
    Conversion,
    CustomerReaction,
    LeadClass,
    ProposalKind,
)
from adapters.database import Connection
from adapters.proposal_store import (
    Proposal,
    ProposalPlace,
    ProposalState,
    decide_proposal,
    expire_proposal,
    give_back,
    note_class,
    note_contact_role,
    proposal_of,
    proposals_of,
    settle_proposal,
)
from protection.permission import Act
from protection.refusal import Code, Refused
from services.asking import Asking
from services.desk import Desk
from services.door import relation, stand
from services.errors import Decided, Forbidden, Missing, NotFound
from services.governing import convert, log_activity

REACTION: Final = "CUSTOMER_REACTION"
# Whoever may do it himself; nobody the lead is only shared with.
DECIDES: Final[Mapping[ProposalKind, Act]] = MappingProxyType(
    {
        ProposalKind.CUSTOMER_REACTION: Act.EDIT_LEAD,
        ProposalKind.CONVERSION: Act.GOVERN,
        ProposalKind.LEAD_CLASS: Act.EDIT_LEAD,
        ProposalKind.CONTACT_ROLE: Act.EDIT_LEAD,
    }
)


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Some proposals, the oldest first; and where the rest begins, None at the end."""

    proposals: tuple[Proposal, ...]
    after: ProposalPlace | None


async def list_proposals(
    connection: Connection,
    asking: Asking,
    *,
    lead: UUID | None = None,
    mine: bool = False,
    waiting: bool = True,
    after: ProposalPlace | None = None,
    most: int,
) -> ProposalPage:
    """What was proposed about the leads the caller may see.

    Args:
        lead: about this one alone.
        mine: only what he may decide.
        waiting: only what is not decided.
        after: where the page before ended.
    """
    found = await proposals_of(
        connection, asking.tenant, lead=lead, mine=mine, waiting=waiting, after=after, most=most + 1
    )
    listed = found[:most]
    return ProposalPage(listed, listed[-1].place if len(found) > most else None)


async def confirm(desk: Desk, asking: Asking, proposal: UUID) -> Proposal:
    """Say that it is so, and have it done.

    Raises:
        NotFound: there is no such proposal for this caller.
        Forbidden: the caller may not do it.
        Decided: it was rejected, or protection was over before.
        Refused: the contract does not allow it; the proposal is open again.
        Unavailable: nobody took it up in time; confirm it again.
    """
    async with desk.writing(asking) as connection:
        found = await _decidable(connection, asking, proposal)
        if not await _decide(desk, connection, asking, proposal, ProposalState.CONFIRMED):
            found = await _decidable(connection, asking, proposal)
            if found.state is not ProposalState.CONFIRMED:
                raise Decided(found.state)
            return found
        await _note(desk, connection, asking, found)
    if isinstance(found.facts, CustomerReaction | Conversion):
        await _tell(desk, asking, found)
    async with desk.writing(asking) as connection:
        by = asking.caller.user
        await settle_proposal(connection, asking.tenant, proposal, by=by, at=desk.now())
        return await _decidable(connection, asking, proposal)


async def reject(desk: Desk, asking: Asking, proposal: UUID) -> Proposal:
    """Say that it is not so; nothing is done, and it is not proposed again.

    Raises:
        NotFound: there is no such proposal for this caller.
        Forbidden: the caller may not decide it.
        Decided: it was confirmed, or protection was over before.
    """
    async with desk.writing(asking) as connection:
        await _decidable(connection, asking, proposal)
        await _decide(desk, connection, asking, proposal, ProposalState.REJECTED)
        found = await _decidable(connection, asking, proposal)
    if found.state is not ProposalState.REJECTED:
        raise Decided(found.state)
    return found


async def _decide(
    desk: Desk, connection: Connection, asking: Asking, proposal: UUID, state: ProposalState
) -> bool:
    by = asking.caller.user
    return await decide_proposal(connection, asking.tenant, proposal, state, by=by, at=desk.now())


async def _decidable(connection: Connection, asking: Asking, proposal: UUID) -> Proposal:
    found = await proposal_of(connection, asking.tenant, proposal)
    if found is None:
        raise NotFound(Missing.PROPOSAL)
    asking.require(DECIDES[found.kind], relation(await stand(connection, asking, found.lead)))
    return found


async def _note(desk: Desk, connection: Connection, asking: Asking, found: Proposal) -> None:
    """What needs no clock, in the transaction of the decision itself."""
    at, by = desk.now(), asking.caller.user
    if isinstance(found.facts, LeadClass):
        await note_class(connection, asking.tenant, found.lead, found.facts, by=by, at=at)
    elif isinstance(found.facts, ContactRoleFound):
        noted = await note_contact_role(connection, asking.tenant, found.lead, found.facts, by=by, at=at)
        if not noted:
            raise Refused(Code.REVISION_CONFLICT, "", "the contact was exchanged meanwhile; reject it")


async def _tell(desk: Desk, asking: Asking, found: Proposal) -> None:
    """What the lead's clock has to know."""
    told = replace(asking, fact_id=f"proposal-{found.id}", key=None, lasting=True)
    try:
        match found.facts:
            case CustomerReaction(occurred_at=at):
                await log_activity(desk, told, found.lead, kind=REACTION, occurred_at=min(at, desk.now()))
            case Conversion(customer_no=number, agreement_date=day):
                await convert(desk, told, found.lead, customer_no=number, agreement_date=day)
    except Refused as refused:
        # Under this id there can only be what somebody else has made of this very proposal.
        if refused.code is not Code.FACT_ID_REUSED:
            async with desk.writing(asking) as connection:
                over = refused.code is Code.PROTECTION_ENDED
                undo = expire_proposal if over else give_back
                await undo(connection, asking.tenant, found.id, by=asking.caller.user)
            raise
    except Forbidden:
        async with desk.writing(asking) as connection:
            await give_back(connection, asking.tenant, found.id, by=asking.caller.user)
        raise
