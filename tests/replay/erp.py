"""The shapes of the ERP's workflows whose histories are kept.

Recorded by `python -m tests.replay.erp`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from activities.erp import ErpActivities
from adapters.erp.schedules import read_now
from adapters.erp.webhooks import WebhookBodies
from adapters.webhooks.store import WebhookEvents
from tests.erp.shop import shop_in
from tests.outsidefixtures import Outside
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.vaultfixtures import VAULT
from tests.workflows.lab import Lab
from workers.erp import erp_worker
from workflows.erp_start import ERP_ORDER, StartErpOrder, order_id
from workflows.messages import to_json

FOLDER: Final = LIVES_FOLDER / "erp"
SHAPES: Final = ("sync", "reconcile", "order")


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", SHAPES)
async def test_record(lab: Lab, outside: Outside, name: str) -> None:
    """Reads what is new, orders a box, compares everything, and keeps one of the three histories."""
    async with shop_in(lab, outside) as shop:
        steps = ErpActivities(shop.office, WebhookBodies(WebhookEvents(lab.pool, VAULT))).steps
        async with erp_worker(lab.client, steps) as worker:
            sync = lab.client.get_workflow_handle(await read_now(lab.client, shop.tenant))
            await sync.result()
            box = await shop.box()
            order = await lab.client.start_workflow(
                ERP_ORDER,
                to_json(StartErpOrder(tenant=str(shop.tenant), lead=str(box.lead.id), box=str(box.id))),
                id=order_id(shop.tenant, box.id),
                task_queue=worker.task_queue,
            )
            await order.result()
            everything = await read_now(lab.client, shop.tenant, everything=True)
            reconcile = lab.client.get_workflow_handle(everything)
            await reconcile.result()
        handle = dict(zip(SHAPES, (sync, reconcile, order), strict=True))[name]
        await written(f"erp/{name}", await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, SHAPES)
