"""The ERP fails in every way: no deadline moves, nothing is lost, what was missed is read afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from activities.erp_orders import Resource, Source
from activities.upstreams import CircuitOpen, Fault, UpstreamError, for_temporal
from adapters.breaker import COOLDOWN, FAILURES, Breaker, BreakerState
from sandbox.erp_records import Kind
from sandbox.switches import Failure
from tests.erp.shop import DAY, HOUR, Shop, shop_in
from tests.outsidefixtures import Outside
from tests.workflows.conftest import lab
from tests.workflows.lab import Lab

__all__ = ["lab"]

# Of the eight ways: what is noted with the reading, and whether it speaks against the ERP itself.
NOTED: Final = {
    Failure.SLOW: (Fault.TIMEOUT, True),
    Failure.DOWN: (Fault.NO_CONNECTION, True),
    Failure.TOO_MANY_REQUESTS: (Fault.BUSY, True),
    Failure.SERVER_ERROR: (Fault.SERVER_ERROR, True),
    Failure.MALFORMED: (Fault.MALFORMED, True),
    Failure.HALF_ANSWER: (Fault.HALF_ANSWER, True),
    Failure.WRONG_CREDENTIALS: (Fault.WRONG_CREDENTIALS, False),
    Failure.UNTRUSTED_CERTIFICATE: (Fault.NOT_TRUSTED, True),
}
# A slow ERP is not waited for as long as in production.
BRIEF: Final = timedelta(seconds=2)
LONG_ENOUGH: Final = timedelta(seconds=30)


async def reading(shop: Shop, resource: Resource) -> dict[str, Any]:
    """How the reading of a kind of thing stands."""
    (row,) = await shop.lab.execute(
        "select * from erp_pull where tenant = $1 and resource = $2", shop.tenant, resource
    )
    return row


@pytest.mark.parametrize("failure", Failure)
async def test_whatever_the_erp_does_no_deadline_moves_and_nothing_is_lost(
    failure: Failure, lab: Lab, outside: Outside
) -> None:
    https = failure is Failure.UNTRUSTED_CERTIFICATE
    within = BRIEF if failure is Failure.SLOW else LONG_ENOUGH
    noted, counts = NOTED[failure]
    async with shop_in(lab, outside, https=https, within=within) as shop:
        await shop.settle_with("sample.delay.hold", mode="placed")
        await shop.read(Resource.PRODUCTS, Resource.CUSTOMERS)
        now = datetime.now(UTC)
        late, waits = await shop.box(promised_at=now - 2 * DAY), await shop.box()
        order = await shop.ordered(late)
        await late.did("open-delay")
        before = await late.lead.row()
        assert before["paused"]
        outside.erp(lambda erp: erp.deliver(erp.ship(order, at=now - DAY)["id"], at=now - HOUR))

        outside.fail("xentral", failure)
        with pytest.raises(UpstreamError) as raised:
            await shop.read(Resource.SHIPMENTS)
        assert raised.value.fault is noted
        row = await reading(shop, Resource.SHIPMENTS)
        assert (row["problem"], row["done_at"]) == (noted, None)
        assert (shop.erp.state().failures > 0) is counts
        with pytest.raises(UpstreamError) as raised:
            await shop.office.order(waits.id, datetime.now(UTC))
        assert raised.value.fault is noted
        # Tried again, however long it takes, unless a person must look.
        assert not for_temporal(raised.value).non_retryable
        assert await late.lead.row() == before
        assert await shop.events() == []

        outside.switch("xentral")
        await shop.read(Resource.SHIPMENTS)
        row = await reading(shop, Resource.SHIPMENTS)
        assert (row["problem"], row["news"]) == (None, 2)
        (hold,) = (await late.lead.state()).basis.holds
        assert hold.end_at is not None
        assert abs(hold.end_at - (now - HOUR)) < timedelta(milliseconds=1)
        await shop.ordered(waits)
        assert outside.erp(lambda erp: len(erp.all(Kind.ORDERS))) == 2


async def test_after_some_failures_it_is_left_alone_and_one_question_finds_out_that_it_is_back(
    lab: Lab, outside: Outside
) -> None:
    seconds = 1000.0
    breaker = Breaker("xentral", clock=lambda: seconds)
    async with shop_in(lab, outside, breaker=breaker) as shop:
        outside.fail("xentral", Failure.SERVER_ERROR)
        for _ in range(FAILURES):
            with pytest.raises(UpstreamError):
                await shop.office.pull(Resource.PRODUCTS, Source.SYNC, datetime.now(UTC), lambda: None)
        assert shop.erp.state().state is BreakerState.OPEN
        asked = len(outside.log("xentral"))
        with pytest.raises(CircuitOpen) as shut_out:
            await shop.office.pull(Resource.PRODUCTS, Source.SYNC, datetime.now(UTC), lambda: None)
        retry = for_temporal(shut_out.value).next_retry_delay
        assert retry is not None
        assert retry <= COOLDOWN < LONG_ENOUGH
        assert (await reading(shop, Resource.PRODUCTS))["problem"] == Fault.CIRCUIT_OPEN
        assert len(outside.log("xentral")) == asked

        outside.switch("xentral", latency_ms=300)
        seconds += COOLDOWN.total_seconds()
        found = await asyncio.gather(
            *(shop.erp.page(Resource.PRODUCTS, 1) for _ in range(20)), return_exceptions=True
        )
        assert len(outside.log("xentral")) == asked + 1
        assert sum(isinstance(one, CircuitOpen) for one in found) == 19
        assert shop.erp.state().state is BreakerState.CLOSED
        outside.switch("xentral")
        came = await shop.read()
        assert came[Resource.PRODUCTS].read > 0
