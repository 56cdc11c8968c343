"""Both AI providers, failing in each of the eight ways: what the asker sees, the money, the breaker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from activities.ai.asking import AiMalformed, AiUnavailable
from activities.upstreams import Fault
from adapters.ai.speaking import Patience
from adapters.breaker import COOLDOWN, FAILURES, BreakerState
from adapters.database import Pool
from adapters.registry import SettingsRegistry
from sandbox.switches import Failure
from tests.ai.asking import LARGE, SMALL, Office, accounts, answer, office_at
from tests.outsidefixtures import Outside, outside, outside_process
from tests.sql.conftest import app, new_tenant, superuser, worker

__all__ = ["app", "outside", "outside_process", "superuser", "worker"]

NOTHING = Decimal(0)
FAULTS = {
    Failure.SLOW: Fault.TIMEOUT,
    Failure.DOWN: Fault.NO_CONNECTION,
    Failure.TOO_MANY_REQUESTS: Fault.BUSY,
    Failure.SERVER_ERROR: Fault.SERVER_ERROR,
    Failure.MALFORMED: Fault.MALFORMED,
    Failure.HALF_ANSWER: Fault.HALF_ANSWER,
    Failure.WRONG_CREDENTIALS: Fault.WRONG_CREDENTIALS,
    Failure.UNTRUSTED_CERTIFICATE: Fault.NOT_TRUSTED,
}
# Where the provider may have done its work, the most it can cost is booked.
PRESUMED = {Failure.SLOW, Failure.MALFORMED, Failure.HALF_ANSWER}
# Somebody must correct the key; that is no outage, and no breaker opens.
NO_OUTAGE = {Failure.WRONG_CREDENTIALS}
CASES = {"openai": SMALL, "anthropic": LARGE}
OTHER = {"openai": "anthropic", "anthropic": "openai"}


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(
    app: Pool, worker: Pool, outside: Outside, request: pytest.FixtureRequest
) -> AsyncIterator[Office]:
    """Over TLS, and not as patient as in production where patience is what is asked about."""
    tenant = await new_tenant(worker)
    slow = request.node.callspec.params["failure"] is Failure.SLOW
    patience = Patience(read=timedelta(seconds=3)) if slow else Patience()
    async with office_at(
        app,
        worker,
        outside,
        tenant,
        SettingsRegistry(app),
        offered=accounts(outside, https=True),
        patience=patience,
    ) as made:
        for name in OTHER:
            outside.answers(name, lambda call: answer())
        yield made


async def until(so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    for _ in range(24_000):
        if so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to be so")


@pytest.mark.parametrize("failure", list(Failure))
@pytest.mark.parametrize("upstream", list(OTHER))
async def test_the_other_provider_answers(hasty: Office, upstream: str, failure: Failure) -> None:
    hasty.outside.fail(upstream, failure)
    got = await hasty.ask(case=CASES[upstream])
    assert (got.provider, got.confidence) == (OTHER[upstream], 0.9)
    failed, good = await hasty.rows("select * from ai_attempt order by number")
    assert (failed["provider"], failed["fault"]) == (upstream, FAULTS[failure])
    assert (failed["presumed"], failed["cost_eur"] > 0) == (failure in PRESUMED, failure in PRESUMED)
    assert (good["provider"], good["fault"]) == (OTHER[upstream], None)
    assert await hasty.month() == (failed["cost_eur"] + good["cost_eur"], NOTHING), "no budget leaked"


@pytest.mark.parametrize("failure", list(Failure))
@pytest.mark.parametrize("upstream", list(OTHER))
async def test_alone_it_is_named_and_recovers_with_one_probe(
    app: Pool, worker: Pool, outside: Outside, upstream: str, failure: Failure
) -> None:
    patience = Patience(read=timedelta(seconds=3)) if failure is Failure.SLOW else Patience()
    (account,) = (one for one in accounts(outside, https=True) if one.name == upstream)
    tenant = await new_tenant(worker)
    async with office_at(
        app, worker, outside, tenant, SettingsRegistry(app), offered=[account], patience=patience
    ) as alone:
        outside.answers(upstream, lambda call: answer())
        outside.fail(upstream, failure)
        error = AiMalformed if failure in {Failure.MALFORMED, Failure.HALF_ANSWER} else AiUnavailable
        failed = await asyncio.gather(
            *(alone.ask(number=number) for number in range(FAILURES)), return_exceptions=True
        )
        assert [type(one) for one in failed] == [error] * FAILURES
        (standing,) = alone.providers.standings()
        before = alone.asked(upstream)
        if failure in NO_OUTAGE:
            assert standing.state is BreakerState.CLOSED
            assert before == FAILURES
            outside.switch(upstream)
            assert (await alone.ask(number=90)).confidence == 0.9
            return
        assert (standing.state, standing.fault) == (BreakerState.OPEN, FAULTS[failure])
        with pytest.raises(AiUnavailable) as caught:
            await alone.ask(number=91)
        assert timedelta() < caught.value.retry_after < timedelta(seconds=30)
        assert alone.asked(upstream) == before, "left alone while the breaker is open"
        outside.switch(upstream, latency_ms=60_000)
        alone.clock.pass_by(COOLDOWN)
        probe = asyncio.create_task(alone.ask(number=100))
        await until(lambda: alone.asked(upstream) == before + 1)
        others = await asyncio.gather(
            *(alone.ask(number=101 + number) for number in range(9)), return_exceptions=True
        )
        assert [type(one) for one in others] == [AiUnavailable] * 9
        assert alone.asked(upstream) == before + 1, "exactly one probe"
        outside.switch(upstream)
        assert (await probe).confidence == 0.9
        assert alone.providers.standings()[0].state is BreakerState.CLOSED
        assert not (await alone.ask(number=200)).cached
        booked, reserved = await alone.month()
        assert reserved == 0
        presumed = await alone.rows("select coalesce(sum(cost_eur), 0) as eur from ai_attempt where presumed")
        assert abs(booked - presumed[0]["eur"] - alone.billed()) <= Decimal("0.0001"), "no budget leaked"
