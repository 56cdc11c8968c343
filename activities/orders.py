"""The messages that order a notification, and their result. Ids and clock facts only, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SEND_NOTIFICATION = "send-notification"
SEND_INVITATION = "send-invitation"
MAIL_QUEUE = "mail"
HEARTBEAT_EVERY = timedelta(seconds=3)


class NotificationKind(StrEnum):
    """What people are told about a lead, and when (domain.md section 10). Wire names."""

    REMINDER = "reminder"
    NOTICE_PROGRESS = "notice-progress"
    NOTICE_BASE = "notice-base"
    NOTICE_PREREGISTRATION = "notice-preregistration"
    NOTICE_HOLD = "notice-hold"
    REQUEST_MADE = "request-made"
    REQUEST_DECIDED = "request-decided"
    LAPSE = "lapse"


class InvitationKind(StrEnum):
    """What a customer is asked after a sample box was delivered (domain.md section 8). Wire names."""

    INVITATION = "feedback-invitation"
    REMINDER = "feedback-reminder"


class NewsKind(StrEnum):
    """What people find inside the application at once, without any mail. Wire names."""

    FEEDBACK_RECEIVED = "feedback-received"


MailKind = NotificationKind | InvitationKind
# What somebody may find inside the application.
NoticeKind = NotificationKind | NewsKind


class NotificationOutcome(StrEnum):
    """How an order ended. Wire names."""

    SENT = "sent"
    BOUNCED = "bounced"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class NotificationOrder:
    """Tell the people concerned; who they are follows from the kind.

    Attributes:
        tenant: uuid of the tenant.
        lead: uuid of the lead.
        kind: what to tell. A lapse and a hold at its limit go to the owner and the managers, a request
            to the managers, its decision to the owner and to whoever asked, all else to the owner.
        cycle: which run of the period this is about, or the id of the request or hold; one mail per
            (lead, cycle, kind, recipient).
        due_at: the instant the order is about, ISO 8601 with a zone: the deadline announced, or when the
            request was made or decided, or when the hold reached its limit.
        retry: an operator asks for a mail again that was refused before.
    """

    tenant: str
    lead: str
    kind: NotificationKind
    cycle: str
    due_at: str
    retry: bool = False


@dataclass(frozen=True, slots=True)
class InvitationOrder:
    """Ask the customer's contact for feedback, or remind them of it; once per (invitation, kind).

    Neither the contact nor the link is named here: the activity opens the one and makes the other.

    Attributes:
        tenant: uuid of the tenant.
        lead: uuid of the lead the samples were for.
        invitation: uuid of the invitation.
        kind: the invitation itself, or the one reminder of it.
        retry: an operator asks for a mail again that was refused before.
    """

    tenant: str
    lead: str
    invitation: str
    kind: InvitationKind
    retry: bool = False


@dataclass(frozen=True, slots=True)
class NotificationResult:
    """What became of the order.

    Attributes:
        outcome: of the first reader, the owner except for a request made (its first manager): `sent`;
            `bounced` if that mail was refused for good (or deferred too often, or there is nobody to be
            told: code `no-reader`); `superseded` if by now
            there is nothing to tell (paused, progress made, decided, over; of an invitation: answered,
            closed, expired): nothing went out.
        sent_at: when that mail went out, ISO 8601 UTC; None unless sent.
        code: the mail server's code, such as `550 5.1.1`; None unless bounced.
    """

    outcome: NotificationOutcome
    sent_at: str | None = None
    code: str | None = None
