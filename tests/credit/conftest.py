"""An office whose company has an account at the credit bureau, played by the sandbox over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.credit.counter import Counter, counter_at
from tests.outsidefixtures import Outside, outside, outside_process
from tests.services.conftest import office
from tests.services.office import Office

__all__ = ["office", "outside", "outside_process"]


@pytest_asyncio.fixture
async def counter(office: Office, outside: Outside) -> AsyncIterator[Counter]:
    """Where people of the office have companies checked; nothing has failed yet."""
    async with counter_at(office, outside) as made:
        yield made
