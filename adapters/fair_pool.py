"""A pool of connections in which nobody is overtaken.

asyncpg's own pool waits in a queue that sends whoever has waited longest to its end again when a newcomer is
quicker; under load the slowest answers then take five times the mean. Here connections are given out in
the order of asking.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

if TYPE_CHECKING:
    _Pool = asyncpg.Pool[asyncpg.Record]
    _Context = PoolAcquireContext[asyncpg.Record]
else:
    # Only the stubs know what the connections answer with.
    _Pool, _Context = asyncpg.Pool, PoolAcquireContext

Borrowed: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"


class FairPool(_Pool):
    """The pool, with a turn for everybody who wants a connection."""

    def __init__(self, url: str, *, smallest: int, largest: int, **options: Any) -> None:
        """Prepare; connections are opened by awaiting the pool.

        Args:
            url: PostgreSQL URL.
            smallest: connections kept open.
            largest: connections at most.
            options: further arguments of `asyncpg.create_pool`.
        """
        super().__init__(
            url,
            min_size=smallest,
            max_size=largest,
            max_queries=50_000,
            max_inactive_connection_lifetime=300.0,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            **options,
        )
        self.turns = asyncio.BoundedSemaphore(largest)

    def acquire(self, *, timeout: float | None = None) -> _Context:
        """A connection, when it is one's turn."""
        return _Turn(self, timeout)

    async def release(
        self,
        connection: Borrowed,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as the pool has it
    ) -> None:
        """Give a connection back; the next one gets his turn."""
        try:
            await super().release(connection, timeout=timeout)
        finally:
            self.turns.release()


class _Turn(_Context):
    """Waits for a turn, then for the connection that is free by then."""

    __slots__ = ("_turns",)

    def __init__(self, pool: FairPool, timeout: float | None) -> None:
        super().__init__(pool, timeout)
        self._turns = pool.turns

    async def __aenter__(self) -> Borrowed:
        await self._turns.acquire()
        try:
            return await super().__aenter__()
        except BaseException:
            self._turns.release()
            raise

    def __await__(self) -> Generator[Any, None, Borrowed]:
        yield from self._turns.acquire().__await__()
        try:
            return (yield from super().__await__())
        except BaseException:
            self._turns.release()
            raise
