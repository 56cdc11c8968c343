"""Erasure where there is nothing to erase: simulated leads hold clock facts only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from activities.erasure import ErasureActivities
from activities.erasure_orders import Cause, Erasure, Examined, Obstacle


class NothingPersonal:
    """The ports of an erasure over a ledger without personal data."""

    async def examine(self, tenant: UUID, lead: UUID, at: datetime) -> Examined:
        """See `activities.erasure.ErasureStore`."""
        return Examined(living=False)

    async def erase(
        self, tenant: UUID, lead: UUID, *, erasure: UUID, cause: Cause, by: str, at: datetime
    ) -> Erasure:
        """See `activities.erasure.ErasureStore`."""
        return Erasure()

    async def end(self, tenant: UUID, lead: UUID, *, erasure: UUID, by: str) -> Obstacle | None:
        """See `activities.erasure.LeadEnder`."""
        return Obstacle.NOT_RUNNING


def nothing_to_erase() -> ErasureActivities:
    """The erasure activities of a simulation."""
    nothing = NothingPersonal()
    return ErasureActivities(nothing, nothing)
