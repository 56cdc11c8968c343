"""Sees to it that every promised box becomes an order, and that a box called off calls its order off.

Whoever promises a box only writes its rows, and a knock goes out with them. So nobody waits for Temporal or
the ERP, and nothing is lost while either is away: a box without an order is found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.erp_orders import ERP_QUEUE
from adapters import log
from adapters.database import Pool, transaction
from adapters.erp.intake import _SQL
from adapters.erp.schedules import NobodyReads, read_now
from adapters.health import TEMPORAL_AWAY, TROUBLES
from adapters.messenger import MOST, Messenger, at_work
from adapters.sample_delays import ERP
from adapters.sample_messenger import CHANNEL
from adapters.settings import Login
from workflows.erp_start import ERP_ORDER, StartErpOrder, order_id
from workflows.messages import to_json

_WITHIN: Final = timedelta(seconds=20)
# Without a knock, for boxes whose workflow could not be started.
_PAUSE: Final = timedelta(seconds=30)

_log = log.get(__name__)


class OrderMessenger(Messenger):
    """Starts the workflows `erp-order`.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        tenant: whose ERP it is.
    """

    def __init__(self, pool: Pool, client: Client, tenant: UUID) -> None:
        super().__init__("sample orders", pause=_PAUSE)
        self._pool = pool
        self._client = client
        self._tenant = tenant

    async def go_round(self) -> bool:
        """See `Messenger`. A box waits until its order is there, so looking again at once brings nothing."""
        try:
            await self.look()
        except TROUBLES:
            raise
        except (*TEMPORAL_AWAY, NobodyReads) as error:
            _log.warning("sample orders: no answer", error=type(error).__name__)
        return False

    async def look(self) -> int:
        """Start what is to be done; answers how many boxes that were."""
        async with transaction(self._pool, self._tenant, ERP, reading=True) as connection:
            connected = await _SQL.connected_since(connection, tenant=self._tenant)
            rows = [
                row
                async for row in _SQL.boxes_to_order(
                    connection, tenant=self._tenant, since=connected["since"], most=MOST
                )
            ]
        if connected["there"] and connected["since"] is None:
            # Connected just now: nothing can be ordered before products and customers are known.
            await read_now(self._client, self._tenant)
        for row in rows:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                await self._client.start_workflow(
                    ERP_ORDER,
                    to_json(
                        StartErpOrder(tenant=str(self._tenant), lead=str(row["lead"]), box=str(row["box"]))
                    ),
                    id=order_id(self._tenant, row["box"]),
                    task_queue=ERP_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                )
        return len(rows)


@asynccontextmanager
async def ordering_boxes(
    pool: Pool, login: Login, client: Client, tenant: UUID
) -> AsyncIterator[OrderMessenger]:
    """A messenger at work for as long as it is open.

    Args:
        pool: connections as the worker role.
        login: the same, for the one connection that listens.
        client: where the workflows are.
        tenant: whose ERP it is.
    """
    messenger = OrderMessenger(pool, client, tenant)
    async with at_work(messenger, login, channel=CHANNEL, name="fristwerk-sample-orders"):
        yield messenger
