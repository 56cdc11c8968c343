"""A tenant with leads enough for lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest_asyncio

from adapters.database import Caller, Pool
from tests.lists.leads import living, share
from tests.sql.conftest import new_tenant

NAMES = ("Müller GmbH", "Mueller Süd KG", "Ähre AG", "Bäcker Zorn", "Zorn e.K.")


@dataclass(frozen=True)
class Crowd:
    """30 leads of two agents in two cities: ten active, ten paused, ten lapsed; three are shared."""

    tenant: UUID
    leads: list[UUID]
    shared: set[UUID]

    def caller(self, user: str, *roles: str) -> Caller:
        return Caller(self.tenant, user, roles or (user,))

    @property
    def boss(self) -> Caller:
        return self.caller("manager")

    @property
    def agent(self) -> Caller:
        return self.caller("agent")

    @property
    def own(self) -> set[UUID]:
        return set(self.leads[1::2])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(worker: Pool) -> Crowd:
    tenant = await new_tenant(worker)
    leads = []
    for number in range(30):
        ended: dict[str, Any] = {"status": "EXPIRED", "reason": "INACTIVITY", "reminder_due_at": None}
        leads.append(
            await living(
                worker,
                tenant,
                f"{NAMES[number % 5]} {number // 5}" if number % 7 else NAMES[0],
                "München" if number % 3 else "Frankfurt/Main",
                owner="agent" if number % 2 else "other",
                day=number // 2,
                paused=10 <= number < 20,
                postcode=f"9908{number % 4}",
                **(ended if number >= 20 else {}),
            )
        )
    shared = {leads[0], leads[12], leads[22]}
    for lead in shared:
        await share(worker, tenant, lead, "agent")
    return Crowd(tenant, leads, shared)
