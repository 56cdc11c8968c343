"""Database and Temporal together, for commands that change something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from temporalio.client import Client
from temporalio.service import RPCError

from activities.errors import UnknownLead
from adapters import settings as configuration
from adapters.lead_gateway import WITHIN, LeadsUnavailable, TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.registry import SettingsRegistry
from adapters.settings import Settings
from adapters.temporal_client import connect
from adapters.vault import Vault
from cli.console import CONNECT_SECONDS, Reading, open_database, reading
from cli.output import CommandFailed
from services.desk import Desk


@dataclass(frozen=True, slots=True)
class Acting:
    """Everything needed to change something."""

    reading: Reading
    gateway: TemporalLeadGateway
    client: Client
    desk: Desk

    @property
    def tenant(self) -> UUID:
        """Whose leads."""
        return self.reading.tenant


async def temporal(settings: Settings) -> Client:
    """A connection to Temporal.

    Raises:
        SettingsError: none is configured and no stack runs.
        CommandFailed: it does not answer.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await connect(settings)
    except (RuntimeError, TimeoutError) as error:
        raise CommandFailed(
            f"Temporal does not answer at {settings.temporal()}. Is it running? See: fristwerk status"
        ) from error


@asynccontextmanager
async def acting() -> AsyncIterator[Acting]:
    """Open database and Temporal for changes.

    Raises:
        SettingsError: one of them is not configured and no stack runs.
        CommandFailed: one of them does not answer, now or later.
    """
    settings = configuration.load()
    settings.temporal()
    vault = Vault.of(settings)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(reading(settings))
        worker = await open_database(settings.worker_login())
        stack.push_async_callback(worker.close)
        client = await temporal(settings)
        try:
            gateway = TemporalLeadGateway(client, PostgresPeople(worker))
            desk = Desk(
                pool=opened.pool,
                gateway=gateway,
                vault=vault,
                registry=SettingsRegistry(opened.pool),
                within=WITHIN,
            )
            yield Acting(reading=opened, gateway=gateway, client=client, desk=desk)
        except LeadsUnavailable as error:
            raise CommandFailed(f"{error}. Is a worker running? See: fristwerk status") from error
        except UnknownLead as error:
            raise CommandFailed(
                "Nothing has been recorded of this lead yet. See: fristwerk verify"
            ) from error
        except RPCError as error:
            raise CommandFailed(f"Temporal refused the call ({error.status.name}).") from error
