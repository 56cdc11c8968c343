"""Recorded credit checks replay on today's workflow, and not on a changed one."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from adapters.temporal_client import DATA_CONVERTER
from tests.replay.credit import SHAPES, recorded
from tests.replay.histories import read
from tests.replay.idle_credit import IdleCreditCheck
from workers.registry import runner


def test_every_shape_is_recorded() -> None:
    assert {path.stem for path in recorded()} >= set(SHAPES)


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
async def test_a_recorded_check_does_not_replay_on_a_changed_workflow(path: Path) -> None:
    changed = Replayer(workflows=[IdleCreditCheck], workflow_runner=runner(), data_converter=DATA_CONVERTER)
    with pytest.raises(NondeterminismError):
        await changed.replay_workflow(read(path))
