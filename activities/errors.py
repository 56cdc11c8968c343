"""What can go wrong outside, as types. Names on the wire are stable; texts are for people only."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from temporalio.exceptions import ApplicationError


class ErrorType(StrEnum):
    """Error types as Temporal shows and matches them."""

    MAIL_DEFERRED = "mail-deferred"
    MAIL_UNREACHABLE = "mail-unreachable"
    MAIL_BUSY = "mail-busy"
    MAIL_PACED = "mail-paced"
    MALFORMED_ORDER = "malformed-order"
    UNKNOWN_LEAD = "unknown-lead"
    LEAD_NOT_REACHED = "lead-not-reached"
    UNKNOWN_CAMPAIGN = "unknown-campaign"
    AI_UNAVAILABLE = "ai-unavailable"


class MailRefused(Exception):
    """The server refused this mail to this reader for good (5xx)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused for good: {code}")
        self.code = code


class MailDeferred(Exception):
    """The server did not take the mail now (4xx), or fell silent when it had it (code `no-reply`)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"deferred: {code}")
        self.code = code


class MailUnreachable(Exception):
    """No trustworthy mail server answered; it certainly has not got the mail."""

    def __init__(self, code: str) -> None:
        super().__init__(f"mail server not reached: {code}")
        self.code = code


class MailPaced(Exception):
    """The mail account allows no further mail now; this one was not tried.

    Attributes:
        retry_after: when it is worth asking again.
    """

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"paced: {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class DeliveryBusy(Exception):
    """Another attempt is sending this very notification at this moment."""


class UnknownLead(Exception):
    """There is no such lead in that tenant, or it has no ledger."""


def retryable(kind: ErrorType, message: str, *, after: timedelta) -> ApplicationError:
    """An error that Temporal tries again after this delay. The message must hold nobody's data."""
    return ApplicationError(message, type=kind, next_retry_delay=after)


def final(kind: ErrorType, message: str) -> ApplicationError:
    """An error that no repetition mends."""
    return ApplicationError(message, type=kind, non_retryable=True)
