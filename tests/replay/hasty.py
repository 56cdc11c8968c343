"""Workflows that do one thing more than the recorded ones did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from workflows import names
from workflows.hold_campaign import HoldCampaign
from workflows.lead_erasure import LeadErasure


@workflow.defn(name=names.LEAD_ERASURE)
class HastyErasure(LeadErasure):
    """Sleeps before it looks."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever, but late."""
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(raw)


@workflow.defn(name=names.HOLD_CAMPAIGN)
class HastyCampaign(HoldCampaign):
    """Sleeps before its first step."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever, but late."""
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(raw)
