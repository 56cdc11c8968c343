"""The worker of the queue `erp`: readings, orders of samples, news; and its schedules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.erp import ErpActivities
from activities.erp_orders import ERP_QUEUE
from activities.webhook_orders import Source
from adapters.database import Pool
from adapters.delay_teller import DelayTeller
from adapters.erp.messenger import ordering_boxes
from adapters.erp.office import ErpOffice
from adapters.erp.ordering import Ordering
from adapters.erp.schedules import ensure_schedules
from adapters.erp.settling import Settling
from adapters.erp.webhooks import WebhookBodies
from adapters.erp.xentral import Xentral
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.outside_settings import OutsideSettings
from adapters.registry import SettingsRegistry
from adapters.settings import Login
from adapters.upstream_standings import reporting
from adapters.vault import Vault
from workers.registry import Tuning, outside_worker
from workers.webhooks import carrying_webhooks, webhook_parts
from workflows.erp_sync import ErpOrder, ErpReconcile, ErpSync

WORKFLOWS = (ErpSync, ErpReconcile, ErpOrder)


def erp_worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    tuning: Tuning | None = None,
    *,
    more: Sequence[type] = (),
) -> Worker:
    """The worker of the queue `erp`.

    Args:
        activities: what its workflows have done outside.
        more: workflows besides its own.
    """
    tuning = tuning or Tuning()
    return outside_worker(
        client,
        ERP_QUEUE,
        [*WORKFLOWS, *more],
        activities,
        at_once=tuning.erp_at_once,
        per_second=tuning.erp_per_second,
        build=tuning.build,
        cached_workflows=100,
    )


def erp_office(
    client: Client, pool: Pool, registry: SettingsRegistry, erp: Xentral, outside: OutsideSettings
) -> ErpOffice:
    """What is done with the ERP, over PostgreSQL and the workflows of leads."""
    people = PostgresPeople(pool)
    delays = DelayTeller(pool, TemporalLeadGateway(client, people), people)
    return ErpOffice(
        pool,
        erp,
        Ordering(pool, registry, erp),
        Settling(pool, registry, delays),
        tenant=outside.tenant,
    )


@asynccontextmanager
async def working_erp(
    client: Client,
    pool: Pool,
    login: Login,
    *,
    registry: SettingsRegistry,
    vault: Vault,
    outside: OutsideSettings,
    tuning: Tuning | None = None,
) -> AsyncIterator[Worker]:
    """The worker with everything it needs; without an ERP it has next to nothing to do.

    Args:
        pool: connections as the worker role.
        login: the same, for the connections that listen.
        outside: which ERP there is, and whose.
    """
    account = outside.xentral()
    parts = webhook_parts(pool, vault)
    bodies = WebhookBodies(parts.events)
    async with AsyncExitStack() as stack:
        office = None
        if account is not None:
            erp = await stack.enter_async_context(Xentral(account))
            office = erp_office(client, pool, registry, erp, outside)
            await ensure_schedules(client, outside.tenant)
            await stack.enter_async_context(carrying_webhooks(pool, login, client, Source.XENTRAL, ERP_QUEUE))
            await stack.enter_async_context(ordering_boxes(pool, login, client, outside.tenant))
            await stack.enter_async_context(reporting(pool, outside.tenant, "erp-worker", [erp.state]))
        steps = [*ErpActivities(office, bodies).steps, *parts.activities]
        yield erp_worker(client, steps, tuning, more=parts.workflows)
