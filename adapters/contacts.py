"""The customer's contact of a lead, opened from the vault for as long as a mail is written."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from activities.ports import Contact
from adapters.database import Pool, transaction
from adapters.lead_entry import ContactKind
from adapters.vault import Vault

_SYSTEM: Final = "system"


class VaultContacts:
    """Opens contacts of leads as the worker.

    Args:
        pool: connections as the worker role.
        vault: opens what is sealed.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def contact(self, tenant: UUID, lead: UUID) -> Contact:
        """The lead's newest contact with a mail address; without one if there is none."""
        async with transaction(self._pool, tenant, _SYSTEM, reading=True) as connection:
            entries = await self._vault.open_contacts(connection, tenant, lead)
        for entry in reversed(entries):
            if entry.kind is ContactKind.CONTACT and entry.email:
                return Contact(entry.email, entry.name)
        return Contact(None, None)
