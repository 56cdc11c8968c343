"""Personal data beside facts: what people wrote, and whom to ask for. Written as the worker role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from adapters.database import Pool, transaction
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.vault import Vault


def note_entry(
    lead: UUID, fact_id: str, text: str, *, at: datetime | None = None, part: str = "note"
) -> ContactEntry:
    """A note about a fact; the same fact and part always give the same id.

    Args:
        at: UTC instant the note speaks of.
        part: tells several notes of one fact apart.
    """
    return ContactEntry(
        id=uuid5(lead, f"{part}/{fact_id}"),
        kind=ContactKind.NOTE,
        fact_id=fact_id,
        note=text,
        occurred_at=at,
    )


class PostgresNoteStore:
    """Adds and removes rows of the personal-data table."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def add(self, tenant: UUID, lead: UUID, entries: Iterable[ContactEntry]) -> list[UUID]:
        """Add rows in one transaction; those already there stay. Answers the ids of the new ones.

        Raises:
            NoteConflict: another text is kept under the id of one of them; nothing was added.
        """
        async with transaction(self._pool, tenant, "system") as connection:
            return await self._vault.seal_entries(connection, tenant, lead, entries)

    async def remove(self, tenant: UUID, lead: UUID, ids: Iterable[UUID]) -> None:
        """Remove rows that turned out to belong to nothing."""
        async with transaction(self._pool, tenant, "system") as connection:
            await self._vault.remove(connection, tenant, lead, ids)
