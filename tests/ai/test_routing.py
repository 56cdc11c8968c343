"""The order of domain.md section 9: budget, kept answer, small model, large model, audit."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from activities.ai.asking import AiMalformed, AiUnavailable, BudgetSpent, Decision, NotConfigured
from activities.ai.case import Size
from adapters.database import Pool
from adapters.registry import SettingsRegistry
from tests.ai.asking import LARGE, RATE, SMALL, Office, answer, office_at
from tests.outsidefixtures import Outside
from tests.sql.conftest import new_tenant

CALL = "select * from ai_call order by at, id"
NOTHING = Decimal(0)
ATTEMPTS = "select * from ai_attempt order by call, number"


async def test_a_small_model_that_is_sure_answers_and_is_asked_once(office: Office) -> None:
    office.say(answer(0.9))
    first = await office.ask()
    assert (first.decision, first.size, first.provider, first.model, first.confidence) == (
        Decision.SMALL, Size.SMALL, "openai", "gpt-4.1-mini", 0.9,
    )  # fmt: skip
    assert first.answer.kind == "HOTEL"
    office.clock.pass_by(timedelta(seconds=1))
    again = await office.ask()
    assert (again.decision, again.cost_eur, again.answer) == (Decision.CACHED, NOTHING, first.answer)
    assert office.asked("openai") == 1
    (request,) = office.outside.log("openai")
    said = json.loads(request.body)
    assert (said["temperature"], said["max_completion_tokens"]) == (0.2, 512)
    assert said["response_format"]["json_schema"]["strict"] is True
    assert json.loads(said["messages"][1]["content"]) == {"number": 0, "words": "Hotel Adler"}
    calls = await office.rows(CALL)
    assert [(one["outcome"], one["decision"], one["actor"]) for one in calls] == [
        ("answered", "small", "agent"),
        ("answered", "cached", "agent"),
    ]
    assert calls[0]["cost_eur"] == first.cost_eur > 0
    assert calls[0]["input_tokens"] > 0 < calls[0]["output_tokens"]
    assert (calls[0]["told"], calls[0]["answered"], calls[0]["id"]) == (None, None, first.call_id)
    assert await office.month() == (first.cost_eur, NOTHING)


async def test_an_unsure_one_goes_on_to_the_large_model_on_a_reservation_of_its_own(office: Office) -> None:
    office.say(answer(0.4), answer(0.8, kind="CANTEEN"))
    got = await office.ask()
    assert (got.decision, got.size, got.model, got.answer.kind) == (
        Decision.ESCALATED, Size.LARGE, "gpt-4.1", "CANTEEN",
    )  # fmt: skip
    attempts = await office.rows(ATTEMPTS)
    assert [(one["number"], one["size"], one["confidence"]) for one in attempts] == [
        (1, "small", 0.4),
        (2, "large", 0.8),
    ]
    assert sum(one["cost_eur"] for one in attempts) == got.cost_eur
    assert await office.month() == (got.cost_eur, NOTHING)
    assert (await office.ask()).cached


async def test_raising_the_threshold_sends_more_calls_to_the_large_model(office: Office) -> None:
    shares = []
    for threshold in (0.0, 0.6, 0.8, 1.0):
        await office.settle("ai.routing.confidence.threshold", threshold, "user", "agent")
        office.outside.answers("openai", lambda call: answer(0.5 + json.loads(call.text)["number"] / 20))
        decisions = [(await office.ask(f"{threshold}", number)).decision for number in range(9)]
        shares.append(decisions.count(Decision.ESCALATED))
    assert shares == [0, 2, 6, 9]


async def test_a_large_case_begins_with_the_other_providers_large_model(office: Office) -> None:
    office.say(answer(0.1), upstream="anthropic")
    got = await office.ask(case=LARGE)
    assert (got.decision, got.provider, got.model, got.confidence) == (
        Decision.LARGE, "anthropic", "claude-sonnet-4-6", 0.1,
    )  # fmt: skip
    (request,) = office.outside.log("anthropic")
    said = json.loads(request.body)
    assert (said["temperature"], said["max_tokens"]) == (0.2, 512)
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert said["output_config"]["format"]["type"] == "json_schema"
    assert office.asked("openai") == 0


async def test_what_differs_is_asked_anew(office: Office) -> None:
    office.outside.answers("openai", lambda call: answer())
    await office.ask("a")
    assert not (await office.ask("b")).cached
    assert not (await office.ask("a", case=replace(SMALL, system="Another task."))).cached
    await office.settle("ai.providers.openai.models", {"small": "gpt-4o-mini"})
    other = await office.ask("a")
    assert (other.cached, other.model) == (False, "gpt-4o-mini")
    assert (await office.ask("a", org="north")).cached


async def test_how_long_an_answer_is_kept(office: Office) -> None:
    office.outside.answers("openai", lambda call: answer())
    mine = replace(SMALL, user_specific=True)
    await office.ask("general")
    await office.ask("mine", case=mine)
    assert (await office.ask("mine", case=mine)).cached
    assert not (await office.ask("mine", case=mine, user="other")).cached
    office.clock.pass_by(timedelta(minutes=15, seconds=1))
    assert not (await office.ask("mine", case=mine)).cached
    office.clock.pass_by(timedelta(hours=7))
    assert (await office.ask("general")).cached
    office.clock.pass_by(timedelta(hours=1))
    assert not (await office.ask("general")).cached
    await office.settle("ai.cache.ttl", "PT1H")
    office.clock.pass_by(timedelta(minutes=61))
    assert not (await office.ask("general")).cached
    now = replace(SMALL, real_time=True)
    assert not (await office.ask("now", case=now)).cached
    assert not (await office.ask("now", case=now)).cached


async def test_the_same_question_at_the_same_time_is_asked_once(office: Office) -> None:
    office.outside.switch("openai", latency_ms=200)
    got = await asyncio.gather(*(office.ask() for _ in range(20)))
    assert office.asked("openai") == 1
    assert sorted(one.cached for one in got) == [False, *[True] * 19]
    assert sum(one.cost_eur for one in got) == (await office.month())[0]


async def test_whoever_goes_away_leaves_nothing_open(office: Office) -> None:
    office.outside.switch("openai", latency_ms=60_000)
    office.say(answer())
    asking = asyncio.create_task(office.ask())
    await office.until_reserved()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    office.outside.switch("openai")
    await office.router.finish()
    assert (await office.month())[1] == 0
    assert (await office.ask()).cached


async def test_an_unsure_answer_that_was_kept_is_not_paid_for_twice(office: Office) -> None:
    office.say(answer(0.4), "no JSON at all")
    with pytest.raises(AiMalformed) as caught:
        await office.ask()
    assert caught.value.where is None
    office.say(answer(0.9))
    got = await office.ask()
    assert (got.decision, got.size) == (Decision.ESCALATED, Size.LARGE)
    assert office.asked("openai") == 3
    assert abs((await office.month())[0] - office.billed()) <= Decimal("0.0000001")


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("{", None),
        ("", None),
        ("[]", None),
        ({"confidence": 0.9, "kind": "CASTLE", "why": "towers"}, "kind"),
        ({"confidence": 1.5, "kind": "HOTEL", "why": "x"}, "confidence"),
        ({"confidence": 0.9, "kind": "HOTEL", "why": "x", "more": 1}, "more"),
        ({"confidence": 0.9, "kind": "HOTEL", "why": "x" * 201}, "why"),
        ({"kind": "HOTEL", "why": "x"}, "confidence"),
    ],
)
async def test_an_answer_that_is_wrong_is_an_error_and_costs_what_it_costs(
    office: Office, said: Any, where: str | None
) -> None:
    office.say(said)
    with pytest.raises(AiMalformed) as caught:
        await office.ask()
    assert caught.value.where == where
    assert office.asked("openai") == 1
    assert office.asked("anthropic") == 0
    (call,) = await office.rows(CALL)
    assert (call["outcome"], call["decision"]) == ("malformed", None)
    booked, reserved = await office.month()
    assert reserved == 0
    assert abs(booked - office.billed()) <= Decimal("0.0000001")


async def test_a_model_of_no_use_rests_and_comes_back(office: Office) -> None:
    office.say("?", "?", "?")
    for number in range(3):
        with pytest.raises(AiMalformed):
            await office.ask(number=number)
    assert (await office.ask(number=3)).provider == "anthropic"
    office.clock.pass_by(timedelta(minutes=29))
    assert (await office.ask(number=4)).provider == "anthropic"
    office.clock.pass_by(timedelta(minutes=1))
    assert (await office.ask(number=5)).provider == "openai"


async def test_settings_say_whose_model_is_asked_and_what_is_kept_in_the_audit(office: Office) -> None:
    await office.settle("ai.routing.providers", {"LEAD_CLASSIFY": ["anthropic"]})
    price = {"inputUsd": 10, "outputUsd": 50, "temperature": False}
    await office.settle("ai.prices.models", {"claude-next": price})
    models = {"small": "claude-next", "large": "nobody-knows-its-price"}
    await office.settle("ai.providers.anthropic.models", models)
    await office.settle("ai.audit.content", {"enabled": True})
    office.say(answer(0.1), answer(0.6), upstream="anthropic")
    got = await office.ask("Ruf an: 0170 1234567")
    assert (got.model, got.decision) == ("claude-sonnet-4-6", Decision.ESCALATED)
    first = json.loads(office.outside.log("anthropic")[0].body)
    assert (first["model"], "temperature" in first) == ("claude-next", False)
    (call,) = await office.rows(CALL)
    assert json.loads(call["told"]) == {"number": 0, "words": "Ruf an: [phone]"}
    assert call["answered"] == answer(0.6)
    dear = (await office.rows(ATTEMPTS))[0]
    cost = (dear["input_tokens"] * 10 + dear["output_tokens"] * 50) * RATE / 1_000_000
    assert abs(dear["cost_eur"] - cost) <= Decimal("0.00000001")


async def test_nothing_configured_and_other_tenants(
    app: Pool, worker: Pool, outside: Outside, office: Office
) -> None:
    assert office.router.configured(office.tenant)
    stranger = await new_tenant(worker)
    assert not office.router.configured(stranger)
    with pytest.raises(NotConfigured):
        await office.ask(tenant=stranger)
    async with office_at(app, worker, outside, stranger, SettingsRegistry(app), offered=[]) as without:
        with pytest.raises(NotConfigured):
            await without.ask()
        assert await without.rows(CALL) == []


async def test_everybody_reads_his_own_calls_and_managers_all(office: Office, app: Pool) -> None:
    office.outside.answers("openai", lambda call: answer())
    await office.ask("a")
    await office.ask("b", user="other")
    for user, roles, seen in (("agent", "agent", 1), ("other", "agent", 1), ("manager", "manager", 2)):
        async with app.acquire() as connection, connection.transaction():
            await connection.execute(
                "select set_config('app.tenant', $1, true), set_config('app.user', $2, true),"
                " set_config('app.roles', $3, true)",
                str(office.tenant), user, roles,
            )  # fmt: skip
            assert await connection.fetchval("select count(*) from ai_call") == seen
            assert await connection.fetchval("select count(*) from ai_attempt") == seen
            assert await connection.fetchval("select count(*) from ai_budget") == (seen == 2)


async def test_over_the_budget_small_only_then_a_clear_refusal(office: Office) -> None:
    office.outside.answers("anthropic", lambda call: answer())
    office.outside.answers("openai", lambda call: answer(0.2))
    await office.settle("ai.budget.monthly.cap", 0.004)
    reduced = await office.ask(case=replace(LARGE, system="x" * 400))
    assert (reduced.decision, reduced.size) == (Decision.REDUCED, Size.SMALL)
    unsure = await office.ask("unsure")
    assert (unsure.decision, unsure.size, unsure.confidence) == (Decision.REDUCED, Size.SMALL, 0.2)
    with pytest.raises(BudgetSpent) as caught:
        await asyncio.gather(*(office.ask(number=number) for number in range(1, 50)))
    await office.router.finish()
    spent = caught.value
    assert (spent.cap_eur, spent.org) == (Decimal("0.004"), None)
    first = office.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert spent.renews_at == (first + timedelta(days=32)).replace(day=1)
    booked, reserved = await office.month()
    assert reserved == 0
    assert booked <= Decimal("0.004")
    assert await office.rows("select from ai_call where outcome = 'budget-spent'")
    assert (await office.ask("unsure")).cached, "what is there already costs nothing"
    office.clock.at = spent.renews_at
    assert (await office.ask("a new month")).size is Size.SMALL


async def test_unavailable_says_when_to_ask_again(office: Office) -> None:
    for name in ("openai", "anthropic"):
        office.outside.switch(name, error=429, retry_after=7)
    with pytest.raises(AiUnavailable) as caught:
        await office.ask()
    assert caught.value.retry_after == timedelta(seconds=7)
    assert await office.month() == (NOTHING, NOTHING)
