"""AI: asked directly, and what it costs."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from activities.ai.case import UseCase
from api.asking import CurrentDesk, PlainAsking, StatelessAsking
from api.dependencies import CurrentWiring
from api.problems import problems
from api.schemas.ai import AiAnswered, AiQuestion, AiUsageRead
from services import ai

router: Final = APIRouter(prefix="/api/ai", tags=["ai"])
_Month = Annotated[
    str | None, Query(description="Such as 2026-11; left out it is this month.", pattern=r"^\d{4}-\d{2}$")
]


@router.get("/usage", responses=problems(403))
async def read_ai_usage(asking: PlainAsking, desk: CurrentDesk, month: _Month = None) -> AiUsageRead:
    """What AI did and cost in a month: budgets, days, use cases, models."""
    return AiUsageRead.of(await ai.usage(desk, asking, month))


@router.post("/{useCase}", responses=problems(403, 404, 429))
async def ask_ai(
    use_case: Annotated[UseCase, Path(alias="useCase", description="what is asked")],
    said: AiQuestion,
    asking: StatelessAsking,
    desk: CurrentDesk,
    wiring: CurrentWiring,
) -> AiAnswered:
    """Ask a model, or answer with what it said lately; nothing is changed by it.

    429 `ai-budget-spent`: the month's budget does not reach for it. 503 `not-configured`: no provider is
    connected; `ai-unavailable`: none is of use at the moment; `ai-malformed-answer`: the model answered
    something else than was asked for.
    """
    router_ = None if wiring.ai is None else wiring.ai.router
    answered = await ai.ask(router_, desk, asking, use_case, said.input, lead=said.lead_id)
    return AiAnswered.of(use_case, answered)
