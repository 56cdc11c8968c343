"""The servers that other tests stand on."""

import asyncpg
from temporalio.testing import WorkflowEnvironment

from adapters.search_attributes import SEARCH_ATTRIBUTES
from adapters.temporal_client import ensure_search_attributes


async def test_a_module_gets_a_migrated_database(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        assert await connection.fetchval("select count(*) from schema_migrations") > 0
        await connection.execute("set role fristwerk_app")
    finally:
        await connection.close()


async def test_search_attributes_are_registered_once(temporal_env: WorkflowEnvironment) -> None:
    assert len(SEARCH_ATTRIBUTES) == 7
    assert await ensure_search_attributes(temporal_env.client) == []
