"""The worker of the queue `ai`: whatever asks models in the background, at the queue's own rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import Worker

from activities.ai.classifying import ClassifyActivities
from activities.ai.orders import AI_QUEUE
from activities.mail_category import MailCategoriser
from adapters.ai.composition import Ai, open_ai
from adapters.ai.new_leads import PostgresLeadTexts, classify_no_more, starting
from adapters.breaker import Standing
from adapters.database import open_pool
from adapters.inbox.sorting import PostgresMailDesk
from adapters.outside_settings import OutsideSettings
from adapters.registry import open_registry
from adapters.settings import Settings
from adapters.upstream_standings import reporting
from adapters.vault import Vault
from workers.registry import Tuning, outside_worker
from workflows.lead_classify import LeadClassify

PROCESS: Final = "ai-worker"
_CONNECTIONS: Final = 6


def ai_worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    workflows: Sequence[type],
    tuning: Tuning | None = None,
) -> Worker:
    """The worker of the queue `ai`.

    Args:
        activities: what asks models.
        workflows: those that have it asked.
    """
    tuning = tuning or Tuning()
    return outside_worker(
        client,
        AI_QUEUE,
        workflows,
        activities,
        at_once=tuning.questions_at_once,
        per_second=tuning.questions_per_second,
        build=tuning.build,
    )


async def open_ai_work(
    stack: AsyncExitStack,
    client: Client,
    settings: Settings,
    outside: OutsideSettings,
    tuning: Tuning | None = None,
) -> Worker | None:
    """The worker over everything it needs, closed with the stack; None where no provider is connected.

    Raises:
        SettingsError: an account makes no sense.
    """
    login = settings.worker_login()
    pool = await open_pool(login, name="fristwerk-ai", smallest=0, largest=_CONNECTIONS)
    stack.push_async_callback(pool.close)
    if outside.openai() is None and outside.anthropic() is None:
        await classify_no_more(pool, outside.tenant)
        return None
    registry = await stack.enter_async_context(open_registry(pool, login))
    vault = Vault.of(settings)
    ai = await stack.enter_async_context(open_ai(outside, pool, registry, vault))
    breakers = [partial(_standing, ai, place) for place, _ in enumerate(ai.standings())]
    await stack.enter_async_context(reporting(pool, outside.tenant, PROCESS, breakers))
    await stack.enter_async_context(starting(pool, login, client, outside.tenant))
    mails = MailCategoriser(PostgresMailDesk(pool, vault, categorised=True), ai.router)
    steps = [*ClassifyActivities(ai.router, PostgresLeadTexts(pool, vault)).steps, mails.categorise]
    return ai_worker(client, steps, [LeadClassify], tuning)


def _standing(ai: Ai, place: int) -> Standing:
    return ai.standings()[place]
