"""Workflows as they must not become, each different in one thing; and one as it may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

from workflows import names, options
from workflows.credit_check import CreditCheck
from workflows.sample_test import SampleTest

with workflow.unsafe.imports_passed_through():
    from activities.credit_orders import COMPLETE_CREDIT_CHECK, CreditOrder, CreditSeen
    from workflows.credit_start import StartCredit


@workflow.defn(name=names.CREDIT_CHECK)
class Patched(CreditCheck):
    """Sleeps before it looks, but only where it was not begun before: the right way."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever, but late."""
        if workflow.patched("credit-check/late"):
            await workflow.sleep(timedelta(seconds=1))
        return await super().run(raw)


@workflow.defn(name=names.CREDIT_CHECK)
class Patient(CreditCheck):
    """Gives the bureau an hour for an answer, and asks about another check."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever."""
        return await super().run(raw)

    async def _look(self, start: StartCredit) -> CreditSeen:
        answer: CreditSeen = await workflow.execute_activity(
            COMPLETE_CREDIT_CHECK,
            CreditOrder(start.tenant, "another"),
            result_type=CreditSeen,
            start_to_close_timeout=timedelta(hours=1),
            retry_policy=options.CREDIT_RETRY,
        )
        return answer


@workflow.defn(name=names.SAMPLE_TEST)
class LateRiser(SampleTest):
    """Looks a day later than it should."""

    @workflow.init
    def __init__(self, raw: Any = None) -> None:
        super().__init__(raw)

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever."""
        return await super().run(raw)

    async def _sleep(self, wake_at: datetime | None) -> None:
        await super()._sleep(None if wake_at is None else wake_at + timedelta(days=1))
