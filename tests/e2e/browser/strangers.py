"""What somebody sees who is not signed in."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.e2e.browser.window import Language
from tests.e2e.browser.world import World


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_way_in_is_shown_in_both_languages(world: World, language: Language) -> None:
    async with world.window(language=language) as window:
        await window.open("/leads")
        assert window.path == "/sign-in"
        await expect(window.page.locator("html")).to_have_attribute("lang", language)
        await expect(window.page.get_by_role("main").get_by_role("link")).to_be_visible()
        await world.album.shoot(window.page, f"sign-in-{language}")
