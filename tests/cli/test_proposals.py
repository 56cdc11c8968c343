"""Proposals at the shell: listed, confirmed once, rejected; whoever may not is told so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from activities.proposal_facts import CustomerReaction, LeadClass, Potential, ProposalFacts, Segment
from adapters.database import set_context
from adapters.proposal_store import ProposalSource, Proposed, propose
from adapters.settings import DEMO_TENANT
from tests.cli.house import House


def proposed(house: House, lead: str, facts: ProposalFacts) -> str:
    """Propose something as a part of the system; its id."""
    now = datetime.now(UTC)
    wanted = Proposed(
        tenant=DEMO_TENANT,
        lead=UUID(lead),
        facts=facts,
        source=ProposalSource.INBOX,
        subject_id=str(uuid4()),
        at=now,
    )

    async def do(connection: asyncpg.Connection[asyncpg.Record]) -> UUID | None:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        async with connection.transaction():
            await set_context(connection, DEMO_TENANT, "inbox", (), at=now)
            return await propose(connection, wanted)

    return str(house.vault(do))


def test_what_was_proposed_is_confirmed_once_and_rejected_for_good(house: House, lead: str) -> None:
    reaction = proposed(house, lead, CustomerReaction(occurred_at=datetime.now(UTC)))
    sort = proposed(house, lead, LeadClass(segment=Segment.HOTEL, potential=Potential.LOW))
    listed = house.done("proposals", "list", "--lead", lead, "--by", "anna")
    assert [one["id"] for one in listed] == [reaction, sort]
    assert "segment: HOTEL" in house.run("proposals", "list", "--lead", lead, "--by", "anna").out
    for _ in range(2):
        done = house.done("proposals", "confirm", reaction, "--by", "anna")
        assert (done["state"], done["decided_by"]) == ("confirmed", "anna")
    kinds = [fact.get("kind") for fact in house.done("lead", lead)["facts"]]
    assert kinds.count("CUSTOMER_REACTION") == 1
    assert house.run("proposals", "reject", sort, "--by", "anna").code == 0
    assert "decided before" in house.run("proposals", "confirm", sort, "--by", "maria").err
    assert house.done("proposals", "list", "--lead", lead, "--by", "anna") == []
    everything = house.done("proposals", "list", "--lead", lead, "--decided", "--by", "anna")
    assert [one["state"] for one in everything] == ["confirmed", "rejected"]


def test_who_may_not_is_told_so(house: House, lead: str) -> None:
    reaction = proposed(house, lead, CustomerReaction(occurred_at=datetime.now(UTC)))
    assert "no such proposal" in house.run("proposals", "confirm", reaction, "--by", "ben").err
    assert "no such proposal" in house.run("proposals", "reject", str(uuid4()), "--by", "anna").err
    assert house.run("proposals", "list", "--most", "0").code == 2
