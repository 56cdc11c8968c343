"""What is held about the caller himself."""

from __future__ import annotations

from uuid import UUID

from api.schemas.base import Instant, Output
from protection.permission import Role, Share
from protection.state import Status


class OwnAccount(Output):
    """Who the caller is here."""

    id: str
    email: str | None
    display_name: str
    locale: str
    timezone: str
    roles: list[Role]


class OwnLead(Output):
    """A lead the caller owns; its contacts are other people's data."""

    lead: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    created_at: Instant
    status: Status | None
    registered_at: Instant | None
    last_progress_at: Instant | None
    valid_until: Instant | None
    ended_at: Instant | None


class OwnActivity(Output):
    """A fact the caller has recorded."""

    lead: UUID
    revision: int
    type: str
    kind: str | None
    occurred_at: Instant
    recorded_at: Instant


class OwnCollaboration(Output):
    """A lead that is shared with the caller."""

    lead: UUID
    role: Share
    added_at: Instant


class OwnNotification(Output):
    """What the caller was told, and when."""

    lead: UUID
    kind: str
    channel: str
    status: str
    sent_at: Instant | None


class OwnExport(Output):
    """Everything that is held about the caller.

    Attributes:
        account: null where the caller has a token and nothing else.
    """

    account: OwnAccount | None
    leads: list[OwnLead]
    activities: list[OwnActivity]
    collaborations: list[OwnCollaboration]
    notifications: list[OwnNotification]
