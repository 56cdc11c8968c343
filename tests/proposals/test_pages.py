"""Proposals on the pages: seen where people look, answered with one press; and the house's own help."""

from __future__ import annotations

from uuid import uuid4

from activities.proposal_facts import ContactRoleFound
from activities.sample_orders import ContactRole
from tests.api.shop import Shop
from tests.pages.visitor import visitor
from tests.proposals.asked import Asked
from tests.proposals.making import HOTEL, INVOICED, answered, made


async def test_a_proposal_is_seen_and_answered_where_people_look(shop: Shop) -> None:
    office = shop.office
    lead = await office.opened()
    reaction = await made(office, lead, answered())
    invoiced, sort = await made(office, lead, INVOICED), await made(office, lead, HOTEL, confidence=0.83)
    (contact,) = await office.lab.execute(
        "select id from lead_contact where lead = $1 and kind = 'CONTACT'", lead
    )
    role = await made(office, lead, ContactRoleFound(contact=contact["id"], role=ContactRole.BUYER))
    anna, maria = await visitor(shop, "anna"), await visitor(shop, "maria")
    for path in ("/proposals", f"/leads/{lead}"):
        assert (await anna.get(path)).status_code == 200
        assert "asks for prices" in anna.html.one("li", id=f"proposal-{reaction}").text
        assert "A manager confirms it." in anna.html.one("li", id=f"proposal-{invoiced}").text
        assert "83 % sure" in anna.html.one("li", id=f"proposal-{sort}").text
    await anna.get("/")
    assert anna.html.all("section", class_="proposals")
    pressed = await anna.post(f"/proposals/{reaction}/confirm", back=f"/leads/{lead}", follow=True)
    assert pressed.url.path == f"/leads/{lead}"
    assert "Confirmed, and done." in anna.said
    again = await anna.post(f"/proposals/{reaction}/reject", follow=True)
    assert again.status_code == 200
    assert "decided before" in anna.said
    for proposal in (sort, role):
        await anna.post(f"/proposals/{proposal}/confirm", follow=True)
    await anna.get(f"/leads/{lead}/people")
    assert "Hotel, high potential" in anna.html.text
    assert "Buys" in anna.html.text
    assert (await anna.post(f"/proposals/{invoiced}/confirm")).status_code == 403
    await maria.get("/proposals")
    assert maria.html.one("a", aria_current="page", href="/proposals").text == "Proposals"
    await maria.post(f"/proposals/{invoiced}/reject", follow=True)
    assert "will not be proposed again" in maria.said
    ben = await visitor(shop, "ben")
    assert (await ben.post(f"/proposals/{sort}/reject")).status_code == 404
    assert (await ben.post(f"/proposals/{uuid4()}/confirm")).status_code == 404
    assert (await ben.post("/proposals/none/confirm")).status_code in {404, 422}
    for query in ("?at=never&after=none", "?at=2026-11-23T10:00:00Z", f"?after={uuid4()}&at=2026-11-23"):
        assert (await anna.get(f"/proposals{query}")).status_code == 200


async def test_help_shows_what_the_house_wrote_and_drafts_from_it(asked: Asked) -> None:
    shop = asked.shop
    token = shop.callers.token("adam", "admin", tenant=shop.office.lab.tenant)
    for key, value in (
        ("help.space.enduser", {"holds": {"title": "Holds", "text": "Ask for one on the lead."}, "odd": 7}),
        ("help.space.salesops", {"deciding": "Managers decide on the desk."}),
    ):
        body = {"scope": "tenant", "value": value, "reason": "for the test"}
        answer = await asked.plain.api.ask("PUT", f"/api/settings/{key}", token, json=body)
        assert answer.status_code == 200, answer.text
    anna, maria = await asked.visitor("anna"), await asked.visitor("maria")
    await anna.get("/help")
    assert [one.text for one in anna.html.all("h2")] == ["Ask", "Holds"]
    await maria.get("/help")
    assert [one.text for one in maria.html.all("h2")] == ["Ask", "Holds", "deciding"]
    assert (await anna.post("/help")).status_code == 422
    assert (await anna.post("/help", words="x" * 5_000)).status_code == 422
    assert asked.prompts() == ""
    await anna.post("/help", words="How do I stop the clock?")
    assert "Written by a machine" in anna.html.one("div", id="answer-help").text
    assert "Ask for one on the lead." in asked.prompts()
    assert "Managers decide" not in asked.prompts()
