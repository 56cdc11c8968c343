"""Hold campaigns as workflows, seen from outside."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from adapters.health import TEMPORAL_AWAY
from adapters.lead_gateway import LeadsUnavailable
from workflows import names
from workflows.campaign_start import StartCampaign
from workflows.messages import to_json


class TemporalCampaigns:
    """Sets campaigns going; which leads, and what is to be told to them, is on record by then."""

    def __init__(self, client: Client, *, within: timedelta = timedelta(seconds=5)) -> None:
        self._client = client
        self._within = within

    async def go_on(self, tenant: UUID, campaign: UUID) -> None:
        """Start the campaign's workflow, or tell the one that runs that there is news.

        Raises:
            LeadsUnavailable: nobody could be asked; say it again.
        """
        start = StartCampaign(tenant=str(tenant), campaign=str(campaign))
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                await self._client.start_workflow(
                    names.HOLD_CAMPAIGN,
                    to_json(start),
                    id=names.campaign_id(tenant, campaign),
                    task_queue=names.PROTECTION_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    start_signal=names.LOOK_AGAIN,
                )
        except TEMPORAL_AWAY as error:
            raise LeadsUnavailable("the campaign could not be set going") from error
