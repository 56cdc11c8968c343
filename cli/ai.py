"""The command `fristwerk ai`: asking a use case directly, and what AI costs."""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any
from uuid import UUID

from cyclopts import App, Parameter

from activities.ai.asking import AiError, AiMalformed, AiUnavailable, Answered, BudgetSpent
from activities.ai.case import Answer, UseCase
from adapters import outside_settings
from adapters.ai.composition import open_ai
from adapters.ai.usage import Usage
from cli.acts import By, Json
from cli.console import DONE, NOT_DONE, OPERATOR, UsageError, complain, perform
from cli.desk import acting
from cli.output import out, print_json, table
from cli.teaching import add
from protection.refusal import Refused
from services import ai
from services.asking import Asking
from services.errors import Forbidden, NotFound

_UseCase = Annotated[UseCase, Parameter(name="USE-CASE", help="Such as LEAD_CLASSIFY; see docs/ai.md.")]
_Input = Annotated[str, Parameter(name="--input", help="What it is told, as JSON.")]


def register(app: App) -> None:
    """Add the commands to the application."""
    commands = App(name="ai", help="AI: asked directly, and what it costs.")
    add(commands, ai_usage, name="usage")
    add(commands, ai_ask, name="ask")
    app.command(commands)


def ai_usage(*, month: str | None = None, by: By = OPERATOR, json: Json = False) -> int:
    """Show what AI did and cost in a month: budgets, use cases, models.

    Examples:
        `fristwerk ai usage`

        An earlier month:
        `fristwerk ai usage --month 2026-10`

    Args:
        month: Such as 2026-10, a UTC month; left out it is this one.
    """
    return perform(_usage(by, month, json=json))


def ai_ask(
    use_case: _UseCase, *, given: _Input, lead: UUID | None = None, by: By = OPERATOR, json: Json = False
) -> int:
    """Ask a use case directly; nothing is changed by its answer.

    Examples:
        `fristwerk ai ask LEAD_CLASSIFY --input '{"company": "Hotel Beispiel", "city": "Weimar"}'`

    Args:
        lead: Id of the lead it is about; names kept of it are not told to the model.
    """
    return perform(_ask(by, use_case, given, lead, json=json))


async def _usage(by: str, month: str | None, *, json: bool) -> int:
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        try:
            found = await ai.usage(opened.desk, asking, month)
        except (Forbidden, Refused) as error:
            return _why_not(error)
    if json:
        print_json(_plain(found))
    else:
        _shown(found)
    return DONE


def _read(given: str) -> dict[str, Any]:
    try:
        told = json_text.loads(given)
    except ValueError:
        raise UsageError("--input: is no JSON") from None
    if not isinstance(told, dict):
        raise UsageError("--input: must be a JSON object")
    return told


async def _ask(by: str, use_case: UseCase, given: str, lead: UUID | None, *, json: bool) -> int:
    told = _read(given)
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        desk = opened.desk
        async with open_ai(outside_settings.load(), desk.pool, desk.registry, desk.vault) as made:
            try:
                answered = await ai.ask(made.router, desk, asking, use_case, told, lead=lead)
            except (AiError, Forbidden, NotFound, Refused) as error:
                return _why_not(error)
    if json:
        print_json(_answer(use_case, answered))
        return DONE
    shown = table(str(use_case), "what", "said")
    for name, value in answered.answer.model_dump(mode="json").items():
        shown.add_row(name, value if isinstance(value, str) else json_text.dumps(value, ensure_ascii=False))
    out().print(shown)
    out().print(
        f"{answered.provider} {answered.model}, {answered.decision}, {answered.cost_eur} EUR "
        f"(call {answered.call_id})"
    )
    return DONE


def _why_not(error: Exception) -> int:
    match error:
        case Forbidden():
            complain("Not allowed.")
        case NotFound():
            complain("There is no such lead.")
        case Refused():
            complain(f"{error.field}: {error.message}")
        case BudgetSpent():
            complain(f"The month's budget of {error.cap_eur} EUR is spent.")
        case AiUnavailable():
            seconds = round(error.retry_after.total_seconds())
            complain(f"No AI provider is of use at the moment; try again in {seconds} s.")
        case AiMalformed():
            complain("The model answered something else than was asked for.")
        case _:
            complain("No AI provider is connected: set OPENAI_API_KEY or ANTHROPIC_API_KEY.")
    return NOT_DONE


def _answer(use_case: UseCase, answered: Answered[Answer]) -> dict[str, Any]:
    return {
        "useCase": use_case,
        "answer": answered.answer.model_dump(mode="json"),
        "provider": answered.provider,
        "model": answered.model,
        "decision": answered.decision,
        "costEur": str(answered.cost_eur),
        "callId": str(answered.call_id),
    }


def _plain(found: Usage) -> dict[str, Any]:
    return {
        "month": found.month.isoformat(),
        "calls": found.calls,
        "answered": found.answered,
        "refused": found.refused,
        "failed": found.failed,
        "smallShare": found.small_share,
        "hitRate": found.hit_rate,
        "costEur": str(found.cost_eur),
        "budgets": [
            {
                "org": one.org,
                "cap": str(one.cap),
                "booked": str(one.booked),
                "reserved": str(one.reserved),
                "left": str(one.left),
            }
            for one in found.budgets
        ],
        "cases": [
            {"useCase": one.use_case, "calls": one.calls, "cached": one.cached, "costEur": str(one.cost_eur)}
            for one in found.cases
        ],
        "models": [
            {
                "provider": one.provider,
                "model": one.model,
                "asked": one.asked,
                "failed": one.failed,
                "costEur": str(one.cost_eur),
            }
            for one in found.models
        ],
    }


def _shown(found: Usage) -> None:
    budgets = table("Budgets, EUR", "whose", "budget", "spent", "set aside", "left")
    for one in found.budgets:
        money = (one.cap, one.booked, one.reserved, one.left)
        budgets.add_row(one.org or "the company", *(f"{amount:.4f}" for amount in money))
    cases = table("Use cases", "what for", "calls", "there already", "small", "large", "EUR")
    for case in found.cases:
        counted = (case.calls, case.cached, case.small, case.large)
        cases.add_row(str(case.use_case), *map(str, counted), f"{case.cost_eur:.6f}")
    models = table("Models", "model", "asked", "without an answer", "EUR")
    for model in found.models:
        name = f"{model.provider} {model.model}"
        models.add_row(name, str(model.asked), str(model.failed), f"{model.cost_eur:.6f}")
    for shown in (budgets, cases, models):
        out().print(shown)
    share, rate = (None if part is None else f"{part:.0%}" for part in (found.small_share, found.hit_rate))
    out().print(f"Small models: {share or '–'}. There already: {rate or '–'}. {found.month:%Y-%m} (UTC).")
