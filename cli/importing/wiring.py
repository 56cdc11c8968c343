"""Puts the import's parts together from the settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from adapters.database import Pool, open_pool
from adapters.import_store import IMPORTER, PostgresImportStore
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.settings import Settings, SettingsError
from adapters.temporal_client import connect
from adapters.vault import Vault
from cli.console import Reading
from cli.output import CommandFailed

_CONNECT_SECONDS = 20
_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class RealParts:
    """What a real import needs."""

    store: PostgresImportStore
    gateway: TemporalLeadGateway
    pool: Pool
    vault: Vault


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Pool]:
    """Open the database as the worker role.

    Raises:
        SettingsError: none is configured.
        CommandFailed: it cannot be reached or is not migrated.
    """
    login = settings.worker_login()
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            pool = await open_pool(login, name="fristwerk-import", largest=_CONNECTIONS)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise CommandFailed(f"The database does not answer ({type(error).__name__}).") from error
    try:
        if await pool.fetchval("select to_regclass('public.lead') is null"):
            raise CommandFailed("The database is empty; run: fristwerk migrate")
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def store_if_any(settings: Settings) -> AsyncIterator[tuple[PostgresImportStore | None, str | None]]:
    """Open the database where there is one.

    Yields:
        The store and None, or None and the reason why there is none.
    """
    try:
        opened = database(settings)
        pool = await opened.__aenter__()
    except SettingsError:
        yield None, "no database is configured and no stack runs"
        return
    except CommandFailed as error:
        yield None, str(error)
        return
    try:
        yield PostgresImportStore(pool, None), None
    finally:
        await opened.__aexit__(None, None, None)


@asynccontextmanager
async def real_parts(settings: Settings, *, tenant: UUID, by: str = IMPORTER) -> AsyncIterator[RealParts]:
    """Open database and Temporal.

    Args:
        settings: where they are.
        tenant: for whom.
        by: who imports: an id, or the mail address of one of the tenant's people.

    Raises:
        SettingsError: one of them is not configured.
        CommandFailed: one of them cannot be reached, or the address is nobody's.
        UsageError: nobody can be called that.
    """
    settings.temporal()
    vault = Vault.of(settings)
    async with database(settings) as pool:
        try:
            client = await connect(settings)
        except RuntimeError as error:
            raise CommandFailed(f"Temporal does not answer at {settings.temporal()}.") from error
        store = PostgresImportStore(pool, vault, by=await Reading(tenant, pool).actor(by))
        yield RealParts(store, TemporalLeadGateway(client, PostgresPeople(pool)), pool, vault)
