"""Lives longer than one run, and workers that remember nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus

from activities.ledger import LedgerActivities
from adapters.ledger_store import PostgresLedgerStore
from protection.facts import HoldReason
from tests.replay.lives import LIVES
from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.lab import DAY, HOUR, Lab, Lead, call, due, erasures, notifications, until
from tests.workflows.short_runs import short_runs
from workers.embedded.postgres import Cluster
from workers.registry import Tuning, mail_worker, protection_worker
from workers.simulation import skipping_environment
from workflows import names
from workflows.messages import PlaceHold, RecordActivity, ReleaseHold


@pytest_asyncio.fixture(scope="module")
async def brief(postgres_cluster: Cluster, smtp_sink_process: SmtpSink) -> AsyncIterator[Lab]:
    """A lab whose server suggests a new run very soon."""
    async with short_runs(postgres_cluster, smtp_sink_process) as made:
        yield made


async def runs(lead: Lead) -> int:
    """How many runs the lead's workflow has had."""
    found = [
        run async for run in lead.lab.client.list_workflows(f"WorkflowId = '{lead.handle.id}'")
    ]  # fmt: skip
    return len(found)


async def test_a_new_run_goes_on_where_the_last_one_was(brief: Lab) -> None:
    lead = await brief.registered()
    await lead.handle.signal(names.CONVERT, args=[])
    await lead.wait_for(refused_facts=1)
    first = (await lead.describe()).run_id
    answers = []
    for day in range(12):
        await lead.forward(DAY)
        answers.append(await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id=f"note-{day}")))
    assert [answer.revision for answer in answers] == list(range(2, 14))

    async def another_run() -> bool:
        return (await lead.describe()).run_id != first

    await until(another_run)
    # Known messages are known there too, others go on with the next revision, and nothing is lost.
    again = await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id="note-0"))
    assert (again.revision, again.duplicate) == (2, True)
    hold = PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h")
    assert (await lead.tell(hold)).revision == 14
    await lead.agrees()
    assert (await lead.row())["refused_facts"] == 1
    await lead.tell(ReleaseHold(hold="h", by="boss", fact_id="r"))

    # Notices go out once, though runs begin anew before and after them.
    reminder = await due(lead)
    await lead.forward(reminder - 5 * DAY)
    notices = await lead.told()
    assert [kind for kind, _, _ in notices] == ["notice-progress"]
    for day in range(12):
        await lead.forward(2 * HOUR)
        await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id=f"late-{day}"))
    await lead.forward(reminder - HOUR)
    assert await lead.told() == notices
    await lead.forward(await due(lead))
    assert (await lead.row())["status"] == "GRACE"
    end = (await lead.row())["grace_until"]
    await lead.forward(end)
    assert (await lead.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert (await lead.row())["ended_at"] == end
    assert [kind for kind, _, _ in await lead.told()] == ["notice-progress", "reminder", "lapse"]
    assert len(lead.mails()) == 3
    assert await runs(lead) >= 3


async def test_a_progress_with_a_new_run_right_behind_it(brief: Lab) -> None:
    lead = await brief.registered()
    for number in range(30):
        told = await lead.tell(call(lead, f"call-{number}"))
        assert told.revision == number + 2
    assert await runs(lead) >= 2
    assert len(await lead.facts()) == 31
    await lead.agrees()


async def test_workers_that_remember_nothing(postgres_cluster: Cluster, smtp_sink_process: SmtpSink) -> None:
    """Every task replays the whole history: whatever is not deterministic shows."""
    with cloned_database(postgres_cluster, f"nocache_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment() as environment,
            Lab.open(environment.client, url, smtp_sink_process, work=False) as lab,
            protection_worker(
                lab.client,
                LedgerActivities(PostgresLedgerStore(lab.pool)).record_facts,
                erasures(lab.client, lab.pool, lab.gateway),
                Tuning(cached_workflows=0),
            ),
            mail_worker(lab.client, notifications(lab.pool, smtp_sink_process).send_notification),
        ):
            for name, life in LIVES.items():
                lead = await life(lab)
                await until(lead.is_over)
                assert (await lead.describe()).status is WorkflowExecutionStatus.COMPLETED, name
