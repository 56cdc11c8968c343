"""Signing in and out, and what others may not do with somebody's session."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import Page, Route, expect

from adapters.settings import DEMO_TENANT
from tests.e2e.browser.window import Language, Window
from tests.e2e.browser.world import AGENT, MANAGER, World
from workers.embedded import ports

_COOKIE: Final = "fristwerk"


async def _session(window: Window) -> str:
    return next(one["value"] for one in await window.context.cookies() if one["name"] == _COOKIE)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_way_in_leads_where_one_wanted_to_go(world: World, language: Language) -> None:
    async with world.window(language=language) as window:
        await window.open("/me")
        assert window.path == "/sign-in"
        await expect(window.page.locator("html")).to_have_attribute("lang", language)
        await world.album.shoot(window.page, f"sign-in-{language}")
        await window.page.get_by_role("main").get_by_role("link").click()
        await expect(window.page.locator("html")).to_have_attribute("lang", language)
        await world.album.shoot(window.page, f"sign-in-provider-{language}")
        await window.page.locator(f'button[value="{AGENT}"]').click()
        await window.page.wait_for_url(f"{world.address}/me")
        await expect(window.page.get_by_role("heading", level=1)).to_contain_text("Anna")


@pytest.mark.parametrize(
    "to", ["//evil.example/x", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
async def test_a_sign_in_leads_nowhere_else(world: World, to: str) -> None:
    async with world.window() as window:
        await window.page.goto(f"{world.address}/sign-in?to={to}")
        await window.page.get_by_role("main").get_by_role("link").click()
        await window.page.locator(f'button[value="{AGENT}"]').click()
        await window.page.wait_for_url(f"{world.address}/")


async def test_a_session_planted_before_the_sign_in_is_worth_nothing(world: World) -> None:
    async with world.window() as mallory:
        await world.sign_in(mallory, MANAGER)
        planted = await _session(mallory)
        async with world.window() as victim:
            await victim.context.add_cookies([{"name": _COOKIE, "value": planted, "url": world.address}])
            await victim.context.add_cookies(
                [{"name": "fristwerk-language", "value": "<script>", "url": world.address}]
            )
            await victim.page.goto(f"{world.address}/sign-in/start?to=/me")
            await victim.page.locator(f'button[value="{AGENT}"]').click()
            await victim.page.wait_for_url(f"{world.address}/me")
            assert await _session(victim) != planted
            # Who planted it is not signed in with it any more, as nobody.
            await mallory.open("/me")
            assert mallory.path == "/sign-in"


async def test_signing_out_ends_the_session_itself(world: World) -> None:
    async with world.window() as window:
        await world.sign_in(window, AGENT)
        kept = await _session(window)
        cookie = next(one for one in await window.context.cookies() if one["name"] == _COOKIE)
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Lax"
        assert str(DEMO_TENANT) not in kept
        await window.page.get_by_role("main").get_by_role("button").first.click()
        await window.page.wait_for_url(f"{world.address}/sign-in")
        assert _COOKIE not in {one["name"] for one in await window.context.cookies()}
        # Neither going back nor the old id opens anything.
        await window.page.go_back()
        await expect(window.page.get_by_role("main").get_by_role("link")).to_be_visible()
        assert window.path == "/sign-in"
        await window.context.add_cookies([{"name": _COOKIE, "value": kept, "url": world.address}])
        await window.open("/me")
        assert window.path == "/sign-in"


def _trap(action: str, fields: dict[str, str]) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
    return (
        f'<!doctype html><title>Gewinnspiel</title><form method="post" action="{action}">{hidden}'
        "<button>Gewonnen!</button></form>"
    )


async def _lured(page: Page, origin: str, trap: str) -> None:
    """Somebody is shown a page of another origin and presses its button."""

    async def answer(route: Route) -> None:
        await route.fulfill(body=trap, content_type="text/html; charset=utf-8")

    await page.route(f"{origin}/**", answer)
    await page.goto(f"{origin}/trap")
    await page.get_by_role("button").click()


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
async def test_a_form_of_another_site_does_nothing(world: World, host: str) -> None:
    """One of the same host too: another port is the same site to a browser, so it sends the cookie along."""
    lead = await world.opened()
    origin = f"http://{host}:{ports.choose()}"
    fields = {"kind": "QUALIFIED_CALL", "_act": "abcdefgh12345678"}
    async with world.window(AGENT, more_origins={origin}) as window:
        window.expected |= {403}
        before = await world.ask(AGENT, "GET", f"/leads/{lead}/protection")
        await _lured(window.page, origin, _trap(f"{world.address}/leads/{lead}/activities", fields))
        await window.page.wait_for_url(lambda url: url.startswith(world.address))
        await expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        assert await world.ask(AGENT, "GET", f"/leads/{lead}/protection") == before
        # Nor does it sign anybody out.
        await _lured(window.page, origin, _trap(f"{world.address}/sign-out", {}))
        await window.page.wait_for_url(lambda url: url.startswith(world.address))
        await window.open("/me")
        assert window.path == "/me"
