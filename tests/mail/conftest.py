"""A world per test: a tenant of its own in the module's database, and an SMTP server."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from tests.mail.smtpserver import Server, smtp_server
from tests.mail.world import World


@pytest_asyncio.fixture
async def world(postgres_url: str) -> AsyncIterator[World]:
    async with asyncpg.create_pool(
        postgres_url, min_size=1, max_size=8, server_settings={"role": "fristwerk_worker"}
    ) as pool:
        made = World(postgres_url, pool)
        await made.begin()
        yield made


@pytest_asyncio.fixture
async def smtp() -> AsyncIterator[Server]:
    async with smtp_server() as server:
        yield server
