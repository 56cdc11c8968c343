"""The shapes of news whose histories are kept: name, and whether it can be made use of.

Recorded by `python -m tests.replay.webhooks`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.errors import ErrorType, final
from activities.webhook_orders import HANDLE_ERP_EVENT, EventState, Handled, Source, WebhookOrder
from activities.webhooks import WebhookActivities
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.workflows.lab import Lab
from workers.registry import runner
from workflows.messages import to_json
from workflows.webhook_event import WebhookEvent
from workflows.webhook_start import WEBHOOK_EVENT, StartWebhookEvent, webhook_id

FOLDER: Final = LIVES_FOLDER / "webhooks"
SHAPES: Final[Mapping[str, bool]] = MappingProxyType({"handled": True, "dead": False})


class Row:
    """A piece of news of which only the end is kept."""

    def __init__(self, usable: bool) -> None:
        self._usable = usable
        self.state: EventState | None = None

    @activity.defn(name=HANDLE_ERP_EVENT)
    async def handle(self, _: WebhookOrder) -> Handled:
        """Make use of it, or find that nobody can."""
        if not self._usable:
            raise final(ErrorType.MALFORMED_ORDER, "of no use")
        return Handled("known")

    async def settle(
        self, tenant: UUID, event: UUID, *, round_: int, state: EventState, outcome: str, at: datetime
    ) -> None:
        """Keep the state."""
        self.state = state


async def lived(lab: Lab, usable: bool) -> WorkflowHandle[Any, Any]:
    """News that is seen to."""
    row, event, queue = Row(usable), str(uuid4()), f"webhooks-{uuid4().hex[:8]}"
    steps: list[Callable[..., Any]] = [row.handle, WebhookActivities(row).settle]
    async with Worker(
        lab.client, task_queue=queue, workflows=[WebhookEvent], activities=steps, workflow_runner=runner()
    ):
        handle = await lab.client.start_workflow(
            WEBHOOK_EVENT,
            to_json(StartWebhookEvent(tenant=str(lab.tenant), event=event, source=Source.XENTRAL)),
            id=webhook_id(Source.XENTRAL, f"evt-{event}"),
            task_queue=queue,
        )
        await handle.result()
    assert row.state is (EventState.HANDLED if usable else EventState.DEAD)
    return handle


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", SHAPES)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    handle = await lived(lab, SHAPES[name])
    await written(f"webhooks/{name}", await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, SHAPES)
