"""The database as the roles of production, and a world of people and leads that tests only look at."""

from __future__ import annotations

import pytest_asyncio

from adapters.database import Pool
from tests.rights.world import World, new_world
from tests.sql.conftest import app, superuser, worker

__all__ = ["app", "superuser", "worker"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(worker: Pool) -> World:
    """People and leads; whoever changes them rolls it back."""
    return await new_world(worker)
