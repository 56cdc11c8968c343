"""The rarer turns of lives: each is recorded, and what one of them taught holds."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from tests.replay import detours, troubles, turns
from tests.replay.commands import kept
from tests.replay.histories import FOLDER


def _at_once(name: str) -> int:
    """How many timers of no length a recorded life has."""
    timers = [command["startTimer"] for command in kept(FOLDER / f"{name}.json") if "startTimer" in command]
    return sum(timer["startToFireTimeout"] == "0s" for timer in timers)


@pytest.mark.parametrize(
    ("folder", "shapes"),
    [
        (turns.FOLDER, turns.TURNS),
        (detours.FOLDER, [*detours.WAYS, *detours.RUNS]),
        (troubles.FOLDER, troubles.TROUBLES),
    ],
    ids=["turns", "detours", "troubles"],
)
def test_every_turn_is_recorded(folder: Path, shapes: Collection[str]) -> None:
    missing = set(shapes) - {path.stem for path in folder.glob("*.json")}
    assert not missing, f"not recorded: .venv/bin/python -m tests.replay.{folder.name} {' '.join(missing)}"


def test_a_lead_whose_reminder_was_overtaken_is_at_rest() -> None:
    """Found when this turn was recorded: a lead looked again and again, many times a second."""
    assert _at_once("earlier/overtaken-never-at-rest") > 0
    assert _at_once("turns/overtaken") == 0
