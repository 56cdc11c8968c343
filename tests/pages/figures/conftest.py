"""A tenant with a past: leads whose ledgers are a year old, and people who look at figures and settings."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.house import Api, Callers
from tests.api.ledgers import office_over
from tests.pages.figures.past import Past, past_of


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Past]:
    """Leads with a history, behind the pages."""
    async with office_over(postgres_url, frame, callers) as made:
        yield await past_of(made)
