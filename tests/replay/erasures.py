"""The shapes of erasures whose histories are kept: name, and what happens.

Recorded by `python -m tests.replay.erasures`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from adapters.erasure_gateway import TemporalErasures
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.vault.labs import contacts, end_on_hold, legal_hold
from tests.workflows.lab import DAY, Lab, until
from workflows import names

FOLDER: Final = LIVES_FOLDER / "erasures"
Handle = WorkflowHandle[Any, Any]


async def requested(lab: Lab) -> Handle:
    """Asked for while the lead is alive: it is ended first."""
    lead = await lab.lead(contacts=contacts())
    await lead.register()
    await TemporalErasures(lab.client).request(lab.tenant, lead.id, by="boss")
    return lab.client.get_workflow_handle(names.erasure_id(lab.tenant, lead.id))


async def objections(lab: Lab) -> Handle:
    """After a lapse, with days to object that nobody uses."""
    lead = await lab.lead(contacts=contacts())
    await lead.register()
    await legal_hold(lab, lead.id)
    await end_on_hold(lead)
    await lab.execute("delete from legal_hold where lead = $1", lead.id)
    start = {"tenant": str(lab.tenant), "lead": str(lead.id), "cause": "lapse", "objection_days": 14}
    handle: Handle = await lab.client.start_workflow(
        names.LEAD_ERASURE, start, id=f"erasure-of-a-test/{uuid4()}", task_queue=names.PROTECTION_QUEUE
    )

    async def waits() -> bool:
        events = (await handle.fetch_history()).events
        return any(event.HasField("timer_started_event_attributes") for event in events)

    await until(waits)
    await TimeSkipper(lab.client).fast_forward(handle, 15 * DAY)
    return handle


async def refused(lab: Lab) -> Handle:
    """A legal hold stands against it."""
    lead = await lab.lead(contacts=contacts())
    await lead.register()
    await legal_hold(lab, lead.id)
    await end_on_hold(lead)
    return lab.client.get_workflow_handle(names.erasure_id(lab.tenant, lead.id))


ERASURES: Final[Mapping[str, Callable[[Lab], Awaitable[Handle]]]] = MappingProxyType(
    {"requested": requested, "objections": objections, "refused": refused}
)


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", ERASURES)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    handle = await ERASURES[name](lab)
    await handle.result()
    await written(f"erasures/{name}", await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, ERASURES)
