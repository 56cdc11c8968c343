"""The subject ai. Made by `make openapi`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import JsonValue

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.words import Decision, Size, UseCase


class AiAnswered(Told):
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
    confidence: float
    provider: str
    model: str
    size: Size
    decision: Decision
    cached: bool
    cost_eur: str
    call_id: UUID


class AiBudgetRead(Told):
    """A budget of the month.

    Attributes:
        org: whose; null is the tenant as a whole.
        reserved: what calls under way may still cost.
    """

    org: str | None
    cap: str
    booked: str
    reserved: str
    left: str


class AiCaseRead(Told):
    """A use case."""

    use_case: UseCase
    calls: int
    answered: int
    cached: int
    small: int
    large: int
    cost_eur: str


class AiDayRead(Told):
    """A UTC day."""

    day: date
    calls: int
    cached: int
    cost_eur: str


class AiModelRead(Told):
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
    cost_eur: str
    presumed_eur: str


class AiQuestion(Sent):
    """A question to a use case.

    Attributes:
        lead_id: what it is about, if it is about a lead; names kept of it are not told to the model.
        input: what the use case is told; its fields are listed in docs/ai.md.
    """

    lead_id: UUID | None = None
    input: dict[str, JsonValue]


class AiUsageRead(Told):
    """A month of AI.

    Attributes:
        month: its first day; UTC, as providers bill.
        small_share: of the answers that models gave, those of small ones; null without any.
        hit_rate: of all answers, those that were there already; null without any.
        refused: calls the budget did not reach for.
        p95_ms: milliseconds within which 95 of 100 answers of models came.
    """

    month: date
    calls: int
    answered: int
    cached: int
    small: int
    large: int
    refused: int
    failed: int
    small_share: float | None
    hit_rate: float | None
    cost_eur: str
    p_95_ms: int | None
    budgets: list[AiBudgetRead]
    days: list[AiDayRead]
    cases: list[AiCaseRead]
    models: list[AiModelRead]


class Ai(Group):
    """Operations of the subject ai."""

    def read_ai_usage(self, *, month: str | None = None) -> Answer[AiUsageRead]:
        """What AI did and cost in a month: budgets, days, use cases, models."""
        call = Call(method="GET", path="/api/ai/usage", query={"month": month})
        return self._asker.ask(call, {200: AiUsageRead})

    def ask_ai(
        self, use_case: UseCase, body: AiQuestion, *, idempotency_key: str | None = None
    ) -> Answer[AiAnswered]:
        """Ask a model, or answer with what it said lately; nothing is changed by it.

        429 `ai-budget-spent`: the month's budget does not reach for it. 503 `not-configured`: no provider is
        connected; `ai-unavailable`: none is of use at the moment; `ai-malformed-answer`: the model answered
        something else than was asked for.
        """
        call = Call(
            method="POST",
            path=address("/api/ai/{useCase}", useCase=use_case),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: AiAnswered})
