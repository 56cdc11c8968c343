"""Recorded histories replay on today's workflow; what replay does not compare is compared here."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from adapters.temporal_client import DATA_CONVERTER
from tests.replay.broken import BrokenLeadProtection
from tests.replay.histories import read, recorded, summary
from tests.replay.lives import LIVES
from tests.workflows.lab import Lab
from workers.registry import WORKFLOWS, runner


def test_every_life_is_recorded() -> None:
    assert {path.stem for path in recorded()} >= set(LIVES)


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
async def test_a_broken_workflow_does_not_replay(path: Path) -> None:
    replayer = Replayer(
        workflows=[BrokenLeadProtection], workflow_runner=runner(), data_converter=DATA_CONVERTER
    )
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(read(path))


@pytest.mark.parametrize("name", ["lapse", "signals", "bounce"])
async def test_queues_timeouts_and_timers_are_as_recorded(lab: Lab, name: str) -> None:
    (golden,) = [path for path in recorded() if path.stem == name]
    lead = await LIVES[name](lab)
    assert summary(await lead.handle.fetch_history()) == summary(read(golden))


@pytest.mark.parametrize(
    ("recorded_as", "changed_to"),
    [('"startToFireTimeout": "4', '"startToFireTimeout": "5'), ('"name": "mail"', '"name": "post"')],
)
def test_a_change_that_replay_overlooks_is_found(recorded_as: str, changed_to: str, tmp_path: Path) -> None:
    (golden,) = [path for path in recorded() if path.stem == "lapse"]
    text = golden.read_text(encoding="utf-8")
    assert recorded_as in text
    changed = tmp_path / "changed.json"
    changed.write_text(text.replace(recorded_as, changed_to), encoding="utf-8")
    assert summary(read(changed)) != summary(read(golden))


async def test_a_life_of_today_replays(lab: Lab) -> None:
    lead = await LIVES["conversion"](lab)
    replayer = Replayer(workflows=list(WORKFLOWS), workflow_runner=runner(), data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(await lead.handle.fetch_history())
