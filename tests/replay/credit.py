"""The shapes of pending credit checks whose histories are kept: name, and what the bureau says, look by look.

Recorded by `python -m tests.replay.credit`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowHandle

from activities.credit import CreditActivities
from activities.credit_orders import CREDIT_QUEUE
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.workflows.lab import DAY, Lab, until
from workers.credit import credit_worker
from workers.lead_clock import LeadClock
from workflows import names
from workflows.credit_start import StartCredit
from workflows.messages import to_json

FOLDER: Final = LIVES_FOLDER / "credit"
SHAPES: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {"at-once": ("approved",), "later": ("pending", "pending", "declined")}
)


class Said:
    """A bureau that says these things, one after the other; and nobody's news."""

    def __init__(self, statuses: Sequence[str]) -> None:
        self.left = list(statuses)

    async def complete(self, _: UUID, __: UUID) -> str:
        """The next of them."""
        return self.left.pop(0)

    async def handle(self, _: UUID, __: UUID) -> str:
        """Nothing is made of it."""
        return "of-no-use"


async def lived(lab: Lab, statuses: Sequence[str]) -> WorkflowHandle[Any, Any]:
    """A check that is seen through, told of news once where it waits."""
    said, check = Said(statuses), str(uuid4())
    async with credit_worker(lab.client, CreditActivities(said, said).steps):
        handle = await lab.client.start_workflow(
            names.CREDIT_CHECK,
            to_json(StartCredit(tenant=str(lab.tenant), check=check)),
            id=names.credit_id(lab.tenant, check),
            task_queue=CREDIT_QUEUE,
        )
        if len(statuses) > 1:

            async def looked() -> bool:
                return len(said.left) == len(statuses) - 1

            await until(looked)
            await handle.signal(names.LOOK_AGAIN)

            async def looked_again() -> bool:
                return len(said.left) == len(statuses) - 2

            await until(looked_again)
            clock = LeadClock(lab.client, handle)
            await clock.skip(await clock.now() + DAY)
        await handle.result()
    return handle


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", SHAPES)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    handle = await lived(lab, SHAPES[name])
    await written(f"credit/{name}", await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, SHAPES)
