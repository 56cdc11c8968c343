"""A worker process that is killed between telling the first leads of a campaign and noting it.

Run as a program: database url, Temporal's address, tenant, campaign.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.campaign import Campaign, CampaignActivities, Outcome
from activities.campaign_orders import CampaignOrder
from adapters.campaign_turns import PostgresCampaigns, TemporalHoldTeller
from adapters.database import open_pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.settings import Login, Role


class DyingStore(PostgresCampaigns):
    async def note(self, campaign: Campaign, outcomes: Mapping[UUID, Outcome], *, at: datetime) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(database: str, temporal: str, tenant: str, campaign: str) -> None:
    async with await open_pool(Login(database, Role.WORKER), name="dying") as pool:
        leads = TemporalLeadGateway(await Client.connect(temporal), PostgresPeople(pool))
        steps = CampaignActivities(DyingStore(pool), TemporalHoldTeller(leads))
        await ActivityEnvironment().run(steps.advance, CampaignOrder(tenant, campaign, 5))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
