"""What tenants and their agents settle about samples is heeded; and nothing waits for Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.sample_orders import DelayHold
from activities.samples import Box as Place
from adapters.database import open_pool
from adapters.registry import SettingsRegistry
from adapters.sample_messenger import SampleMessenger
from adapters.sample_settings import sample_rules
from adapters.sample_work import PostgresSampleStore
from adapters.settings import Login, Role
from tests.api.shop import Shop
from tests.samples.boxes import box_of
from tests.samples.forms import answer, asked, invited, promised
from tests.vaultfixtures import VAULT
from tests.workflows.lab import DAY, Lab, until


@asynccontextmanager
async def settled(shop: Shop, values: dict[str, Any], **where: str) -> AsyncIterator[None]:
    """These settings hold inside the block."""
    scope = {"scope": "user", "scopeId": where["user"]} if where else {"scope": "tenant"}

    async def put(key: str, value: Any) -> None:
        done = await asked(shop, "adam", "PUT", f"/api/settings/{key}", {**scope, "value": value})
        assert done.status_code == 200, done.text

    for key, value in values.items():
        await put(key, value)
    try:
        yield
    finally:
        for key in values:
            await put(key, None)


async def test_an_agent_settles_how_his_customers_are_asked(shop: Shop) -> None:
    lab = shop.office.lab
    usual = await sample_rules(SettingsRegistry(lab.pool), lab.tenant, "ben")
    assert (usual.open_for, usual.once, usual.invite_days, usual.remind_days, usual.delay) == (
        30 * DAY, True, 3, 7, DelayHold.PROPOSED,
    )  # fmt: skip
    wanted = {
        "sample.feedback.tokenDays": {"days": 2},
        "sample.feedback.submissions": {"mode": "until_closed"},
        "sample.feedback.autoReminder": {"enabled": False},
        "sample.feedback.timing": {"inviteDays": 0, "remindDays": 1},
        "sample.feedback.ratePerHour": {"count": 4},
    }
    async with settled(shop, wanted, user="ben"):
        customer = await invited(shop, user="ben")
        (row,) = await customer.rows("feedback_invitation")
        assert row["expires_at"] - row["issued_at"] == 2 * DAY
        place = Place(lab.tenant, customer.lead, customer.box, datetime.now(UTC))
        seen = await PostgresSampleStore(lab.pool, SettingsRegistry(lab.pool), VAULT).seen(place)
        assert (seen.invite_days, seen.remind_days) == (0, None)
        assert [(await customer.say()).status_code for _ in range(5)] == [201, 201, 201, 201, 429]
        assert len(await customer.rows("feedback_submission")) == 4


@pytest.mark.parametrize(("mode", "told"), [("placed", "hold_placed"), ("off", None)])
async def test_a_tenant_settles_what_comes_of_late_samples(
    shop: Shop, lab: Lab, mode: str, told: str | None
) -> None:
    async with settled(shop, {"sample.delay.hold": {"mode": mode}}):
        box = await box_of(lab)
        await box.promised(datetime.now(UTC) - timedelta(minutes=1))
        if told is None:
            await box.waits_for("the shipment")
            assert await box.lead.types() == ["registered"]
            return
        await box.did("open-delay")
        await until(lambda: _has(box.lead, told))
        assert (await box.lead.row())["paused"]
        await box.shipped()
        await box.delivered()
        await until(lambda: _has(box.lead, "hold_released"))
        assert not (await box.lead.row())["paused"]


async def _has(lead: Any, kind: str) -> bool:
    return kind in await lead.types()


async def test_while_temporal_is_away_a_customer_is_thanked_and_the_progress_follows(
    shop: Shop, empty_shop: Shop
) -> None:
    customer = await invited(shop)
    assert (await replace(customer, shop=empty_shop).say()).status_code == 201
    made = await promised(empty_shop_of(shop, empty_shop))
    assert made["status"] == "PROMISED"

    async def recorded() -> bool:
        return [row["outcome"] for row in await customer.rows("feedback_submission")] == ["recorded"]

    await until(recorded)
    lab, office = shop.office.lab, shop.office
    messenger = SampleMessenger(lab.pool, office.absent)
    news = {"tenant": lab.tenant, "lead": customer.lead, "box": customer.box, "what": "feedback"}
    assert await messenger._bring([{**news, "at": datetime.now(UTC), "id": 1}]) == 0  # type: ignore[list-item]


def empty_shop_of(shop: Shop, empty: Shop) -> Shop:
    """Registers where Temporal is, promises where it is away."""

    class Half(Shop):
        async def opened(self, user: str = "anna", **said: Any) -> str:
            return await shop.opened(user, **said)

    return Half(empty.api, shop.office, empty.callers)


async def test_a_repeated_request_makes_one_box_and_another_under_its_key_is_told_apart(shop: Shop) -> None:
    lead = (await shop.opened()).strip("/")
    body = {"leadId": lead, "items": [{"sku": "A", "qty": 1}], "notes": "Am Hintereingang"}
    key = uuid4().hex
    first = await asked(shop, "anna", "POST", "/api/sample-boxes", body, idempotency_key=key)
    again = await asked(shop, "anna", "POST", "/api/sample-boxes", body, idempotency_key=key)
    assert first.json()["id"] == again.json()["id"]
    other = await asked(
        shop, "anna", "POST", "/api/sample-boxes", {**body, "notes": "Vorne"}, idempotency_key=key
    )
    assert other.status_code == 409
    box = f"/api/sample-boxes/{first.json()['id']}"
    for path, sent, status in (
        ("shipped", {"at": "2999-01-01T00:00:00Z"}, 422),
        ("shipped", {}, 200),
        ("shipped", {}, 409),
        ("delivered", {"at": "2020-01-01T00:00:00Z"}, 422),
        ("delivered", {}, 200),
        ("delivered", {}, 409),
        ("feedback", {**answer(5), "source": "FORM"}, 422),
        ("feedback", {**answer(5), "source": "PHONE"}, 422),
    ):
        told = await asked(shop, "anna", "POST", f"{box}/{path}", sent)
        assert told.status_code == status, (path, sent, told.text)
    assert (await asked(shop, "anna", "POST", f"{box}/cancelled")).status_code == 200
    assert (
        (await asked(shop, "anna", "POST", f"{box}/delivered", {})).json()["type"].endswith("box-cancelled")
    )
    for items in ([], [{"sku": "A", "qty": 0}], [{"sku": "ä", "qty": 1}], [{"sku": "A", "qty": 1}] * 2):
        refused = await asked(shop, "anna", "POST", "/api/sample-boxes", {**body, "items": items})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith("#/items")


async def test_a_form_is_opened_where_every_connection_is_taken(shop: Shop) -> None:
    """What is settled is read before the transaction, not beside it on a second connection."""
    lab, box = shop.office.lab, await promised(shop, "anna")
    place = Place(lab.tenant, UUID(box["lead"]), UUID(box["id"]), datetime.now(UTC))
    async with await open_pool(Login(lab.url, Role.WORKER), name="test-one", largest=1) as one:
        store = PostgresSampleStore(one, SettingsRegistry(one), VAULT)
        assert await asyncio.wait_for(store.issue(place), 60) == "recorded"
