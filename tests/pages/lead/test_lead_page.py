"""The page of a lead: what it says first, what it offers to whom, what becomes of its forms."""

from __future__ import annotations

import pytest

from tests.api.shop import Shop
from tests.pages.visitor import visitor


async def test_the_page_says_first_until_when_and_why(shop: Shop) -> None:
    lead = await shop.opened("anna")
    anna = await visitor(shop, "anna")
    answer = await anna.get(f"/leads{lead}")
    assert answer.status_code == 200, answer.text
    (said,) = anna.html.all("p", class_="lead-until")
    assert said.text.startswith("Protected until ")
