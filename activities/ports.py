"""What the notification activity needs from the outside, implemented by adapters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from activities.letters import LeadLedger, Letter
from activities.orders import InvitationKind, MailKind
from protection.permission import Role


class Channel(StrEnum):
    """How somebody is told. Wire names."""

    EMAIL = "EMAIL"
    INAPP = "INAPP"
    TASK = "TASK"


class Language(StrEnum):
    """Languages people are written to in."""

    DE = "de"
    EN = "en"


class DeliveryStatus(StrEnum):
    """Where one notification to one reader stands. Wire names."""

    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of the company or an agent who is written to; never the lead's contact.

    Attributes:
        user: id in the tenant; the key under which deliveries are recorded.
        address: mail address; None if there is none on file.
        name: how to address them.
        language: in which language.
        timezone: IANA name of the zone their dates are shown in.
        roles: what they are in the tenant.
    """

    user: str
    address: str | None
    name: str
    language: Language
    timezone: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What makes a notification one notification."""

    tenant: UUID
    lead: UUID
    cycle: str
    kind: MailKind
    recipient: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A notification as recorded.

    Attributes:
        attempt: tries the mail server may have seen, crashed ones included.
        sent_at: UTC instant; None unless sent.
        code: the server's last answer that was not an acceptance.
    """

    status: DeliveryStatus
    attempt: int
    sent_at: datetime | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """The dates a mail tells its reader, kept beside the record of its delivery. UTC instants."""

    sent_at: datetime
    grace_until: datetime | None
    progress_until: datetime | None
    base_until: datetime | None
    valid_until: datetime | None


class Delivery(Protocol):
    """One notification, held exclusively. Every method is one transaction."""

    async def look(self) -> DeliveryRecord | None:
        """What is recorded so far; None if nothing."""
        ...

    async def begin(self, message_id: str | None, promise: Promise) -> int:
        """Records that a try starts now, with these dates; returns its number, from 1.

        Args:
            message_id: the Message-ID of a mail; None where no mail goes out.
            promise: the dates it tells.
        """
        ...

    async def sent(self, at: datetime) -> None:
        """Records the server's acceptance."""
        ...

    async def refused(self, status: DeliveryStatus, code: str, at: datetime) -> None:
        """Records an end without acceptance (bounced or dead), or why a try has to be repeated (sending)."""
        ...

    async def not_reached(self, code: str, at: datetime) -> None:
        """Records that no server saw this try: it does not count."""
        ...


class NotificationStore(Protocol):
    """Where deliveries are recorded."""

    def delivery(self, key: DeliveryKey) -> AbstractAsyncContextManager[Delivery]:
        """The notification of that key, to the exclusion of every other process.

        Raises:
            DeliveryBusy: somebody else holds it at this moment.
        """
        ...


class LedgerReader(Protocol):
    """Facts and policy of a lead, as one consistent reading."""

    async def ledger(self, tenant: UUID, lead: UUID) -> LeadLedger:
        """The lead's ledger.

        Raises:
            UnknownLead: there is none.
        """
        ...


class LeadDirectory(Protocol):
    """Who people are."""

    async def reader(self, tenant: UUID, user: str) -> Reader | None:
        """The person of that id; None if the tenant has no such person."""
        ...

    async def having(self, tenant: UUID, roles: Collection[Role]) -> tuple[Reader, ...]:
        """Everybody with one of these roles, by id."""
        ...

    async def names(self, tenant: UUID, users: Collection[str]) -> Mapping[str, str]:
        """What people call these users, by id; without those the tenant does not have."""
        ...


class TellingRules(Protocol):
    """What a tenant has settled about who is told, and where."""

    async def roles(self, tenant: UUID) -> frozenset[Role]:
        """The roles that are told, beside those in person concerned, of lapses, requests and long holds."""
        ...

    async def channels(self, tenant: UUID) -> tuple[Channel, ...]:
        """Where reminders go beside the mail, which is what the contract asks for."""
        ...


@dataclass(frozen=True, slots=True)
class StandingRules:
    """What holds where nobody has settled anything."""

    async def roles(self, tenant: UUID) -> frozenset[Role]:
        """The managers."""
        return frozenset({Role.MANAGER})

    async def channels(self, tenant: UUID) -> tuple[Channel, ...]:
        """Nowhere beside the mail."""
        return ()


class CalendarMethod(StrEnum):
    """What a calendar program is to do with the entries of a file (RFC 5546)."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """Deadlines for somebody's calendar, as RFC 5545 writes them down."""

    content: bytes
    method: CalendarMethod


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words: one subject line, a plain text and the same as HTML.

    Attributes:
        calendar: the deadlines it tells; None if it tells none.
    """

    subject: str
    text: str
    html: str
    calendar: CalendarFile | None = None


class LetterWriter(Protocol):
    """Puts letters into words."""

    def write(self, letter: Letter, reader: Reader) -> Written:
        """The letter in the reader's language, dates in the reader's zone."""
        ...


@dataclass(frozen=True, slots=True)
class Contact:
    """The person at the customer's who is asked for feedback. Personal data: never leaves the activity.

    Attributes:
        address: mail address; None if none is on file, or it was erased.
        name: how to address them; None if unknown.
    """

    address: str | None = field(repr=False)
    name: str | None = field(repr=False)


class Contacts(Protocol):
    """Opens personal data of leads."""

    async def contact(self, tenant: UUID, lead: UUID) -> Contact:
        """The lead's newest contact with a mail address; without one if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """A customer's invitation to say how the samples were. Nothing personal but the user id of the agent.

    Attributes:
        lead: the lead the samples were for.
        company: the customer.
        sender: name of the tenant, the company that sent the samples.
        agent: id of the user whose lead it is.
        products: what was in the box, as people call it (SKU and name).
        delivered_at: when the box arrived, a UTC instant; None if unknown.
        expires_at: until when the form is open, a UTC instant.
        language: in which the customer is written to.
    """

    lead: UUID
    company: str
    sender: str
    agent: str
    products: tuple[str, ...]
    delivered_at: datetime | None
    expires_at: datetime
    language: Language


class Invitations(Protocol):
    """Invitations to give feedback, and the secret links to their forms."""

    async def invitation(self, tenant: UUID, invitation: UUID) -> Invitation | None:
        """That invitation; None if there is none, or it is answered, closed or expired."""
        ...

    async def link(self, tenant: UUID, invitation: UUID) -> str:
        """The address of its form, `{public URL}/feedback/{token}`; the same each time it is asked for."""
        ...


class InvitationWriter(Protocol):
    """Puts invitations into words."""

    def invite(
        self, kind: InvitationKind, invitation: Invitation, contact: Contact, agent: str, link: str
    ) -> Written:
        """The mail to the customer, in the invitation's language.

        Args:
            kind: the invitation, or the reminder of it.
            invitation: what it is about.
            contact: who is written to.
            agent: what people call the agent.
            link: address of the form.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one reader.

    Attributes:
        message_id: left part of the Message-ID; the same for every try of one notification.
        address: the recipient's address.
        date: what the Date header says, a UTC instant.
    """

    message_id: UUID
    address: str
    language: Language
    date: datetime
    written: Written
    kind: MailKind
    cycle: str
    lead: UUID


class Mailer(Protocol):
    """Hands mails to a mail server."""

    def message_id(self, notification: UUID) -> str:
        """The Message-ID header of that notification."""
        ...

    async def send(self, mail: Mail) -> None:
        """Returns once the server has taken the mail over.

        Raises:
            MailRefused: for good.
            MailDeferred: not now, or it is unknown whether it was taken.
            MailUnreachable: no trustworthy server; nothing was handed over.
            MailPaced: the account allows no mail now; nothing was tried.
        """
        ...
