"""A lead's workflow started again because somebody wants it: the audit tells who."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.database import Pool, load_queries, transaction
from adapters.lead_gateway import TemporalLeadGateway

_AUDIT: Final = load_queries("erasure")


@dataclass(frozen=True, slots=True)
class Starter:
    """Starts workflows that are missing.

    Attributes:
        pool: the database as the worker role.
        by: who wants it.
    """

    pool: Pool
    gateway: TemporalLeadGateway
    tenant: UUID
    by: str

    async def start(self, lead: UUID) -> None:
        """Start the lead's workflow from its ledger; one that runs is left alone.

        Raises:
            LeadsUnavailable: Temporal does not answer.
        """
        await self.gateway.start(self.tenant, lead)
        async with transaction(self.pool, self.tenant, self.by) as connection:
            await _AUDIT.tell_audit(
                connection, what="workflow-started", lead=lead, after=None, reason=None, at=datetime.now(UTC)
            )
