"""A tenant of the test's own with an account at both providers, played by the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from adapters.database import Pool
from adapters.registry import SettingsRegistry
from tests.ai.asking import Office, office_at
from tests.outsidefixtures import Outside, outside, outside_process
from tests.sql.conftest import app, new_tenant, superuser, worker

__all__ = ["app", "outside", "outside_process", "superuser", "worker"]


@pytest_asyncio.fixture(loop_scope="session")
async def office(app: Pool, worker: Pool, outside: Outside) -> AsyncIterator[Office]:
    """Asks models on the account of a new tenant; all is well outside."""
    async with office_at(app, worker, outside, await new_tenant(worker), SettingsRegistry(app)) as made:
        yield made
