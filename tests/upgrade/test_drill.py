"""Leads begun by one build live on through the next two: held, reminded, ended, and none stuck.

The second build follows the first; one that was a mistake follows it and is taken back; then the last. Each
is a process of its own, out of a tree of its own. `make upgrade-drill BASE=commit` has the first from git.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.ports import Channel
from protection.facts import HoldReason
from tests.stackfixtures import SmtpSink, cloned_database
from tests.upgrade.builds import HASTY, LAST, NEXT, this_tree, tree_of, working
from tests.workflows.lab import DAY, HOUR, Lab, Lead, call, due, until
from workers.embedded.postgres import Cluster
from workers.simulation import skipping_environment
from workflows import names
from workflows.messages import Convert, GrantExtension, PlaceHold, ReleaseHold


async def workers_of(lead: Lead) -> list[str]:
    """The builds that did tasks of a lead, in order."""
    events = (await lead.handle.fetch_history()).events
    done = [
        event.workflow_task_completed_event_attributes
        for event in events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    found = [task.deployment_version.build_id or task.worker_version.build_id for task in done]
    return list(dict.fromkeys(found))


async def over(lead: Lead) -> None:
    """Waits until its workflow has ended as it should."""
    await until(lead.is_over, 120)
    assert (await lead.describe()).status is WorkflowExecutionStatus.COMPLETED


async def told_once(lead: Lead) -> None:
    """Asserts that the owner was told each thing once a channel, and sent each mail once."""
    rows = [row for row in await lead.notifications() if row["recipient"] == lead.owner]
    told = [(row["kind"], row["cycle"], row["channel"]) for row in rows]
    assert len(told) == len(set(told))
    mails = [row["kind"] for row in rows if row["channel"] == str(Channel.EMAIL) and row["status"] == "sent"]
    assert len(mails) == len(lead.mails())
    if (await lead.row())["status"] == "EXPIRED":
        assert {"reminder", "lapse"} <= set(mails)


async def stands_still(lead: Lead) -> None:
    """Waits until a build cannot do its task."""

    async def tried_again() -> bool:
        return (await lead.describe()).raw_description.pending_workflow_task.attempt > 1

    await until(tried_again, 120)


async def knows(lead: Lead, facts: int) -> None:
    """Waits until so many facts are recorded."""

    async def so_many() -> bool:
        return len(await lead.facts()) == facts

    await until(so_many, 120)


async def reaches(lead: Lead, at: datetime, status: str) -> None:
    """Skips to an instant and waits until the lead has done what is due by then, however busy the machine."""
    await lead.clock.skip(at)

    async def is_so() -> bool:
        return bool((await lead.row())["status"] == status)

    await until(is_so, 240)


@pytest.mark.timeout(900)
async def test_leads_live_through_three_builds(
    postgres_cluster: Cluster, smtp_sink_process: SmtpSink, tmp_path: Path
) -> None:
    released = os.environ.get("UPGRADE_FROM")
    trees = {
        "one": this_tree(tmp_path / "one") if released is None else tree_of(released, tmp_path / "one"),
        "two": this_tree(tmp_path / "two", NEXT),
        "hasty": this_tree(tmp_path / "hasty", HASTY),
        "three": this_tree(tmp_path / "three", LAST),
    }
    smtp = smtp_sink_process.url
    with cloned_database(postgres_cluster, f"upgrade_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment() as environment,
            Lab.open(
                environment.client, url, smtp_sink_process, work=False, within=timedelta(seconds=120)
            ) as lab,
        ):
            async with working(lab, "one", trees["one"], smtp):
                held, reminded = await lab.registered(), await lab.registered()
                await held.clock.skip(await held.now() + 20 * DAY)
                await held.tell(PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h"))
                await reminded.clock.skip(await due(reminded) - 2 * DAY)
            async with working(lab, "two", trees["two"], smtp):
                young = await lab.registered()
                await reaches(reminded, await due(reminded), "GRACE")
                await held.clock.skip(await held.now() + 30 * DAY)
                await held.tell(ReleaseHold(hold="h", by="boss", fact_id="r"))
                await young.tell(PlaceHold(reason=HoldReason.OTHER, hold="y", by="boss", fact_id="y"))
            async with working(lab, "hasty", trees["hasty"], smtp):
                said = {"kind": "QUALIFIED_CALL", "by": "boss", "fact_id": "s"}
                await held.handle.signal(names.RECORD_ACTIVITY, said)
                await stands_still(held)
                assert len(await held.facts()) == 3
            async with working(lab, "two", trees["two"], smtp):
                await knows(held, 4)
            async with working(lab, "three", trees["three"], smtp):
                newest = await lab.registered()
                await newest.tell(GrantExtension(days=30, by="boss", fact_id="x"))
                await reminded.tell(call(reminded, "late"))
                await young.clock.skip(await young.now() + 3 * DAY)
                await young.tell(ReleaseHold(hold="y", by="boss", fact_id="yr"))
                everyone = (held, reminded, young, newest)
                for lead in everyone:
                    await lead.agrees()
                for lead in (held, young):
                    await reaches(lead, await due(lead), "GRACE")
                    await reaches(lead, (await lead.row())["grace_until"] + HOUR, "EXPIRED")
                for lead in (reminded, newest):
                    await lead.tell(Convert(customer_no="K", by="boss", fact_id="won"))
                for lead in everyone:
                    await over(lead)
                    await told_once(lead)
                statuses = [(await lead.row())["status"] for lead in everyone]
                assert statuses == ["EXPIRED", "CONVERTED", "EXPIRED", "CONVERTED"]
                lived = [await workers_of(lead) for lead in everyone]
                # The hasty build may have done what was left of a task of the second one's own leads.
                assert "hasty" not in {*lived[0], *lived[1], *lived[3]}
                by = [[build for build in builds if build != "hasty"][1:] for builds in lived]
                assert by == [["two", "three"], ["two", "three"], ["three"], []]
