"""What is due for a box, and when: the pure part of its workflow; and messages that make no sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from activities.sample_orders import DelayHold, SampleOrder, SampleSeen
from activities.samples import RECORDED, Box, SampleActivities
from protection.dates import format_instant
from protection.refusal import Refused
from tests.samples.boxes import box_of
from tests.workflows.lab import DAY, Lab
from workflows import names
from workflows.messages import parse, to_json
from workflows.sample_plan import Plan, Step, plan
from workflows.sample_start import SampleNews, StartSample

NOW: Final = datetime(2031, 3, 1, 12, tzinfo=UTC)


def at(days: float) -> str:
    return format_instant(NOW + timedelta(days=days))


PROMISED: Final = SampleSeen(
    wanted=True, promised_at=at(2), delay_mode=DelayHold.PROPOSED, invite_days=3, remind_days=7
)
DELIVERED: Final = replace(PROMISED, shipped_at=at(0), delivered_at=at(0))
ASKED: Final = replace(DELIVERED, invitation=str(uuid4()), issued_at=at(0), expires_at=at(30))


@pytest.mark.parametrize(
    ("seen", "done", "after", "step", "wake"),
    [
        (PROMISED, (), 0, None, 2),
        (PROMISED, (), 2, Step.OPEN_DELAY, None),
        (PROMISED, (Step.OPEN_DELAY,), 2, None, None),
        (replace(PROMISED, delay_known=True), (), 2, None, None),
        (replace(PROMISED, delay_mode=DelayHold.OFF), (), 2, None, None),
        (replace(PROMISED, promised_at=None), (), 9, None, None),
        (replace(PROMISED, shipped_at=at(2)), (), 3, None, None),
        (replace(PROMISED, shipped_at=at(2.1)), (), 3, Step.OPEN_DELAY, None),
        (replace(DELIVERED, delay_lasts=True), (), 0, Step.END_DELAY, None),
        (replace(PROMISED, delay_lasts=True, cancelled_at=at(1)), (), 1, Step.END_DELAY, None),
        (DELIVERED, (), 0, None, 3),
        (replace(DELIVERED, phases_end_at=at(14)), (), 3, None, 14),
        (DELIVERED, (), 3, Step.ISSUE, None),
        (replace(DELIVERED, unsettled=["x"]), (Step.SETTLE,), 0, Step.SETTLE, None),
        (ASKED, (), 0, Step.INVITE, None),
        (ASKED, (Step.INVITE,), 0, None, 7),
        (ASKED, (Step.INVITE,), 7, Step.REMIND, None),
        (ASKED, (Step.INVITE, Step.REMIND), 8, None, 30),
        (replace(ASKED, remind_days=None), (Step.INVITE,), 8, None, 30),
        (replace(ASKED, rated=True), (Step.INVITE,), 8, None, 30),
        (ASKED, (Step.INVITE, Step.REMIND), 30, Step.CLOSE, None),
        (replace(ASKED, cancelled_at=at(1)), (), 1, Step.CLOSE, None),
    ],
)
def test_one_thing_after_the_other(
    seen: SampleSeen, done: tuple[Step, ...], after: float, step: Step | None, wake: float | None
) -> None:
    found = plan(seen, NOW + timedelta(days=after), done)
    assert (found.step, found.over) == (step, False)
    assert found.wake_at == (None if wake is None else NOW + timedelta(days=wake))


@pytest.mark.parametrize(
    "seen",
    [
        replace(PROMISED, wanted=False),
        replace(PROMISED, cancelled_at=at(1)),
        replace(DELIVERED, rated=True),
        replace(ASKED, closed_at=at(3)),
        replace(ASKED, closed_at=at(3), wanted=False),
    ],
)
def test_there_is_an_end(seen: SampleSeen) -> None:
    assert plan(seen, NOW + 90 * DAY) == Plan(over=True)


def test_what_was_done_is_carried_over() -> None:
    start = StartSample(tenant=str(uuid4()), lead=str(uuid4()), box=str(uuid4()), done=[Step.INVITE])
    assert parse(StartSample, to_json(start)) == start
    malformed: tuple[Any, ...] = (
        None,
        [],
        {},
        {"tenant": "x"},
        {**to_json(start), "done": ["dance"]},
        {**to_json(start), "x": 1},
    )
    for raw in malformed:
        with pytest.raises(Refused):
            parse(StartSample, raw)
    with pytest.raises(Refused):
        parse(SampleNews, {"by": "a b"})


async def test_messages_that_make_no_sense_are_refused_and_wedge_nothing(lab: Lab) -> None:
    box = await box_of(lab)
    await box.promised()
    await box.waits_for("the shipment")
    for name in (
        names.OPENED,
        names.SHIPPED,
        names.DELIVERED,
        names.TEST_PHASE,
        names.FEEDBACK,
        names.CANCEL,
    ):
        arguments: tuple[list[Any], ...] = ([], [None], ["x"], [{"by": "jo@x"}], [{"by": "jo"}, 2])
        for sent in arguments:
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await box.handle.execute_update(name, args=sent)
            assert getattr(refused.value.cause, "type", None) == "malformed"
    assert (await box.view())["waits_for"] == "the shipment"
    with pytest.raises(WorkflowFailureError):
        await lab.client.execute_workflow(
            names.SAMPLE_TEST, {"tenant": 7}, id=f"sample-test/{uuid4()}", task_queue=names.PROTECTION_QUEUE
        )


class _Nobody:
    """Ports that must not be reached."""

    async def seen(self, box: Box) -> SampleSeen:
        raise AssertionError(box)

    async def issue(self, box: Box) -> str:
        raise AssertionError(box)

    async def close(self, box: Box, why: object) -> None:
        assert why == "closed"

    async def settle(self, box: Box, submission: object) -> str:
        raise AssertionError(box)

    async def open_delay(self, box: Box, mode: object, since: object) -> str:
        raise AssertionError(box)

    async def end_delay(self, box: Box) -> str:
        raise AssertionError(box)


async def test_orders_that_make_no_sense_name_the_field() -> None:
    steps = SampleActivities(_Nobody(), _Nobody())
    good = SampleOrder(str(uuid4()), str(uuid4()), str(uuid4()), at(0))
    for order, step, field in (
        (replace(good, tenant="x"), steps.read, "tenant"),
        (replace(good, lead="x"), steps.issue, "lead"),
        (replace(good, box="x"), steps.end_delay, "box"),
        (replace(good, at="today"), steps.read, "at"),
        (good, steps.settle, "submission"),
        (good, steps.close, "why"),
        (good, steps.open_delay, "mode"),
        (replace(good, mode="placed"), steps.open_delay, "since"),
    ):
        with pytest.raises(Exception, match=f"^malformed-order: {field}:|^{field}:"):
            await step(order)
    assert (await steps.close(replace(good, why="closed"))).outcome == RECORDED
