"""What people do on the pages, all of it without JavaScript; what came of it is asked of the API."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from uuid import uuid4

from playwright.async_api import FilePayload, expect

from tests.e2e.browser.forms import done, send
from tests.e2e.browser.window import Window
from tests.e2e.browser.world import AGENT, MANAGER, World

_NEXT_STEP_AT: Final = "2030-01-02T10:00"


async def act(window: Window, lead: str, what: str, /, **fields: str) -> None:
    """Choose an act on the page of a lead, fill its form and send it."""
    await window.open(f"/leads/{lead}?act={what}")
    await send(window, window.page.locator(".lead-act form"), **fields)
    await done(window)


async def facts(world: World, lead: str) -> list[str]:
    """What has happened, by name of the fact, the newest first."""
    timeline: dict[str, Any] = await world.ask(MANAGER, "GET", f"/leads/{lead}/timeline?limit=100")
    return [one["type"] for one in timeline["items"] if one["kind"] == "fact"]


async def test_an_agent_works_on_a_lead(world: World) -> None:
    company = f"Kantine {uuid4().hex[:12]}"
    async with world.window(AGENT, scripts=False) as window:
        await window.open("/register")
        await send(
            window,
            window.page.locator("form[action='/register']"),
            company=company,
            city="Erfurt",
            contact_name="Jo <b>Beispiel</b>",
            first_note="Am Stand gesprochen, will kosten",
        )
        await expect(window.page.get_by_role("heading", level=1)).to_contain_text(company)
        lead = window.path.rpartition("/")[2]
        await act(window, lead, "log", kind="QUALIFIED_CALL", note="Bedarf & Preise besprochen")
        await act(window, lead, "hold", reason="FFZ_SAMPLE_DELAY", note="Muster fehlen")
        await send(window, window.page.locator(".lead-wish form"))
        await done(window)
        step = {"next_step": "Verkostung", "next_step_at": _NEXT_STEP_AT}
        await act(window, lead, "extension", reason="Küche wird umgebaut", **step)
        await act(window, lead, "note", note="Chefin im Urlaub")
        await act(window, lead, "contact", name="Mo Muster", email="mo@kantine.example")
        await act(window, lead, "share", user="ben", role="VIEW")
        await window.open(f"/leads/{lead}/people")
        await expect(window.page.get_by_text("mo@kantine.example")).to_be_visible()
        await send(window, window.page.locator("form[action$='/collaborators/remove']"))
        await done(window)
    assert Counter(await facts(world, lead)) == {
        "registered": 1,
        "activity": 2,
        "hold_requested": 1,
        "request_withdrawn": 1,
        "extension_requested": 1,
    }


async def test_a_manager_decides_and_governs(world: World) -> None:
    lead = await world.opened()
    wish = {"reason": "FFZ_PRICE_APPROVAL", "note": "Preis <i>offen</i>"}
    await world.ask(AGENT, "POST", f"/leads/{lead}/holds", wish)
    step = {"what": "Termin", "at": "2030-01-02T10:00:00Z"}
    await world.ask(AGENT, "POST", f"/leads/{lead}/extensions", {"reason": "Umbau", "nextStep": step})
    async with world.window(MANAGER, scripts=False) as window:
        for kind, answer in (("HOLD", "yes"), ("EXTENSION", "no")):
            await window.open("/desk")
            case = window.page.locator(".case").filter(has=window.page.locator(f'a[href="/leads/{lead}"]'))
            case = case.filter(has=window.page.locator(f'input[name=kind][value="{kind}"]'))
            async with window.page.expect_navigation():
                await case.locator("a.button").click()
            form = window.page.locator(f"section[aria-labelledby={answer}] form")
            await send(window, form, **({} if answer == "yes" else {"why_not": "Erst der Termin"}))
            await done(window)
        assert (await world.ask(MANAGER, "GET", f"/leads/{lead}/protection"))["paused"]
        hold = (await world.ask(MANAGER, "GET", f"/leads/{lead}/protection"))["activeHolds"][0]["id"]
        await act(window, lead, f"release-hold&about={hold}")
        await act(window, lead, "hold", reason="OTHER", end_at="2030-01-02T10:00")
        await act(window, lead, "extension", reason="Umbau dauert", days="20")
        await act(window, lead, "transfer", owner="ben", reason="Anna im Urlaub")
        await act(window, lead, "release", note="Doch nicht")
        await act(window, lead, "reinstate", reason="War ein Irrtum")
        await act(window, lead, "convert", customer_no="K-4711", agreement_date="2026-01-05")
        await expect(window.page.locator("main .chip").first).to_be_visible()
    assert set(await facts(world, lead)) == {
        "registered",
        "hold_requested",
        "extension_requested",
        "request_decided",
        "hold_placed",
        "hold_released",
        "extension_granted",
        "transferred",
        "released",
        "reinstated",
        "converted",
    }


async def test_a_table_of_leads_is_looked_at_and_imported(world: World) -> None:
    company = f"Mensa {uuid4().hex[:12]}"
    table = f"company,city,contact.name\n{company},Jena,Jo Beispiel\n,Jena,Niemand\n"
    file: FilePayload = {"name": "leads.csv", "mimeType": "text/csv", "buffer": table.encode()}
    async with world.window(AGENT, scripts=False) as window:
        await window.open("/import")
        form = window.page.locator("form[action='/import']")
        await form.locator("input[type=file]").set_input_files(file)
        await send(window, form)
        await until_through(window)
        await send(window, window.page.locator("form[action$='/start']"))
        await until_through(window)
        await window.open(f"/leads?text={company}")
        await expect(window.page.get_by_role("link", name=company)).to_be_visible()


async def until_through(window: Window) -> None:
    """Without JavaScript one looks again until all rows have been dealt with."""
    again = window.page.get_by_role("status").get_by_role("link")
    while await window.page.locator("progress").count():
        async with window.page.expect_navigation():
            await again.click()


async def test_what_is_about_oneself(world: World) -> None:
    """Language, looks, notifications, the calendar's secret address."""
    async with world.window(AGENT, scripts=False, language="en") as window:
        page = window.page
        await window.open("/me")
        async with page.expect_navigation():
            await page.locator("footer button[name=language][value=de]").click()
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        async with page.expect_navigation():
            await page.locator("footer button[name=theme][value=dark]").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await window.open("/calendar")
        await send(window, page.locator("form[action='/calendar/address']"))
        address = await page.locator("#address").input_value()
        assert address.startswith(f"{world.address}/calendar/")
        feed = await page.request.get(address)
        assert feed.ok
        assert (await feed.text()).startswith("BEGIN:VCALENDAR")
        await window.open("/calendar")
        await send(window, page.locator("form[action='/calendar/revoke']"))
        assert (await page.request.get(address)).status == 404
