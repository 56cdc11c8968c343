"""Asking customers for feedback: once per invitation and kind. Whom we ask is opened only here."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from temporalio import activity

from activities.courier import Courier, Item, Patience, Trip, as_uuid, malformed
from activities.heartbeat import beating
from activities.orders import (
    HEARTBEAT_EVERY,
    SEND_INVITATION,
    InvitationOrder,
    NotificationResult,
)
from activities.ports import (
    Channel,
    Contacts,
    DeliveryKey,
    Invitations,
    InvitationWriter,
    LeadDirectory,
    Mailer,
    NotificationStore,
    Promise,
)
from protection.dates import format_instant

# Who the recipient is stands in the vault; the record of the delivery only says that it was the contact.
THE_CONTACT: Final = "contact"


class InvitationActivities:
    """Sends invitations to give feedback. Idempotent by the invitation and its kind."""

    def __init__(
        self,
        *,
        store: NotificationStore,
        mailer: Mailer,
        contacts: Contacts,
        invitations: Invitations,
        directory: LeadDirectory,
        writer: InvitationWriter,
        patience: Patience | None = None,
    ) -> None:
        self._courier = Courier(store, mailer, patience)
        self._contacts = contacts
        self._invitations = invitations
        self._directory = directory
        self._writer = writer

    @activity.defn(name=SEND_INVITATION)
    async def send_invitation(self, order: InvitationOrder) -> NotificationResult:
        """Asks the customer's contact, or reminds them.

        The result is `sent`; `bounced` if the mail was refused for good or no address is on file (code
        `no-address`); `superseded` if the invitation is not open any more.

        Raises:
            ApplicationError: retryable `mail-deferred`, `mail-unreachable` or `mail-busy`;
                final `malformed-order`.
        """
        async with beating(HEARTBEAT_EVERY):
            return await self._invite(order)

    async def _invite(self, order: InvitationOrder) -> NotificationResult:
        tenant, lead = as_uuid("tenant", order.tenant), as_uuid("lead", order.lead)
        identity = as_uuid("invitation", order.invitation)
        invitation = await self._invitations.invitation(tenant, identity)
        if invitation is not None and invitation.lead != lead:
            raise malformed("invitation", "is not of this lead")
        info = activity.info()
        at = info.started_time.astimezone(UTC)
        item: Item | None = None
        if invitation is not None and at < invitation.expires_at:
            contact = await self._contacts.contact(tenant, lead)
            names = await self._directory.names(tenant, [invitation.agent])
            agent, link = names.get(invitation.agent, ""), await self._invitations.link(tenant, identity)
            asked = invitation
            item = Item(
                contact.address,
                invitation.language,
                Promise(at, None, None, None, invitation.expires_at),
                lambda: self._writer.invite(order.kind, asked, contact, agent, link),
            )
        key = DeliveryKey(tenant, lead, str(identity), order.kind, THE_CONTACT, Channel.EMAIL)
        told = await self._courier.bring(Trip(key, at, info.attempt, order.retry), item)
        sent_at = None if told.sent_at is None else format_instant(told.sent_at)
        return NotificationResult(told.outcome, sent_at, told.code)
