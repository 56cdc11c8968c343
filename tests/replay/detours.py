"""The rarer ways of the other workflows, and runs of any, whose histories are kept: name, and what happens.

Recorded by `python -m tests.replay.detours`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from activities.campaign_orders import ADVANCE_CAMPAIGN, CampaignStep
from activities.credit_orders import COMPLETE_CREDIT_CHECK, CreditSeen
from activities.erasure_orders import (
    END_PROTECTION,
    ERASE_PERSONAL_DATA,
    EXAMINE_ERASURE,
    Cause,
    Erasure,
    Examined,
    Obstacle,
)
from activities.erp_orders import PULL_ERP, SETTLE_ERP, ErpSettled, Pulled
from activities.errors import ErrorType, final
from activities.reconciliation_orders import COMPARE_LEADS, FINISH_RECONCILIATION, CompareStep, Reconciled
from activities.sample_orders import READ_SAMPLE, SampleSeen
from activities.webhook_orders import HANDLE_CREDIT_EVENT, SETTLE_WEBHOOK_EVENT, Handled, Source
from tests.replay.commands import defined, definition
from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.stackfixtures import SmtpSink
from tests.workflows.lab import MINUTE, Lab, until
from tests.workflows.short_runs import short_runs
from workers.embedded.postgres import Cluster
from workers.registry import runner
from workflows import names
from workflows.erp_start import ERP_SYNC
from workflows.messages import Convert, RecordActivity
from workflows.webhook_start import WEBHOOK_EVENT

FOLDER: Final = LIVES_FOLDER / "detours"
Handle = WorkflowHandle[Any, Any]
_TENANT: Final = str(uuid4())


@dataclass(frozen=True, slots=True)
class Told:
    """What a workflow is told, again and again, until it has begun a new run or is over.

    Attributes:
        name: of the message.
        raw: what it says.
        update: an update, not a signal.
    """

    name: str
    raw: Mapping[str, str] | None = None
    update: bool = False


@dataclass(frozen=True, slots=True)
class Detour:
    """One way.

    Attributes:
        kind: type of the workflow.
        start: what it is started with; None: with nothing at all.
        steps: what each activity answers, one after the other, the last for ever; an error ends it for good.
        told: what it is told.
        skips: a minute of its time is skipped where it waits first.
    """

    kind: str
    start: Mapping[str, Any] | None = None
    steps: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    told: Told | None = None
    skips: bool = False


def says(name: str, answers: Sequence[Any]) -> Callable[..., Any]:
    """An activity that answers so, one after the other, the last for ever; an error ends it for good."""
    left = list(answers)

    @activity.defn(name=name)
    async def step(_: Any) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, ErrorType):
            raise final(answer, "of no use")
        return answer

    return step


async def gone(lab: Lab, detour: Detour) -> Handle:
    """A workflow that has gone this way; its first run."""
    queue, kinds = f"detours-{uuid4().hex[:8]}", {definition(kind).name: kind for kind in defined()}
    async with Worker(
        lab.client,
        task_queue=queue,
        workflows=[kinds[detour.kind]],
        activities=[says(name, answers) for name, answers in detour.steps.items()],
        workflow_runner=runner(),
    ):
        start = [] if detour.start is None else [detour.start]
        begun: Handle = await lab.client.start_workflow(
            detour.kind, args=start, id=f"detour/{uuid4()}", task_queue=queue
        )
        first: Handle = lab.client.get_workflow_handle(begun.id, run_id=begun.result_run_id)
        if detour.skips:
            await until(partial(_waits, first))
            await TimeSkipper(lab.client).fast_forward(first, MINUTE)
        while not await _is_over(first):
            await _tell(lab.client.get_workflow_handle(begun.id), detour.told)
        newest: Handle = lab.client.get_workflow_handle(begun.id)
        if not await _is_over(newest):
            await newest.terminate()
    return first


async def _waits(handle: Handle) -> bool:
    events = (await handle.fetch_history()).events
    return any(event.HasField("timer_started_event_attributes") for event in events)


async def _is_over(handle: Handle) -> bool:
    return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING


async def _tell(handle: Handle, told: Told | None) -> None:
    await asyncio.sleep(0.05)
    # It may just have come to its end.
    with suppress(RPCError):
        if told is not None and told.update:
            await handle.execute_update(told.name, told.raw)
        elif told is not None:
            await handle.signal(told.name, told.raw)


def _erasure(cause: Cause, steps: Mapping[str, Examined | Erasure]) -> Detour:
    start = {"tenant": _TENANT, "lead": str(uuid4()), "cause": cause, "objection_days": 0}
    return Detour(names.LEAD_ERASURE, start, {name: [said] for name, said in steps.items()})


def _step(after: str | None, left: int) -> CampaignStep:
    return CampaignStep(after=after, left=left, placed=1, refused=0, ended=0, ending=False)


_LOOK: Final = Told(names.LOOK_AGAIN)
WAYS: Final[Mapping[str, Detour]] = MappingProxyType(
    {
        "erasure-of-the-living": _erasure(Cause.LAPSE, {EXAMINE_ERASURE: Examined(living=True)}),
        "erasure-not-ended": _erasure(
            Cause.REQUEST,
            {
                EXAMINE_ERASURE: Examined(living=True),
                END_PROTECTION: Examined(living=True, obstacle=Obstacle.NOT_RUNNING),
            },
        ),
        "erasure-of-the-ended": _erasure(
            Cause.REQUEST, {EXAMINE_ERASURE: Examined(living=False), ERASE_PERSONAL_DATA: Erasure(rows=3)}
        ),
        "erasure-kept": _erasure(
            Cause.LAPSE,
            {
                EXAMINE_ERASURE: Examined(living=False),
                ERASE_PERSONAL_DATA: Erasure(obstacle=Obstacle.LEGAL_HOLD),
            },
        ),
        "campaign-first-run": Detour(
            names.HOLD_CAMPAIGN,
            {"tenant": _TENANT, "campaign": str(uuid4()), "steps": 1},
            {ADVANCE_CAMPAIGN: [_step(str(uuid4()), 1), _step(None, 0)]},
        ),
        "campaign-unanswered": Detour(
            names.HOLD_CAMPAIGN,
            {"tenant": _TENANT, "campaign": str(uuid4())},
            {ADVANCE_CAMPAIGN: [_step(None, 1), _step(None, 1), _step(None, 0)]},
            told=_LOOK,
            skips=True,
        ),
        "credit-first-run": Detour(
            names.CREDIT_CHECK,
            {"tenant": _TENANT, "check": str(uuid4())},
            {COMPLETE_CREDIT_CHECK: [CreditSeen("pending")]},
            told=_LOOK,
        ),
        "sample-first-run": Detour(
            names.SAMPLE_TEST,
            {"tenant": _TENANT, "lead": str(uuid4()), "box": str(uuid4())},
            {READ_SAMPLE: [SampleSeen(wanted=True)]},
            told=Told(names.TEST_PHASE, {"by": "boss"}, update=True),
        ),
        "reconciliation-first-run": Detour(
            names.RECONCILIATION,
            {"by": "boss", "tenants": [_TENANT], "steps": 1},
            {
                COMPARE_LEADS: [CompareStep(str(uuid4()), 2, 2), CompareStep(None, 2, 2)],
                FINISH_RECONCILIATION: [Reconciled(str(uuid4()), str(uuid4()), 4, 4)],
            },
        ),
        "erp-unread": Detour(
            ERP_SYNC,
            {"tenant": _TENANT},
            {
                PULL_ERP: [ErrorType.MALFORMED_ORDER, Pulled()],
                SETTLE_ERP: [ErpSettled({"told": 1}, more=True), ErpSettled({"told": 1})],
            },
        ),
        "webhook-credit": Detour(
            WEBHOOK_EVENT,
            {"tenant": _TENANT, "event": str(uuid4()), "source": Source.ALLIANZ},
            {HANDLE_CREDIT_EVENT: [Handled("completed")], SETTLE_WEBHOOK_EVENT: [None]},
        ),
        **{f"refused-{definition(kind).name}": Detour(definition(kind).name) for kind in defined()},
    }
)


async def _lead_of_two_runs(lab: Lab) -> tuple[Handle, Handle]:
    """A lead of which so much was told that it needed a second run; then a customer."""
    lead = await lab.registered()
    first: Handle = lab.client.get_workflow_handle(lead.handle.id, run_id=(await lead.describe()).run_id)
    await lead.handle.signal(names.CONVERT, args=[])
    told = 0
    while not await _is_over(first):
        told += 1
        await lead.tell(RecordActivity(kind="NOTE", by=lead.owner, fact_id=f"note-{told}"))
    await lead.tell(Convert(by="boss", fact_id="won"))
    await until(lead.is_over)
    return first, lead.handle


RUNS: Final = ("lead-first-run", "lead-next-run")


@pytest_asyncio.fixture(scope="module")
async def brief(postgres_cluster: Cluster, smtp_sink_process: SmtpSink) -> AsyncIterator[Lab]:
    """A lab whose server suggests a new run very soon."""
    async with short_runs(postgres_cluster, smtp_sink_process) as made:
        yield made


@pytest.mark.parametrize("name", [*WAYS, *RUNS])
async def test_record(brief: Lab, name: str) -> None:
    """Goes this way and keeps its history."""
    if name in WAYS:
        handle = await gone(brief, WAYS[name])
    else:
        handle = (await _lead_of_two_runs(brief))[RUNS.index(name)]
    await written(f"detours/{name}", await handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, (*WAYS, *RUNS))
