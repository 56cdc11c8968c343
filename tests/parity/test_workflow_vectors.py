"""The real workflow, on skipped time, agrees with every worked example of the law: instants within 5 s.

All ledgers are played side by side once; then every ledger is a test of its own, so that a failure
names it. The hand-made ones and the first twenty generated ones belong to the quick run, all
of them to `make test-all`; engine and SQL are asked all of them in every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
import pytest_asyncio

from protection.dates import parse_instant
from protection.vectors import read_vector
from tests.protection.vectors import VECTORS
from workers.simulation import Simulator, skipping_environment

WITHIN: Final = timedelta(seconds=5)
QUICK: Final = 41 + 20
_INSTANTS: Final = frozenset({"at", "base_until", "progress_until", "grace_until", "valid_until"}) | {
    "reminder_due_at"
}


def _params() -> list[Any]:
    return [
        pytest.param(raw, id=raw["id"], marks=() if number < QUICK else pytest.mark.slow)
        for number, raw in enumerate(VECTORS)
    ]


@pytest_asyncio.fixture(scope="module")
async def answers(request: pytest.FixtureRequest) -> Mapping[str, dict[str, Any]]:
    """What the workflow answered to each ledger that this run asks for."""
    mine = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path and hasattr(item, "callspec")
    ]
    wanted = {item.callspec.id for item in mine}
    vectors = [read_vector(raw) for raw in VECTORS if raw["id"] in wanted]
    async with skipping_environment() as environment:
        played = await Simulator(environment).play_all(vectors)
    return {answer["id"]: answer for answer in played}


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Where the answer is not the expected one; instants may lie `WITHIN` of each other."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            return [f"{where}: fields {sorted(found)} instead of {sorted(expected)}"]
        return [
            line for name in expected for line in differences(expected[name], found[name], f"{where}.{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{where}: {found} instead of {expected}"]
        return [
            line
            for number, (one, other) in enumerate(zip(expected, found, strict=True))
            for line in differences(one, other, f"{where}[{number}]")
        ]
    instants = where.rpartition(".")[2] in _INSTANTS and None not in (expected, found)
    if instants and abs(parse_instant(expected) - parse_instant(found)) <= WITHIN:
        return []
    return [] if expected == found else [f"{where}: {found} instead of {expected}"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("raw", _params())
async def test_the_workflow_agrees_with_the_vector(
    raw: dict[str, Any], answers: Mapping[str, dict[str, Any]]
) -> None:
    assert differences({"id": raw["id"], **raw["expected"]}, answers[raw["id"]]) == []


def test_a_difference_would_be_found() -> None:
    expected = {"at": "2030-01-15T09:30:00Z", "status": "ACTIVE", "facts": [1]}
    assert differences(expected, expected | {"at": "2030-01-15T09:30:04.5Z"}) == []
    assert differences(expected, expected | {"at": "2030-01-15T09:30:05.5Z"}) != []
    assert differences(expected, expected | {"at": None}) != []
    assert differences(expected, expected | {"status": "GRACE"}) != []
    assert differences(expected, expected | {"facts": []}) != []
    assert differences({"at": None}, {"at": "2030-01-15T09:30:00Z"}) != []
