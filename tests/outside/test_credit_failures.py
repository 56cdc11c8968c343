"""The credit bureau fails in every way: the answer is "pending", never "approved", and comes later."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import pytest

from activities.upstreams import CircuitOpen, Fault, UpstreamError
from adapters.breaker import BreakerState
from adapters.credit.records import CreditStatus
from sandbox.switches import Failure
from tests.credit.conftest import counter
from tests.credit.counter import Counter, account_at, counter_at
from tests.outsidefixtures import Outside
from tests.services.conftest import office
from tests.services.office import Office
from tests.workflows.lab import until

__all__ = ["counter", "office"]

# Of the eight ways: what is noted with the check, and whether it speaks against the bureau itself.
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
# A slow bureau is not waited for as long as in production.
BRIEF: Final = timedelta(seconds=2)
LONG_ENOUGH: Final = timedelta(seconds=30)
FAILURES: Final = 10


async def protection_of(office: Office, lead: UUID) -> dict[str, object]:
    """The lead's clock as it is on record."""
    (row,) = await office.lab.execute("select * from protection where lead = $1", lead)
    return row


@pytest.mark.parametrize("failure", Failure)
async def test_whatever_the_bureau_does_the_answer_is_pending_and_comes_when_it_is_back(
    failure: Failure, office: Office, outside: Outside
) -> None:
    https = failure is Failure.UNTRUSTED_CERTIFICATE
    within = BRIEF if failure is Failure.SLOW else LONG_ENOUGH
    async with counter_at(
        office, outside, account=account_at(outside, https=https), within=within
    ) as counter:
        lead = await office.opened()
        before = await protection_of(office, lead)
        if failure is not Failure.UNTRUSTED_CERTIFICATE:
            # With a good token in hand: what fails is the question itself.
            await counter.check(await office.opened())
        outside.fail("credit", failure)
        noted, counts = NOTED[failure]

        check = await counter.check(lead)
        assert check.status is CreditStatus.PENDING
        assert check.degraded == noted
        assert (check.grade, check.limit, check.valid_until) == (None, None, None)
        # Asked again it is the same check, and nobody is asked twice.
        assert (await counter.check(lead)).id == check.id
        with pytest.raises(UpstreamError) as raised:
            await counter.work.complete(office.lab.tenant, check.id)
        assert raised.value.fault == noted
        standings = [told() for told in counter.bureau.standings]
        assert (sum(one.failures for one in standings) > 0) is counts
        assert (await counter.row(check.id))["status"] == "pending"

        outside.reset()
        assert await counter.work.complete(office.lab.tenant, check.id) == "approved"
        row = await counter.row(check.id)
        assert (row["status"], row["degraded"]) == ("approved", None)
        assert await counter.work.complete(office.lab.tenant, check.id) == "approved"
        assert await protection_of(office, lead) == before


async def test_after_ten_failures_it_is_left_alone_and_one_question_finds_out_that_it_is_back(
    office: Office, outside: Outside
) -> None:
    async with counter_at(office, outside) as counter:
        lead = await office.opened()
        await counter.check(lead)
        outside.fail("credit", Failure.SERVER_ERROR)
        for amount in range(1, FAILURES + 1):
            failed = await counter.check(lead, amount=Decimal(amount))
            assert failed.degraded == Fault.SERVER_ERROR
        breaker = counter.bureau.standings[0]
        assert (breaker().state, breaker().failures) == (BreakerState.OPEN, FAILURES)
        asked = counter.calls("/covers/bulk")
        shut_out = await counter.check(lead, amount=Decimal(FAILURES + 1))
        assert (shut_out.status, shut_out.degraded) == (CreditStatus.PENDING, Fault.CIRCUIT_OPEN)
        assert counter.calls("/covers/bulk") == asked

        # Half a minute later, at the latest, exactly one call finds out; it takes its time over it.
        outside.switch("credit", latency_ms=60_000)
        counter.hands.at += LONG_ENOUGH.total_seconds()
        probe = asyncio.create_task(counter.work.complete(office.lab.tenant, shut_out.id))

        async def is_asked() -> bool:
            return counter.calls("/covers/bulk") == asked + 1

        await until(is_asked)
        others = await asyncio.gather(
            *(counter.work.complete(office.lab.tenant, shut_out.id) for _ in range(19)),
            return_exceptions=True,
        )
        assert [type(one) for one in others] == [CircuitOpen] * 19
        outside.switch("credit")
        await probe
        assert counter.calls("/covers/bulk") == asked + 1
        assert breaker().state is BreakerState.CLOSED
        assert (await counter.row(shut_out.id))["status"] == "approved"
        last = await counter.check(lead, amount=Decimal(FAILURES + 2))
        assert last.status is CreditStatus.APPROVED


async def test_a_probe_that_fails_leaves_it_open(office: Office, outside: Outside) -> None:
    async with counter_at(office, outside) as counter:
        lead = await office.opened()
        outside.fail("credit", Failure.DOWN)
        check = await counter.check(lead)
        for _ in range(FAILURES):
            with pytest.raises(UpstreamError):
                await counter.work.complete(office.lab.tenant, check.id)
        with pytest.raises(CircuitOpen) as raised:
            await counter.work.complete(office.lab.tenant, check.id)
        assert raised.value.retry_after is not None
        assert timedelta() < raised.value.retry_after < LONG_ENOUGH


async def test_a_client_the_bureau_does_not_know_gets_no_answer_and_is_told_so(
    office: Office, outside: Outside
) -> None:
    wrong = account_at(outside, client_secret="guessed")
    async with counter_at(office, outside, account=wrong) as counter:
        check = await counter.check(await office.opened())
        assert (check.status, check.degraded) == (CreditStatus.PENDING, Fault.WRONG_CREDENTIALS)
        assert counter.questions() == []


async def test_a_token_that_was_taken_back_is_replaced_once(counter: Counter) -> None:
    await counter.check(await counter.office.opened())
    counter.outside.take_credit_tokens_back()
    check = await counter.check(await counter.office.opened())
    assert check.status is CreditStatus.APPROVED
    assert counter.calls("/oauth2/token") == 2
