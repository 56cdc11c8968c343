"""The ERP for people: over HTTP and on pages; products to choose; who is a customer already."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest_asyncio

from activities.erp_orders import Resource, Source
from adapters.erp.xentral import Xentral
from sandbox.erp_records import Kind
from services.erp import ErpConnected
from tests.api.conftest import shop as api
from tests.api.shop import Shop as Api
from tests.erp.shop import Shop, account, shop_of
from tests.outsidefixtures import Outside
from tests.pages.visitor import visitor
from tests.services.conftest import office
from tests.services.office import PEOPLE

__all__ = ["api", "office"]

KNOWN: Final = "urn:fristwerk:problem:known-customer"


@pytest_asyncio.fixture
async def manned(api: Api, outside: Outside) -> AsyncIterator[Shop]:
    """The ERP of a company with people."""
    app = api.api.app
    async with Xentral(account(outside)) as erp:
        app.state.wiring = replace(api.api.wiring, erp=ErpConnected(api.office.lab.tenant))
        yield shop_of(api.office.lab, outside, erp)
    app.state.wiring = api.api.wiring


async def asked(
    api: Api, method: str, path: str, json: Any = None, user: str = "anna", **how: Any
) -> httpx.Response:
    """One request to the API."""
    token = api.callers.token(user, PEOPLE[user], tenant=api.office.lab.tenant)
    return await api.api.ask(method, path, token, json=json, **how)


async def test_without_an_erp_nothing_is_there_and_nothing_else_is_missing(api: Api) -> None:
    for method, path in (("GET", "/api/erp"), ("POST", "/api/erp/sync")):
        answer = await asked(api, method, path, user="maria")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:fristwerk:problem:not-configured")
        assert (await asked(api, method, path)).status_code == 403
    assert (await asked(api, "GET", "/api/products")).json() == {"items": []}
    maria = await visitor(api, "maria")
    assert (await maria.get("/erp")).status_code == 503
    await maria.get("/integrations")
    assert "not connected" in maria.html.one("section", aria_labelledby="system-erp").text


async def test_a_box_from_the_choice_of_products_to_the_erps_page(api: Api, manned: Shop) -> None:
    await manned.read()
    found = (await asked(api, "GET", "/api/products?text=gulasch")).json()["items"]
    assert [one["sku"] for one in found] == ["GULASCH-VEGAN-1"]
    lead = (await api.opened()).removeprefix("/")
    anna = await visitor(api, "anna", language="de")
    at = f"/leads/{lead}/samples"
    await anna.get(at)
    assert "GULASCH-VEGAN-1" in str([one.attributes for one in anna.html.all("option")])
    assert (await anna.post(at, quantity_1="3")).status_code == 422
    assert "Welches Produkt?" in anna.html.one(role="alert").text
    made = await anna.post(
        at, product_0="GULASCH-VEGAN-1", quantity_0="3", items="ROTKOHL-5 2", promised_at="2026-01-05T12:00"
    )
    assert made.status_code == 303
    (row,) = await manned.lab.execute("select id from sample_box where lead = $1", UUID(lead))
    assert await manned.office.order(row["id"], datetime.now(UTC)) == "sent"
    order = (await manned.lab.execute("select * from erp_order where box = $1", row["id"]))[0]
    manned.outside.erp(lambda erp: erp.ship(order["erp_id"], at=datetime(2026, 1, 20, 9, tzinfo=UTC)))
    await manned.read(Resource.ORDERS, Resource.SHIPMENTS)
    await anna.get(f"{at}/{row['id']}")
    assert f"In der Warenwirtschaft: bestellt {order['number']}" in anna.html.one("main").text
    assert (await anna.get("/erp")).status_code == 403

    maria = await visitor(api, "maria", language="de")
    await maria.get("/erp")
    shown = maria.html.one("main").text
    assert order["number"] in shown
    assert "Muster versandt" in shown
    # Whoever was quicker told it: this, or the workflow of the box.
    assert "der Uhr des Leads mitgeteilt" in shown or "nichts mitzuteilen" in shown
    assert (await maria.post("/erp/sync")).status_code == 303
    told = (await asked(api, "GET", "/api/erp", user="maria")).json()
    assert [one["resource"] for one in told["readings"]] == sorted(Resource)
    assert (told["orders"][0]["box"], told["orders"][0]["state"]) == (str(row["id"]), "sent")
    assert told["events"][0]["happenedAt"] == "2026-01-20T09:00:00Z"
    started = await asked(api, "POST", "/api/erp/sync?everything=true", user="maria")
    assert (started.status_code, started.json()["workflow"].split("/")[0]) == (202, "erp-reconcile")


async def test_who_was_invoiced_lately_is_no_new_customer(api: Api, manned: Shop) -> None:
    city = f"Ort {datetime.now(UTC):%H%M%S%f}"
    house = manned.outside.erp(lambda erp: erp.add_customer("Gasthof Altkunde GmbH", "10115", city))
    manned.outside.erp(lambda erp: erp.invoice(house["id"], at=datetime.now(UTC) - timedelta(days=300)))
    await manned.read(Resource.CUSTOMERS, Resource.INVOICES, source=Source.RECONCILE)
    body = {"company": "GASTHOF ALTKUNDE", "city": city, "contact": {"name": "Jo Geheim"}}
    opened = await asked(api, "POST", "/api/leads", body)
    assert opened.status_code == 201
    lead = opened.headers["location"].rsplit("/", 1)[-1]
    anna = await visitor(api, "anna")
    await anna.get(f"/leads/{lead}")
    assert "No new customer" in anna.html.one("main").text

    await manned.settle_with("erp.newCustomer.check", mode="refuse", months=12)
    refused = await asked(api, "POST", f"/api/leads/{lead}/convert", {"customerNo": "K-1"}, user="maria")
    assert (refused.status_code, refused.json()["type"]) == (409, KNOWN)
    await asked(api, "POST", f"/api/leads/{lead}/release", {}, user="maria")
    again = await asked(api, "POST", "/api/leads", body)
    assert (again.status_code, again.json()["type"]) == (409, KNOWN)
    override = {**body, "overrideDuplicate": {"reason": "Agreed with the sales management"}}
    assert (await asked(api, "POST", "/api/leads", override, user="maria")).status_code == 201
    assert manned.outside.erp(lambda erp: len(erp.all(Kind.INVOICES))) == 1
