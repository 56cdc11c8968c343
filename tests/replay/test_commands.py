"""Today's workflows command what was commanded when each history was recorded, to the last argument."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.replay.changed import LateRiser, Patched, Patient
from tests.replay.commands import called, defined, definition, recorded
from tests.replay.guard import Change, Incompatible, compare, type_of
from tests.replay.histories import FOLDER
from tests.replay.idle_credit import IdleCreditCheck


def test_every_workflow_has_a_history() -> None:
    kinds = {definition(kind).name for kind in defined()}
    assert {type_of(history) for history in recorded()} == kinds


@pytest.mark.parametrize("history", recorded(), ids=called)
async def test_the_workflow_of_today_commands_what_was_recorded(history: Path) -> None:
    await compare(history)


async def test_a_patch_leaves_what_was_begun_before_as_it_was() -> None:
    await compare(FOLDER / "credit" / "later.json", Patched)


@pytest.mark.parametrize(
    ("history", "kind", "change", "told"),
    [
        (
            "credit/later",
            IdleCreditCheck,
            Change.SEQUENCE,
            (
                "the workflow credit-check (workflows/credit_check.py)",
                'Command 1 was\n  {"scheduleActivity"',
                "Temporal says",
                "would stop",
                'if workflow.patched("credit-check/',
                "do not record it anew",
                ".venv/bin/python -m tests.replay.detours its-name",
                "docs/operations/upgrades.md",
            ),
        ),
        (
            "credit/at-once",
            Patient,
            Change.UNSEEN,
            (
                "Command 1 was",
                "scheduleActivity.arguments[0].check: ",
                "scheduleActivity.startToCloseTimeout: '30s' -> '3600s'",
                "Temporal would not notice",
                "make histories ARGS=credit/at-once",
            ),
        ),
        (
            "samples/rated",
            LateRiser,
            Change.UNSEEN,
            (
                "startTimer.startToFireTimeout",
                "in the middle of their lives",
                'workflow.patched("sample-test/',
            ),
        ),
    ],
)
async def test_an_incompatible_change_is_found_and_told_what_to_do_about_it(
    history: str, kind: type, change: Change, told: tuple[str, ...]
) -> None:
    with pytest.raises(Incompatible) as found:
        await compare(FOLDER / f"{history}.json", kind)
    assert found.value.change is change
    assert [line for line in (f"{history}.json", *told) if line not in str(found.value)] == []


async def test_a_history_without_its_commands_is_found(tmp_path: Path) -> None:
    alone = tmp_path / "alone.json"
    shutil.copy(FOLDER / "credit" / "at-once.json", alone)
    with pytest.raises(Incompatible, match="make histories ARGS=alone") as found:
        await compare(alone)
    assert found.value.change is Change.UNRECORDED
