"""Recorded readings and orders of the ERP replay on today's workflows, and not on changed ones."""

from __future__ import annotations

import pytest
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from adapters.temporal_client import DATA_CONVERTER
from tests.replay.erp import SHAPES, recorded
from tests.replay.histories import read
from tests.replay.idle_erp import IdleOrder
from workers.registry import runner


def test_every_shape_is_recorded() -> None:
    assert {path.stem for path in recorded()} == set(SHAPES)


async def test_a_changed_workflow_does_not_replay() -> None:
    (order,) = [path for path in recorded() if path.stem == "order"]
    changed = Replayer(workflows=[IdleOrder], workflow_runner=runner(), data_converter=DATA_CONVERTER)
    with pytest.raises(NondeterminismError):
        await changed.replay_workflow(read(order))
