"""A tenant with a past: leads whose ledgers are a year old, and people who look at figures and settings."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from adapters.database import open_pool
from adapters.settings import Login, Role
from tests.api.house import Api, Callers
from tests.api.ledgers import office_over
from tests.pages.figures.past import Past, past_of
from tests.sql.conftest import new_tenant


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Past]:
    """Leads with a history, behind the pages; not the tenant that operates the installation."""
    async with await open_pool(Login(postgres_url, Role.WORKER), name="test-first") as worker:
        await new_tenant(worker)
    async with office_over(postgres_url, frame, callers) as made:
        yield await past_of(made, postgres_url)
