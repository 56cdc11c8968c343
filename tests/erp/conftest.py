"""A company with an ERP, in a lab of this room's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.erp.shop import Shop, shop_in
from tests.outsidefixtures import Outside
from tests.workflows.conftest import lab
from tests.workflows.lab import Lab

__all__ = ["lab"]


@pytest_asyncio.fixture(loop_scope="session")
async def shop(lab: Lab, outside: Outside) -> AsyncIterator[Shop]:
    """A company whose ERP is as new."""
    async with shop_in(lab, outside) as made:
        yield made
