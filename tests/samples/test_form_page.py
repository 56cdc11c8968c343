"""The customer's form as a page: German and English, without JavaScript, with a trap for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.database import transaction
from adapters.sample_store import boxes_of
from services.feedback import FeedbackDesk
from tests.api.shop import Shop
from tests.pages.visitor import Node, parsed
from tests.samples.forms import Customer, invited
from tests.vaultfixtures import VAULT


async def form_of(customer: Customer, language: str = "en") -> Node:
    page = await customer.ask("GET", "/feedback/{}", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    return parsed(page.text)


class _Minute(FeedbackDesk):
    """A desk whose clock is a minute behind, so that its forms were not filled in too quickly."""

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC) - timedelta(minutes=1)


class _Ahead(FeedbackDesk):
    """A desk whose clock is ahead, so that its forms always come back too quickly."""

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=1)


async def send(customer: Customer, *, quick: bool = False, **fields: Any) -> httpx.Response:
    """The form filled in and sent; `quick` as a program does it."""
    gate = customer.shop.api.wiring.feedback._gate
    form = await customer.shop.api.wiring.feedback.look(customer.token, "10.255.255.0/24")
    shown = (_Ahead if quick else _Minute)(gate, VAULT).stamp(form)
    sent = {"rating_0": "5", "rating_1": "", "comment_0": "Wie bei Oma", "role": "CHEF", "shown": shown}
    return await customer.ask("POST", "/feedback/{}", data={**sent, **fields})


async def test_a_customer_rates_the_samples_on_a_phone(shop: Shop) -> None:
    customer = await invited(shop)
    german = await form_of(customer, "de")
    assert german.one("h1").text == "Wie waren die Muster?"
    legends = [node.text for node in german.all("legend")]
    assert legends[:2] == ["GOULASH-1", "SOUP-2"]
    assert len(german.all("input", type="radio")) == 5 + 5 + 4
    assert german.one("form", action=f"/feedback/{customer.token}").attributes["method"] == "post"
    stamp = german.one("input", name="shown").attributes["value"]
    desk = shop.api.wiring.feedback
    form = await desk.look(customer.token, "10.255.255.0/24")
    assert not _Ahead(desk._gate, VAULT).too_quick(form, stamp)
    assert _Minute(desk._gate, VAULT).too_quick(form, stamp)
    sent = await send(customer)
    assert (sent.status_code, sent.headers["location"]) == (303, "/feedback/thanks")
    thanks = await customer.ask("GET", "/feedback/thanks")
    assert parsed(thanks.text).one("h1").text == "Thank you"
    gone = await customer.ask("GET", "/feedback/{}")
    assert gone.status_code == 410
    lab = shop.office.lab
    async with transaction(lab.pool, lab.tenant, "test") as connection:
        (box,) = await boxes_of(connection, VAULT, lab.tenant, customer.lead, customer.box)
    (said,) = box.feedback
    assert [(one.sku, one.rating, one.comment) for one in said.ratings] == [("GOULASH-1", 5, "Wie bei Oma")]
    (told,) = await lab.execute(
        "select * from notification where lead = $1 and kind = 'feedback-received'", customer.lead
    )
    assert (told["recipient"], told["channel"], told["status"]) == ("anna", "INAPP", "sent")


async def test_programs_are_asked_again_and_nothing_typed_is_lost(shop: Shop) -> None:
    customer = await invited(shop)
    for fields, what in (
        ({"quick": True}, "That was very quick"),
        ({"website": "https://spam.example", "quick": True}, "Please leave this field empty."),
        ({"shown": "1.abc", "quick": True}, "That was very quick"),
        ({"rating_0": "", "quick": True}, "That was very quick"),
        ({"role": "COOK", "quick": True}, "Please choose one of the list."),
        ({"rating_0": "9", "quick": True}, "Please choose one of the list."),
        ({"comment_0": "x" * 2_001, "quick": True}, "At most 2000 characters, please."),
        ({"more": "1", "quick": True}, "This form does not know this field."),
    ):
        refused = await send(customer, **fields)
        assert refused.status_code == 422
        page = parsed(refused.text)
        assert what in page.one(role="alert").text, fields
        assert page.all("textarea")[0].text
    assert await customer.rows("feedback_submission") == []
    assert (await send(customer, rating_0="")).status_code == 422
    assert (await send(customer)).status_code == 303
