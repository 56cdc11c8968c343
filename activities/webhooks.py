"""What the workflow of a piece of news does outside, besides the handler of its system."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from temporalio import activity

from activities.courier import as_uuid, malformed
from activities.webhook_orders import SETTLE_WEBHOOK_EVENT, EventState, SettleOrder
from protection.dates import parse_instant


class WebhookStore(Protocol):
    """Where news is on record. Each method is one transaction."""

    async def settle(
        self, tenant: UUID, event: UUID, *, round_: int, state: EventState, outcome: str, at: datetime
    ) -> None:
        """Puts down what became of it, if it still waits in that round."""
        ...


class WebhookActivities:
    """Steps about news."""

    def __init__(self, store: WebhookStore) -> None:
        """Use this store."""
        self._store = store

    @activity.defn(name=SETTLE_WEBHOOK_EVENT)
    async def settle(self, order: SettleOrder) -> None:
        """Put down what became of a piece of news. Repeating it changes nothing."""
        try:
            state, at = EventState(order.state), parse_instant(order.at)
        except ValueError as error:
            raise malformed("state", "must be a state, and `at` an instant") from error
        if state is EventState.WAITING:
            raise malformed("state", "must be one that settles it")
        await self._store.settle(
            as_uuid("tenant", order.tenant),
            as_uuid("event", order.event),
            round_=order.round,
            state=state,
            outcome=order.outcome,
            at=at,
        )
