"""The API over people at work, behind a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.conftest import shop
from tests.api.shop import Shop
from tests.fuzz.served import served
from tests.services.conftest import office

__all__ = ["office", "shop"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(shop: Shop) -> AsyncIterator[str]:
    """Where the API is."""
    async with served(shop.api.app) as address:
        yield address
