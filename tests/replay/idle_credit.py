"""A credit check whose workflow does one thing more than the recorded ones did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from workflows import names
from workflows.credit_check import CreditCheck


@workflow.defn(name=names.CREDIT_CHECK)
class IdleCreditCheck(CreditCheck):
    """Sleeps before it looks."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever, but late."""
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(raw)
