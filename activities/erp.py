"""What workflows have done with the ERP. A step that is repeated changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.courier import as_uuid, malformed
from activities.erp_orders import (
    PULL_ERP,
    RECONCILE_ERP,
    SETTLE_ERP,
    SETTLE_ORDER,
    BoxOrder,
    ErpSettled,
    OrderState,
    Pulled,
    PullOrder,
    Resource,
    Source,
    TenantOrder,
)
from activities.errors import ErrorType, final, retryable
from activities.samples import NotYet
from activities.upstreams import UpstreamError, for_temporal
from activities.webhook_orders import HANDLE_ERP_EVENT, Handled, WebhookOrder
from protection.dates import parse_instant

_SOON: Final = timedelta(seconds=5)


class NotUnderstood(Exception):
    """What the ERP sent cannot be read; the argument is the first field at fault."""


class ErpDesk(Protocol):
    """The ERP of one tenant, and where what it tells is on record."""

    @property
    def tenant(self) -> UUID:
        """Whose ERP it is."""
        ...

    async def pull(
        self, resource: Resource, source: Source, at: datetime, beat: Callable[[], None]
    ) -> Pulled:
        """Reads everything of a kind that is new, or (reconciling) everything."""
        ...

    async def settle(self, at: datetime) -> ErpSettled:
        """Uses what news there is."""
        ...

    async def reconcile(self, at: datetime, beat: Callable[[], None]) -> Pulled:
        """Looks for every order of ours there."""
        ...

    async def order(self, box: UUID, at: datetime) -> str:
        """Does what is due about the order of a box; answers in which state it is."""
        ...

    async def hear(self, body: bytes, at: datetime) -> str:
        """Takes in what a webhook says, and uses it; answers what came of it."""
        ...


class NewsReader(Protocol):
    """What webhooks say."""

    async def body(self, tenant: UUID, event: UUID) -> bytes | None:
        """What was sent; None if there is nothing (any more)."""
        ...


class ErpActivities:
    """The steps with the ERP.

    Args:
        desk: None where no ERP is configured: every step says so.
        news: what webhooks say.
    """

    def __init__(self, desk: ErpDesk | None, news: NewsReader) -> None:
        self._desk = desk
        self._news = news

    @property
    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        return [self.pull, self.settle, self.reconcile, self.order, self.hear]

    @activity.defn(name=PULL_ERP)
    async def pull(self, order: PullOrder) -> Pulled:
        """Reads one kind of thing."""
        desk, at = self._of(order.tenant), _instant(order.at)
        if order.resource not in set(Resource) or order.source not in set(Source):
            raise malformed("resource", f"must be one of {', '.join(Resource)}")
        try:
            return await desk.pull(Resource(order.resource), Source(order.source), at, activity.heartbeat)
        except UpstreamError as error:
            raise for_temporal(error) from None

    @activity.defn(name=SETTLE_ERP)
    async def settle(self, order: TenantOrder) -> ErpSettled:
        """Uses what news there is."""
        try:
            return await self._of(order.tenant).settle(_instant(order.at))
        except NotYet as error:
            raise _again(error) from None

    @activity.defn(name=RECONCILE_ERP)
    async def reconcile(self, order: TenantOrder) -> Pulled:
        """Looks for every order of ours there."""
        try:
            return await self._of(order.tenant).reconcile(_instant(order.at), activity.heartbeat)
        except UpstreamError as error:
            raise for_temporal(error) from None

    @activity.defn(name=SETTLE_ORDER)
    async def order(self, order: BoxOrder) -> OrderState:
        """Makes the order of a box, or calls it off."""
        desk, box = self._of(order.tenant), as_uuid("box", order.box)
        try:
            return OrderState(await desk.order(box, _instant(order.at)))
        except UpstreamError as error:
            raise for_temporal(error) from None

    @activity.defn(name=HANDLE_ERP_EVENT)
    async def hear(self, order: WebhookOrder) -> Handled:
        """Takes in what a webhook says."""
        desk, event = self._of(order.tenant), as_uuid("event", order.event)
        body = await self._news.body(desk.tenant, event)
        if body is None:
            return Handled("gone")
        try:
            return Handled(await desk.hear(body, datetime.now(UTC)))
        except NotUnderstood as error:
            raise final(ErrorType.MALFORMED_ORDER, f"field {error}") from None
        except NotYet as error:
            raise _again(error) from None

    def _of(self, text: str) -> ErpDesk:
        tenant = as_uuid("tenant", text)
        if self._desk is None or self._desk.tenant != tenant:
            raise ApplicationError(
                "no ERP is configured for this tenant", type="not-configured", non_retryable=True
            )
        return self._desk


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        raise malformed("at", "must be an instant with a zone") from None


def _again(error: NotYet) -> ApplicationError:
    return retryable(ErrorType.LEAD_NOT_REACHED, str(error), after=_SOON)
