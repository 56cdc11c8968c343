"""AI over HTTP. Money is EUR as text, exact; shares are 0 to 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, JsonValue

from activities.ai.asking import Answered, Decision
from activities.ai.case import Answer, Size, UseCase
from adapters.ai.usage import Usage
from api.schemas.base import Day, Input, Output, Uuid

Eur = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
Share = Annotated[float, Field(ge=0, le=1)]


class AiQuestion(Input):
    """A question to a use case.

    Attributes:
        lead_id: what it is about, if it is about a lead; names kept of it are not told to the model.
        input: what the use case is told; its fields are listed in docs/ai.md.
    """

    lead_id: Uuid | None = None
    input: Annotated[dict[str, JsonValue], Field(max_length=50)]


class AiAnswered(Output):
    """An answer.

    Attributes:
        answer: what the use case answers; its fields are listed in docs/ai.md.
        provider: who answered.
        decision: how it came about: cached, small, escalated, large, reduced (the budget did not reach for
            the large model).
        cost_eur: what this call cost.
        call_id: its row in the audit of AI calls.
    """

    use_case: UseCase
    answer: dict[str, JsonValue]
    confidence: Share
    provider: str
    model: str
    size: Size
    decision: Decision
    cached: bool
    cost_eur: Eur
    call_id: UUID

    @classmethod
    def of(cls, use_case: UseCase, answered: Answered[Answer]) -> Self:
        """The same for the wire."""
        return cls(
            use_case=use_case,
            answer=answered.answer.model_dump(mode="json", exclude={"confidence"}),
            confidence=answered.confidence,
            provider=answered.provider,
            model=answered.model,
            size=answered.size,
            decision=answered.decision,
            cached=answered.cached,
            cost_eur=eur(answered.cost_eur),
            call_id=answered.call_id,
        )


class AiBudgetRead(Output):
    """A budget of the month.

    Attributes:
        org: whose; null is the tenant as a whole.
        reserved: what calls under way may still cost.
    """

    org: str | None
    cap: Eur
    booked: Eur
    reserved: Eur
    left: Eur


class AiDayRead(Output):
    """A UTC day."""

    day: Day
    calls: int
    cached: int
    cost_eur: Eur


class AiCaseRead(Output):
    """A use case."""

    use_case: UseCase
    calls: int
    answered: int
    cached: int
    small: int
    large: int
    cost_eur: Eur


class AiModelRead(Output):
    """A model.

    Attributes:
        presumed_eur: of the cost what no provider has told, so that the most possible was booked.
    """

    provider: str
    model: str
    asked: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_eur: Eur
    presumed_eur: Eur


class AiUsageRead(Output):
    """A month of AI.

    Attributes:
        month: its first day; UTC, as providers bill.
        small_share: of the answers that models gave, those of small ones; null without any.
        hit_rate: of all answers, those that were there already; null without any.
        refused: calls the budget did not reach for.
        p95_ms: milliseconds within which 95 of 100 answers of models came.
    """

    month: Day
    calls: int
    answered: int
    cached: int
    small: int
    large: int
    refused: int
    failed: int
    small_share: Share | None
    hit_rate: Share | None
    cost_eur: Eur
    p95_ms: int | None
    budgets: list[AiBudgetRead]
    days: list[AiDayRead]
    cases: list[AiCaseRead]
    models: list[AiModelRead]

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """The same for the wire."""
        return cls(
            month=usage.month,
            calls=usage.calls,
            answered=usage.answered,
            cached=usage.cached,
            small=usage.small,
            large=usage.large,
            refused=usage.refused,
            failed=usage.failed,
            small_share=usage.small_share,
            hit_rate=usage.hit_rate,
            cost_eur=eur(usage.cost_eur),
            p95_ms=usage.p95_ms,
            budgets=[
                AiBudgetRead(
                    org=one.org,
                    cap=eur(one.cap),
                    booked=eur(one.booked),
                    reserved=eur(one.reserved),
                    left=eur(one.left),
                )
                for one in usage.budgets
            ],
            days=[
                AiDayRead(day=one.day, calls=one.calls, cached=one.cached, cost_eur=eur(one.cost_eur))
                for one in usage.days
            ],
            cases=[
                AiCaseRead(
                    use_case=one.use_case,
                    calls=one.calls,
                    answered=one.answered,
                    cached=one.cached,
                    small=one.small,
                    large=one.large,
                    cost_eur=eur(one.cost_eur),
                )
                for one in usage.cases
            ],
            models=[
                AiModelRead(
                    provider=one.provider,
                    model=one.model,
                    asked=one.asked,
                    failed=one.failed,
                    input_tokens=one.input_tokens,
                    output_tokens=one.output_tokens,
                    cost_eur=eur(one.cost_eur),
                    presumed_eur=eur(one.presumed_eur),
                )
                for one in usage.models
            ],
        )


def eur(amount: Decimal) -> str:
    """EUR without superfluous zeros, such as 0.00031"""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
