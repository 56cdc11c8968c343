"""Sees pending credit checks through: asks the bureau again, and puts what it says on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from activities.upstreams import UpstreamError, UpstreamRefused, WrongCredentials
from adapters.breaker import utc_now
from adapters.credit import store
from adapters.credit.bureau import CreditBureau, Outcome
from adapters.credit.records import PATIENCE, Answer, CreditCheck, CreditStatus, GivenUp
from adapters.credit.store import Verdict
from adapters.database import Pool, transaction

WORKFLOW: Final = "credit-check"


class CreditWork:
    """See `activities.credit.CreditDesk`.

    Args:
        pool: connections as the worker role.
        bureau: who is asked.
        now: UTC instants.
    """

    def __init__(self, pool: Pool, bureau: CreditBureau, now: Callable[[], datetime] = utc_now) -> None:
        self._pool = pool
        self._bureau = bureau
        self._now = now

    async def complete(self, tenant: UUID, check: UUID) -> str | None:
        """See `activities.credit.CreditDesk`."""
        async with transaction(self._pool, tenant, WORKFLOW, reading=True) as connection:
            found = await store.check_for_bureau(connection, tenant, check)
        if found is None or found.status is not CreditStatus.PENDING:
            return None if found is None else found.status
        verdict = await self._verdict(found)
        at = self._now()
        async with transaction(self._pool, tenant, WORKFLOW, at=at) as connection:
            settled = await store.settle(connection, tenant, [verdict], at)
        return settled[check].status

    async def _verdict(self, check: CreditCheck) -> Verdict:
        """What is to be put on record now; never an approval that the bureau has not given."""
        over = self._now() - check.requested_at >= PATIENCE
        outcome = await self._outcome(check)
        if isinstance(outcome, Answer) and not (over and outcome.status is CreditStatus.PENDING):
            return Verdict.of(check.id, outcome)
        refused = isinstance(outcome, UpstreamRefused) and not isinstance(outcome, WrongCredentials)
        if isinstance(outcome, UpstreamError) and not refused and not over:
            raise outcome
        why = GivenUp.REFUSED if refused else GivenUp.NO_ANSWER
        return Verdict(check=check.id, status=CreditStatus.REQUIRES_REVIEW, degraded=why)

    async def _outcome(self, check: CreditCheck) -> Outcome:
        try:
            if check.bureau_id is not None:
                told = await self._bureau.read(check.question, check.bureau_id)
                if not isinstance(told, UpstreamRefused) or told.status != HTTPStatus.NOT_FOUND:
                    return told
            # Never taken, or forgotten: under the same reference the answer is the same.
            (told,) = await self._bureau.ask([check.question])
        except UpstreamError as error:
            return error
        return told
