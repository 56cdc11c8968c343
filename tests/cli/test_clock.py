"""`fristwerk clock replay` and `fristwerk simulate` on worked examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.house import House
from tests.stackfixtures import PROJECT

VECTORS = PROJECT / "tests" / "conformance" / "clock-vectors.json"
ASKED = ("id", "policy", "registered_at", "facts", "until", "as_of")


def vectors() -> list[dict[str, Any]]:
    return list(json.loads(VECTORS.read_text(encoding="utf-8")))


def asked(vector: dict[str, Any]) -> dict[str, Any]:
    """The vector without its answer."""
    return {name: vector[name] for name in ASKED}


def expected(vector: dict[str, Any]) -> dict[str, Any]:
    return {"id": vector["id"], **vector["expected"]}


def test_the_engine_answers_every_worked_example_exactly(house: House, tmp_path: Path) -> None:
    file = tmp_path / "ledgers.json"
    file.write_text(json.dumps([asked(vector) for vector in vectors()]), encoding="utf-8")
    said = house.run("clock", "replay", str(file))
    assert said.code == 0, said.err
    assert said.err == ""
    assert said.json == [expected(vector) for vector in vectors()]


def test_ledgers_come_by_standard_input_too(house: House) -> None:
    some = vectors()[:2]
    said = house.run("clock", "replay", "-", typed=json.dumps([asked(vector) for vector in some]))
    assert said.json == [expected(vector) for vector in some]


def test_ledgers_that_cannot_be_played_are_named_and_the_others_are_played(house: House) -> None:
    good = asked(vectors()[0])
    bad: list[Any] = [
        7,
        {},
        good | {"id": "naive", "until": "2030-01-01T00:00:00"},
        good | {"id": "policy", "policy": {"base_months": 99}},
        good | {"id": "kind", "facts": [{"at": good["registered_at"], "type": "dance"}]},
        good | {"id": "text", "facts": "none"},
    ]
    said = house.run("clock", "replay", "-", typed=json.dumps([*bad, good]))
    assert said.code == 1
    assert [answer["id"] for answer in said.json] == [good["id"]]
    assert len(said.err.splitlines()) == len(bad)
    for name in ("naive", "policy", "kind", "text", "base_months", "no zone"):
        assert name in said.err


@pytest.mark.parametrize("command", [("clock", "replay"), ("simulate",)])
@pytest.mark.parametrize("typed", ["", "{", '{"id": 1}', "[" * 100_000, "null"])
def test_a_file_that_is_none_is_refused(house: House, command: tuple[str, ...], typed: str) -> None:
    said = house.run(*command, "-", typed=typed)
    assert said.code == 2, said
    assert said.out == ""
    assert "FILE" in said.err


@pytest.mark.parametrize("command", [("clock", "replay"), ("simulate",)])
def test_a_file_that_is_not_there_is_refused(house: House, command: tuple[str, ...], tmp_path: Path) -> None:
    said = house.run(*command, str(tmp_path / "none.json"))
    assert said.code == 2
    assert "none.json" in said.err
    assert house.run(*command).code == 2


def simulate(*words: str, ledgers: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    """As a process of its own: it ends without the interpreter's farewell."""
    return subprocess.run(
        [sys.executable, "-m", "cli.app", "simulate", "-", *words],
        input=json.dumps(ledgers),
        cwd=PROJECT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def close(left: Any, right: Any) -> bool:
    """The same, instants within five seconds."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(close(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(close, left, right))
    if isinstance(left, str) and isinstance(right, str) and left.endswith("Z") and right.endswith("Z"):
        return abs((datetime.fromisoformat(left) - datetime.fromisoformat(right)).total_seconds()) <= 5
    return bool(left == right)


def test_the_workflow_answers_worked_examples_alike() -> None:
    some = vectors()[:3]
    past = asked(some[0]) | {"id": "past", "registered_at": "2020-01-01T00:00:00Z"}
    said = simulate("--concurrency", "3", ledgers=[*(asked(vector) for vector in some), past])
    assert (said.returncode, bool(said.stdout)) == (1, True), said.stderr
    answers = json.loads(said.stdout)
    assert len(answers) == len(some)
    for answer, vector in zip(answers, some, strict=True):
        assert close(answer, expected(vector)), (answer, expected(vector))
    assert "ledger past: registered_at" in said.stderr


def test_an_odd_concurrency_is_refused(house: House) -> None:
    for number in ("0", "201", "two"):
        said = house.run("simulate", "-", "--concurrency", number, typed="[]")
        assert said.code == 2
        assert "--concurrency" in said.err
