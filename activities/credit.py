"""What the workflow of a pending credit check has done outside. A step that is repeated changes nothing."""

from __future__ import annotations

from typing import Final, Protocol
from uuid import UUID

from temporalio import activity

from activities.courier import as_uuid
from activities.credit_orders import COMPLETE_CREDIT_CHECK, CreditOrder, CreditSeen
from activities.upstreams import UpstreamError, for_temporal

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


class CreditActivities:
    """The steps of the workflow `credit-check`."""

    def __init__(self, desk: CreditDesk) -> None:
        self._desk = desk

    @activity.defn(name=COMPLETE_CREDIT_CHECK)
    async def complete(self, order: CreditOrder) -> CreditSeen:
        """Asks once more what has come of a check."""
        tenant, check = as_uuid("tenant", order.tenant), as_uuid("check", order.check)
        try:
            return CreditSeen(await self._desk.complete(tenant, check) or UNKNOWN)
        except UpstreamError as error:
            raise for_temporal(error) from None
