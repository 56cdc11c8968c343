"""What people wrote about a fact: rows of the vault, known by the fact they belong to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from adapters.lead_entry import ContactEntry, ContactKind


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
