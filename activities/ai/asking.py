"""Who asks a model, what he gets, and why he may get nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Generic
from uuid import UUID

from activities.ai.case import A, Size, UseCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """On whose account a model is asked.

    Attributes:
        tenant: whose budget it is.
        user: id of the person or part of the system.
        org: to which he belongs; it may have a budget of its own.
        lead: what it is about; the names kept of it are taken out of what is told to the model.
    """

    tenant: UUID
    user: str
    org: str | None = None
    lead: UUID | None = None


class Decision(StrEnum):
    """How an answer came about. Wire names.

    Attributes:
        CACHED: it was there already.
        SMALL: the small model was sure enough.
        ESCALATED: the small model was not, the large one answered.
        LARGE: the case begins with the large model.
        REDUCED: the small model answered alone because the budget does not reach for the large one.
    """

    CACHED = "cached"
    SMALL = "small"
    ESCALATED = "escalated"
    LARGE = "large"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[A]):
    """An answer.

    Attributes:
        answer: checked against the case's schema.
        provider: who answered; wire name.
        model: which model.
        size: how capable it is.
        decision: how it came about.
        cost_eur: what this call cost, EUR; 0 where the answer was there already.
        call_id: of its row in the audit of AI calls.
        confidence: how sure the model is, 0 to 1.
    """

    answer: A
    provider: str
    model: str
    size: Size
    decision: Decision
    cost_eur: Decimal
    call_id: UUID
    confidence: float

    @property
    def cached(self) -> bool:
        """Whether nobody had to be asked."""
        return self.decision is Decision.CACHED


class AiError(Exception):
    """There is no answer. Never taken for an unsure one."""


class NotConfigured(AiError):
    """The tenant has no account at a provider; everything else works without."""

    def __init__(self) -> None:
        super().__init__("no AI provider is configured")


class BudgetSpent(AiError):
    """The month's budget does not reach for this call.

    Attributes:
        cap_eur: the month's budget, EUR.
        org: whose: of this org, or of the tenant (None).
        renews_at: when the next month begins, a UTC instant.
    """

    def __init__(self, *, cap_eur: Decimal, org: str | None, renews_at: datetime) -> None:
        super().__init__("the month's budget for AI is spent")
        self.cap_eur = cap_eur
        self.org = org
        self.renews_at = renews_at


class AiUnavailable(AiError):
    """No provider could be asked, or none was of use.

    Attributes:
        use_case: what for.
        retry_after: when it is worth asking again.
    """

    def __init__(self, use_case: UseCase, *, retry_after: timedelta) -> None:
        super().__init__(f"{use_case}: no AI provider is of use at the moment")
        self.use_case = use_case
        self.retry_after = retry_after


class AiMalformed(AiError):
    """A model answered what its schema does not allow.

    Attributes:
        use_case: what for.
        where: the first field that is wrong, such as `items.0.sku`; None where it was no JSON at all.
    """

    def __init__(self, use_case: UseCase, *, where: str | None) -> None:
        super().__init__(f"{use_case}: the model's answer is not what was asked for")
        self.use_case = use_case
        self.where = where
