"""Recorded hold campaigns replay on today's workflow; what replay does not compare is compared here."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from adapters.temporal_client import DATA_CONVERTER
from tests.replay.campaigns import CAMPAIGNS, recorded
from tests.replay.hasty import HastyCampaign
from tests.replay.histories import read, summary
from tests.workflows.lab import Lab
from workers.registry import runner


def test_every_campaign_is_recorded() -> None:
    assert {path.stem for path in recorded()} >= set(CAMPAIGNS)


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
async def test_a_recorded_campaign_does_not_replay_on_a_changed_workflow(path: Path) -> None:
    changed = Replayer(workflows=[HastyCampaign], workflow_runner=runner(), data_converter=DATA_CONVERTER)
    with pytest.raises(NondeterminismError):
        await changed.replay_workflow(read(path))


@pytest.mark.parametrize("name", CAMPAIGNS)
async def test_queues_and_timeouts_are_as_recorded(lab: Lab, name: str) -> None:
    (golden,) = [path for path in recorded() if path.stem == name]
    handle = await CAMPAIGNS[name](lab)
    await handle.result()
    assert summary(await handle.fetch_history()) == summary(read(golden))
