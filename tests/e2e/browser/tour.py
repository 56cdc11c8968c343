"""Every page, looked at: phone and desktop, German and English, light and dark; by axe, and for people.

Among the demo leads are odd ones whose texts would like to be more than texts, so each look is also an
attempt to run a script: the window notices dialogs, broken policies, foreign hosts and errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize, expect

from tests.e2e.browser.odd import ATTACKS
from tests.e2e.browser.window import DESKTOP, PHONE, Language, Window
from tests.e2e.browser.world import ADMIN, AGENT, MANAGER, World

Scheme = Literal["light", "dark"]
Size = Literal["desktop", "phone"]
_SIZES: Final[Mapping[Size, ViewportSize]] = {"desktop": DESKTOP, "phone": PHONE}
# German words are the longer ones, so they are looked at in both sizes and both schemes; English beside them.
_LOOKS: Final[Mapping[Language, tuple[tuple[Size, Scheme], ...]]] = {
    "de": (("desktop", "light"), ("phone", "dark")),
    "en": (("desktop", "dark"),),
}
_HEARD: Final[Language] = "de"


@dataclass(frozen=True, slots=True)
class Place:
    """A page to look at.

    Attributes:
        path: with `{name}` for what the world knows by that name.
        person: who looks; None is somebody who is not signed in.
    """

    path: str
    person: str | None = AGENT


PLACES: Final[Mapping[str, Place]] = {
    "sign-in": Place("/sign-in", None),
    "me": Place("/me"),
    "week": Place("/"),
    "week-manager": Place("/", MANAGER),
    "leads": Place("/leads"),
    "register": Place("/register"),
    "import": Place("/import"),
    "lead": Place("/leads/{grace}"),
    "lead-paused": Place("/leads/{paused}"),
    "lead-lapsed": Place("/leads/{lapsed}/ledger"),
    "lead-odd": Place("/leads/{odd}/people", MANAGER),
    "desk": Place("/desk", MANAGER),
    "notifications": Place("/notifications"),
    "calendar": Place("/calendar"),
    "figures": Place("/kpis", MANAGER),
    "desk-overdue": Place("/desk/overdue", MANAGER),
    "desk-bulk": Place("/desk/bulk?what=extend&days=20", MANAGER),
    "desk-campaigns": Place("/desk/campaigns", MANAGER),
    "desk-campaign-new": Place("/desk/campaigns/new?reason=FFZ_SUPPLY_ISSUE", MANAGER),
    "settings": Place("/settings", ADMIN),
    "setting": Place("/settings/lead.protection.noticeDays", ADMIN),
    "policy": Place("/settings/policy", ADMIN),
    "audit": Place("/audit", MANAGER),
    "integrations": Place("/integrations", ADMIN),
    "status": Place("/status", ADMIN),
    "mails": Place("/mails", ADMIN),
    "mail-preview": Place("/mails/preview?kind=reminder", ADMIN),
}

# WCAG 2.2 A and AA, and what axe's makers hold for good practice.
_RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_AXE: Final = Axe()


async def violations(page: Page) -> list[str]:
    """What axe finds, each with the elements concerned."""
    found: list[dict[str, Any]] = (await _AXE.run(page, options=_RULES)).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + " | ".join(f"{node['target']} {node['html'][:200]}" for node in one["nodes"][:5])
        for one in found
    ]


async def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window; a person would have to scroll to and fro."""
    return int(
        await page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    )


async def look(world: World, window: Window, name: str, language: Language) -> list[str]:
    """One page in the looks of this language; returns what is wrong with it."""
    wrong: list[str] = []
    for size_name, scheme in _LOOKS[language]:
        await window.page.set_viewport_size(_SIZES[size_name])
        await window.page.emulate_media(color_scheme=scheme)
        where = f"{size_name}-{language}-{scheme}"
        if (wider := await sideways(window.page)) > 0:
            wrong.append(f"{where}: {wider} px wider than the window")
        await world.album.shoot(window.page, f"{name}-{where}")
        # Languages differ in words only: one of them, in both sizes and both colours, sees it all.
        if language == _HEARD:
            wrong += [f"{where}: {one}" for one in await violations(window.page)]
    return wrong


@pytest.mark.parametrize("name", PLACES)
async def test_a_page_looks_as_it_should(world: World, name: str) -> None:
    place = PLACES[name]
    wrong: list[str] = []
    for language in get_args(Language):
        async with world.window(place.person, language=language) as window:
            await window.open(place.path.format_map(world.known))
            await expect(window.page.locator("html")).to_have_attribute("lang", language)
            await expect(window.page.get_by_role("heading", level=1)).to_have_count(1)
            wrong += await look(world, window, name, language)
    assert wrong == []


async def test_stored_texts_are_shown_as_they_were_written(world: World) -> None:
    """What looks like markup is text to the reader, letter by letter."""
    async with world.window(MANAGER) as window:
        for text in ATTACKS:
            await window.open(f"/leads/{world.odd[text]}")
            await expect(window.page.get_by_role("heading", level=1)).to_contain_text(text)


async def test_pages_of_others_are_not_shown(world: World) -> None:
    """An agent sees neither the manager's desk nor what admins set; a made-up lead is not there."""
    async with world.window(AGENT) as window:
        await window.open("/desk", 403)
        await expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        assert await violations(window.page) == []
        await window.open(f"/leads/{'0' * 8}-0000-4000-8000-{'0' * 12}", 404)
        await expect(window.page.get_by_role("heading", level=1)).to_be_visible()
    async with world.window(ADMIN) as window:
        await window.open("/nothing/of/the/kind", 404)
        await world.album.shoot(window.page, "not-there")
        assert await violations(window.page) == []
