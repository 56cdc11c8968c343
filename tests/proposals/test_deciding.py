"""Proposals decided: done once, in the name of whoever confirmed, never without a person."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import ValidationError

from activities.erasure_orders import Cause
from activities.proposal_facts import (
    ContactRoleFound,
    Conversion,
    CustomerReaction,
    ProposalKind,
    facts_of,
)
from activities.sample_orders import ContactRole
from adapters.database import transaction
from adapters.erasure_store import PostgresErasureStore
from adapters.proposal_store import (
    Proposal,
    ProposalState,
    class_of,
    contact_roles_of,
    decide_proposal,
    proposal_of,
)
from protection.permission import Act, Share
from protection.refusal import Code, Refused
from services.errors import Decided, Forbidden, NotFound, Unavailable
from services.governing import release_lead
from services.proposals import confirm, list_proposals, reject
from tests.proposals.making import HOTEL, INVOICED, answered, made, proposed
from tests.services.office import Office


async def standing(office: Office, proposal: UUID) -> Proposal:
    async with office.desk.looking(office.asking("maria")) as connection:
        found = await proposal_of(connection, office.lab.tenant, proposal)
    assert found is not None
    return found


async def progress_of(office: Office, lead: UUID) -> list[dict[str, Any]]:
    return [fact for fact in await office.facts(lead) if fact.get("kind") == "CUSTOMER_REACTION"]


async def test_a_reaction_becomes_progress_once_however_often_it_is_confirmed(office: Office) -> None:
    lead = await office.opened()
    reaction = answered()
    proposal = await made(office, lead, reaction)
    assert await progress_of(office, lead) == []
    first, second = await asyncio.gather(
        confirm(office.desk, office.asking(), proposal), confirm(office.desk, office.asking(), proposal)
    )
    third = await confirm(office.desk, office.asking("maria"), proposal)
    assert {one.state for one in (first, second, third)} == {ProposalState.CONFIRMED}
    assert third.settled_at is not None
    (fact,) = await progress_of(office, lead)
    assert fact["fact_id"] == f"proposal-{proposal}"
    assert fact["by"] == "anna"
    assert datetime.fromisoformat(fact["occurred_at"]) == reaction.occurred_at
    with pytest.raises(Decided):
        await reject(office.desk, office.asking(), proposal)


async def test_what_is_rejected_is_not_done_and_not_proposed_again(office: Office) -> None:
    lead = await office.opened()
    proposal = await made(office, lead, answered(), subject="mail-1")
    assert (await reject(office.desk, office.asking(), proposal)).state is ProposalState.REJECTED
    assert (await reject(office.desk, office.asking(), proposal)).decided_by == "anna"
    with pytest.raises(Decided):
        await confirm(office.desk, office.asking("maria"), proposal)
    assert await proposed(office, lead, answered(), subject="mail-1") is None
    assert await progress_of(office, lead) == []


async def test_whom_nobody_answers_confirms_again(office: Office) -> None:
    lead = await office.opened()
    proposal = await made(office, lead, answered())
    with pytest.raises(Unavailable):
        await confirm(office.nobody(), office.asking(), proposal)
    between = await standing(office, proposal)
    assert (between.state, between.waits) == (ProposalState.CONFIRMED, True)
    # Somebody else completes it; what the first one began is not done twice.
    assert (await confirm(office.desk, office.asking("maria"), proposal)).settled_at is not None
    assert len(await progress_of(office, lead)) == 1


async def test_what_another_has_told_meanwhile_is_done(office: Office) -> None:
    """The fact is on record in Anna's name, but her confirmation broke off before it was settled."""
    lead = await office.opened()
    proposal = await made(office, lead, answered())
    await confirm(office.desk, office.asking(), proposal)
    await office.lab.execute("update proposal set settled_at = null where id = $1", proposal)
    assert (await confirm(office.desk, office.asking("maria"), proposal)).settled_at is not None
    assert len(await progress_of(office, lead)) == 1


async def test_who_may_decide(office: Office) -> None:
    lead = await office.opened()
    await office.share(lead, "ben", Share.NEGOTIATE)
    reaction, invoiced = await made(office, lead, answered()), await made(office, lead, INVOICED)
    for user in ("ben", "olga"):
        for decide in (confirm, reject):
            with pytest.raises(Forbidden):
                await decide(office.desk, office.asking(user), reaction)
    with pytest.raises(Forbidden) as told:
        await confirm(office.desk, office.asking("anna"), invoiced)
    assert told.value.act is Act.GOVERN
    with pytest.raises(NotFound):
        await confirm(office.desk, office.asking("anna"), uuid4())
    stranger = await office.opened("ben")
    hidden = await made(office, stranger, answered())
    with pytest.raises(NotFound):
        await reject(office.desk, office.asking("anna"), hidden)
    # The database's own say.
    for user, roles, of in (
        ("ben", ["agent"], reaction),
        ("anna", ["agent"], invoiced),
        ("olga", ["auditor"], reaction),
    ):
        async with transaction(
            office.app, office.lab.tenant, user, roles, at=datetime.now(UTC)
        ) as connection:
            decided = await decide_proposal(
                connection, office.lab.tenant, of, ProposalState.REJECTED, by=user, at=datetime.now(UTC)
            )
        assert not decided
    async with transaction(
        office.app, office.lab.tenant, "anna", ["agent"], at=datetime.now(UTC)
    ) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await decide_proposal(
                connection,
                office.lab.tenant,
                reaction,
                ProposalState.REJECTED,
                by="maria",
                at=datetime.now(UTC),
            )


async def test_a_conversion_is_a_managers_and_ends_what_else_was_proposed(office: Office) -> None:
    lead = await office.opened()
    other = await made(office, lead, answered())
    proposal = await made(office, lead, INVOICED, confidence=0.9)
    done = await confirm(office.desk, office.asking("maria"), proposal)
    assert (done.state, done.confidence) == (ProposalState.CONFIRMED, 0.9)
    fact = (await office.facts(lead))[-1]
    assert (fact["type"], fact["customer_no"]) == ("converted", "K-77")
    assert (await standing(office, other)).state is ProposalState.EXPIRED
    with pytest.raises(Decided):
        await confirm(office.desk, office.asking(), other)
    assert await proposed(office, lead, answered()) is None


async def test_what_protection_has_overtaken_expires(office: Office) -> None:
    """The lead is given up after the decision was noted, before its clock was told."""
    lead = await office.opened()
    proposal = await made(office, lead, answered())
    with pytest.raises(Unavailable):
        await confirm(office.nobody(), office.asking(), proposal)
    await release_lead(office.desk, office.asking(), lead)
    with pytest.raises(Refused) as told:
        await confirm(office.desk, office.asking(), proposal)
    assert told.value.code is Code.PROTECTION_ENDED
    assert (await standing(office, proposal)).state is ProposalState.EXPIRED


async def test_what_the_contract_refuses_is_open_again(office: Office) -> None:
    lead = await office.opened()
    long_ago = CustomerReaction(occurred_at=datetime(1971, 1, 1, tzinfo=UTC))
    proposal = await made(office, lead, long_ago)
    before = await office.facts(lead)
    try:
        await confirm(office.desk, office.asking(), proposal)
    except Refused:
        assert (await standing(office, proposal)).state is ProposalState.OPEN
        assert await office.facts(lead) == before
    else:
        # A late entry counts from when it was, and moves nothing back.
        assert len(await progress_of(office, lead)) == 1


async def test_a_class_and_a_role_are_noted_and_go_with_the_contact(office: Office) -> None:
    lead, tenant = await office.opened(), office.lab.tenant
    (row,) = await office.lab.execute(
        "select id from lead_contact where lead = $1 and kind = 'CONTACT'", lead
    )
    role = ContactRoleFound(contact=row["id"], role=ContactRole.BUYER)
    for proposal in (await made(office, lead, HOTEL), await made(office, lead, role)):
        await confirm(office.desk, office.asking(), proposal)
    async with office.desk.looking(office.asking()) as connection:
        assert await class_of(connection, tenant, lead) == HOTEL
        assert await contact_roles_of(connection, tenant, lead) == (role,)
    gone = await made(office, lead, ContactRoleFound(contact=uuid4(), role=ContactRole.CHEF))
    with pytest.raises(Refused) as told:
        await confirm(office.desk, office.asking(), gone)
    assert told.value.code is Code.REVISION_CONFLICT
    assert (await standing(office, gone)).state is ProposalState.OPEN
    await release_lead(office.desk, office.asking(), lead)
    erasures = PostgresErasureStore(office.lab.pool)
    now = datetime.now(UTC)
    done = await erasures.erase(tenant, lead, erasure=uuid4(), cause=Cause.REQUEST, by="adam", at=now)
    assert done.receipt is not None
    async with office.desk.looking(office.asking("adam")) as connection:
        assert await contact_roles_of(connection, tenant, lead) == ()
        assert await class_of(connection, tenant, lead) == HOTEL
        (receipt,) = await connection.fetch("select stores from erasure_receipt where lead = $1", lead)
    assert receipt["stores"]["contact_roles"] == {"done": "removed", "rows": 1}


async def test_lists_hold_what_the_caller_may_read_in_pages(office: Office) -> None:
    lead, others = await office.opened(), await office.opened("ben")
    made_here = [await made(office, lead, answered(timedelta(hours=hours))) for hours in (3, 2, 1)]
    hidden = await made(office, others, answered())
    async with office.desk.looking(office.asking()) as connection:
        first = await list_proposals(connection, office.asking(), lead=lead, mine=True, most=2)
        assert first.after is not None
        rest = await list_proposals(connection, office.asking(), lead=lead, after=first.after, most=2)
        everything = await list_proposals(connection, office.asking(), waiting=False, most=500)
    assert [one.id for one in (*first.proposals, *rest.proposals)] == made_here
    assert rest.after is None
    assert all(one.mine and one.owner == "anna" for one in first.proposals)
    assert hidden not in {one.id for one in everything.proposals}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (ProposalKind.CUSTOMER_REACTION, {"occurred_at": "yesterday"}),
        (ProposalKind.CUSTOMER_REACTION, {"occurred_at": "2026-11-23T10:00:00"}),
        (ProposalKind.CUSTOMER_REACTION, {"occurred_at": "2026-11-23T10:00:00Z", "category": "Jo Geheim"}),
        (ProposalKind.CONVERSION, {"customer_no": "Jo Geheim"}),
        (ProposalKind.LEAD_CLASS, {"segment": "PALACE", "potential": "HIGH"}),
        (ProposalKind.LEAD_CLASS, {"segment": "HOTEL", "potential": "HIGH", "reason": "words"}),
        (ProposalKind.CONTACT_ROLE, {"contact": "none", "role": "CHEF"}),
    ],
)
def test_facts_hold_codes_and_ids_alone(kind: ProposalKind, said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        facts_of(kind, said)


@pytest.mark.parametrize("subject", ["", "jo@haus.example", "two words", "x" * 101])
async def test_a_subject_is_an_id_without_personal_data(office: Office, subject: str) -> None:
    lead = await office.opened()
    with pytest.raises(asyncpg.CheckViolationError):
        await proposed(office, lead, Conversion(), subject=subject or " ")
