"""Personal data beside facts: what people wrote, and whom to ask for. Written as the worker role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from adapters.database import Pool, load_queries, transaction
from adapters.import_store import ContactEntry, ContactKind

_SQL: Final = load_queries("note")


class NoteConflict(Exception):
    """Another text is kept under this fact id."""


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

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, tenant: UUID, lead: UUID, entries: Iterable[ContactEntry]) -> list[UUID]:
        """Add rows in one transaction; those already there stay. Answers the ids of the new ones.

        Raises:
            NoteConflict: another text is kept under the id of one of them; nothing was added.
        """
        added: list[UUID] = []
        async with transaction(self._pool, tenant, "system") as connection:
            for entry in entries:
                new = await _SQL.add_contact(
                    connection,
                    tenant=tenant,
                    lead=lead,
                    id=entry.id,
                    kind=entry.kind,
                    fact_id=entry.fact_id,
                    name=entry.name,
                    email=entry.email,
                    phone=entry.phone,
                    note=entry.note,
                    occurred_at=entry.occurred_at,
                    channel=entry.channel,
                )
                if new is not None:
                    added.append(entry.id)
                elif await _SQL.note_of(connection, tenant=tenant, lead=lead, id=entry.id) != entry.note:
                    raise NoteConflict(entry.fact_id)
        return added

    async def remove(self, tenant: UUID, lead: UUID, ids: Iterable[UUID]) -> None:
        """Remove rows that turned out to belong to nothing."""
        async with transaction(self._pool, tenant, "system") as connection:
            await _SQL.remove_contacts(connection, tenant=tenant, lead=lead, ids=list(ids))
