"""Leads as they are read: one with everything, many in a list."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from api.schemas.acts import CollaboratorOutput
from api.schemas.base import Instant, Output
from api.schemas.reading import Protection
from protection.facts import EndReason
from protection.state import Status

LeadOrderName = Literal[
    "validUntil",
    "-validUntil",
    "company",
    "-company",
    "registeredAt",
    "-registeredAt",
    "updatedAt",
    "-updatedAt",
]


class ContactRead(Output):
    """Whom to ask for, or the documented first contact; personal data, kept encrypted.

    Attributes:
        kind: CONTACT or FIRST_CONTACT.
        note: what was spoken about at the first contact.
    """

    kind: Literal["CONTACT", "FIRST_CONTACT"]
    name: str | None
    email: str | None
    phone: str | None
    note: str | None
    occurred_at: Instant | None
    channel: str | None


class _Company(Output):
    """A company at a place; nothing personal."""

    id: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    owner: str
    created_at: Instant


class LeadDetail(_Company):
    """A lead with everything the caller may see.

    Attributes:
        protection: null for the moment in which its clock has not begun.
        contacts: empty where they are not the caller's to read (any more), or erased.
    """

    protection: Protection | None
    collaborators: list[CollaboratorOutput]
    contacts: list[ContactRead]


class LeadListed(_Company):
    """A lead in a list.

    Attributes:
        active_holds: reasons for which the clock stands still.
        problem: what an operator has to look at, a stable word.
    """

    status: Status
    paused: bool
    active_holds: list[str]
    registered_at: Instant | None
    last_qual_activity_at: Instant | None
    reminder_due_at: Instant | None
    grace_until: Instant | None
    base_until: Instant | None
    progress_until: Instant | None
    valid_until: Instant | None
    reason: EndReason | None
    problem: str | None
    policy_version: str
    revision: int
    updated_at: Instant
