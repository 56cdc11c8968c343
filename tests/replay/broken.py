"""A workflow that does one thing more than the recorded ones did: what replay is there to notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from workflows import names
from workflows.lead_protection import LeadProtection


@workflow.defn(name=names.LEAD_PROTECTION)
class BrokenLeadProtection(LeadProtection):
    """Sleeps before it begins."""

    @workflow.init
    def __init__(self, raw: Any = None) -> None:
        super().__init__(raw)

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever, but late."""
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(raw)
