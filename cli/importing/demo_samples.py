"""Boxes of samples for the demo tenant: one to be rated now, one that is late, one rated on the phone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from activities.sample_orders import ContactRole
from adapters import sample_store
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.sample_records import (
    Feedback,
    FeedbackSource,
    Item,
    Rating,
    SampleBox,
    Stage,
    TestPhase,
)
from adapters.vault import Vault

OWNER: Final = "anna"
_DAY: Final = timedelta(days=1)
_ITEMS: Final = (Item("GULASCH-VEGAN-1", 2), Item("KUERBISSUPPE-5L", 1), Item("RAGOUT-LINSEN", 3))
_SQL: Final = load_queries("sample_work")


async def add_demo_samples(pool: Pool, vault: Vault, *, tenant: UUID, now: datetime) -> int:
    """Put boxes on record for the first living leads of an agent; their workflows do the rest.

    Args:
        pool: connections as the worker role.
        vault: seals what was said.
        tenant: whose leads.
        now: UTC instant that all dates are relative to.

    Returns:
        How many boxes.
    """
    async with transaction(pool, tenant, OWNER, at=now) as connection:
        found = _SQL.living_leads(connection, tenant=tenant, owner=OWNER, most=3)
        leads = [row["id"] async for row in found]
        boxes = [
            _box(tenant, lead, number, now - age * _DAY, promised_at)
            for number, (lead, age, promised_at) in enumerate(
                zip(leads, (9, 12, 25), (None, now - 2 * _DAY, now - 20 * _DAY), strict=False)
            )
        ]
        for box in boxes:
            await sample_store.add_box(connection, vault, tenant, box)
        await _live(connection, vault, tenant, boxes, now)
    return len(boxes)


async def _live(
    connection: Connection, vault: Vault, tenant: UUID, boxes: Sequence[SampleBox], now: datetime
) -> None:
    """The first has been tried and is to be rated, the second is late, the third was rated."""
    for number, delivered, ended in ((0, 7, 1), (2, 18, 8)):
        if len(boxes) <= number:
            return
        box = boxes[number]
        place = sample_store.Place(box.lead, box.id)
        shipped_at, delivered_at = now - (delivered + 2) * _DAY, now - delivered * _DAY
        await sample_store.ship(connection, tenant, place, by=OWNER, at=shipped_at)
        await sample_store.deliver(connection, tenant, box.id, by=OWNER, at=delivered_at)
        phase = TestPhase(uuid5(box.id, "phase"), Stage.SAMPLE, delivered_at, now - ended * _DAY)
        await sample_store.add_phase(connection, tenant, place, phase, by=OWNER, at=delivered_at)
        if number:
            said = Feedback(
                id=uuid5(box.id, "phone"),
                source=FeedbackSource.PHONE,
                contact_role=ContactRole.CHEF,
                told_by=OWNER,
                given_at=now - 6 * _DAY,
                outcome=None,
                ratings=(
                    Rating(_ITEMS[0].sku, 5, "Schmeckt wie von der Oma."),
                    Rating(_ITEMS[1].sku, 3, "Etwas zu süß."),
                    Rating(_ITEMS[2].sku, 4),
                ),
            )
            await sample_store.add_feedback(connection, vault, tenant, place, said, at=now)


def _box(
    tenant: UUID, lead: UUID, number: int, created_at: datetime, promised_at: datetime | None
) -> SampleBox:
    return SampleBox(
        id=uuid5(tenant, f"demo-box/{number}"),
        lead=lead,
        account=None,
        notes=None,
        promised_at=promised_at,
        created_by=OWNER,
        created_at=created_at,
        shipped_at=None,
        delivered_at=None,
        cancelled_at=None,
        items=_ITEMS,
        phases=(),
        feedback=(),
        form=None,
    )
