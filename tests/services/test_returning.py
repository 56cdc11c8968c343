"""A lead brought back in the very moment in which its personal data are erased."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from adapters.database import open_pool
from adapters.retention import LegalHold, put_legal_hold
from adapters.settings import Login
from services import governing
from tests.services.office import Office
from tests.workflows.lab import until


async def test_the_reason_is_kept_under_a_new_key(office: Office) -> None:
    lead, lab = await office.opened(), office.lab
    # So that the key is still there when the reinstatement looks for it.
    held = LegalHold(reason="A dispute", until=None, placed_by="adam", placed_at=datetime.now(UTC))
    await put_legal_hold(lab.pool, lab.tenant, lead, held)
    await governing.release_lead(office.desk, office.asking(), lead)

    async def waits() -> bool:
        waiting = "select from pg_locks where relation = 'lead_contact'::regclass and not granted"
        return bool(await lab.execute(waiting))

    async with (
        await open_pool(Login(lab.url, None), name="test-erasure", largest=1) as pool,
        pool.acquire() as connection,
        connection.transaction(),
    ):
        await connection.execute("lock table lead_contact in share row exclusive mode")
        back = asyncio.create_task(
            governing.reinstate(office.desk, office.asking("maria"), lead, reason="They reopened")
        )
        await until(waits)
        await connection.execute("delete from lead_contact where lead = $1", lead)
        await connection.execute("delete from lead_key where lead = $1", lead)
    assert (await back).status == "ACTIVE"
    assert await office.words(lead) == ["They reopened"]
