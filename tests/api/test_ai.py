"""AI over HTTP: asked directly, what it costs, and every way it says no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from activities.ai.case import UseCase
from activities.ai.cases import CASES
from api.schemas.base import Input
from tests.api.shop import Shop
from tests.outsidefixtures import Outside, outside, outside_process
from tests.proposals.asked import Asked, asked_over
from tests.services.office import PEOPLE

__all__ = ["outside", "outside_process"]

COMPANY = {"company": "Hotel Beispiel", "city": "Weimar"}
CLASSIFY = "/api/ai/LEAD_CLASSIFY"


@pytest_asyncio.fixture(loop_scope="session")
async def asked(shop: Shop, outside: Outside) -> AsyncIterator[Asked]:
    """People who may ask models."""
    async with asked_over(shop, outside) as made:
        yield made


async def sent(shop: Shop, user: str, method: str, path: str, json: Any = None) -> httpx.Response:
    """A request."""
    token = shop.callers.token(user, PEOPLE[user], tenant=shop.office.lab.tenant)
    return await shop.api.ask(method, path, token, json=json)


async def send(shop: Shop, user: str, path: str, json: Any) -> httpx.Response:
    """Something posted."""
    return await sent(shop, user, "POST", path, json)


def about(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"input": {**COMPANY, "city": f"Weimar {number}"}, **more}


async def test_asked_answered_and_counted(asked: Asked) -> None:
    first = await send(asked.shop, "anna", CLASSIFY, about())
    told = first.json()
    assert first.status_code == 200
    assert set(told) == {
        *("useCase", "answer", "confidence", "provider", "model"),
        *("size", "decision", "cached", "costEur", "callId"),
    }
    assert set(told["answer"]) == {"segment", "potential", "reason"}
    assert (told["useCase"], told["cached"]) == ("LEAD_CLASSIFY", False)
    assert float(told["costEur"]) > 0
    again = (await send(asked.shop, "anna", CLASSIFY, about())).json()
    assert (again["cached"], again["costEur"], again["answer"]) == (True, "0", told["answer"])
    month = datetime.now(UTC).strftime("%Y-%m")
    usage = (await sent(asked.shop, "maria", "GET", f"/api/ai/usage?month={month}")).json()
    assert usage["month"] == f"{month}-01"
    assert usage["calls"] >= 2
    assert (usage["budgets"][0]["org"], usage["budgets"][0]["cap"]) == (None, "1000")
    assert float(usage["budgets"][0]["booked"]) >= float(told["costEur"])
    assert usage["cases"][0]["useCase"] == "LEAD_CLASSIFY"
    assert {one["provider"] for one in usage["models"]} <= {"openai", "anthropic"}
    page = await (await asked.visitor("maria")).get("/ai")
    assert page.status_code == 200
    assert "What sort of customer a lead would be" in page.text
    shown = await (await asked.visitor("maria")).get("/integrations")
    assert "Spent this month, EUR" in shown.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/input"),
        ({"input": {}}, "#/input/company"),
        ({"input": {**COMPANY, "secret": 1}}, "#/input/secret"),
        ({"input": {**COMPANY, "company": "x" * 201}}, "#/input/company"),
        ({"input": {**COMPANY, "company": ["Hotel"]}}, "#/input/company"),
        ({"input": COMPANY, "leadId": "no id"}, "#/leadId"),
        ({"input": COMPANY, "more": 1}, "#/more"),
    ],
)
async def test_garbage_is_named_and_costs_nothing(asked: Asked, body: dict[str, Any], pointer: str) -> None:
    answer = await send(asked.shop, "anna", CLASSIFY, body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert asked.prompts() == ""


async def test_who_may_not(asked: Asked) -> None:
    path = await asked.shop.opened()
    lead = path.removeprefix("/")
    for user, status in (("anna", 200), ("olga", 403), ("ben", 404)):
        got = await send(asked.shop, user, CLASSIFY, about(leadId=lead))
        assert got.status_code == status, (user, got.text)
    assert (await send(asked.shop, "olga", CLASSIFY, about())).status_code == 403
    assert (await sent(asked.shop, "anna", "GET", "/api/ai/usage")).status_code == 403
    assert (await sent(asked.shop, "maria", "GET", "/api/ai/usage?month=2026-13")).status_code == 422
    assert (await send(asked.shop, "anna", "/api/ai/WRITE_POEM", about())).status_code in {404, 422}


async def test_every_way_it_says_no(asked: Asked) -> None:
    async def problem(shop: Shop, number: int) -> tuple[int, str, bool]:
        got = await send(shop, "anna", CLASSIFY, about(number))
        return got.status_code, got.json()["type"].rpartition(":")[2], "retry-after" in got.headers

    assert (await problem(asked.plain, 1))[:2] == (503, "not-configured")
    for name in ("openai", "anthropic"):
        asked.outside.switch(name, error=500)
    assert await problem(asked.shop, 2) == (503, "ai-unavailable", True)
    asked.outside.reset()
    asked.outside.answers("openai", ["no JSON"])
    assert await problem(asked.shop, 3) == (503, "ai-malformed-answer", True)
    setting = "/api/settings/ai.budget.monthly.cap"
    assert (await sent(asked.shop, "adam", "PUT", setting, {"scope": "tenant", "value": 0})).is_success
    try:
        assert await problem(asked.shop, 4) == (429, "ai-budget-spent", True)
    finally:
        await sent(asked.shop, "adam", "PUT", setting, {"scope": "tenant", "value": None})


def test_every_case_is_there_and_holds_no_dictionary() -> None:
    assert set(CASES) == set(UseCase)
    assert {case.size.value for case in CASES.values()} == {"small", "large"}
    assert not any(issubclass(case.input, Input) for case in CASES.values())
