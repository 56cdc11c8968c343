"""How a run of the tests is put together, so that it takes no longer than it has to."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import Any, Final

import pytest
from coverage import Coverage
from xdist.scheduler import LoadFileScheduling

# Whoever measured before it was stopped.
_STOPPED: Final = pytest.StashKey[Coverage]()
# How coverage measures programs that a test process starts.
_MEASURED: Final = "COVERAGE_PROCESS_CONFIG"
# Files that mostly wait or cannot be shared out, the longest first: at the end of a run one process would
# have them to itself. Between those that start a whole stack, one at a time, stand others.
_FIRST: Final = (
    "tests/e2e/browser/",
    "tests/fuzz/",
    "tests/upgrade/test_drill.py",
    "tests/stack/test_up.py",
    "tests/workflows/test_long_lives.py",
    "tests/chaos/test_chaos.py",
    "tests/api/test_matrix_cells.py",
    "tests/stack/test_api_part.py",
    "tests/parity/",
    "tests/vault/test_nothing_left.py",
    "tests/traces/",
    "tests/e2e/test_round_trip.py",
)
# Files that go the same ways hundreds of times: measured, they take nearly twice as long. Those lines count
# that an example written down reaches elsewhere; none that only chance has reached.
_UNMEASURED: Final = (
    "tests/api/test_matrix_attacks.py",
    "tests/api/test_matrix_cells.py",
    "tests/fuzz/",
    "tests/parity/test_workflow_",
    "tests/protection/test_clock_properties.py",
    "tests/protection/test_lifecycle_properties.py",
)
# So many new objects before a look for rubbish; the usual 700 are made by one request.
_OBJECTS: Final = 20_000

# Rooms that one process takes as a whole: starting their servers in three takes longer than their tests.
_TOGETHER: Final = frozenset(
    f"tests/{room}" for room in ("campaigns", "client", "credit", "erp", "proposals", "replay", "samples")
)


class RoomByRoom(LoadFileScheduling):  # type: ignore[misc]  # xdist comes without types
    """Hands files to test processes one by one, and small rooms with servers of their own as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        room = file.rpartition("/")[0]
        return room if room in _TOGETHER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> RoomByRoom:
    """How tests are handed out."""
    return RoomByRoom(config, log)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Measure lines in test processes alone: a program pays for it with half a second each time it starts."""
    if hasattr(session.config, "workerinput"):
        os.environ.pop(_MEASURED, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first; everything else stays where it is."""
    turns = {start: turn for turn, start in enumerate(_FIRST)}
    items.sort(
        key=lambda item: next(
            (turn for start, turn in turns.items() if item.nodeid.startswith(start)), len(turns)
        )
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Measure lines, or do not, as long as tests of that kind follow one another."""
    unmeasured, stash = item.nodeid.startswith(_UNMEASURED), item.config.stash
    if unmeasured and (measuring := Coverage.current()) is not None:
        measuring.stop()
        stash[_STOPPED] = measuring
    elif not unmeasured and _STOPPED in stash:
        stash[_STOPPED].start()
        del stash[_STOPPED]
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Look for rubbish only among what tests make: ten thousand tests themselves stay to the end anyway."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS)
        gc.enable()
