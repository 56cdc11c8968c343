"""What the workflow of a pending credit check has done outside. A step that is repeated changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.courier import as_uuid
from activities.credit_orders import COMPLETE_CREDIT_CHECK, CreditOrder, CreditSeen
from activities.upstreams import UpstreamError, for_temporal
from activities.webhook_orders import HANDLE_CREDIT_EVENT, Handled, WebhookOrder

UNKNOWN: Final = "unknown"


class CreditDesk(Protocol):
    """Where checks are on record, and who is asked about them."""

    async def complete(self, tenant: UUID, check: UUID) -> str | None:
        """Asks the bureau what it says by now, and puts it on record; answers the status.

        Answers None where there is no such check.

        Raises:
            UpstreamError: the bureau says nothing of use.
        """
        ...


class NewsUseless(Exception):
    """News that no repetition makes use of; somebody has to look.

    Attributes:
        why: wire name.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"of no use: {why}")
        self.why = why


class NewsDesk(Protocol):
    """Makes use of what the bureau tells by itself."""

    async def handle(self, tenant: UUID, event: UUID) -> str:
        """Puts a decision on record; answers in a word what came of it. Repeating it changes nothing.

        Raises:
            NewsUseless: it cannot be made use of.
        """
        ...


class CreditActivities:
    """The steps of the workflow `credit-check`, and the handler of the bureau's news."""

    def __init__(self, desk: CreditDesk, news: NewsDesk) -> None:
        self._desk = desk
        self._news = news

    @property
    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        return [self.complete, self.handle_event]

    @activity.defn(name=COMPLETE_CREDIT_CHECK)
    async def complete(self, order: CreditOrder) -> CreditSeen:
        """Asks once more what has come of a check."""
        tenant, check = as_uuid("tenant", order.tenant), as_uuid("check", order.check)
        try:
            return CreditSeen(await self._desk.complete(tenant, check) or UNKNOWN)
        except UpstreamError as error:
            raise for_temporal(error) from None

    @activity.defn(name=HANDLE_CREDIT_EVENT)
    async def handle_event(self, order: WebhookOrder) -> Handled:
        """Makes use of a piece of the bureau's news."""
        tenant, event = as_uuid("tenant", order.tenant), as_uuid("event", order.event)
        try:
            return Handled(await self._news.handle(tenant, event))
        except NewsUseless as error:
            raise ApplicationError(str(error), type=error.why, non_retryable=True) from None
