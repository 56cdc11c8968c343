"""New leads one at a time, as the import adds them; what the service does is in `services/registering.py`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from adapters.database import Pool, transaction
from adapters.lead_entry import LeadEntry
from adapters.registration_store import enter_lead
from adapters.vault import Vault


class PostgresLeadStore:
    """Adds leads, as the worker role."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def register_lead(self, tenant: UUID, entry: LeadEntry, *, allow_duplicate: bool = False) -> bool:
        """Add a lead and its contacts in one transaction. Repeating it changes nothing.

        Args:
            tenant: whose lead it is.
            entry: the lead with its personal data.
            allow_duplicate: a manager has decided that a second live lead of the same company is right.

        Returns:
            Whether the lead was new.

        Raises:
            LiveDuplicate: there is a live lead of the same company and place.
            ExternalIdTaken: the external id belongs to another lead.
        """
        async with transaction(self._pool, tenant, "system") as connection:
            new = await enter_lead(connection, tenant, entry, allow_duplicate=allow_duplicate)
            await self._vault.seal_leads(connection, tenant, {entry.id: entry.contacts})
        return new

    async def live_duplicate(
        self, tenant: UUID, company_key: str, postcode: str | None, *, at: datetime
    ) -> UUID | None:
        """The oldest live lead of that company and place; None if there is none.

        Args:
            at: UTC instant; a reservation that has ended by then keeps nobody away.
        """
        async with transaction(self._pool, tenant, "system") as connection:
            found: UUID | None = await connection.fetchval(
                "select live_duplicate($1, $2, $3, $4, null)", tenant, company_key, postcode, at
            )
        return found
