"""Erasing a lead's personal data: look, end what is running, erase. Each idempotent by the erasure's id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from temporalio import activity

from activities.erasure_orders import (
    END_PROTECTION,
    ERASE_PERSONAL_DATA,
    EXAMINE_ERASURE,
    Cause,
    Erasure,
    ErasureOrder,
    Examined,
    Obstacle,
)
from activities.errors import ErrorType, final
from protection.dates import parse_instant


class ErasureStore(Protocol):
    """Where personal data lie. Each method is one transaction."""

    async def examine(self, tenant: UUID, lead: UUID, at: datetime) -> Examined:
        """Whether the lead's data can be erased at this UTC instant."""
        ...

    async def erase(
        self, tenant: UUID, lead: UUID, *, erasure: UUID, cause: Cause, by: str, at: datetime
    ) -> Erasure:
        """Erases, and writes receipt and audit; the same erasure again changes nothing."""
        ...


class LeadEnder(Protocol):
    """How a living lead is ended."""

    async def end(self, tenant: UUID, lead: UUID, *, erasure: UUID, by: str) -> Obstacle | None:
        """Ends protection and returns when the lead's workflow is over; else says why it cannot."""
        ...


class ErasureActivities:
    """What the workflow `lead-erasure` has done outside."""

    def __init__(self, store: ErasureStore, leads: LeadEnder) -> None:
        self._store = store
        self._leads = leads

    @property
    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        return [self.examine, self.end_protection, self.erase]

    @activity.defn(name=EXAMINE_ERASURE)
    async def examine(self, order: ErasureOrder) -> Examined:
        """Looks whether the data can be erased."""
        checked = _Checked(order)
        return await self._store.examine(checked.tenant, checked.lead, checked.at)

    @activity.defn(name=END_PROTECTION)
    async def end_protection(self, order: ErasureOrder) -> Examined:
        """Ends the lead's protection and waits until its workflow is over."""
        checked = _Checked(order)
        obstacle = await self._leads.end(checked.tenant, checked.lead, erasure=checked.erasure, by=order.by)
        return Examined(living=obstacle is not None, obstacle=obstacle)

    @activity.defn(name=ERASE_PERSONAL_DATA)
    async def erase(self, order: ErasureOrder) -> Erasure:
        """Destroys the key, empties what it sealed, and leaves a receipt."""
        checked = _Checked(order)
        return await self._store.erase(
            checked.tenant,
            checked.lead,
            erasure=checked.erasure,
            cause=Cause(order.cause),
            by=order.by,
            at=checked.at,
        )


class _Checked:
    """An order with its fields as they are meant.

    Raises:
        ApplicationError: type `malformed-order`; names the field.
    """

    def __init__(self, order: ErasureOrder) -> None:
        self.tenant = _uuid("tenant", order.tenant)
        self.lead = _uuid("lead", order.lead)
        self.erasure = _uuid("erasure", order.erasure)
        try:
            self.at = parse_instant(order.at)
        except ValueError:
            raise final(ErrorType.MALFORMED_ORDER, "at: must be an instant with a zone") from None


def _uuid(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise final(ErrorType.MALFORMED_ORDER, f"{field}: must be a uuid") from None
