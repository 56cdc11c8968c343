"""What the steps of a pending credit check are ordered with, and what they answer. Ids and instants only."""

from __future__ import annotations

from dataclasses import dataclass

COMPLETE_CREDIT_CHECK = "complete-credit-check"
CREDIT_QUEUE = "credit"
# While the bureau has not decided.
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class CreditOrder:
    """A step about one check.

    Attributes:
        tenant: uuid.
        check: uuid.
    """

    tenant: str
    check: str


@dataclass(frozen=True, slots=True)
class CreditSeen:
    """Where a check stands.

    Attributes:
        status: a `CreditStatus` on the wire: pending, approved, declined, requires_review; `unknown` where
            there is no such check.
    """

    status: str
