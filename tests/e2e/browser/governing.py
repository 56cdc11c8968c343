"""What managers and administrators do to many leads and to the rules, all of it without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.async_api import expect

from tests.e2e.browser.forms import done, send
from tests.e2e.browser.window import Window
from tests.e2e.browser.world import ADMIN, MANAGER, World


async def standing(world: World, lead: str) -> dict[str, Any]:
    """Where the lead stands, as the API has it."""
    told: dict[str, Any] = await world.ask(MANAGER, "GET", f"/leads/{lead}")
    return told


async def until_seen(window: Window, what: str) -> None:
    """Look again until the page shows it."""
    while not await window.page.locator(what).count():
        await window.page.reload()


async def test_many_leads_at_once(world: World) -> None:
    city = f"Ort {uuid4().hex[:8]}"
    leads = [await world.opened(city=city) for _ in range(2)]
    async with world.window(MANAGER, scripts=False) as window:
        page = window.page
        await window.open("/desk/campaigns/new")
        await send(window, page.locator("form.filters"), city=city, reason="FFZ_PRICE_APPROVAL")
        await send(window, page.locator("form[action='/desk/campaigns']"), why="Die Preisliste fehlt noch")
        await until_seen(window, "progress[max='2'][value='2']")
        assert [(await standing(world, lead))["protection"]["paused"] for lead in leads] == [True, True]
        await page.locator("details summary").last.click()
        await send(window, page.locator("form[action$='/end']"), why="Die Preisliste ist da")
        await done(window)
        while any([(await standing(world, lead))["protection"]["paused"] for lead in leads]):
            await page.reload()

        await window.open("/desk/bulk")
        await send(window, page.locator("form.filters"), city=city, what="transfer", to="ben")
        await send(
            window, page.locator("form[method=post][action='/desk/bulk']"), why="Anna geht in Elternzeit"
        )
        await done(window)
    assert [(await standing(world, lead))["owner"] for lead in leads] == ["ben", "ben"]


async def test_an_administrator_sets_a_rule_and_takes_it_back(world: World) -> None:
    key = "sample.feedback.ratePerHour"
    async with world.window(ADMIN, scripts=False) as window:
        page = window.page
        await window.open(f"/settings/{key}")
        form = page.locator(f"form[action='/settings/{key}']")
        await send(window, form, value_count="77", scope="tenant", reason="Viele Messen im Herbst")
        await done(window)
        assert (await world.ask(ADMIN, "GET", f"/settings/resolve/{key}"))["value"] == {"count": 77}
        await send(window, page.locator("form[action$='/unset']"))
        await done(window)
        assert (await world.ask(ADMIN, "GET", f"/settings/resolve/{key}"))["value"] == {"count": 100}


async def test_other_numbers_are_rehearsed_and_nothing_changes(world: World) -> None:
    lead = await world.opened()
    before = (await standing(world, lead))["protection"]["validUntil"]
    async with world.window(MANAGER, scripts=False) as window:
        await window.open("/settings/policy")
        await send(window, window.page.locator("form[action$='/rehearsals']"), grace_days="14")
        await until_seen(window, ".tiles")
        await expect(window.page.locator(".tiles .tile").first).to_be_visible()
    assert (await standing(world, lead))["protection"]["validUntil"] == before
