"""How long samples were late: from the promised moment until they arrived, or were called off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from activities.sample_orders import DelayHold
from adapters.database import Connection, load_queries
from adapters.hold_truth import Delay, Subject
from adapters.sample_work import WORKFLOW, delay_id
from protection.facts import HoldReason

_SQL: Final = load_queries("sample_work")
ERP: Final = "erp"
# Who tells of delays by himself; everybody else is a person.
PARTS: Final = frozenset({WORKFLOW, ERP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What happened to a box, and when. UTC instants; None: not, or not yet."""

    promised_at: datetime | None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None


def delay_of(moments: Moments, now: datetime) -> Delay | None:
    """How long the company was late with a box, as known at a UTC instant; None: it was not.

    What is shipped in time is not late, however long it is on its way.
    """
    promised_at, shipped_at = moments.promised_at, moments.shipped_at
    ends = [at for at in (moments.delivered_at, moments.cancelled_at) if at is not None]
    end_at = min(ends, default=None)
    if promised_at is None or now < promised_at:
        return None
    if any(at is not None and at <= promised_at for at in (shipped_at, end_at)):
        return None
    return Delay(start_at=promised_at, end_at=end_at)


async def delay_of_box(connection: Connection, tenant: UUID, box: UUID, now: datetime) -> Delay | None:
    """The same for a box on record; None too where there is no such box."""
    row = await _SQL.moments_of_box(connection, tenant=tenant, box=box)
    return None if row is None else delay_of(Moments(**row), now)


def delay_subject(box: UUID, mode: DelayHold, *, by: str) -> Subject:
    """The hold that belongs to a box."""
    return Subject(name=delay_id(box), reason=HoldReason.FFZ_SAMPLE_DELAY, mode=mode, by=by, parts=PARTS)
