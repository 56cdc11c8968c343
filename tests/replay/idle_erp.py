"""An order of samples whose workflow does not see to it."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from workflows.erp_start import ERP_ORDER


@workflow.defn(name=ERP_ORDER)
class IdleOrder:
    """Ends at once."""

    @workflow.run
    async def run(self, _: Any = None) -> None:
        """Nothing."""
