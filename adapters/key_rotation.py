"""Turning over master keys: which ones are in use, and wrapping everything with the newest.

What is sealed stays as it is; only the keys of leads and of mails are wrapped anew. Works over all
tenants, with the login that migrates.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.database import Connection, load_queries, open_pool, set_context
from adapters.keyring import Keyring
from adapters.sealing import WrappedKey, rewrap
from adapters.settings import Login, Role

_SQL: Final = load_queries("keys")
_CLEAR: Final = load_queries("clear_text")
_ERASURE: Final = load_queries("erasure")
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class KeysInUse:
    """How many leads' keys a master key wraps in one tenant.

    Attributes:
        tenant: whose.
        name: of the tenant.
        kek_id: the master key.
        leads: how many leads and mails.
        since: UTC instant at which the oldest of these leads' keys was made.
    """

    tenant: UUID
    name: str
    kek_id: str
    leads: int
    since: datetime


@asynccontextmanager
async def _connected(owner: Login) -> AsyncIterator[Connection]:
    async with (
        await open_pool(owner, name="fristwerk-keys", largest=1) as pool,
        pool.acquire() as connection,
    ):
        yield connection


async def _tenants(connection: Connection) -> list[tuple[UUID, str]]:
    async with connection.transaction():
        await _CLEAR.become_owner(connection)
        await _SQL.open_tenants_to_owner(connection)
        found = [(row["id"], row["name"]) async for row in _SQL.all_tenants(connection)]
        await _SQL.close_tenants_to_owner(connection)
    return found


async def _as_worker(connection: Connection, tenant: UUID, by: str) -> None:
    await connection.execute(f'set local role "{Role.WORKER}"')
    await set_context(connection, tenant, by, ())


async def keys_in_use(owner: Login) -> list[KeysInUse]:
    """Which master keys wrap something, tenant by tenant.

    Args:
        owner: login that may act as owner and as worker.
    """
    listed: list[KeysInUse] = []
    async with _connected(owner) as connection:
        for tenant, name in await _tenants(connection):
            async with connection.transaction():
                await _as_worker(connection, tenant, "keys")
                rows = _SQL.keys_by_master(connection, tenant=tenant)
                listed += [
                    KeysInUse(tenant, name, row["kek_id"], row["leads"], row["since"]) async for row in rows
                ]
    return listed


async def rotate(owner: Login, ring: Keyring, *, by: str, at: datetime) -> int:
    """Wrap the keys of leads and mails with the newest master key; again does nothing.

    Interrupted, it goes on.

    Args:
        owner: login that may act as owner and as worker.
        ring: holds the newest key and those that wrap now.
        by: who does it, for the audit.
        at: UTC instant.

    Returns:
        How many keys were wrapped anew.

    Raises:
        KeyUnknown: a key is wrapped by a master key that is not in the ring.
        NotOpened: a key was changed in the database.
    """
    turned = 0
    async with _connected(owner) as connection:
        for tenant, _ in await _tenants(connection):
            done = 0
            while batch := await _rewrap(connection, ring, tenant, by):
                done += batch
            if done:
                async with connection.transaction():
                    await _as_worker(connection, tenant, by)
                    await _ERASURE.tell_audit(
                        connection,
                        what="keys-rotated",
                        lead=None,
                        after={"key": ring.newest.id, "leads": done},
                        reason=None,
                        at=at,
                    )
            turned += done
    return turned


async def _rewrap(connection: Connection, ring: Keyring, tenant: UUID, by: str) -> int:
    async with connection.transaction():
        await _as_worker(connection, tenant, by)
        done = 0
        for find, keep in (
            (_SQL.keys_to_rewrap, _SQL.rewrap),
            (_SQL.mail_keys_to_rewrap, _SQL.rewrap_mails),
        ):
            rows = find(connection, tenant=tenant, kek_id=ring.newest.id, most=_BATCH)
            keys = [
                rewrap(ring, WrappedKey(tenant, row["lead"], row["id"], row["kek_id"], row["wrapped_key"]))
                async for row in rows
            ]
            if keys:
                await keep(
                    connection,
                    tenant=tenant,
                    leads=[key.lead for key in keys],
                    kek_id=ring.newest.id,
                    wrapped=[key.wrapped for key in keys],
                )
            done += len(keys)
    return done
