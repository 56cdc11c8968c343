"""Credit checks over HTTP and as pages, with a bureau that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from sandbox.switches import Failure
from tests.api.conftest import shop
from tests.api.shop import Shop
from tests.credit.counter import Counter
from tests.credit.test_checking import SOLID
from tests.pages.visitor import visitor
from tests.services.office import PEOPLE

__all__ = ["shop"]


@pytest_asyncio.fixture
async def bank(shop: Shop, counter: Counter) -> AsyncIterator[Shop]:
    """The API with an account at the bureau."""
    app = shop.api.app
    app.state.wiring = replace(shop.api.wiring, credit=counter.credits)
    yield shop
    app.state.wiring = shop.api.wiring


async def asked(shop: Shop, method: str, path: str, json: Any = None, user: str = "anna") -> httpx.Response:
    """One request to the API."""
    token = shop.callers.token(user, PEOPLE[user], tenant=shop.office.lab.tenant)
    return await shop.api.ask(method, path, token, json=json)


async def test_a_check_over_http_is_new_then_known_then_pending(bank: Shop, counter: Counter) -> None:
    lead = (await bank.opened(company=SOLID)).removeprefix("/")
    body = {"leadId": lead, "vatNumber": "DE123456789", "amount": "2500.00", "purpose": "FIRST_ORDER"}
    new = await asked(bank, "POST", "/api/credit/checks", body)
    assert new.status_code == 201
    told = new.json()
    assert (told["status"], told["grade"], told["limit"], told["amount"]) == (
        "approved", "B", "2500.00", "2500.00",
    )  # fmt: skip
    assert new.headers["location"] == f"/api/credit/checks/{told['id']}"
    again = await asked(bank, "POST", "/api/credit/checks", body, user="maria")
    assert again.status_code == 200
    assert again.json() == {**told, "cached": True}
    assert (await asked(bank, "GET", new.headers["location"])).json() == told
    assert (await asked(bank, "GET", new.headers["location"], user="ben")).status_code == 404
    counter.outside.fail("credit", Failure.DOWN)
    later = await asked(bank, "POST", "/api/credit/checks", {**body, "amount": "70000"})
    assert later.status_code == 202
    assert (later.json()["status"], later.json()["limit"]) == ("pending", None)
    for wrong in (
        {"amount": 2500},
        {"amount": "0"},
        {"amount": "-1"},
        {"currency": "euro"},
        {"country": "D"},
    ):
        refused = await asked(bank, "POST", "/api/credit/checks", {**body, **wrong})
        assert refused.status_code == 422, wrong
        assert refused.json()["errors"][0]["pointer"] == f"#/{next(iter(wrong))}"


async def test_without_a_bureau_nothing_is_checked_and_nothing_is_shown(shop: Shop) -> None:
    lead = (await shop.opened()).removeprefix("/")
    answer = await asked(shop, "POST", "/api/credit/checks", {"leadId": lead, "amount": "1"})
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":not-configured")
    hidden = await asked(shop, "POST", "/api/credit/checks", {"leadId": lead, "amount": "1"}, user="ben")
    assert hidden.status_code == 404
    anna = await visitor(shop, "anna")
    await anna.get(f"/leads/{lead}")
    assert not [one for one in anna.html.all("a") if one.attributes.get("href", "").endswith("/credit")]
    await anna.get(f"/leads/{lead}/credit")
    assert "No credit bureau is connected" in anna.html.one("main").text
    assert [one for one in anna.html.all("form") if "/credit" in one.attributes["action"]] == []


async def test_the_page_asks_and_shows_what_was_said(bank: Shop, counter: Counter) -> None:
    lead = (await bank.opened(company=f"Insolvenz {uuid4().hex}")).removeprefix("/")
    anna, olga = await visitor(bank, "anna", language="de"), await visitor(bank, "olga")
    at = f"/leads/{lead}/credit"
    assert (await anna.get(at)).status_code == 200
    assert "Nach dieser Firma hat noch niemand gefragt." in anna.html.one("main").text
    for amount, vat in (("viel", ""), ("0", ""), ("5", "12")):
        assert (await anna.post(at, purpose="FIRST_ORDER", amount=amount, vat=vat)).status_code == 422
        assert anna.html.one(role="alert").text
    said = await anna.post(at, amount="2.500,50", purpose="FIRST_ORDER", vat="DE 123 456 789")
    assert said.status_code == 303
    await anna.get(at)
    text = anna.html.one("main").text.replace("\u00a0", " ")
    for part in ("2.500,50 €", "abgelehnt", "Erste Bestellung"):
        assert part in text, part
    await anna.get(f"/leads/{lead}")
    (link,) = [one for one in anna.html.all("a") if one.attributes.get("href", "") == at]
    assert "abgelehnt D" in link.text
    await olga.get(at)
    assert "declined" in olga.html.one("main").text
    assert (await olga.post(at, amount="5", purpose="OTHER")).status_code == 403
    counter.outside.fail("credit", Failure.SERVER_ERROR)
    await anna.post(at, amount="99", purpose="OTHER")
    await anna.get(at)
    assert "noch nicht entschieden" in anna.html.one("main").text


async def test_integrations_say_how_the_bureau_stands(bank: Shop) -> None:
    maria = await visitor(bank, "maria")
    await maria.get("/integrations")
    sections = maria.html.all("section")
    (card,) = [one for one in sections if one.attributes.get("aria-labelledby") == "system-credit"]
    assert "Checks not decided yet" in card.text


async def test_the_figures_tell_how_quick_the_bureau_was(bank: Shop) -> None:
    lead = (await bank.opened(company=SOLID)).removeprefix("/")
    body = {"leadId": lead, "amount": "30"}
    assert (await asked(bank, "POST", "/api/credit/checks", body)).status_code == 201
    maria = await visitor(bank, "maria")
    await maria.get("/kpis")
    (section,) = [
        one for one in maria.html.all("section") if one.attributes.get("aria-labelledby") == "credit"
    ]
    assert "At most 500 milliseconds are promised" in section.text
