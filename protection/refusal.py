"""Why something was not accepted, in a form that programs and people can both use."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Stable reasons for refusing a fact. Wire names; never reuse one for another meaning."""

    PROTECTION_ENDED = "protection-ended"
    NOT_REGISTERED = "not-registered"
    ALREADY_REGISTERED = "already-registered"
    NOT_ENDED = "not-ended"
    BASE_PERIOD_OVER = "base-period-over"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_REASON = "unknown-reason"
    FUTURE_PROGRESS = "future-progress"
    HOLD_EXISTS = "hold-exists"
    UNKNOWN_HOLD = "unknown-hold"
    END_BEFORE_START = "end-before-start"
    DAYS_OUT_OF_RANGE = "days-out-of-range"
    UNKNOWN_FACT = "unknown-fact"
    NOT_CORRECTABLE = "not-correctable"
    FACT_ID_REUSED = "fact-id-reused"
    LAPSE_NOT_DUE = "lapse-not-due"
    RECORDED_BACKWARDS = "recorded-backwards"
    OWN_REQUEST = "own-request"
    UNKNOWN_REQUEST = "unknown-request"
    REQUEST_DECIDED = "request-decided"
    REQUEST_PENDING = "request-pending"
    REVISION_CONFLICT = "revision-conflict"
    WOULD_HAVE_ENDED = "would-have-ended"
    OTHER_POLICY = "other-policy"
    KNOWN_CUSTOMER = "known-customer"  # the ERP has invoiced the company lately
    MALFORMED = "malformed"


class Refused(Exception):
    """A fact the contract does not allow. Nothing has changed.

    Attributes:
        code: the stable reason.
        field: the field at fault, in the fact's own spelling, or "" where it is the fact as a whole.
        message: one English sentence that says what to do instead.
    """

    def __init__(self, code: Code, field: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.field = field
        self.message = message
