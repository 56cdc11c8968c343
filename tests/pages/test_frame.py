"""The frame of the pages: who is let in, what every page carries, how it says no."""

from __future__ import annotations

from tests.api.shop import Shop
from tests.pages.visitor import stranger, visitor


async def test_a_page_is_for_people_who_are_signed_in(shop: Shop) -> None:
    somebody = stranger(shop.api)
    answer = await somebody.get("/me?a=b&c=d")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=/me%3Fa%3Db%26c%3Dd"
    answer = await somebody.get("/no-such-page")
    assert answer.status_code == 303
    anna = await visitor(shop, "anna")
    answer = await anna.get("/me")
    assert answer.status_code == 200, answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]
    answer = await anna.get("/no-such-page")
    assert answer.status_code == 404
    assert anna.heading == "There is no such page"
