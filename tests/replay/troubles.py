"""Lives that meet a ledger that is away or says something else, or a mail that cannot be sent.

Recorded by `python -m tests.replay.troubles`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHistory, WorkflowUpdateFailedError
from temporalio.worker import Worker

from activities.errors import ErrorType
from activities.ledger import LedgerActivities
from activities.orders import MAIL_QUEUE, SEND_NOTIFICATION
from adapters.ledger_store import PostgresLedgerStore
from protection.facts import HoldReason, Registered
from tests.replay.detours import says
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.door import door
from tests.workflows.lab import DAY, Lab, Lead, call, due, erasures, until
from tests.workflows.test_database_away import Rewritten, a_call, lead_start, written_elsewhere
from workers.embedded.postgres import Cluster
from workers.registry import protection_worker
from workers.simulation import skipping_environment
from workflows.messages import Convert, PlaceHold, to_json

FOLDER: Final = LIVES_FOLDER / "troubles"


@asynccontextmanager
async def lab_of(url: str, sink: SmtpSink, **options: Any) -> AsyncIterator[Lab]:
    """A lab with a Temporal server of its own."""
    async with (
        skipping_environment() as environment,
        Lab.open(environment.client, url, sink, **options) as lab,
    ):
        yield lab


async def _won(lead: Lead) -> None:
    await lead.tell(Convert(by="boss", fact_id="won"))
    await until(lead.is_over)


async def away(url: str, sink: SmtpSink) -> WorkflowHistory:
    """A hold is placed while the database is away; it is recorded when that is back; then a customer."""
    async with door(url) as way, lab_of(way.url, sink) as lab:
        lab.url = url
        lead = await lab.registered()
        await way.shut()
        try:
            hold = PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h")
            await lab.gateway.signal(lab.tenant, lead.id, hold)

            async def said() -> bool:
                return "database does not answer" in await lead.details()

            await until(said)
        finally:
            await way.open()
        await lead.wait_for(paused=True)
        await _won(lead)
        return await lead.handle.fetch_history()


async def forgotten(url: str, sink: SmtpSink) -> WorkflowHistory:
    """The ledger holds a call that the workflow has forgotten; what is said next comes after it."""
    async with lab_of(url, sink) as lab:
        lead = await lab.registered()
        await written_elsewhere(lead, await a_call(lead, "call"))
        await lead.forward(DAY)
        await lead.tell(PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h"))
        await lead.tell(call(lead, "call"))
        await _won(lead)
        return await lead.handle.fetch_history()


async def contradicted(url: str, sink: SmtpSink) -> WorkflowHistory:
    """The ledger holds what the workflow can make no sense of: back to what was recorded, and it waits."""
    async with lab_of(url, sink, store=Rewritten) as lab:
        lead = await lab.registered()
        await written_elsewhere(lead, await a_call(lead, "unknown"))
        with pytest.raises(WorkflowUpdateFailedError):
            await lead.handle.execute_update("record-activity", to_json(call(lead, "call")))
        await lead.handle.terminate()
        return await lead.handle.fetch_history()


async def taken(url: str, sink: SmtpSink) -> WorkflowHistory:
    """The ledger begins with somebody else's registration."""
    async with lab_of(url, sink) as lab:
        lead, at = await lab.lead(), await lead_start(lab)
        other = Registered(fact_id="other", recorded_at=at, by="boss", owner="boss", registered_at=at)
        await written_elsewhere(lead, other)
        await lead.register()
        await until(lead.is_over)
        return await lead.handle.fetch_history()


async def unsendable(url: str, sink: SmtpSink) -> WorkflowHistory:
    """The reminder cannot be sent for a reason of our own: it counts as come back, and starts no grace."""
    async with (
        lab_of(url, sink, work=False) as lab,
        protection_worker(
            lab.client,
            LedgerActivities(PostgresLedgerStore(lab.pool)).record_facts,
            erasures(lab.client, lab.pool, lab.gateway),
        ),
        Worker(
            lab.client,
            task_queue=MAIL_QUEUE,
            activities=[says(SEND_NOTIFICATION, [ErrorType.MALFORMED_ORDER])],
        ),
    ):
        lead = await lab.registered()
        await lead.clock.skip(await due(lead))
        await lead.wait_for(problem="reminder-bounced")
        await _won(lead)
        return await lead.handle.fetch_history()


TROUBLES: Final[Mapping[str, Callable[[str, SmtpSink], Awaitable[WorkflowHistory]]]] = MappingProxyType(
    {
        "away": away,
        "forgotten": forgotten,
        "contradicted": contradicted,
        "taken": taken,
        "unsendable": unsendable,
    }
)


@pytest.mark.parametrize("name", TROUBLES)
async def test_record(postgres_cluster: Cluster, smtp_sink_process: SmtpSink, name: str) -> None:
    """Lives this life and keeps its history."""
    with cloned_database(postgres_cluster, f"troubles_{uuid4().hex[:8]}") as url:
        await written(f"troubles/{name}", await TROUBLES[name](url, smtp_sink_process))


if __name__ == "__main__":
    record(__file__, FOLDER, TROUBLES)
