"""What is entered about a lead: company and place, and its personal data, before it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from protection.dates import format_instant


class ContactKind(StrEnum):
    """What a row of the personal-data table is."""

    CONTACT = "CONTACT"
    FIRST_CONTACT = "FIRST_CONTACT"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """A row of the personal-data table, in clear. `occurred_at` is a UTC instant; empty cells are None."""

    id: UUID
    kind: ContactKind
    fact_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadEntry:
    """A lead with its personal data. `created_at` is a UTC instant; company and city are verbatim."""

    id: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    owner: str
    company_key: str
    created_at: datetime
    contacts: tuple[ContactEntry, ...]


def company_row(entry: LeadEntry) -> dict[str, Any]:
    """The lead without its personal data, as the database's function `lead_register` takes it."""
    return {
        "lead": {
            "id": str(entry.id),
            "external_id": entry.external_id,
            "company": entry.company,
            "city": entry.city,
            "postcode": entry.postcode,
            "industry": entry.industry,
            "source": entry.source,
            "owner": entry.owner,
            "company_key": entry.company_key,
            "created_at": format_instant(entry.created_at),
        },
        "contacts": [],
    }
