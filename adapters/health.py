"""Whether the outside is there: quick questions for readiness, asked with a deadline."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError

from adapters import log
from adapters.database import Connection, Pool, UnknownTenant, load_queries

WITHIN_SECONDS: Final = 2.0

# The database is not there, or has no time for us; trying again later is the answer.
DATABASE_AWAY: Final[tuple[type[Exception], ...]] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # Too many connections, a full disk, no memory: it comes back without anybody's mistake.
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    # What asyncpg makes of a connection that is cut while it is in use.
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,  # refused, unreachable, out of time
)
# Temporal is not there, or has no time for us. A client that connects with its first call says with a
# RuntimeError that nobody listens.
TEMPORAL_AWAY: Final = (TimeoutError, RPCError, RuntimeError)
# A value that no column holds: a text with a NUL, a number or a date out of range.
UNKEEPABLE: Final[tuple[type[Exception], ...]] = (asyncpg.DataError,)

# Or nobody has made the tenant yet, as before a first import: whoever works beside people waits for both.
NOT_YET: Final[tuple[type[Exception], ...]] = (*DATABASE_AWAY, UnknownTenant)
# Whatever it says no with, such as a deadlock, a full disk, or that it may only be read: what runs in the
# background tries again, since nobody is there to be told.
TROUBLES: Final[tuple[type[Exception], ...]] = (*DATABASE_AWAY, asyncpg.PostgresError)
_SQL: Final = load_queries("health")
_log = log.get(__name__)


async def database_answers(pool: Pool) -> bool:
    """Whether a connection can be had and answers."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            async with pool.acquire() as connection:
                return bool(await _SQL.answers(connection))
    except TROUBLES as error:
        _log.warning("not ready", part="database", error=type(error).__name__)
        return False


async def expect_tenant(connection: Connection, tenant: UUID) -> None:
    """Look before writing what nobody waits for: a refusal would be an error in the database's log.

    Args:
        connection: in a transaction of the tenant.
        tenant: who may not have been made yet.

    Raises:
        UnknownTenant: there is no such tenant so far.
    """
    if not await _SQL.has_tenant(connection, tenant=tenant):
        raise UnknownTenant


async def temporal_answers(client: Client) -> bool:
    """Whether the Temporal frontend says that it serves."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            return await client.service_client.check_health(timeout=timedelta(seconds=WITHIN_SECONDS))
    except TEMPORAL_AWAY as error:
        _log.warning("not ready", part="temporal", error=type(error).__name__)
        return False
