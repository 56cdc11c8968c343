"""The desk: two managers, two clicks, other terms, four eyes, and what makes no sense."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from protection.facts import HoldReason
from protection.requests import RequestKind
from services.holding import WantedExtension, WantedHold, ask_extension, place_hold, withdraw
from tests.api.shop import Shop
from tests.pages.visitor import Node, Visitor, visitor

WHY = "The kitchen <b>moves</b> & nobody decides"


async def hold_wanted(shop: Shop) -> tuple[UUID, str]:
    """A lead of Anna's, and the way to her request for a hold on it."""
    office = shop.office
    lead = await office.opened()
    wanted = WantedHold(reason=HoldReason.CUSTOMER_BLOCKED, note=WHY)
    done = await place_hold(office.desk, office.asking(), lead, wanted)
    return lead, f"/desk/requests/{lead}/{done.detail['id']}"


async def days_wanted(shop: Shop) -> tuple[UUID, str]:
    """The same for an extension."""
    office = shop.office
    lead = await office.opened()
    wanted = WantedExtension(
        reason="The cook is ill",
        days=20,
        next_step="Tasting",
        next_step_at=office.desk.now() + timedelta(days=30),
    )
    done = await ask_extension(office.desk, office.asking(), lead, wanted)
    return lead, f"/desk/requests/{lead}/{done.detail['id']}"


async def card_of(visiting: Visitor, path: str) -> Node | None:
    """The card of a request, on whatever page of the desk it is."""
    place: str | None = "/desk"
    while place is not None:
        assert (await visiting.get(place)).status_code == 200
        for card in visiting.html.all("li", class_="case"):
            if card.all("a", href=path):
                return card
        place = next((link.attributes["href"] for link in visiting.html.all("a", rel="next")), None)
    return None


async def types_of(shop: Shop, lead: UUID) -> list[str]:
    return [fact["type"] for fact in await shop.office.facts(lead)]


async def test_who_asks_why_and_what_it_would_do_is_seen_and_decided_at_once(shop: Shop) -> None:
    (held, hold), (longer, days) = await hold_wanted(shop), await days_wanted(shop)
    maria = await visitor(shop, "maria")
    card = await card_of(maria, hold)
    assert card is not None
    for said in ("anna asks to stop the clock", WHY, "asked today", "Then until open, while the clock"):
        assert said in card.text
    assert not card.all("b")
    card = await card_of(maria, days)
    assert card is not None
    for said in ("anna asks for 20 days", "The cook is ill", "Tasting", "20 days longer", "Approve 20 days"):
        assert said in card.text
    form = card.one("form", action=f"{days}/approve")
    fields: dict[str, Any] = {
        one.attributes["name"]: one.attributes["value"] for one in form.all("input", type="hidden")
    }
    act = fields.pop("_act")
    answers = await asyncio.gather(*(maria.post(f"{days}/approve", act=act, **fields) for _ in range(2)))
    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, "/desk")] * 2
    assert (await types_of(shop, longer)).count("request_decided") == 1
    await maria.post(f"{hold}/approve", follow=True, kind="HOLD")
    assert "Approved" in maria.said
    await maria.get(f"/leads/{held}")
    assert await card_of(maria, hold) is None
    de = await visitor(shop, "maria", language="de")
    await de.get(hold)
    assert "Genehmigt von maria" in de.html.text


async def test_of_two_managers_one_decides_and_the_other_sees_it(shop: Shop) -> None:
    lead, path = await days_wanted(shop)
    maria, max_ = await visitor(shop, "maria"), await visitor(shop, "max")
    for one in (maria, max_):
        await one.get(path)
        assert one.html.all("form", action=f"{path}/approve")
    answers = await asyncio.gather(
        maria.post(f"{path}/approve", kind="EXTENSION", days="14"),
        max_.post(f"{path}/reject", kind="EXTENSION", why_not="We have waited long enough"),
    )
    late = [one for one in answers if one.status_code == 409]
    assert sorted(one.status_code for one in answers) == [303, 409]
    assert "decided already" in late[0].text
    assert ("Approved by" in late[0].text) != ("Rejected by" in late[0].text)
    assert (await types_of(shop, lead)).count("request_decided") == 1


async def test_other_terms_are_foreseen_before_they_are_granted(shop: Shop) -> None:
    lead, days = await days_wanted(shop)
    maria = await visitor(shop, "maria")
    await maria.get(f"{days}?days=45", hx_request="true")
    assert "45 days longer" in maria.html.text
    assert not maria.html.all("form")
    await maria.get(f"{days}?days=5")
    assert "5 days longer" in maria.html.text
    await maria.get(f"{days}?days=9999", hx_request="true")
    assert "At most 730" in maria.html.text
    await maria.post(f"{days}/approve", kind="EXTENSION", days="45", why="Until the tasting")
    assert (await shop.office.facts(lead))[-1]["days"] == 45
    held, hold = await hold_wanted(shop)
    start = (shop.office.desk.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    wrong = await maria.post(f"{hold}/approve", kind="HOLD", start_at=start, end_at="2026-01-01T00:00")
    assert wrong.status_code == 422
    assert "The end lies before the beginning" in wrong.text
    assert start in wrong.text
    assert (await maria.get(f"{hold}?start_at={start}&end_at={start}")).status_code == 200
    assert (await types_of(shop, held)).count("request_decided") == 0


async def test_four_eyes_and_a_reason_for_a_no(shop: Shop) -> None:
    _, path = await hold_wanted(shop)
    herself = await visitor(shop, "anna", "manager")
    card = await card_of(herself, path)
    assert card is not None
    assert "somebody else decides" in card.text
    assert not card.all("form")
    answer = await herself.post(f"{path}/approve", kind="HOLD")
    assert (answer.status_code, "Nobody decides a request of his own" in answer.text) == (409, True)
    maria = await visitor(shop, "maria")
    nothings: tuple[dict[str, Any], ...] = ({}, {"why": "  "}, {"why": "no"})
    for nothing in nothings:
        answer = await maria.post(f"{path}/reject", kind="HOLD", **nothing)
        assert answer.status_code == 422
        assert maria.html.one("textarea", id="why_not").attributes["aria-invalid"] == "true"
    await maria.post(f"{path}/reject", follow=True, kind="HOLD", why_not="Nothing is blocked there")
    assert "Rejected" in maria.said
    await maria.get(path)
    assert "Rejected by maria" in maria.html.text
    assert "Nothing is blocked there" in maria.html.text
    other, path = await hold_wanted(shop)
    await withdraw(shop.office.desk, shop.office.asking(), other, path.rpartition("/")[2], RequestKind.HOLD)
    await maria.get(path)
    assert "Withdrawn by anna" in maria.html.text


async def test_the_desk_is_for_who_decides_and_nothing_odd_harms_it(shop: Shop) -> None:
    lead, path = await hold_wanted(shop)
    for user in ("anna", "olga"):
        stranger = await visitor(shop, user)
        for address in ("/desk", path):
            assert (await stranger.get(address)).status_code == 403
        assert (await stranger.post(f"{path}/approve", kind="HOLD")).status_code == 403
        assert (await stranger.post(f"{path}/reject", kind="HOLD", why_not="Not this way")).status_code == 403
    maria = await visitor(shop, "maria")
    for address in (f"/desk/requests/{uuid4()}/x", f"/desk/requests/{lead}/none"):
        assert (await maria.get(address)).status_code == 404
        assert (await maria.post(f"{address}/approve", kind="HOLD")).status_code == 404
    assert (await maria.post(f"{path}/approve", kind="EXTENSION", days="5")).status_code == 404
    garbages: tuple[dict[str, Any], ...] = (
        {"kind": "PARTY"},
        {"kind": "HOLD", "days": "-1"},
        {"kind": "HOLD", "more": "1"},
        {},
    )
    for garbage in garbages:
        assert (await maria.post(f"{path}/approve", **garbage)).status_code == 422
    for query in ("?at=x", "?at=2026-01-01T00:00:00&lead=x", "?request=%00", f"?lead={lead}"):
        assert (await maria.get(f"/desk{query}")).status_code in {200, 422}
    assert (await types_of(shop, lead)).count("request_decided") == 0
