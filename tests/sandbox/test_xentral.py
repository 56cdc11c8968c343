"""The played ERP: lists, customers and orders in, what happens there, and its news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.erp_records import Kind
from tests.outsidefixtures import Outside
from tests.sandbox.test_credit import ear


@pytest.fixture
def client(outside: Outside) -> Iterator[httpx.Client]:
    bearer = {"Authorization": f"Bearer {outside.accounts.xentral}"}
    with httpx.Client(base_url=f"{outside.xentral_url}/api/v1", headers=bearer, timeout=120) as made:
        yield made


def where(key: str, operation: str, value: str, number: int = 0) -> dict[str, str]:
    given = {"key": key, "op": operation, "value": value}
    return {f"filter[{number}][{name}]": text for name, text in given.items()}


def order(client: httpx.Client, **more: Any) -> dict[str, Any]:
    customer = client.get("/customers").json()["data"][0]
    return {
        "date": "2026-11-23",
        "externalOrderNumber": "box-1",
        "customer": {"id": customer["id"]},
        "project": {"id": "1"},
        "financials": {"currency": "EUR", "paymentMethod": {"id": "1"}},
        "delivery": {"shippingMethod": {"id": "1"}, "promisedShipDate": "2026-11-25"},
        "positions": [
            {"product": {"id": "1"}, "quantity": 2, "price": {"amount": "0.00", "currency": "EUR"}}
        ],
        **more,
    }


def test_lists_come_in_pages_and_can_be_filtered(client: httpx.Client, outside: Outside) -> None:
    outside.erp(lambda erp: erp.restock(1_000))
    skus: list[str] = []
    for number in range(1, 11):
        page = client.get("/products", params={"page[number]": number, "page[size]": 100}).json()
        assert page["extra"] == {"totalCount": 1_000, "page": {"number": number, "size": 100}}
        skus += [one["number"] for one in page["data"]]
    assert len(set(skus)) == 1_000
    assert len(client.get("/products").json()["data"]) == 10
    found = client.get("/products", params=where("number", "equals", skus[500])).json()["data"]
    assert [one["number"] for one in found] == [skus[500]]
    both = where("name", "contains", "GULASCH") | where("id", "in", "1,13,2", number=1)
    assert [one["id"] for one in client.get("/products", params=both).json()["data"]] == ["1", "13"]
    now = datetime.now(UTC) + timedelta(seconds=1)
    for spelled in (now.isoformat(), now.strftime("%Y-%m-%dT%H:%M:%SZ")):
        later = client.get("/products", params=where("updatedAt", "greaterThanOrEqual", spelled)).json()
        assert later["data"] == []
    assert client.get("/products/7").json()["data"]["id"] == "7"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"page[size]": "101"}, "page[size]"),
        ({"page[number]": "0"}, "page[number]"),
        ({"page[number]": "x"}, "page[number]"),
        (where("id", "like", "1"), "filter[0][op]"),
        ({"filter[3][op]": "equals"}, "filter[3]"),
    ],
)
def test_a_list_that_cannot_be_given_says_why(
    params: dict[str, str], field: str, client: httpx.Client
) -> None:
    answer = client.get("/products", params=params)
    assert (answer.status_code, answer.json()["messages"][0]["field"]) == (400, field)


def test_an_order_exists_once_and_what_is_wrong_is_named(client: httpx.Client) -> None:
    made = client.post("/salesOrders/actions/import", json=order(client))
    assert made.status_code == 201
    order_id = made.json()["data"]["id"]
    assert made.headers["location"].endswith(f"/salesOrders/{order_id}")
    assert client.post("/salesOrders/actions/import", json=order(client)).status_code == 409
    kept = client.get(f"/salesOrders/{order_id}").json()["data"]
    assert (kept["status"], kept["promisedShipDate"], kept["externalOrderNumber"]) == (
        "released", "2026-11-25", "box-1",
    )  # fmt: skip
    assert kept["positions"] == [{"product": {"id": "1", "number": "GULASCH-VEGAN-1"}, "quantity": 2}]
    wrong = order(client, date="soon", project={}, delivery=None, financials={}, externalOrderNumber="b")
    wrong["positions"] = [{"product": {"id": "999"}}, {"product": {"id": "1"}, "quantity": 0}, 7]
    refused = client.post("/salesOrders/actions/import", json=wrong)
    assert refused.status_code == 422
    assert {one["field"] for one in refused.json()["messages"]} == {
        "date", "project.id", "delivery", "financials.currency",
        "positions.0.product.id", "positions.1.quantity", "positions.2.product.id",
    }  # fmt: skip
    stranger = order(client, customer={"id": "1"}, externalOrderNumber="c")
    assert client.post("/salesOrders/actions/import", json=stranger).status_code == 422
    assert client.post("/salesOrders/actions/import", content=b"[").status_code == 422


def test_customers_are_taken_once(client: httpx.Client) -> None:
    new = {"name": "Gasthof Adler", "number": "L-1", "address": {"city": "Erfurt", "zipCode": "99084"}}
    made = client.post("/customers", json=new)
    assert (made.status_code, made.json()["data"]["number"]) == (201, "L-1")
    assert client.post("/customers", json=new).status_code == 409
    assert client.post("/customers", json={"name": ""}).status_code == 422
    found = client.get("/customers", params=where("address.city", "equals", "Erfurt")).json()["data"]
    assert [one["number"] for one in found] == ["L-1"]


def test_strangers_and_unknown_things(client: httpx.Client, outside: Outside) -> None:
    assert httpx.get(f"{outside.xentral_url}/api/v1/products", timeout=120).status_code == 401
    for path in ("/products/99999", "/nothing", "/../v2/products"):
        assert client.get(path).status_code == 404


def test_what_happens_is_on_record_and_told(client: httpx.Client, outside: Outside) -> None:
    with ear() as (url, heard):
        outside.erp_tells(url)
        order_id = client.post("/salesOrders/actions/import", json=order(client)).json()["data"]["id"]
        days_ago = datetime.now(UTC) - timedelta(days=3)
        outside.erp(lambda erp: erp.hold(order_id))
        assert client.get(f"/salesOrders/{order_id}").json()["data"]["holdReason"] == "price-approval"
        outside.erp(lambda erp: erp.release(order_id))
        shipped = outside.erp(lambda erp: erp.ship(order_id, at=days_ago))
        outside.erp(lambda erp: erp.deliver(shipped["id"]))
        customer = client.get("/customers").json()["data"][0]["id"]
        bill = outside.erp(lambda erp: erp.invoice(customer, "99.5", order_id=order_id, at=days_ago))
        outside.erp(lambda erp: erp.pay(bill["id"]))
        outside.erp(lambda erp: erp.change_product("1", isDisabled=True))
        tries = outside.news("xentral")
    assert {one.status for one in tries} == {503, 202}
    assert len({one.event_id for one in tries}) == 8 == len(tries) - 1
    assert all(b"eventType" in body for _, body in heard)
    since = days_ago.strftime("%Y-%m-%dT%H:%M:%S")
    delivery = client.get("/deliveries", params=where("salesOrder.id", "equals", order_id)).json()["data"][0]
    assert delivery["shippedAt"].startswith(since)
    assert delivery["deliveredAt"] > delivery["shippedAt"]
    assert client.get(f"/customers/{customer}").json()["data"]["firstInvoiceAt"].startswith(since)
    invoice = client.get("/invoices").json()["data"][0]
    assert (invoice["total"]["amount"], invoice["status"]) == ("99.50", "paid")
    assert client.get("/payments").json()["data"][0]["invoice"] == {"id": bill["id"]}
    assert client.get("/products/1").json()["data"]["isDisabled"] is True
    outside.reset()
    assert outside.erp(lambda erp: erp.all(Kind.ORDERS)) == []
