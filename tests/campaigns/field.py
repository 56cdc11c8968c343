"""Leads of one industry nobody else has, and the campaigns over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.campaign_orders import Turn
from adapters.campaign_gateway import TemporalCampaigns
from adapters.campaign_store import CampaignRow, Filter
from protection.facts import HoldReason
from services import campaigns
from services.asking import Asking
from services.campaigns import Plan, WantedCampaign
from services.errors import Unavailable
from tests.services.office import Office
from tests.workflows.lab import until

WHY = "The price list is being made anew"


@dataclass
class Field:
    """Some leads, found by their industry."""

    office: Office
    industry: str = field(default_factory=lambda: f"I{uuid4().hex}")

    @property
    def driver(self) -> TemporalCampaigns:
        """What sets campaigns going."""
        return TemporalCampaigns(self.office.lab.client)

    async def leads(self, many: int, user: str = "anna") -> list[UUID]:
        """So many leads of somebody."""
        return [await self.office.opened(user, industry=self.industry) for _ in range(many)]

    def wanted(self, **more: Any) -> WantedCampaign:
        """A hold over all of them."""
        return WantedCampaign(
            filter=Filter(industry=self.industry), reason=HoldReason.FFZ_PRICE_APPROVAL, **more
        )

    async def plan(self, asking: Asking, wanted: WantedCampaign | None = None) -> Plan:
        """What it would be for."""
        desk = self.office.desk
        async with desk.looking(asking) as connection:
            return await campaigns.plan(connection, asking, wanted or self.wanted(), now=desk.now())

    async def begin(self, asking: Asking) -> UUID:
        """Set it going, as the dry run says."""
        return await campaigns.begin(
            self.office.desk, self.driver, asking, self.wanted(), seal=(await self.plan(asking)).seal, why=WHY
        )

    async def only_kept(self, asking: Asking) -> UUID:
        """Ask for it while nobody can set it going."""
        seal = (await self.plan(asking)).seal
        absent = TemporalCampaigns(self.office.absent)
        with pytest.raises(Unavailable):
            await campaigns.begin(self.office.desk, absent, asking, self.wanted(), seal=seal, why=WHY)
        rows = await self.office.lab.execute(
            "select id from hold_campaign where tenant = $1 order by asked_at desc limit 1", asking.tenant
        )
        return UUID(str(rows[0]["id"]))

    async def look(self, campaign: UUID) -> CampaignRow:
        """How far it is."""
        asking = self.office.asking("maria")
        async with self.office.desk.looking(asking) as connection:
            return await campaigns.look(connection, asking, campaign)

    async def settled(self, campaign: UUID) -> CampaignRow:
        """How it stands once nothing is left to be told."""

        async def done() -> bool:
            return (await self.look(campaign)).left == 0

        await until(done, 60)
        return await self.look(campaign)

    async def paused(self, leads: list[UUID]) -> list[bool]:
        """Whether the clock of each stands still."""
        rows = await self.office.lab.execute(
            "select lead, paused from protection where tenant = $1 and lead = any($2)",
            self.office.lab.tenant,
            leads,
        )
        found = {row["lead"]: row["paused"] for row in rows}
        return [found[lead] for lead in leads]

    async def holds(self, leads: list[UUID]) -> list[int]:
        """How many facts of each place or release a hold."""
        return [
            len([fact for fact in await self.office.facts(lead) if fact["type"].startswith("hold_")])
            for lead in leads
        ]


def counted(row: CampaignRow) -> dict[str, int]:
    """How many leads stand where, without those where none does."""
    return {str(turn): row.counts[turn] for turn in Turn if row.counts[turn]}
