"""The worker of the queue `credit`: sees pending checks through, and makes use of the bureau's news."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import Worker

from activities.credit import CreditActivities
from activities.credit_orders import CREDIT_QUEUE
from activities.webhook_orders import Source
from activities.webhooks import WebhookActivities
from adapters.credit.bureau import CreditBureau
from adapters.credit.messenger import carrying
from adapters.credit.news import CreditNews
from adapters.credit.work import CreditWork
from adapters.database import open_pool
from adapters.outside_settings import OutsideSettings
from adapters.settings import Settings
from adapters.upstream_standings import reporting
from adapters.vault import Vault
from adapters.webhooks.store import WebhookEvents
from workers.registry import Tuning, outside_worker
from workers.webhooks import carrying_webhooks
from workflows.credit_check import CreditCheck
from workflows.webhook_event import WebhookEvent

PROCESS: Final = "credit-worker"
_CONNECTIONS: Final = 4


def credit_worker(
    client: Client, activities: Sequence[Callable[..., Any]], tuning: Tuning | None = None
) -> Worker:
    """The worker of the queue `credit`.

    Args:
        activities: what its workflows have done outside.
    """
    tuning = tuning or Tuning()
    return outside_worker(
        client,
        CREDIT_QUEUE,
        [CreditCheck, WebhookEvent],
        activities,
        at_once=tuning.checks_at_once,
        per_second=tuning.checks_per_second,
        build=tuning.build,
    )


async def open_credit(
    stack: AsyncExitStack,
    client: Client,
    settings: Settings,
    outside: OutsideSettings,
    tuning: Tuning | None = None,
) -> Worker | None:
    """The worker over everything it needs, closed with the stack; None where no bureau is connected.

    Raises:
        SettingsError: something of the account is missing.
    """
    account = outside.credit()
    if account is None:
        return None
    login = settings.worker_login()
    pool = await open_pool(login, name="fristwerk-credit", largest=_CONNECTIONS)
    stack.push_async_callback(pool.close)
    bureau = await stack.enter_async_context(CreditBureau(account))
    await stack.enter_async_context(reporting(pool, outside.tenant, PROCESS, bureau.standings))
    await stack.enter_async_context(carrying(pool, login, client, outside.tenant))
    await stack.enter_async_context(carrying_webhooks(pool, login, client, Source.ALLIANZ, CREDIT_QUEUE))
    events = WebhookEvents(pool, Vault.of(settings))
    steps = CreditActivities(CreditWork(pool, bureau), CreditNews(pool, events, client)).steps
    return credit_worker(client, [*steps, WebhookActivities(events).settle], tuning)
