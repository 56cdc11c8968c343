"""Money: never a cent over however many ask at once; what is booked is what is billed; nothing leaks."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from activities.ai.asking import AiUnavailable, Answered, BudgetSpent, Decision
from activities.ai.case import Size
from activities.ai.ports import Caps, Opening, Standing
from adapters.ai.books import PostgresBooks
from adapters.database import transaction
from tests.ai.asking import LARGE, Office, answer

NOTHING = Decimal(0)


async def test_two_hundred_at_once_against_a_budget_for_fifty(office: Office) -> None:
    office.outside.answers("openai", lambda call: answer(why="x" * 200))
    words = "Ein Hotel am Markt. " * 100
    one = (await office.ask(words, 1000)).cost_eur
    cap = one + 50 * one
    await office.settle("ai.budget.monthly.cap", float(cap))
    cap = Decimal(str(float(cap)))
    got = await asyncio.gather(
        *(office.ask(words, 1001 + number) for number in range(200)), return_exceptions=True
    )
    answered = [each for each in got if isinstance(each, Answered)]
    spent = [each for each in got if isinstance(each, BudgetSpent)]
    assert len(answered) + len(spent) == 200
    assert (await office.month())[0] <= cap, "never a cent over"
    # On a slow machine the last waited in vain for the others' money: what is left can still be spent.
    for number in range(2000, 2060):
        try:
            answered.append(await office.ask(words, number))
        except BudgetSpent:
            break
    booked, reserved = await office.month()
    assert reserved == 0
    assert booked <= cap, "never a cent over"
    assert office.billed() <= cap
    assert abs(booked - office.billed()) <= office.billed() / 100
    assert booked == one + sum((each.cost_eur for each in answered), NOTHING)
    # What a call may cost at most is far above what it costs: the last few do not fit any more.
    assert 35 <= len(answered) <= 50
    assert office.asked("openai") == len(answered) + 1, "nobody is asked who cannot be paid"


async def test_an_org_has_a_budget_of_its_own_within_the_tenants(office: Office) -> None:
    office.outside.answers("openai", lambda call: answer())
    await office.settle("ai.budget.monthly.cap", 0, "org", "north")
    with pytest.raises(BudgetSpent) as caught:
        await office.ask("a", org="north")
    assert (caught.value.org, caught.value.cap_eur) == ("north", NOTHING)
    south = await office.ask("a", org="south")
    nobody = await office.ask("b")
    assert await office.month("south") == (south.cost_eur, NOTHING)
    assert await office.month() == (south.cost_eur + nobody.cost_eur, NOTHING)
    await office.settle("ai.budget.monthly.cap", 0)
    with pytest.raises(BudgetSpent) as caught:
        await office.ask("c")
    assert caught.value.org is None


async def test_a_process_that_dies_leaves_no_money_set_aside(office: Office) -> None:
    books, at = PostgresBooks(office.app), office.clock.now()
    amount = Decimal("0.3")
    for number in range(3):
        opened = await books.open(
            Opening(
                call=uuid4(),
                asker=office.asker(org="north"),
                use_case=LARGE.use_case,
                at=at,
                amount=amount,
                until=at + timedelta(minutes=3),
                caps=Caps(tenant=Decimal(1), org=Decimal(1)),
                threshold=0.7,
                sure=(),
                unsure=(),
                kept_since=at,
                refuse=True,
                patient=True,
            )
        )
        assert opened.standing is Standing.RESERVED, number
    assert await office.month() == (NOTHING, amount * 3)
    office.clock.pass_by(timedelta(minutes=3))
    office.say(answer())
    asked = await office.ask()
    # What the dead ones asked may be billed, so it stays booked; nothing stays set aside.
    assert await office.month() == (amount * 3 + asked.cost_eur, NOTHING)
    assert await office.month("north") == (amount * 3, NOTHING)
    assert len(await office.rows("select from ai_call where outcome = 'lost'")) == 3


async def test_a_call_taken_for_dead_is_booked_with_what_it_did_cost(office: Office) -> None:
    office.outside.switch("openai", latency_ms=60_000)
    office.say(answer(), answer())
    slow = asyncio.create_task(office.ask("slow"))
    await office.until_reserved()
    office.clock.pass_by(timedelta(minutes=4))
    office.outside.switch("anthropic")
    quick = await office.ask("quick", case=LARGE)
    office.outside.switch("openai")
    late = await slow
    assert await office.month() == (quick.cost_eur + late.cost_eur, NOTHING)
    assert {row["outcome"] for row in await office.rows("select outcome from ai_call")} == {"answered"}


async def test_an_answer_that_never_came_is_booked_as_dear_as_it_can_be(office: Office) -> None:
    office.outside.switch("openai", half=True)
    office.say(answer(), upstream="anthropic")
    got = await office.ask()
    attempts = await office.rows("select * from ai_attempt order by number")
    assert [(one["fault"], one["presumed"], one["cost_eur"] > 0) for one in attempts] == [
        ("half-answer", True, True),
        (None, False, True),
    ]
    assert got.cost_eur == sum(one["cost_eur"] for one in attempts)
    assert await office.month() == (got.cost_eur, NOTHING)
    assert got.cost_eur >= office.billed()


async def test_the_application_moves_no_money_by_itself(office: Office) -> None:
    await office.ask()
    for statement in (
        "update ai_budget set booked = 0",
        "delete from ai_reservation",
        "insert into ai_budget (tenant, org, month) values (app_tenant(), 'x', '2026-01-01')",
        "update ai_call set cost_eur = 0",
        "select * from ai_cache",
        "select ai_book(gen_random_uuid(), '2026-01-01', '[]', null)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(office.app, office.tenant, "manager", ("admin",)) as connection:
                await connection.execute(statement)


def month(number: int) -> tuple[str, Any]:
    """Call `number` of a scripted month: seven of ten repeat one of 120 questions, some are hard."""
    question = number % 120 if number % 10 < 7 else 1000 + number
    return ("Frage", question)


async def test_a_month_of_a_thousand_calls(office: Office) -> None:
    def said(call: Any) -> Any:
        hard = json.loads(call.text)["number"] % 6 == 0
        return answer(0.9 if "gpt-4.1-mini" not in call.model or not hard else 0.5)

    office.outside.answers("openai", said)
    seen: set[Any] = set()
    repeats = hits = 0
    got = []
    for start in range(0, 1000, 20):
        asked = [month(number) for number in range(start, start + 20)]
        batch = await asyncio.gather(*(office.ask(words, number) for words, number in asked))
        for question, each in zip(asked, batch, strict=True):
            repeats += question in seen
            hits += question in seen and each.cached
            seen.add(question)
        got += batch
        office.clock.pass_by(timedelta(minutes=5))
    fresh = [each for each in got if not each.cached]
    small = sum(each.size is Size.SMALL for each in fresh)
    assert small / len(fresh) >= 0.75
    assert hits / repeats >= 0.6
    assert {each.decision for each in got} == {Decision.CACHED, Decision.SMALL, Decision.ESCALATED}
    booked, reserved = await office.month()
    assert reserved == 0
    assert abs(booked - office.billed()) <= office.billed() / 100
    assert booked == sum((each.cost_eur for each in got), NOTHING)
    print(f"small {small / len(fresh):.1%}, hits on repeats {hits / repeats:.1%}, {booked} EUR")


async def test_no_money_for_what_was_not_done(office: Office) -> None:
    for name in ("openai", "anthropic"):
        office.outside.switch(name, error=500)
    with pytest.raises(AiUnavailable):
        await office.ask()
    assert await office.month() == (NOTHING, NOTHING)
