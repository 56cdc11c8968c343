"""Every query of every file is understood by the migrated database."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.database import QUERIES, Pool, load_queries

FILES = sorted(path.stem for path in Path(QUERIES).glob("*.sql"))


def test_there_are_queries() -> None:
    assert {"audit", "context", "fact", "lead", "ledger", "protection"} <= set(FILES)


@pytest.mark.parametrize("noun", FILES)
async def test_every_query_can_be_prepared(noun: str, superuser: Pool) -> None:
    queries = load_queries(noun)
    texts = {
        name: sql
        for name in queries.available_queries
        if (sql := getattr(getattr(queries, name), "sql", None)) is not None and not name.endswith("_cursor")
    }
    assert texts
    async with superuser.acquire() as connection:
        for name, sql in texts.items():
            statement = await connection.prepare(sql, name=None)
            assert statement.get_query() == sql, name
