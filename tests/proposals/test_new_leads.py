"""New leads, classified in the background: word is left with the registration, a person has the last one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.ai.classify_orders import CLASSIFY_LEAD, DETECT_CONTACT_ROLE, Classified, ClassifyOrder
from activities.ai.classifying import ClassifyActivities, ContactTold
from activities.ai.orders import AI_QUEUE
from activities.proposal_facts import ContactRoleFound, LeadClass, Segment
from activities.sample_orders import ContactRole
from adapters.ai.composition import open_ai
from adapters.ai.new_leads import NewLeads, PostgresLeadTexts, classify_no_more, contact_told
from adapters.database import transaction
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.outside_settings import OutsideSettings
from adapters.proposal_store import Proposal
from sandbox.switches import Failure
from services.openings import Contact, FirstContact, Opening
from services.proposals import list_proposals
from services.registering import NewLead, register
from tests.proposals.asked import Asked
from tests.services.office import Office, company
from tests.vaultfixtures import VAULT
from tests.workflows.lab import until
from workers.ai import ai_worker
from workflows import names
from workflows.lead_classify import LeadClassify


@asynccontextmanager
async def at_work(asked: Asked) -> AsyncIterator[NewLeads]:
    """The worker of the queue `ai`, and who brings new leads to it."""
    lab = asked.shop.office.lab
    steps = ClassifyActivities(asked.ai.router, PostgresLeadTexts(lab.pool, VAULT)).steps
    new = NewLeads(lab.pool, lab.client, lab.tenant)
    async with ai_worker(lab.client, steps, [LeadClassify]):
        running = asyncio.create_task(new.run())
        try:
            await _announced(asked.shop.office)
            yield new
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await classify_no_more(lab.pool, lab.tenant)


async def _announced(office: Office) -> None:
    ask = "select 1 from ai_classifies where tenant = $1"
    await until(lambda: _any(office, ask, office.lab.tenant))


async def _any(office: Office, sql: str, *values: Any) -> bool:
    return bool(await office.lab.execute(sql, *values))


async def _none(office: Office, sql: str, *values: Any) -> bool:
    return not await office.lab.execute(sql, *values)


async def classified(asked: Asked, new: NewLeads, lead: UUID) -> dict[str, str]:
    """What came of it."""
    client, tenant = asked.shop.office.lab.client, asked.shop.office.lab.tenant
    new.knock()
    waiting = "select 1 from lead_to_classify where lead = $1"
    await until(lambda: _none(asked.shop.office, waiting, lead))
    handle = client.get_workflow_handle(names.classify_id(tenant, lead))
    done: dict[str, str] = await handle.result()
    return done


async def proposals_on(office: Office, lead: UUID) -> tuple[Proposal, ...]:
    asking = office.asking()
    async with office.desk.looking(asking) as connection:
        page = await list_proposals(connection, asking, lead=lead, most=10)
    return page.proposals


async def opened(office: Office, note: str, email: str) -> UUID:
    """A lead with a first contact."""
    opening = Opening(
        contact=Contact(name="Jo Geheim", email=email),
        first_contact=FirstContact(note=note, channel="fair", at=datetime.now(UTC) - timedelta(hours=1)),
    )
    wanted = NewLead(company=company(company=f"Hotel Seeblick {uuid4().hex[:6]}"), opening=opening)
    return (await register(office.desk, office.asking(), wanted)).lead


async def test_a_new_lead_is_classified_and_nothing_personal_is_told(asked: Asked) -> None:
    office = asked.shop.office
    said: list[dict[str, Any]] = [
        {"confidence": 0.93, "segment": "HOTEL", "potential": "HIGH", "reason": "Ein Hotel."},
        {"confidence": 0.88, "role": "BUYER"},
    ]
    for provider in ("openai", "anthropic"):
        asked.outside.answers(provider, list(said))
    async with at_work(asked) as new:
        lead = await opened(office, "Frau Geheim kauft ein, Tel. +49 170 5550199", "einkauf@geheim.example")
        done = await classified(asked, new, lead)
        assert done == {CLASSIFY_LEAD: Classified.PROPOSED, DETECT_CONTACT_ROLE: Classified.PROPOSED}
        first, second = await proposals_on(office, lead)
        assert isinstance(first.facts, LeadClass)
        assert (first.facts.segment, first.confidence) == (Segment.HOTEL, 0.93)
        assert isinstance(second.facts, ContactRoleFound)
        assert second.facts.role is ContactRole.BUYER
        assert "einkauf" in asked.prompts()
        for planted in ("Geheim", "geheim.example", "5550199"):
            assert planted not in asked.prompts()
        history = await office.lab.client.get_workflow_handle(
            names.classify_id(office.lab.tenant, lead)
        ).fetch_history()
        assert "Seeblick" not in history.to_json()
        # A lead of years ago, as an import brings it, is left alone; so is one that is only noted.
        noted = await office.noted()
        assert not await office.lab.execute("select 1 from lead_to_classify where lead = $1", noted)
    again = await office.opened()
    assert not await office.lab.execute("select 1 from lead_to_classify where lead = $1", again)


async def test_who_is_unsure_proposes_nothing_and_who_is_down_is_asked_later(asked: Asked) -> None:
    office = asked.shop.office
    unsure = {"confidence": 0.3, "segment": "OTHER", "potential": "LOW", "reason": "Unklar."}
    lead, pool = await office.opened(), office.lab.pool
    order = ClassifyOrder(str(office.lab.tenant), str(lead))
    texts, tried = PostgresLeadTexts(pool, VAULT), ActivityEnvironment()
    steps = ClassifyActivities(asked.ai.router, texts)
    for provider in ("openai", "anthropic"):
        asked.outside.answers(provider, lambda _: unsure)
    assert (await tried.run(steps.classify_lead, order)).outcome == Classified.UNSURE
    assert (await tried.run(steps.detect_contact_role, order)).outcome == Classified.NOTHING_TO_ASK
    gone = ClassifyOrder(str(office.lab.tenant), str(uuid4()))
    assert (await tried.run(steps.classify_lead, gone)).outcome == Classified.NOTHING_TO_ASK
    other = ClassifyOrder(order.tenant, str(await office.opened()))
    for provider in ("openai", "anthropic"):
        asked.outside.fail(provider, Failure.SERVER_ERROR)
    with pytest.raises(ApplicationError) as told:
        await tried.run(steps.classify_lead, other)
    assert told.value.type == "AiUnavailable"
    assert not told.value.non_retryable
    assert told.value.next_retry_delay is not None
    registry = asked.shop.api.wiring.registry
    async with open_ai(OutsideSettings.model_validate({}), pool, registry, VAULT) as nobody:
        alone = ClassifyActivities(nobody.router, texts)
        assert (await tried.run(alone.classify_lead, other)).outcome == Classified.NOT_CONFIGURED
    assert await proposals_on(office, lead) == ()


@pytest.mark.parametrize("raw", [None, "x", {}, {"tenant": "x", "lead": "y"}, {"tenant": str(uuid4())}])
async def test_a_start_that_makes_no_sense_is_refused(asked: Asked, raw: Any) -> None:
    client = asked.shop.office.lab.client
    async with ai_worker(client, (), [LeadClassify]):
        with pytest.raises(WorkflowFailureError):
            await client.execute_workflow(
                names.LEAD_CLASSIFY, raw, id=f"nonsense/{uuid4()}", task_queue=AI_QUEUE
            )


def entry(kind: ContactKind, **said: Any) -> ContactEntry:
    return ContactEntry(id=uuid4(), kind=kind, **said)


def test_of_a_contact_only_its_function_and_the_talk_are_told() -> None:
    jo = entry(ContactKind.CONTACT, name="Jo Geheim", email="jo.geheim@haus.example", phone="+49 30 1")
    kitchen = entry(ContactKind.CONTACT, name="Jo Geheim", email="Kueche@haus.example")
    talk = entry(ContactKind.FIRST_CONTACT, note="Leitet die Küche")
    assert contact_told((), None) is None
    assert contact_told((talk,), None) is None
    assert contact_told((jo,), None) == ContactTold(jo.id, None)
    told = contact_told((jo, kitchen, talk), Segment.HOTEL)
    assert told is not None
    assert told.contact == kitchen.id
    assert told.question is not None
    assert told.question.model_dump() == {
        "segment": Segment.HOTEL,
        "mailbox": "kueche",
        "note": "Leitet die Küche",
    }


async def test_a_tenant_that_is_made_later_is_announced_once_it_is_there(asked: Asked) -> None:
    lab, later = asked.shop.office.lab, uuid4()
    new = NewLeads(lab.pool, lab.client, later)
    running = asyncio.create_task(new.run())
    try:
        await asyncio.sleep(0.1)
        async with transaction(lab.pool, later, "system") as connection:
            await connection.execute("insert into tenant (id, name) values ($1, 'later')", later)

        async def announced() -> bool:
            new.knock()
            async with transaction(lab.pool, later, "system", reading=True) as connection:
                return bool(await connection.fetch("select 1 from ai_classifies where tenant = $1", later))

        await until(announced)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
