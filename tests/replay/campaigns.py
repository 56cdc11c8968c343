"""The shapes of hold campaigns whose histories are kept: name, and what happens.

Recorded by `python -m tests.replay.campaigns`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowHandle

from adapters.campaign_gateway import TemporalCampaigns
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.workflows.lab import Lab
from workflows import names

FOLDER: Final = LIVES_FOLDER / "campaigns"
Handle = WorkflowHandle[Any, Any]


async def _asked(lab: Lab, leads: list[UUID]) -> UUID:
    campaign, now = uuid4(), datetime.now(UTC)
    await lab.execute(
        """insert into hold_campaign (
             tenant, id, wanted, request_hash, reason, start_at, leads, asked_by, asked_at
           )
           select $1, $2, '{}', '0123456789abcdef', 'FFZ_SUPPLY_ISSUE', $3, $4, who, $3
           from set_config('app.user', 'boss', false) as who""",
        lab.tenant,
        campaign,
        now,
        len(leads),
    )
    await lab.execute(
        """insert into hold_campaign_lead (tenant, campaign, lead, state, told_at)
           select $1, $2, lead, 'waiting', $4 from unnest($3::uuid[]) as lead""",
        lab.tenant,
        campaign,
        leads,
        now,
    )
    return campaign


async def placed(lab: Lab) -> Handle:
    """Placed on three leads, two a step."""
    leads = [(await lab.registered()).id for _ in range(3)]
    start = {"tenant": str(lab.tenant), "campaign": str(await _asked(lab, leads)), "batch": 2}
    return await lab.client.start_workflow(
        names.HOLD_CAMPAIGN, start, id=f"campaign-of-a-test/{uuid4()}", task_queue=names.PROTECTION_QUEUE
    )


async def ended(lab: Lab) -> Handle:
    """Placed, and ended by a new run."""
    campaign = await _asked(lab, [(await lab.registered()).id])
    driver = TemporalCampaigns(lab.client)
    handle: Handle = lab.client.get_workflow_handle(names.campaign_id(lab.tenant, campaign))
    await driver.go_on(lab.tenant, campaign)
    await handle.result()
    await lab.execute(
        """update hold_campaign set end_asked_by = who, end_asked_at = $2
           from set_config('app.user', 'boss', false) as who where id = $1""",
        campaign,
        datetime.now(UTC),
    )
    await driver.go_on(lab.tenant, campaign)
    return lab.client.get_workflow_handle(names.campaign_id(lab.tenant, campaign))


CAMPAIGNS: Final[Mapping[str, Callable[[Lab], Awaitable[Handle]]]] = MappingProxyType(
    {"placed": placed, "ended": ended}
)


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", CAMPAIGNS)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    handle = await CAMPAIGNS[name](lab)
    await handle.result()
    await written(f"campaigns/{name}", await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, CAMPAIGNS)
