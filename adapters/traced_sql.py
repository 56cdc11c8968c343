"""Queries by name as parts of a trace: which one, and how long; never with what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final

from aiosql.adapters.asyncpg import AsyncPGAdapter, MaybeAcquire
from opentelemetry.trace import Span, SpanKind

from adapters.tracing import within

_POSTGRES: Final = MappingProxyType({"db.system.name": "postgresql"})


def _asked(query: str) -> AbstractContextManager[Span]:
    return within(f"sql {query}", SpanKind.CLIENT, _POSTGRES)


# The library says no types.
_acquired: Final[Any] = MaybeAcquire


def traced_queries() -> Any:
    """What aiosql asks asyncpg with."""
    made: Callable[[], Any] = _TracedQueries
    return made()


class _TracedQueries(AsyncPGAdapter):
    def _plain(self) -> Any:
        return super()

    async def select(
        self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> AsyncIterator[Any]:
        """Part of the library's interface; what is done with the rows is no part of the query."""
        ordered = self._plain().maybe_order_params(query_name, parameters)
        async with _acquired(conn) as connection:
            with _asked(query_name):
                rows = await connection.fetch(sql, *ordered)
            for row in rows:
                yield row if record_class is None else record_class(**dict(row))

    async def select_one(
        self, conn: Any, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        """Part of the library's interface."""
        with _asked(query_name):
            return await self._plain().select_one(conn, query_name, sql, parameters, record_class)

    async def select_value(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        """Part of the library's interface."""
        with _asked(query_name):
            return await self._plain().select_value(conn, query_name, sql, parameters)

    async def insert_returning(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        """Part of the library's interface."""
        with _asked(query_name):
            return await self._plain().insert_returning(conn, query_name, sql, parameters)

    async def insert_update_delete(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        """Part of the library's interface."""
        with _asked(query_name):
            return await self._plain().insert_update_delete(conn, query_name, sql, parameters)

    async def insert_update_delete_many(self, conn: Any, query_name: str, sql: str, parameters: Any) -> Any:
        """Part of the library's interface."""
        with _asked(query_name):
            return await self._plain().insert_update_delete_many(conn, query_name, sql, parameters)
