"""The shapes of `reconciliation` whose histories are kept: name, and how much there is to compare.

Recorded by `python -m tests.replay.reconciliation`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.reconciliation_orders import (
    COMPARE_LEADS,
    FINISH_RECONCILIATION,
    LIST_TENANTS,
    CompareOrder,
    CompareStep,
    FinishOrder,
    Reconciled,
)
from tests.replay.histories import FOLDER
from tests.replay.recorder import record, written
from tests.workflows.lab import Lab
from workers.registry import runner
from workflows import names
from workflows.messages import to_json
from workflows.reconciliation import Reconciliation
from workflows.reconciliation_start import StartReconciliation


@dataclass(frozen=True, slots=True)
class House:
    """Two tenants with two batches of leads each.

    Attributes:
        all_tenants: by night, or one tenant for somebody who asks.
        steps: steps of one run.
    """

    all_tenants: bool = True
    steps: int = 300

    @activity.defn(name=LIST_TENANTS)
    async def tenants(self) -> list[str]:
        """Both."""
        return [str(uuid4()), str(uuid4())]

    @activity.defn(name=COMPARE_LEADS)
    async def compare(self, order: CompareOrder) -> CompareStep:
        """The first batch, then the second."""
        return CompareStep(after=str(uuid4()) if order.after is None else None, leads=2, workflows=1)

    @activity.defn(name=FINISH_RECONCILIATION)
    async def finish(self, order: FinishOrder) -> Reconciled:
        """Nothing was found."""
        return Reconciled(order.tenant, order.run, order.leads, order.workflows)


HOUSES: Final[Mapping[str, House]] = MappingProxyType(
    {"nightly": House(), "asked": House(all_tenants=False), "next-run": House(all_tenants=False, steps=1)}
)


async def compared(lab: Lab, house: House) -> WorkflowHandle[Any, Any]:
    """A reconciliation that is over; its last run."""
    queue, tenants = f"reconciliation-{uuid4().hex[:8]}", None if house.all_tenants else [str(lab.tenant)]
    start = StartReconciliation(by="boss", tenants=tenants, steps=house.steps)
    async with Worker(
        lab.client,
        task_queue=queue,
        workflows=[Reconciliation],
        activities=[house.tenants, house.compare, house.finish],
        workflow_runner=runner(),
    ):
        handle = await lab.client.start_workflow(
            names.RECONCILIATION, to_json(start), id=f"reconciliation-of-a-test/{uuid4()}", task_queue=queue
        )
        await handle.result()
    return lab.client.get_workflow_handle(handle.id)


@pytest.mark.parametrize("name", HOUSES)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    await written(f"reconciliation/{name}", await (await compared(lab, HOUSES[name])).fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER / "reconciliation", HOUSES)
