"""Recorded boxes of samples replay on today's workflow; what replay does not compare is compared here."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from adapters.temporal_client import DATA_CONVERTER
from tests.replay.histories import read, summary
from tests.replay.idle import IdleSampleTest
from tests.replay.samples import SAMPLES, recorded
from tests.workflows.lab import Lab
from workers.registry import runner


def test_every_shape_is_recorded() -> None:
    assert {path.stem for path in recorded()} >= set(SAMPLES)


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
async def test_a_recorded_box_does_not_replay_on_a_changed_workflow(path: Path) -> None:
    changed = Replayer(workflows=[IdleSampleTest], workflow_runner=runner(), data_converter=DATA_CONVERTER)
    with pytest.raises(NondeterminismError):
        await changed.replay_workflow(read(path))


async def test_queues_timeouts_and_timers_are_as_recorded(lab: Lab) -> None:
    (golden,) = [path for path in recorded() if path.stem == "late"]
    box = await SAMPLES["late"](lab)
    await box.is_over()
    # How often it looks depends on how quickly news comes in; what it does, and how long it waits, does not.
    lived, kept = (
        list(dict.fromkeys(map(str, summary(history))))
        for history in (await box.handle.fetch_history(), read(golden))
    )
    assert lived == kept
