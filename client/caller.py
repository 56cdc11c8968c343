"""The subject caller. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from client.asking import Answer, Call, Group
from client.base import Told
from client.words import Role, Share, Status


class Me(Told):
    """The caller."""

    user: str
    tenant: UUID
    roles: list[Role]


class OwnAccount(Told):
    """Who the caller is here."""

    id: str
    email: str | None
    display_name: str
    locale: str
    timezone: str
    roles: list[Role]


class OwnActivity(Told):
    """A fact the caller has recorded."""

    lead: UUID
    revision: int
    type: str
    kind: str | None
    occurred_at: datetime
    recorded_at: datetime


class OwnCollaboration(Told):
    """A lead that is shared with the caller."""

    lead: UUID
    role: Share
    added_at: datetime


class OwnLead(Told):
    """A lead the caller owns; its contacts are other people's data."""

    lead: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    created_at: datetime
    status: Status | None
    registered_at: datetime | None
    last_progress_at: datetime | None
    valid_until: datetime | None
    ended_at: datetime | None


class OwnNotification(Told):
    """What the caller was told, and when."""

    lead: UUID
    kind: str
    channel: str
    status: str
    sent_at: datetime | None


class OwnExport(Told):
    """Everything that is held about the caller.

    Attributes:
        account: null where the caller has a token and nothing else.
    """

    account: OwnAccount | None
    leads: list[OwnLead]
    activities: list[OwnActivity]
    collaborations: list[OwnCollaboration]
    notifications: list[OwnNotification]


class Caller(Group):
    """Operations of the subject caller."""

    def export_own_data(self) -> Answer[OwnExport]:
        """Give the caller everything that is held about him: account, leads, activities, mails."""
        call = Call(method="GET", path="/api/me/export")
        return self._asker.ask(call, {200: OwnExport})

    def read_me(self) -> Answer[Me]:
        """Say who the bearer of this token is."""
        call = Call(method="GET", path="/api/me")
        return self._asker.ask(call, {200: Me})
