"""A customer rates samples on a phone: from the mail to the thank-you, once."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from playwright.async_api import expect

from protection.dates import format_instant
from services.feedback import LEAST_TIME
from tests.e2e.browser.forms import fill
from tests.e2e.browser.odd import ATTACKS
from tests.e2e.browser.tour import look, violations
from tests.e2e.browser.window import PATIENCE, PHONE, Language
from tests.e2e.browser.world import AGENT, World

_LINK: Final = re.compile(r"/feedback/[\w-]+")
_COMMENT: Final = f"Sehr gut! {ATTACKS[0]}"


async def _invited(world: World, contact: str, language: Language) -> tuple[str, str]:
    """A lead whose samples arrived some days ago, and the link its customer was sent."""
    said = {"name": "Jo Beispiel", "email": contact}
    lead = await world.opened(contact=said)
    box: dict[str, Any] = {"leadId": lead, "items": [{"sku": "GULASCH-1KG", "qty": 2}], "notes": ATTACKS[1]}
    made = await world.ask(AGENT, "POST", "/sample-boxes", box)
    ago = {"at": format_instant(datetime.now(UTC) - timedelta(days=30))}
    for what in ("shipped", "delivered"):
        await world.ask("maria", "POST", f"/sample-boxes/{made['id']}/{what}", ago)
    where = str(world.stack.parts()["mail-sink"]["where"]).rsplit(" ", 1)[-1]
    async with asyncio.timeout(PATIENCE / 1000), httpx.AsyncClient() as http:
        while True:
            mails = (await http.get(f"{where}/mails.json")).json()
            for mail in mails:
                if contact in str(mail["recipients"]) and (found := _LINK.search(mail["text"])):
                    return lead, found[0]
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(("scripts", "language"), [(True, "de"), (False, "en")])
async def test_a_customer_rates_samples_once(world: World, scripts: bool, language: Language) -> None:
    lead, link = await _invited(world, f"kueche-{language}@kunde.example", language)
    async with world.window(scripts=scripts, language=language, size=PHONE) as window:
        await window.open(link)
        if scripts:
            assert await look(world, window, "feedback", language) == []
        form = window.page.locator("form[action^='/feedback/']")
        await fill(form, {"rating_0": "5", "comment_0": _COMMENT, "role": "CHEF"})
        # Whoever is quicker than anybody can read would be asked to look it over once more.
        shown = int((await form.locator("[name=shown]").input_value()).partition(".")[0])
        readable = datetime.fromtimestamp(shown, UTC) + LEAST_TIME + timedelta(seconds=1)
        await asyncio.sleep((readable - datetime.now(UTC)).total_seconds())
        await form.locator("button[type=submit]").click()
        await window.page.wait_for_url(f"{world.address}/feedback/thanks")
        assert await violations(window.page) == [] if scripts else True
        await world.album.shoot(window.page, f"feedback-thanks-{language}")
        await window.open(link, 410)
        await world.album.shoot(window.page, f"feedback-gone-{language}")
    async with world.window(AGENT, language=language) as window:
        await window.open(f"/leads/{lead}/samples")
        await expect(window.page.get_by_text(_COMMENT)).to_be_visible()
        await world.album.shoot(window.page, f"lead-samples-{language}")
