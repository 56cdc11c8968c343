"""People at work, the API over them, and models that may be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.conftest import empty_shop, shop
from tests.api.shop import Shop
from tests.outsidefixtures import Outside
from tests.proposals.asked import Asked, asked_over
from tests.services.conftest import office

__all__ = ["empty_shop", "office", "shop"]


@pytest_asyncio.fixture(loop_scope="session")
async def asked(shop: Shop, outside: Outside) -> AsyncIterator[Asked]:
    """The same people where both providers are connected, played by the sandbox."""
    async with asked_over(shop, outside) as made:
        yield made
