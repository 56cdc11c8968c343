"""What the credit bureau tells by itself: decisions on questions that were pending."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.credit import NewsUseless
from adapters.breaker import utc_now
from adapters.credit import store
from adapters.credit.bureau import decision
from adapters.credit.records import Answer
from adapters.credit.store import Verdict
from adapters.credit.wire import Decided
from adapters.database import Pool, transaction
from adapters.webhooks.store import WebhookEvents
from workflows import names

DECIDED: Final = "cover.decided"
_HANDLER: Final = "credit-news"


class CreditNews:
    """See `activities.credit.NewsDesk`.

    Args:
        pool: connections as the worker role.
        events: where news is kept.
        client: where the workflows are that wait for it.
    """

    def __init__(self, pool: Pool, events: WebhookEvents, client: Client) -> None:
        self._pool = pool
        self._events = events
        self._client = client

    async def handle(self, tenant: UUID, event: UUID) -> str:
        """See `activities.credit.NewsDesk`."""
        news = await self._events.read(tenant, event)
        if news is None:
            return "handled-before"
        if news.kind != DECIDED:
            return "of-no-use"
        try:
            told = Decided.model_validate_json(news.body)
        except ValidationError:
            raise NewsUseless("malformed-news") from None
        at = utc_now()
        async with transaction(self._pool, tenant, _HANDLER, at=at) as connection:
            check = await store.check_for_bureau(connection, tenant, told.reference)
            if check is None:
                raise NewsUseless("unknown-check")
            # Nothing is decided after we heard of it; an instant ahead would bar every later decision.
            answer = decision(check.question, told.cover, min(told.occurred_at, news.received_at))
            if not isinstance(answer, Answer):
                raise NewsUseless("malformed-news")
            settled = await store.settle(connection, tenant, [Verdict.of(check.id, answer)], at)
        await self._wake(tenant, check.id)
        return settled[check.id].status

    async def _wake(self, tenant: UUID, check: UUID) -> None:
        """Have the workflow that waits look again; there is none where the answer came in time."""
        handle = self._client.get_workflow_handle(names.credit_id(tenant, check))
        try:
            await handle.signal(names.LOOK_AGAIN)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
