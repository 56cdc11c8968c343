"""A reconciliation's steps: compare and put right, a batch of leads at a time. Repeating changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from temporalio import activity

from activities.errors import ErrorType, final
from activities.heartbeat import beating
from activities.orders import HEARTBEAT_EVERY
from activities.reconciliation_orders import (
    COMPARE_LEADS,
    FINISH_RECONCILIATION,
    LIST_TENANTS,
    CompareOrder,
    CompareStep,
    FinishOrder,
    Reconciled,
)
from protection.dates import parse_instant


class Reconciler(Protocol):
    """Compares ledger, projection, SQL twin and workflows, and puts right what is safe."""

    async def tenants(self) -> list[UUID]:
        """All tenants."""
        ...

    async def begin(self, tenant: UUID, run: UUID, *, by: str, at: datetime) -> None:
        """Note that a reconciliation begins; again changes nothing."""
        ...

    async def compare(
        self, tenant: UUID, run: UUID, *, after: UUID | None, most: int, repair: bool
    ) -> CompareStep:
        """Compare the next leads, put right what is safe, and keep what was found."""
        ...

    async def finish(
        self, tenant: UUID, run: UUID, *, by: str, leads: int, workflows: int
    ) -> Reconciled | None:
        """Look for what is no lead's and close the reconciliation; None if it never began."""
        ...


class ReconciliationActivities:
    """What the workflow `reconciliation` has done outside."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    @property
    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        return [self.list_tenants, self.compare, self.finish]

    @activity.defn(name=LIST_TENANTS)
    async def list_tenants(self) -> list[str]:
        """The ids of all tenants."""
        return [str(tenant) for tenant in await self._reconciler.tenants()]

    @activity.defn(name=COMPARE_LEADS)
    async def compare(self, order: CompareOrder) -> CompareStep:
        """Compares the next leads."""
        tenant, run = _uuid("tenant", order.tenant), _uuid("run", order.run)
        after = None if order.after is None else _uuid("after", order.after)
        if not 1 <= order.most <= 10_000:
            raise final(ErrorType.MALFORMED_ORDER, "most: 1 to 10,000")
        try:
            at = parse_instant(order.at)
        except ValueError:
            raise final(ErrorType.MALFORMED_ORDER, "at: must be an instant with a zone") from None
        async with beating(HEARTBEAT_EVERY):
            await self._reconciler.begin(tenant, run, by=order.by, at=at)
            return await self._reconciler.compare(
                tenant, run, after=after, most=order.most, repair=order.repair
            )

    @activity.defn(name=FINISH_RECONCILIATION)
    async def finish(self, order: FinishOrder) -> Reconciled:
        """Closes the reconciliation."""
        tenant, run = _uuid("tenant", order.tenant), _uuid("run", order.run)
        async with beating(HEARTBEAT_EVERY):
            done = await self._reconciler.finish(
                tenant, run, by=order.by, leads=order.leads, workflows=order.workflows
            )
        if done is None:
            raise final(ErrorType.MALFORMED_ORDER, "run: no reconciliation of this id has begun")
        return done


def _uuid(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise final(ErrorType.MALFORMED_ORDER, f"{field}: must be a uuid") from None
