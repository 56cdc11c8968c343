"""The providers' pace: never more questions a minute than is settled, however many processes ask."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from activities.ai.asking import AiUnavailable, Answered
from adapters.ai.rules import PACES
from adapters.breaker import COOLDOWN, FAILURES, BreakerState
from adapters.database import Pool, transaction
from adapters.registry import SettingsRegistry
from adapters.setting_definitions import DEFINITIONS
from adapters.setting_values import BadValue, checked
from tests.ai.asking import Office, answer, office_at

PROVIDERS = ("openai", "anthropic")
MINUTE = timedelta(minutes=1)


async def pace(office: Office, openai: int, anthropic: int) -> None:
    """All is well with both; so often they are asked a minute."""
    await office.settle(PACES, {"openai": openai, "anthropic": anthropic})
    for name in PROVIDERS:
        office.outside.answers(name, lambda call: answer())


async def test_no_minute_holds_more_however_many_ask_in_however_many_processes(
    office: Office, worker: Pool
) -> None:
    most = {"openai": 12, "anthropic": 4}
    await pace(office, **most)
    registry = SettingsRegistry(worker)
    # What the API has and what the queue's worker has: a router, accounts, breakers, connections of its own.
    async with office_at(worker, worker, office.outside, office.tenant, registry) as queue:
        asked: list[tuple[str, datetime]] = []
        turned_away = 0
        for step in range(9):
            # No two machines agree on the time.
            queue.clock.at = office.clock.at - timedelta(milliseconds=300)
            for number, each in enumerate(
                await asyncio.gather(
                    *(
                        place.ask(f"{place is queue}", 100 * step + number)
                        for number in range(10)
                        for place in (office, queue)
                    ),
                    return_exceptions=True,
                )
            ):
                if isinstance(each, Answered):
                    at = (queue if number % 2 else office).clock.at
                    asked.append((each.provider, at))
                else:
                    assert isinstance(each, AiUnavailable), each
                    assert timedelta() < each.retry_after <= MINUTE + timedelta(seconds=1)
                    turned_away += 1
            office.clock.pass_by(timedelta(seconds=17))
        for name in PROVIDERS:
            times = [at for provider, at in asked if provider == name]
            assert office.asked(name) == len(times)
            assert max(sum(at <= one < at + MINUTE for one in times) for at in times) == most[name]
            # It is used up whenever it can be: at the beginning, a minute later, two minutes later.
            assert len(times) == 3 * most[name]
        assert turned_away == 9 * 20 - len(asked)
        for place in (office, queue):
            assert [one.failures for one in place.providers.standings()] == [0, 0]
        assert (await office.month())[1] == 0


async def test_beyond_it_a_provider_is_busy_and_the_other_is_asked(office: Office) -> None:
    await pace(office, 1, 1)
    first = await office.ask(number=1)
    second = await office.ask(number=2)
    assert (first.provider, second.provider) == PROVIDERS
    office.clock.pass_by(timedelta(seconds=20))
    with pytest.raises(AiUnavailable) as caught:
        await office.ask(number=3)
    assert caught.value.retry_after == timedelta(seconds=40)
    assert (await office.ask(number=1)).cached, "what is there already takes no turn"
    attempts = await office.rows("select provider, fault, cost_eur from ai_attempt where cost_eur = 0")
    assert sorted((one["provider"], one["fault"]) for one in attempts) == [
        ("anthropic", "busy"),
        ("openai", "busy"),
        ("openai", "busy"),
    ]
    assert [(one.state, one.failures) for one in office.providers.standings()] == [
        (BreakerState.CLOSED, 0),
        (BreakerState.CLOSED, 0),
    ]
    assert await office.month() == (first.cost_eur + second.cost_eur, Decimal(0))
    assert [office.asked(name) for name in PROVIDERS] == [1, 1]
    office.clock.pass_by(caught.value.retry_after)
    assert (await office.ask(number=3)).provider == "openai"


async def test_who_is_not_asked_because_of_an_outage_has_his_turns_left(office: Office) -> None:
    await pace(office, FAILURES + 1, 100)
    office.outside.switch("openai", error=500)
    for number in range(FAILURES + 3):
        assert (await office.ask(number=number)).provider == "anthropic"
    assert office.asked("openai") == FAILURES
    office.outside.switch("openai")
    office.clock.pass_by(COOLDOWN)
    assert (await office.ask(number=90)).provider == "openai"
    assert (await office.ask(number=91)).provider == "anthropic"


async def test_who_asked_when_is_nobodys_to_read_or_change(office: Office, app: Pool, worker: Pool) -> None:
    await office.ask()
    for pool in (app, worker):
        for statement in ("select from ai_asked", "delete from ai_asked"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with transaction(pool, office.tenant, "manager", ("admin",)) as connection:
                    await connection.execute(statement)


@pytest.mark.parametrize(
    "value",
    [
        None,
        60,
        {},
        {"openai": 60},
        {"openai": 60, "anthropic": None},
        {"openai": 0, "anthropic": 60},
        {"openai": 60, "anthropic": 0.5},
        {"openai": "60", "anthropic": 60},
        {"openai": 60, "anthropic": 100_001},
        {"openai": 60, "anthropic": 60, "nobody": 60},
    ],
)
def test_a_pace_that_makes_no_sense_is_refused(value: Any) -> None:
    with pytest.raises(BadValue):
        checked(DEFINITIONS[PACES], value)
