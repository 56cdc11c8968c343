"""Connections are given out in the order of asking, however they are asked for and however they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from adapters.database import Pool, open_pool
from adapters.settings import Login, Role

MANY = 300


@pytest_asyncio.fixture(loop_scope="session")
async def one(postgres_url: str) -> AsyncIterator[Pool]:
    """A pool of one connection, so that the order of asking is the order of getting."""
    async with await open_pool(Login(postgres_url, Role.APP), name="test-fair", largest=1) as pool:
        yield pool


async def served(pool: Pool) -> list[int]:
    """The numbers of many who ask one after the other while others wait, in the order they are served."""
    order: list[int] = []

    async def ask(number: int) -> None:
        async with pool.acquire() as connection:
            order.append(number)
            await connection.fetchval("select 1")

    async with asyncio.TaskGroup() as group:
        for number in range(MANY):
            group.create_task(ask(number))
            await asyncio.sleep(0)
    return order


async def test_nobody_is_overtaken(one: Pool) -> None:
    assert await served(one) == list(range(MANY))


async def test_a_turn_ends_however_the_work_ends(one: Pool) -> None:
    for _ in range(5):
        with pytest.raises(asyncpg.UndefinedTableError):
            await one.fetchval("select * from nowhere")
    async with one.acquire():
        waiting = asyncio.ensure_future(one.fetchval("select 1"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await asyncio.wait_for(one.fetchval("select 2"), 5) == 2


async def test_a_connection_may_be_taken_without_a_block(one: Pool) -> None:
    for _ in range(5):
        connection = await one.acquire()
        assert await connection.fetchval("select 3") == 3
        await one.release(connection)
    assert await served(one) == list(range(MANY))
