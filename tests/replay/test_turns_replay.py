"""The rarer turns of a lead's life: each is recorded, and what one of them taught holds."""

from __future__ import annotations

from tests.replay.commands import kept
from tests.replay.histories import FOLDER
from tests.replay.turns import FOLDER as TURNED
from tests.replay.turns import TURNS


def _at_once(name: str) -> int:
    """How many timers of no length a recorded life has."""
    timers = [command["startTimer"] for command in kept(FOLDER / f"{name}.json") if "startTimer" in command]
    return sum(timer["startToFireTimeout"] == "0s" for timer in timers)


def test_every_turn_is_recorded() -> None:
    assert {path.stem for path in TURNED.glob("*.json")} >= set(TURNS)


def test_a_lead_whose_reminder_was_overtaken_is_at_rest() -> None:
    """Found when this turn was recorded: a lead looked again and again, many times a second."""
    assert _at_once("earlier/overtaken-never-at-rest") > 0
    assert _at_once("turns/overtaken") == 0
