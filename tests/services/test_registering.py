"""Opening leads: duplicates, rights, what is demanded, and finding one's way back after a crash."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4, uuid5

import pytest

from adapters.database import load_queries, transaction
from adapters.normalise import lead_key
from protection.refusal import Code, Refused
from services.errors import (
    ExternalIdTaken,
    Forbidden,
    KeyReused,
    LiveDuplicate,
    NotFound,
    Similar,
    Unavailable,
)
from services.governing import release_lead, set_registered_at, transfer
from services.openings import Backdating, Company, Contact, FirstContact, Opening
from services.registering import NewLead, foresee_opening, register, register_known
from services.words import LeadSource
from tests.services.office import JO, Office, company, same
from workflows.request_messages import Erase

WITH_JO = Opening(contact=JO)


def of(said: Company, **more: Any) -> NewLead:
    return NewLead(company=said, **{"opening": WITH_JO, **more})


async def test_a_registered_lead_is_protected_and_its_contact_is_sealed(office: Office) -> None:
    done = await register(office.desk, office.asking(), of(company(industry="HOTEL")))
    assert (done.status, done.revision, done.duplicate) == ("ACTIVE", 1, False)
    rows = await office.lab.execute("select * from lead_contact where lead = $1", done.lead)
    assert [row["kind"] for row in rows] == ["CONTACT"]
    assert b"Geheim" not in rows[0]["name"]
    (fact,) = await office.facts(done.lead)
    assert (fact["owner"], fact["by"], fact["fact_id"]) == ("anna", "anna", done.fact_id)


async def test_the_same_key_gives_the_same_lead_and_another_body_none(office: Office) -> None:
    said, key = company(), uuid4().hex
    first = await register(office.desk, office.asking(key=key), of(said))
    again = await register(office.desk, office.asking(key=key), of(said))
    assert again.duplicate
    assert same(first, again)
    for other in (of(replace(said, city="Weimar")), of(said, opening=Opening(contact=Contact(name="Al")))):
        with pytest.raises(KeyReused):
            await register(office.desk, office.asking(key=key), other)
    with pytest.raises(KeyReused):
        await register(office.desk, office.asking("ben", key=key), of(company()))
    assert len(await office.facts(first.lead)) == 1


async def test_two_clicks_at_once_are_one_lead(office: Office) -> None:
    for key in (uuid4().hex, None):
        said = company()
        done = await asyncio.gather(
            *(register(office.desk, office.asking(key=key), of(said)) for _ in range(4))
        )
        assert len({one.lead for one in done}) == 1
        assert len(await office.facts(done[0].lead)) == 1


async def test_of_two_agents_at_once_one_gets_the_company(office: Office) -> None:
    said = company()
    done = await asyncio.gather(
        *(register(office.desk, office.asking(user), of(said)) for user in ("anna", "ben")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Done", "LiveDuplicate"]


async def test_a_duplicate_says_nothing_about_the_other_lead(office: Office) -> None:
    said = company(postcode="99084")
    await office.desk.pool.execute("select 1")
    await register(office.desk, office.asking(), of(said))
    twin = replace(said, company=said.company.upper().replace("GMBH", "G.m.b.H."), postcode=None)
    told = []
    for user in ("anna", "ben", "maria"):
        for more in ({}, {"preregistration": True, "opening": Opening()}):
            plain = replace(twin, source=None)
            with pytest.raises(LiveDuplicate) as error:
                await register(office.desk, office.asking(user), of(plain, **more))
            told.append(str(error.value))
    assert len(set(told)) == 1
    with pytest.raises(LiveDuplicate):
        await foresee_opening(office.desk, office.asking("ben"), of(twin))
    elsewhere = await register(office.desk, office.asking("ben"), of(replace(said, postcode="07743")))
    assert elsewhere.status == "ACTIVE"


async def test_only_a_manager_overrides_a_duplicate_and_says_why(office: Office) -> None:
    said = company()
    await register(office.desk, office.asking(), of(said))
    second = of(said, opening=Opening(contact=JO, override="A second kitchen"), owner="ben")
    with pytest.raises(Forbidden):
        await register(office.desk, office.asking("ben"), replace(second, owner=None))
    with pytest.raises(Refused, match="10 to 250"):
        await register(
            office.desk,
            office.asking("maria"),
            replace(second, opening=Opening(contact=JO, override="short")),
        )
    done = await register(office.desk, office.asking("maria"), second)
    assert await office.words(done.lead) == ["A second kitchen"]
    assert (await office.facts(done.lead))[0]["owner"] == "ben"


async def test_similar_leads_are_named_once_and_only_to_those_who_see_them(office: Office) -> None:
    word = uuid4().hex
    said = company(company=f"Gasthof zur Linde {word} GmbH")
    first = await register(office.desk, office.asking(), of(said))
    like = replace(said, company=f"Gasthof zur Linden {word} OHG")
    with pytest.raises(Similar) as asked:
        await register(office.desk, office.asking(), of(like))
    (candidate,) = asked.value.candidates
    assert (candidate.lead, candidate.company) == (first.lead, said.company)
    assert 0.7 <= candidate.score <= 1
    assert (await register(office.desk, office.asking("ben"), of(like))).status == "ACTIVE"
    other = replace(said, company=f"Gasthof zur Lindn {word}")
    confirmed = Opening(contact=JO, similar="Another house in the same street")
    done = await register(office.desk, office.asking(), of(other, opening=confirmed))
    assert await office.words(done.lead) == ["Another house in the same street"]


async def test_whose_lead_it_may_be(office: Office) -> None:
    with pytest.raises(Forbidden):
        await register(office.desk, office.asking(), of(company(), owner="ben"))
    with pytest.raises(Forbidden):
        await register(office.desk, office.asking("olga"), of(company()))
    with pytest.raises(Refused) as refused:
        await register(office.desk, office.asking("maria"), of(company(), owner="nobody"))
    assert (refused.value.code, refused.value.field) == (Code.MALFORMED, "owner")
    done = await register(office.desk, office.asking("maria"), of(company(), owner="ben"))
    fact = (await office.facts(done.lead))[0]
    assert (fact["owner"], fact["by"]) == ("ben", "maria")


async def test_a_registration_of_the_past_needs_a_manager_a_reason_and_evidence(office: Office) -> None:
    past = Backdating(
        registered_at=office.desk.now() - timedelta(days=30),
        reason="Entered a month too late",
        evidence="https://crm.example/1",
    )
    back = Opening(contact=JO, backdating=past)
    with pytest.raises(Forbidden):
        await register(office.desk, office.asking(), of(company(), opening=back))
    done = await register(office.desk, office.asking("maria"), of(company(), opening=back, owner="anna"))
    assert await office.words(done.lead) == ["Entered a month too late\nhttps://crm.example/1"]
    for wrong, field in (
        (replace(past, reason="late"), "backdating.reason"),
        (replace(past, reason="x" * 251), "backdating.reason"),
        (replace(past, evidence=" "), "backdating.evidence"),
        (replace(past, registered_at=office.desk.now() + timedelta(minutes=2)), "backdating.registered_at"),
    ):
        opening = Opening(contact=JO, backdating=wrong)
        with pytest.raises(Refused) as refused:
            await register(office.desk, office.asking("maria"), of(company(), opening=opening))
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "opening", "field"),
    [
        ({}, Opening(), "contact"),
        ({}, Opening(contact=Contact()), "contact"),
        ({"source": LeadSource.PHONE}, WITH_JO, "first_contact.note"),
        ({"source": LeadSource.TRADE_FAIR}, WITH_JO, "first_contact.note"),
        ({}, Opening(first_contact=FirstContact(note="short")), "first_contact.note"),
        ({}, Opening(first_contact=FirstContact(channel="VISIT")), "first_contact.note"),
        ({}, Opening(contact=Contact(email="nonsense")), "contact.email"),
        ({}, Opening(contact=Contact(name="a\nb")), "contact.name"),
        ({"company": " "}, WITH_JO, "company"),
        ({"city": "a\0b"}, WITH_JO, "city"),
        ({"postcode": "9" * 21}, WITH_JO, "postcode"),
        ({"external_id": "x" * 101}, WITH_JO, "external_id"),
        ({}, Opening(contact=JO, similar="x"), "confirm_similar.reason"),
    ],
)
async def test_what_is_missing_is_named_and_nothing_is_entered(
    office: Office, said: dict[str, Any], opening: Opening, field: str
) -> None:
    wanted = of(company(**said), opening=opening)
    with pytest.raises(Refused) as refused:
        await register(office.desk, office.asking(), wanted)
    assert (refused.value.code, refused.value.field) == (Code.MALFORMED, field)
    found = await office.lab.execute("select 1 from lead where company = $1", wanted.company.company)
    assert found == []


async def test_a_first_contact_in_the_future_did_not_happen(office: Office) -> None:
    ahead = FirstContact(note="Tasting at the stand", at=office.desk.now() + timedelta(hours=1))
    with pytest.raises(Refused, match="future"):
        await register(office.desk, office.asking(), of(company(), opening=Opening(first_contact=ahead)))
    at = office.desk.now() - timedelta(days=2)
    met = FirstContact(note="Tasting at the stand", at=at, channel="VISIT")
    said = company(source=LeadSource.TRADE_FAIR)
    done = await register(office.desk, office.asking(), of(said, opening=Opening(first_contact=met)))
    (row,) = await office.lab.execute("select * from lead_contact where lead = $1", done.lead)
    assert (row["kind"], row["channel"], row["occurred_at"]) == ("FIRST_CONTACT", "VISIT", at)


async def test_a_preregistration_holds_nothing_personal_until_it_is_registered(office: Office) -> None:
    for wanted in (
        of(company(), preregistration=True),
        of(company(postcode="99084"), preregistration=True, opening=Opening()),
        of(company(source=LeadSource.PARTNER), preregistration=True, opening=Opening()),
    ):
        with pytest.raises(Refused, match="only"):
            await register(office.desk, office.asking(), wanted)
    lead = await office.noted(industry="HOTEL")
    assert await office.lab.execute("select 1 from lead_contact where lead = $1", lead) == []
    with pytest.raises(NotFound):
        await register_known(office.desk, office.asking("ben"), lead, WITH_JO)
    with pytest.raises(Forbidden):
        await register_known(office.desk, office.asking(), lead, WITH_JO, owner="ben")
    with pytest.raises(Refused, match="first contact"):
        await register_known(office.desk, office.asking(), lead, WITH_JO, source=LeadSource.PHONE)
    key = uuid4().hex
    first, again = [
        await register_known(office.desk, office.asking(key=key), lead, WITH_JO, source=LeadSource.REFERRAL)
        for _ in range(2)
    ]
    assert first.status == "ACTIVE"
    assert same(first, again)
    (row,) = await office.lab.execute("select source from lead where id = $1", lead)
    assert row["source"] == "REFERRAL"
    with pytest.raises(Refused) as refused:
        await register_known(office.desk, office.asking(), lead, WITH_JO)
    assert refused.value.code is Code.ALREADY_REGISTERED
    assert len(await office.lab.execute("select 1 from lead_contact where lead = $1", lead)) == 1


async def test_a_preregistered_lead_is_looked_at_again_for_duplicates(office: Office) -> None:
    said = company()
    lead = await office.noted(company=said.company, city=said.city)
    override = Opening(contact=JO, override="Both of them know it")
    await register(office.desk, office.asking("maria"), of(said, owner="ben", opening=override))
    with pytest.raises(LiveDuplicate):
        await register_known(office.desk, office.asking(), lead, WITH_JO)
    with pytest.raises(Forbidden):
        await register_known(office.desk, office.asking(), lead, override)
    assert (await register_known(office.desk, office.asking("maria"), lead, override)).status == "ACTIVE"


async def test_an_external_id_belongs_to_one_lead(office: Office) -> None:
    name = f"X-{uuid4().hex}"
    said = company(external_id=name)
    first = await register(office.desk, office.asking(fact_id="r1"), of(said))
    assert same(first, await register(office.desk, office.asking(fact_id="r1"), of(said)))
    for user, other in (("anna", company(external_id=name)), ("ben", said)):
        with pytest.raises(ExternalIdTaken):
            await register(office.desk, office.asking(user), of(other))


@pytest.mark.parametrize("key", [True, False])
async def test_what_stopped_before_its_workflow_began_is_completed_by_trying_again(
    office: Office, key: bool
) -> None:
    said, name = company(), uuid4().hex if key else None
    nobody = office.nobody()
    with pytest.raises(Unavailable):
        await register(nobody, office.asking(key=name), of(said))
    (row,) = await office.lab.execute("select id from lead where company = $1", said.company)
    with pytest.raises(LiveDuplicate):
        await register(office.desk, office.asking("ben"), of(said))
    done = await register(office.desk, office.asking(key=name), of(said))
    assert (done.lead, done.status) == (row["id"], "ACTIVE")
    assert len(await office.lab.execute("select 1 from lead_contact where lead = $1", done.lead)) == 1


async def test_what_would_come_of_it(office: Office) -> None:
    said = company()
    seen = await foresee_opening(office.desk, office.asking(), of(said))
    assert (seen.entry.company, seen.entry.owner, seen.state.status) == (said.company, "anna", "ACTIVE")
    assert seen.known is None
    assert seen.at <= office.desk.now()
    assert await office.lab.execute("select 1 from lead where company = $1", said.company) == []


async def test_nobody_takes_beforehand_the_id_another_ones_lead_will_have(office: Office) -> None:
    said = company()
    tenant, key = office.lab.tenant, lead_key(said.company, said.city)
    foreseen = uuid5(tenant, f"registration/anna/{key}/{said.postcode}/0")
    for name in (f"lead/{foreseen}", str(foreseen), f"registration/anna/{key}/{said.postcode}/0"):
        squatter = NewLead(company=company(external_id=name), preregistration=True)
        await register(office.desk, office.asking("ben"), squatter)
    done = await register(office.desk, office.asking(), of(said))
    assert (done.status, done.fact_id) == ("ACTIVE", str(foreseen))


async def test_without_a_key_too_one_may_begin_anew_what_went_to_somebody_else(office: Office) -> None:
    said = company()
    first = await register(office.desk, office.asking(), of(said))
    await transfer(office.desk, office.asking("maria"), first.lead, owner="ben", reason="Another district")
    with pytest.raises(LiveDuplicate):
        await register(office.desk, office.asking(), of(said))
    await release_lead(office.desk, office.asking("ben"), first.lead)
    done = await register(office.desk, office.asking(), of(said))
    assert (done.status, done.duplicate) == ("ACTIVE", False)
    assert done.lead != first.lead
    assert same(done, await register(office.desk, office.asking(), of(said)))


async def test_a_reservation_that_was_erased_is_not_the_answer_to_a_new_one(office: Office) -> None:
    said = company()
    wanted = NewLead(company=said, preregistration=True)
    first = await register(office.desk, office.asking(), wanted)
    lab = office.lab
    await office.desk.gateway.tell(lab.tenant, first.lead, office.asking("adam").message(Erase))
    async with transaction(lab.pool, lab.tenant, "erasure", at=office.desk.now()) as connection:
        await load_queries("erasure").pseudonymise(
            connection, tenant=lab.tenant, lead=first.lead, name="Vormerkung"
        )
    done = await register(office.desk, office.asking(), wanted)
    assert (done.status, done.duplicate) == ("PREREGISTERED", False)
    assert done.lead != first.lead


async def test_a_correction_of_the_beginning_that_is_said_again_is_one_correction(office: Office) -> None:
    lead = await office.opened()
    past = Backdating(
        registered_at=office.desk.now() - timedelta(days=30),
        reason="Entered a month too late",
        evidence="https://crm.example/1",
    )
    earlier = replace(past, registered_at=past.registered_at - timedelta(days=1))

    async def said(what: Backdating, user: str = "maria") -> str:
        return (await set_registered_at(office.desk, office.asking(user), lead, what)).fact_id

    with pytest.raises(Unavailable):
        await set_registered_at(office.nobody(), office.asking("maria"), lead, past)
    tries = await asyncio.gather(*(said(past) for _ in range(6)))
    tries.append(await said(past))
    assert len(set(tries)) == 1
    # Somebody else, another instant, and what was set otherwise meanwhile are acts of their own.
    others = [await said(past, "max"), await said(earlier), await said(past)]
    assert len({tries[0], *others}) == 4
    told = [fact["fact_id"] for fact in await office.facts(lead) if fact["type"] == "corrected"]
    assert told == [tries[0], *others]
    with pytest.raises(Refused) as refused:
        await said(replace(past, reason="Entered long after"))
    assert (refused.value.code, refused.value.field) == (Code.FACT_ID_REUSED, "reason")
    dry = await set_registered_at(office.desk, office.asking("maria", dry_run=True), lead, past)
    assert dry.duplicate
