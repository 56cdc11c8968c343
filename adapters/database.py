"""PostgreSQL: pools that act as one role, transactions with a context, queries by name.

A request or an activity is one transaction. It begins by saying whose rows it may see; row security
shows nothing without that. Repositories take the connection of such a transaction, never a pool.
"""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

import aiosql
import asyncpg
from asyncpg.pool import PoolConnectionProxy

from adapters.fair_pool import FairPool
from adapters.settings import Login
from adapters.traced_sql import traced_queries
from protection.dates import format_instant

QUERIES: Final = Path(__file__).resolve().parents[1] / "sql" / "queries"

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"

READS_ALL: Final = frozenset({"manager", "admin", "auditor"})


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf rows are read.

    Attributes:
        tenant: whose rows there are at all.
        user: id of the person or part of the system.
        roles: any of agent, manager, admin, auditor.
        org: to which he belongs within the tenant; settings may differ there.
    """

    tenant: UUID
    user: str
    roles: tuple[str, ...] = ()
    org: str | None = None

    @property
    def reads_all(self) -> bool:
        """Whether every lead of the tenant may be read, not only the caller's own."""
        return not READS_ALL.isdisjoint(self.roles)

    @property
    def roles_text(self) -> str:
        """The roles in the form of the setting `app.roles`."""
        return roles_text(self.roles)


class UnknownTenant(Exception):
    """Something was to be written for a tenant that does not exist."""


def roles_text(roles: Iterable[str]) -> str:
    """Roles as the setting `app.roles` holds them.

    Raises:
        ValueError: a role's name holds a comma, which would make two roles of one.
    """
    listed = tuple(roles)
    if any("," in role for role in listed):
        raise ValueError("roles: a role's name cannot hold a comma")
    return ",".join(listed)


def load_queries(noun: str) -> Any:
    """The queries of `sql/queries/<noun>.sql`, by name."""
    return aiosql.from_path(QUERIES / f"{noun}.sql", traced_queries)


_SQL: Final = load_queries("context")


async def _speak_json(connection: Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def _nothing_to_reset(_: Connection) -> None:
    """Sessions of this pool keep nothing beyond their transactions; saves a round trip per use."""


async def open_pool(
    login: Login,
    *,
    name: str,
    smallest: int = 1,
    largest: int = 8,
    statement_timeout_ms: int = 30_000,
    session_state: bool = True,
) -> Pool:
    """Connections that act as the login's role.

    Args:
        login: where, and as which role.
        name: shown in `pg_stat_activity`.
        smallest: connections kept open.
        largest: connections at most.
        statement_timeout_ms: longest time a statement may take, in milliseconds.
        session_state: whether users of the pool may leave anything on a session (locks, settings), so
            that it has to be swept after each use. Without, a use costs one round trip less.
    """
    settings = {
        "application_name": name,
        "statement_timeout": str(statement_timeout_ms),
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
    }
    if login.role is not None:
        settings["role"] = str(login.role)
    return await FairPool(
        login.url,
        smallest=smallest,
        largest=largest,
        init=_speak_json,
        reset=None if session_state else _nothing_to_reset,
        server_settings=settings,
    )


async def set_context(
    connection: Connection,
    tenant: UUID,
    user: str,
    roles: Iterable[str],
    *,
    at: datetime | None = None,
    reason: str | None = None,
) -> None:
    """Say whose rows the running transaction may see; forgotten when it ends.

    Args:
        connection: with a transaction running.
        tenant: whose rows there are.
        user: who asks.
        roles: the user's roles.
        at: UTC instant at which he acts; the audit notes it.
        reason: why he acts; the audit notes it.
    """
    told = {"tenant": str(tenant), "user": user, "roles": roles_text(roles)}
    if at is None and reason is None:
        await _SQL.set_context(connection, **told)
    else:
        instant = "" if at is None else format_instant(at)
        await _SQL.set_context_of_act(connection, **told, at=instant, reason=reason or "")


@asynccontextmanager
async def transaction(
    pool: Pool,
    tenant: UUID,
    user: str,
    roles: Iterable[str] = (),
    *,
    reading: bool = False,
    at: datetime | None = None,
    reason: str | None = None,
) -> AsyncIterator[Connection]:
    """One transaction in the context of a tenant and a user.

    Args:
        pool: connections of the role that is to act.
        tenant: whose rows there are.
        user: who asks; agents see their own leads.
        roles: the user's roles.
        reading: all reads see one and the same state, and nothing can be written.
        at: UTC instant at which the user acts; what he changes without a workflow needs it for the audit.
        reason: why he acts.

    Raises:
        UnknownTenant: something was written, and there is no such tenant.
    """
    async with pool.acquire() as connection:
        started = (
            connection.transaction(isolation="repeatable_read", readonly=True)
            if reading
            else connection.transaction()
        )
        try:
            async with started:
                await set_context(connection, tenant, user, roles, at=at, reason=reason)
                yield connection
        except asyncpg.ForeignKeyViolationError as error:
            if error.constraint_name == f"{error.table_name}_tenant_fkey":
                raise UnknownTenant from error
            raise
