"""The ERP read and written to, over real sockets, a real database and leads' real workflows."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.erp import NotUnderstood
from activities.erp_orders import Resource, Source
from activities.upstreams import UpstreamMalformed
from protection.facts import HoldReason
from sandbox.erp_records import Kind, Record, Records
from tests.erp.shop import DAY, HOUR, Shop


def at_the_millisecond(moment: datetime) -> datetime:
    """As the ERP writes instants."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def webhook(kind: str, at: datetime, data: Record) -> bytes:
    """What the ERP sends."""
    said = {"eventId": "evt-1", "eventType": "x", "occurredAt": at.isoformat()}
    return json.dumps(said | {"resource": {"type": kind, "id": data["id"]}, "data": data}).encode()


async def test_products_and_customers_are_read_once_and_then_only_what_changed(shop: Shop) -> None:
    shop.outside.erp(lambda erp: erp.restock(130))
    came = await shop.read()
    assert (came[Resource.PRODUCTS].read, came[Resource.CUSTOMERS].read) == (130, 5)
    rows = await shop.lab.execute("select * from erp_product where tenant = $1 and active", shop.tenant)
    assert len(rows) == 130
    asked = len(shop.outside.log("xentral"))
    shop.outside.erp(lambda erp: erp.change_product("7", name="Spätzle, 5 kg", isDisabled=True))
    came = await shop.read(Resource.PRODUCTS)
    assert len(shop.outside.log("xentral")) - asked <= 4
    (row,) = await shop.lab.execute(
        "select * from erp_product where tenant = $1 and erp_id = '7'", shop.tenant
    )
    assert (row["name"], row["active"]) == ("Spätzle, 5 kg", False)


async def test_one_odd_row_keeps_nothing_behind_it_from_being_read(shop: Shop) -> None:
    shop.outside.erp(lambda erp: erp.restock(120))
    shop.outside.erp(lambda erp: erp.one(Kind.PRODUCTS, "3").update(number=""))
    came = await shop.read(Resource.PRODUCTS, source=Source.RECONCILE)
    assert (came[Resource.PRODUCTS].read, came[Resource.PRODUCTS].skipped) == (120, 1)
    rows = await shop.lab.execute("select * from erp_product where tenant = $1 and active", shop.tenant)
    assert (len(rows), shop.erp.state().failures) == (119, 0)
    (pull,) = await shop.lab.execute("select read, skipped from erp_pull where tenant = $1", shop.tenant)
    assert pull == {"read": 120, "skipped": 1}
    # Several of which none can be read, or one that does not say when it changed: not as documented.
    wrongs: list[dict[str, Record]] = [
        {"1": {"number": ""}, "2": {"number": ""}},
        {"2": {"updatedAt": "soon"}},
    ]
    for wrong in wrongs:

        def go_wrong(erp: Records, wrong: dict[str, Record] = wrong) -> None:
            erp.restock(2)
            for product, fields in wrong.items():
                erp.one(Kind.PRODUCTS, product).update(fields)

        shop.outside.erp(go_wrong)
        with pytest.raises(UpstreamMalformed):
            await shop.read(Resource.PRODUCTS, source=Source.RECONCILE)
    assert shop.erp.state().failures == 2


async def test_a_box_is_an_order_once_whatever_is_lost_on_the_way(shop: Shop) -> None:
    await shop.read()
    box = await shop.box()
    order = await shop.ordered(box)
    assert await shop.office.order(box.id, datetime.now(UTC)) == "sent"
    # The answer was lost, and with it all that was known of the order.
    await shop.lab.execute("delete from erp_order where box = $1", box.id)
    assert await shop.ordered(box) == order
    (sent,) = [one for one in shop.outside.log("xentral") if one.method == "POST"]
    body = json.loads(sent.body)
    assert body["externalOrderNumber"] == str(box.id)
    assert body["delivery"]["shippingAddress"] == {
        "name": "Gasthof Muster GmbH",
        "zipCode": "99084",
        "city": "Erfurt",
        "country": "DE",
    }
    assert [one["quantity"] for one in body["positions"]] == [2, 2]
    assert shop.outside.erp(lambda erp: len(erp.all(Kind.ORDERS))) == 1


async def test_two_at_once_make_one_order(shop: Shop) -> None:
    await shop.read()
    box = await shop.box()
    now = datetime.now(UTC)
    assert await asyncio.gather(*(shop.office.order(box.id, now) for _ in range(8))) == ["sent"] * 8
    assert shop.outside.erp(lambda erp: len(erp.all(Kind.ORDERS))) == 1


async def test_a_box_called_off_calls_its_order_off_and_the_other_way_round(shop: Shop) -> None:
    await shop.read()
    ours, theirs = await shop.box(), await shop.box()
    order, other = await shop.ordered(ours), await shop.ordered(theirs)
    await ours.cancelled()
    assert await shop.office.order(ours.id, datetime.now(UTC)) == "cancelled"
    assert shop.outside.erp(lambda erp: erp.one(Kind.ORDERS, order))["status"] == "canceled"
    shop.outside.erp(lambda erp: erp.cancel(other))
    await shop.read(Resource.ORDERS)
    (row,) = await shop.lab.execute("select * from sample_box where id = $1", theirs.id)
    assert (row["cancelled_by"], (await shop.order_row(theirs))["state"]) == ("erp", "cancelled")


@pytest.mark.parametrize(
    ("how", "state", "problem"),
    [
        ({"skus": ("NOT-THERE",)}, "refused", "unknown-product"),
        ({"account": "K-NOBODY"}, "sent", None),
    ],
)
async def test_what_the_erp_does_not_know(
    shop: Shop, how: dict[str, Any], state: str, problem: str | None
) -> None:
    await shop.read()
    box = await shop.box(**how)
    assert await shop.office.order(box.id, datetime.now(UTC)) == state
    assert (await shop.order_row(box))["problem"] == problem


async def test_orders_only_where_wanted(shop: Shop) -> None:
    await shop.settle_with(
        "erp.sample.orders",
        enabled=False,
        customer="",
        project="1",
        paymentMethod="1",
        shippingMethod="1",
    )
    box = await shop.box()
    assert await shop.office.order(box.id, datetime.now(UTC)) == "not-needed"
    assert [one for one in shop.outside.log("xentral") if one.method == "POST"] == []


async def test_late_samples_cost_the_agent_nothing_and_both_truths_stay(shop: Shop) -> None:
    await shop.settle_with("sample.delay.hold", mode="placed")
    await shop.read()
    now = datetime.now(UTC)
    box = await shop.box(promised_at=now - 3 * DAY)
    order = await shop.ordered(box)
    await box.did("open-delay")
    shop.outside.erp(lambda erp: erp.deliver(erp.ship(order, at=now - 2 * DAY)["id"], at=now - DAY))
    await shop.read(Resource.SHIPMENTS)
    (hold,) = (await box.lead.state()).basis.holds
    assert (hold.start_at, hold.end_at) == (now - 3 * DAY, at_the_millisecond(now - DAY))
    assert {"hold_placed", "hold_released", "corrected"} <= set(await box.lead.types())
    await box.lead.agrees()
    row = await box.row("shipment")
    assert (row["shipped_by"], row["delivered_by"]) == ("erp", "erp")
    # Read again, nothing is told again.
    before = len(await box.lead.facts())
    came = await shop.read(source=Source.RECONCILE)
    assert came[Resource.SHIPMENTS].news == 0
    assert len(await box.lead.facts()) == before


async def test_what_was_shipped_in_time_after_all_was_no_delay(shop: Shop) -> None:
    await shop.settle_with("sample.delay.hold", mode="placed")
    await shop.read()
    now = datetime.now(UTC)
    box = await shop.box(promised_at=now - HOUR)
    order = await shop.ordered(box)
    await box.did("open-delay")
    assert (await box.lead.row())["paused"]
    shop.outside.erp(lambda erp: erp.ship(order, at=now - 2 * HOUR))
    await shop.read(Resource.SHIPMENTS)
    row = await box.lead.row()
    assert (row["paused"], (await box.lead.state()).basis.pauses) == (False, ())
    await box.lead.agrees()


async def test_the_erp_says_by_when_the_company_ships_and_is_late(shop: Shop) -> None:
    await shop.read()
    box = await shop.box()
    order = await shop.ordered(box)

    def due(erp: Records) -> None:
        erp.one(Kind.ORDERS, order).update(promisedShipDate="2026-01-02")

    shop.outside.erp(due)
    await shop.read(Resource.ORDERS, source=Source.RECONCILE)
    promised = (await shop.lab.execute("select * from sample_box where id = $1", box.id))[0]["promised_at"]
    assert promised == datetime(2026, 1, 2, 23, tzinfo=UTC)
    facts = await box.lead.facts()
    (asked,) = [fact for fact in facts if fact["type"] == "hold_requested"]
    assert (asked["reason"], asked["by"]) == ("FFZ_SAMPLE_DELAY", "erp")


async def test_a_price_that_waits_for_the_company_stops_the_clock(shop: Shop) -> None:
    await shop.settle_with("erp.priceApproval.hold", mode="placed")
    await shop.read()
    box = await shop.box()
    order = await shop.ordered(box)
    now = datetime.now(UTC)
    shop.outside.erp(lambda erp: erp.hold(order, at=now - 2 * DAY))
    await shop.read(Resource.ORDERS)
    assert (await box.lead.row())["paused"]
    shop.outside.erp(lambda erp: erp.release(order))
    await shop.read(Resource.ORDERS)
    (hold,) = (await box.lead.state()).basis.holds
    assert hold.reason is HoldReason.FFZ_PRICE_APPROVAL
    assert hold.end_at is not None
    # The time between two waits is nobody's wait.
    shop.outside.erp(lambda erp: erp.hold(order))
    await shop.read(Resource.ORDERS)
    first, second = (await box.lead.state()).basis.holds
    assert (first, second.end_at, second.start_at > hold.end_at) == (hold, None, True)
    shop.outside.erp(lambda erp: erp.release(order))
    await shop.read(Resource.ORDERS)
    first, second = (await box.lead.state()).basis.holds
    assert (first, second.end_at is not None) == (hold, True)
    await box.lead.agrees()


async def test_a_webhook_says_when_it_was_and_corrects_what_was_read(shop: Shop) -> None:
    await shop.settle_with("erp.priceApproval.hold", mode="placed")
    await shop.read()
    box = await shop.box()
    order = await shop.ordered(box)
    shop.outside.erp(lambda erp: erp.hold(order))
    await shop.read(Resource.ORDERS)
    (read,) = (await box.lead.state()).basis.holds
    earlier = (datetime.now(UTC) - 2 * DAY).replace(microsecond=0)
    body = webhook("salesOrders", earlier, shop.outside.erp(lambda erp: dict(erp.one(Kind.ORDERS, order))))
    assert await shop.office.hear(body, datetime.now(UTC)) == "recorded"
    assert await shop.office.hear(body, datetime.now(UTC)) == "known"
    (corrected,) = (await box.lead.state()).basis.holds
    assert (corrected.start_at, read.start_at > corrected.start_at) == (earlier, True)
    first = next(fact for fact in await box.lead.facts() if fact["type"] == "hold_placed")
    assert datetime.fromisoformat(first["start_at"]) == read.start_at


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"occurredAt": "2026-01-01", "resource": {"type": "deliveries"}, "data": {}}',
        b'{"occurredAt": "2026-01-01T00:00:00Z", "resource": {"type": "deliveries"}, "data": {}}',
        b'{"occurredAt": "2026-01-01T00:00:00Z", "resource": {"type": "invoices"}, "data": {"id": "../x"}}',
    ],
)
async def test_a_webhook_that_cannot_be_read_names_the_field(shop: Shop, body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        await shop.office.hear(body, datetime.now(UTC))
    unknown = b'{"occurredAt": "2026-01-01T00:00:00Z", "resource": {"type": "letters"}, "data": {}}'
    assert await shop.office.hear(unknown, datetime.now(UTC)) == "of-no-use"
    assert await shop.events() == []


async def test_a_first_invoice_proposes_the_conversion_once(shop: Shop) -> None:
    await shop.read()
    lead = await shop.lead()
    house = shop.outside.erp(lambda erp: next(c for c in erp.all(Kind.CUSTOMERS) if "Mustersee" in c["name"]))
    shop.outside.erp(lambda erp: erp.invoice(house["id"]))
    await shop.read()
    shop.outside.erp(lambda erp: erp.invoice(house["id"]))
    await shop.read()
    await shop.read(source=Source.RECONCILE)
    (proposal,) = await shop.lab.execute("select * from proposal where tenant = $1", shop.tenant)
    assert (proposal["lead"], proposal["kind"], proposal["source"]) == (lead.id, "CONVERSION", "erp-event")
    assert proposal["facts"]["customer_no"] == house["number"]
    assert {event["outcome"] for event in await shop.events()} == {"proposed", "nothing-to-tell"}


async def test_an_old_customer_is_no_conversion_and_two_leads_are_nobody(shop: Shop) -> None:
    house = shop.outside.erp(lambda erp: next(c for c in erp.all(Kind.CUSTOMERS) if "Mustersee" in c["name"]))
    shop.outside.erp(lambda erp: erp.invoice(house["id"], at=datetime.now(UTC) - 90 * DAY))
    await shop.lead()
    await shop.read()
    shop.outside.erp(lambda erp: erp.invoice(house["id"]))
    await shop.read()
    assert {event["outcome"] for event in await shop.events()} == {"not-the-first-invoice"}
    await shop.box(account=house["number"])
    shop.outside.erp(lambda erp: erp.invoice(house["id"]))
    await shop.read()
    assert len(await shop.events()) == 2
    assert await shop.lab.execute("select * from proposal where tenant = $1", shop.tenant) == []


async def test_what_comes_after_the_lapse_is_listed_and_revives_nobody(shop: Shop) -> None:
    await shop.read()
    lead = await shop.lab.registered()
    began = at_the_millisecond(datetime.now(UTC))
    await lead.forward(200 * DAY)
    assert (await lead.row())["status"] == "EXPIRED"
    box = await shop.box(lead, promised_at=began + 20 * DAY)
    order = await shop.ordered(box)
    shop.outside.erp(lambda erp: erp.deliver(erp.ship(order, at=began + 50 * DAY)["id"], at=began + 55 * DAY))
    await shop.read(Resource.SHIPMENTS, at=began + 200 * DAY)
    (late,) = await shop.lab.execute("select * from late_correction where tenant = $1", shop.tenant)
    assert (late["lead"], late["told_by"]) == (box.lead.id, "erp")
    assert late["replacement"]["reason"] == "FFZ_SAMPLE_DELAY"
    assert (await box.lead.row())["status"] == "EXPIRED"


async def test_an_order_that_is_gone_there_is_marked(shop: Shop) -> None:
    await shop.read()
    box = await shop.box()
    await shop.ordered(box)
    shop.outside.erp(lambda erp: erp.restock())
    came = await shop.office.reconcile(datetime.now(UTC), lambda: None)
    assert (came.read, came.news) == (1, 1)
    assert (await shop.order_row(box))["problem"] == "gone-in-the-erp"
