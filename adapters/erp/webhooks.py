"""What the ERP's webhooks say, for activities."""

from __future__ import annotations

from uuid import UUID

from adapters.webhooks.store import WebhookEvents


class WebhookBodies:
    """See `activities.erp.NewsReader`."""

    def __init__(self, events: WebhookEvents) -> None:
        self._events = events

    async def body(self, tenant: UUID, event: UUID) -> bytes | None:
        """What was sent; None if there is nothing (any more)."""
        found = await self._events.read(tenant, event)
        return None if found is None else found.body
