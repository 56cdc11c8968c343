"""SQL computes the clock a second time and agrees with every worked example of the law."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from protection.dates import parse_instant
from protection.vectors import read_vector
from tests.protection.vectors import VECTORS
from tests.sql.twin import connect, replay, snapshot_of


@pytest_asyncio.fixture(scope="module")
async def twin(postgres_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await connect(postgres_url)
    yield connection
    await connection.close()


@pytest.mark.parametrize("raw", VECTORS, ids=[vector["id"] for vector in VECTORS])
async def test_sql_agrees_with_the_vector(
    raw: dict[str, Any], twin: asyncpg.Connection[asyncpg.Record]
) -> None:
    vector = read_vector(raw)

    async def at(moment: str) -> dict[str, Any]:
        return await replay(twin, raw["policy"], vector.registered_at, vector.facts, parse_instant(moment))

    last = await at(raw["until"])
    snapshots = [snapshot_of(await at(moment)) for moment in raw["as_of"]]
    assert {
        "transitions": last["transitions"],
        "rejected_facts": last["rejected_facts"],
        "snapshots": snapshots,
    } == raw["expected"]
