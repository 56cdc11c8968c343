"""A breaker lets exactly one find out whether a system is back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from activities.upstreams import (
    CircuitOpen,
    Fault,
    UpstreamBusy,
    UpstreamDown,
    UpstreamMalformed,
    UpstreamRefused,
    WrongCredentials,
    for_temporal,
)
from adapters.breaker import COOLDOWN, Breaker, BreakerState, Standing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    """Seconds and instants that go forward when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def instant(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 1000)


class System:
    """A system outside that does as it is told, and counts who asks it."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()
        self.begun = asyncio.Event()

    async def __call__(self) -> str:
        self.asked += 1
        self.begun.set()
        await self.answers.wait()
        if self.fails is not None:
            raise self.fails
        return "well"


def breaker(clock: Clock) -> Breaker:
    return Breaker("erp", failures=3, clock=clock, now=clock.instant)


async def opened(one: Breaker, system: System) -> None:
    system.fails = UpstreamDown("erp", Fault.SERVER_ERROR, status=500)
    for _ in range(3):
        with pytest.raises(UpstreamDown):
            await one.call(system)
    system.begun.clear()


async def test_it_opens_after_so_many_failures_and_then_asks_nobody() -> None:
    clock, system = Clock(), System()
    one = breaker(clock)
    await opened(one, system)
    for _ in range(9):
        with pytest.raises(CircuitOpen):
            await one.call(system)
    with pytest.raises(CircuitOpen) as refused:
        await one.call(system)
    assert system.asked == 3
    assert refused.value.retry_after == COOLDOWN < timedelta(seconds=30)
    assert one.standing == Standing(
        name="erp",
        state=BreakerState.OPEN,
        since=NOON,
        failures=3,
        answered=None,
        failed=NOON,
        fault=Fault.SERVER_ERROR,
    )


async def test_exactly_one_of_fifty_probes_and_its_answer_closes_it() -> None:
    clock, system = Clock(), System()
    one = breaker(clock)
    await opened(one, system)
    system.fails = None
    system.answers.clear()
    clock.seconds += COOLDOWN.total_seconds()
    calls = [asyncio.create_task(one.call(system)) for _ in range(50)]
    await system.begun.wait()
    await asyncio.wait(calls[1:])
    assert one.standing.state is BreakerState.PROBING
    system.answers.set()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert system.asked == 4
    assert found.count("well") == 1
    assert all(isinstance(one, CircuitOpen) for one in found if one != "well")
    assert await one.call(system) == "well"
    assert one.standing.failures == 0


async def test_a_probe_that_fails_opens_it_for_as_long_again() -> None:
    clock, system = Clock(), System()
    one = breaker(clock)
    await opened(one, system)
    clock.seconds += COOLDOWN.total_seconds()
    with pytest.raises(UpstreamDown):
        await one.call(system)
    clock.seconds += COOLDOWN.total_seconds() - 0.5
    with pytest.raises(CircuitOpen) as refused:
        await one.call(system)
    assert refused.value.retry_after == timedelta(seconds=1)
    assert system.asked == 4


async def test_a_probe_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    clock, system = Clock(), System()
    one = breaker(clock)
    await opened(one, system)
    clock.seconds += COOLDOWN.total_seconds()
    system.answers.clear()
    probe = asyncio.create_task(one.call(system))
    await system.begun.wait()
    probe.cancel()
    await asyncio.wait([probe])
    system.fails = None
    system.answers.set()
    assert await one.call(system) == "well"
    assert one.standing.state is BreakerState.CLOSED


async def test_a_late_answer_from_before_does_not_close_it() -> None:
    clock, system, slow = Clock(), System(), System()
    one = breaker(clock)
    slow.answers.clear()
    early = asyncio.create_task(one.call(slow))
    await slow.begun.wait()
    await opened(one, system)
    slow.answers.set()
    assert await early == "well"
    assert one.standing.state is BreakerState.OPEN


@pytest.mark.parametrize(
    "answered", [UpstreamRefused("erp", status=404), WrongCredentials("erp", status=401), KeyError("ours")]
)
async def test_who_refuses_is_well(answered: Exception) -> None:
    clock, system = Clock(), System()
    one = breaker(clock)
    system.fails = answered
    for _ in range(20):
        with pytest.raises(type(answered)):
            await one.call(system)
    assert one.standing.state is BreakerState.CLOSED
    assert one.standing.failures == 0


@pytest.mark.parametrize("failed", [UpstreamBusy("erp"), UpstreamMalformed("erp")])
async def test_who_answers_rubbish_or_has_had_enough_of_us_is_left_alone(failed: Exception) -> None:
    clock, system = Clock(), System()
    one = breaker(clock)
    system.fails = failed
    for _ in range(3):
        with pytest.raises(type(failed)):
            await one.call(system)
    with pytest.raises(CircuitOpen):
        await one.call(system)


def test_what_temporal_is_told() -> None:
    pause = timedelta(seconds=17)
    opened = for_temporal(CircuitOpen("erp", retry_after=pause))
    assert (opened.type, opened.next_retry_delay, opened.non_retryable) == ("CircuitOpen", pause, False)
    busy = for_temporal(UpstreamBusy("erp", retry_after=pause))
    assert (busy.type, busy.next_retry_delay) == ("upstream-busy", pause)
    refused = for_temporal(UpstreamRefused("erp", status=404))
    assert (refused.type, refused.non_retryable) == ("upstream-refused", True)
    wrong = for_temporal(WrongCredentials("erp", status=401))
    assert (wrong.type, wrong.next_retry_delay) == ("wrong-credentials", timedelta(minutes=5))
    down = for_temporal(UpstreamDown("erp", Fault.TIMEOUT))
    assert (down.type, down.next_retry_delay, down.non_retryable) == ("upstream-down", None, False)
    assert for_temporal(UpstreamMalformed("erp")).type == "upstream-malformed"
