"""The message that orders a notification, and its result. Ids and clock facts only, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SEND_NOTIFICATION = "send-notification"
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
class NotificationResult:
    """What became of the order.

    Attributes:
        outcome: of the first reader, the owner except for a request made (its first manager): `sent`;
            `bounced` if that mail was refused for good (or deferred too often, or there is nobody to be
            told: code `no-reader`); `superseded` if by now
            there is nothing to tell (paused, progress made, decided, over): nothing went out.
        sent_at: when that mail went out, ISO 8601 UTC; None unless sent.
        code: the mail server's code, such as `550 5.1.1`; None unless bounced.
    """

    outcome: NotificationOutcome
    sent_at: str | None = None
    code: str | None = None
