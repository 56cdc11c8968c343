"""Journeys: a newcomer who wants to stop a clock, somebody with a keyboard only, what JavaScript adds."""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.e2e.browser.forms import done, send
from tests.e2e.browser.window import PHONE
from tests.e2e.browser.world import AGENT, MANAGER, World

_STEPS: Final = 60


async def test_a_newcomer_sees_why_a_lead_lapses_stops_its_clock_and_sees_the_date_move(world: World) -> None:
    """As somebody who has never been here: only what the pages themselves say and show."""
    async with world.window(language="en") as window:
        page = window.page
        await page.goto(world.address)
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("button", name="Maria Musterchefin").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("week")
        await world.album.shoot(page, "newcomer-1-week")
        # The first lead that runs out, and why.
        first = page.locator(".needy", has_text="reminder goes out").first
        await expect(first).to_contain_text("No progress since")
        await first.get_by_role("heading").get_by_role("link").click()
        clock = page.locator("#clock")
        await expect(clock).to_contain_text("Protected until")
        why = page.get_by_role("heading", name="Why these dates").locator("xpath=..")
        await expect(why).to_contain_text("clause b")
        before = await clock.inner_text()
        await world.album.shoot(page, "newcomer-2-lead")
        # Stops it, until a day that is known.
        await page.get_by_role("link", name="Stop the clock").first.click()
        form = page.locator(".lead-act form")
        await send(window, form, reason="CUSTOMER_BLOCKED", end_at="2030-01-02T10:00")
        await done(window)
        await expect(page.locator("main .chip.paused").first).to_be_visible()
        await expect(clock).not_to_have_text(before)
        await expect(clock).to_contain_text("2030")
        await world.album.shoot(page, "newcomer-3-stopped")
        # And lets it run again: what it has stood still is kept.
        await page.get_by_role("link", name=re.compile("^Release")).first.click()
        await send(window, page.locator(".lead-act form"))
        await done(window)
        await expect(page.locator("main .chip.paused")).to_have_count(0)


async def test_what_if_moves_the_future_while_one_pulls(world: World) -> None:
    lead = await world.opened()
    before = await world.ask(AGENT, "GET", f"/leads/{lead}/protection")
    async with world.window(AGENT) as window:
        page = window.page
        await window.open(f"/leads/{lead}")
        clock = page.locator("#clock")
        said = await clock.inner_text()
        slider = page.get_by_role("slider").first
        await slider.focus()
        for _ in range(3):
            await page.keyboard.press("PageUp")
        await expect(clock).to_have_class(re.compile("supposed"))
        await expect(clock).not_to_have_text(said)
        assert window.path == f"/leads/{lead}"
        await world.album.shoot(page, "what-if")
        # A mark explains itself where the eye is, by keyboard too.
        await page.locator("svg.timeline.wide a.pin").first.focus()
        why = page.locator("[data-why]")
        await expect(why).to_contain_text("20")
        shown = await why.inner_text()
        await page.keyboard.press("ArrowRight")
        await expect(why).not_to_have_text(shown)
    assert await world.ask(AGENT, "GET", f"/leads/{lead}/protection") == before


async def test_a_taken_company_is_told_while_one_types(world: World) -> None:
    company = f"Brauhaus {uuid4().hex[:12]}"
    await world.opened(MANAGER, company=company, city="Gera")
    async with world.window(AGENT, size=PHONE) as window:
        page = window.page
        await window.open("/register")
        await page.locator("#company").press_sequentially(company)
        await page.locator("#city").press_sequentially("Gera")
        await expect(page.locator("#check .note")).to_be_visible()
        await expect(page.locator("#check")).not_to_contain_text("maria")
        await world.album.shoot(page, "register-taken-phone")
        # Sent all the same, it is refused in words, and what was typed is still there.
        window.expected |= {409, 422}
        await send(window, page.locator("form[action='/register']"), contact_name="Jo")
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.locator("#company")).to_have_value(company)


async def test_searching_needs_no_button(world: World) -> None:
    company = f"Pension {uuid4().hex[:12]}"
    await world.opened(company=company)
    async with world.window(AGENT) as window:
        await window.open("/leads")
        await window.page.locator("#text").press_sequentially(company[-8:])
        await expect(window.page.locator("#results tbody tr")).to_have_count(1)
        await expect(window.page.locator("#results")).to_contain_text(company)


async def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until that element has the focus."""
    wanted = page.locator(selector).first
    for _ in range(_STEPS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not reached with {_STEPS} tabs")


async def test_progress_is_logged_with_the_keyboard_alone(world: World) -> None:
    lead = await world.opened()
    async with world.window(AGENT) as window:
        page = window.page
        await window.open(f"/leads/{lead}?act=log")
        # The first stop leads past the navigation.
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await _tab_to(page, "select[name=kind]")
        ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none"
        await page.keyboard.press("ArrowDown")
        await _tab_to(page, "textarea[name=note]")
        await page.keyboard.type("Mit der Tastatur")
        await _tab_to(page, ".lead-act button[type=submit]")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await done(window)
    timeline = await world.ask(AGENT, "GET", f"/leads/{lead}/timeline")
    assert ["Mit der Tastatur"] in [one["notes"] for one in timeline["items"]]


async def test_two_clicks_have_one_effect(world: World) -> None:
    lead = await world.opened()
    async with world.window(AGENT, scripts=False) as window:
        await window.open(f"/leads/{lead}?act=log")
        await window.page.locator(".lead-act button[type=submit]").dblclick()
        await expect(window.page.get_by_role("status").first).to_be_visible()
    timeline = await world.ask(AGENT, "GET", f"/leads/{lead}/timeline")
    assert [one["type"] for one in timeline["items"]].count("activity") == 1
