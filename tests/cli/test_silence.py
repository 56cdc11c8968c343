"""A workflow that does not answer once is asked again; one that stays silent is reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.client import Client

from adapters.database import Connection, open_pool, transaction
from adapters.lead_gateway import LeadsUnavailable, TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.reconcile.asking import Heard, Survey
from adapters.reconcile.comparing import Check
from adapters.reconcile_store import recorded_leads
from adapters.settings import DEMO_TENANT, Login, Role
from tests.cli.house import House


class HardOfHearing(TemporalLeadGateway):
    """Its first questions are answered too late.

    Attributes:
        late: how many of them are still to come.
    """

    late = 0

    async def ask(self, tenant: UUID, lead: UUID, query: str, argument: Any = None) -> Any:
        if self.late:
            self.late -= 1
            raise LeadsUnavailable("too late")
        return await super().ask(tenant, lead, query, argument)


@pytest.mark.parametrize(("late", "finding"), [(0, None), (1, None), (2, Check.WORKFLOW_SILENT)])
def test_once_is_no_finding_and_twice_is(house: House, late: int, finding: Check | None) -> None:
    words = ("register", f"Gasthof {uuid4()}", "Jena", "--owner", "anna", "--contact-name", "E. Muster")
    lead = UUID(house.done(*words)["lead"])

    async def heard(client: Client) -> Heard:
        login = Login(house.environment["DATABASE_URL"], Role.WORKER)
        async with await open_pool(login, name="test-silence", largest=1) as pool:

            @asynccontextmanager
            async def look() -> AsyncIterator[Connection]:
                async with transaction(pool, DEMO_TENANT, "test", reading=True) as connection:
                    yield connection

            gateway = HardOfHearing(client, PostgresPeople(pool))
            gateway.late = late
            async with look() as connection:
                (recorded,) = await recorded_leads(connection, DEMO_TENANT, only=lead, most=1)
            return await Survey(look, DEMO_TENANT, client, gateway).ask(recorded)

    answer: Heard = house.temporal(heard)
    assert answer.answered == (finding is None)
    assert (answer.finding and answer.finding.check) == finding
