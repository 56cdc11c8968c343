"""A worker process that is killed between the server's acceptance of a mail and recording it.

Run as a program: database url, SMTP url, the order as JSON, when the attempt starts.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg

from activities.orders import NotificationKind, NotificationOrder
from activities.ports import DeliveryKey
from adapters.notification_store import PostgresDelivery, PostgresNotificationStore
from tests.mail.world import World, run


class DyingDelivery(PostgresDelivery):
    async def sent(self, at: datetime) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(PostgresNotificationStore):
    @asynccontextmanager
    async def delivery(self, key: DeliveryKey) -> AsyncIterator[PostgresDelivery]:
        async with super().delivery(key) as delivery:
            yield DyingDelivery(delivery._connection, key)


async def main(database: str, smtp: str, order: str, at: str) -> None:
    values = json.loads(order)
    wanted = NotificationOrder(**values | {"kind": NotificationKind(values["kind"])})
    async with asyncpg.create_pool(
        database, min_size=1, server_settings={"role": "fristwerk_worker"}
    ) as pool:
        world = World(database, pool, UUID(wanted.tenant))
        await run(world.activities(smtp, store=DyingStore(pool)), wanted, datetime.fromisoformat(at))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
