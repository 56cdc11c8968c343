"""How a run of the tests is put together, so that it takes no longer than it has to."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling

# How coverage measures programs that a test process starts.
_MEASURED: Final = "COVERAGE_PROCESS_CONFIG"
# Files that mostly wait or cannot be shared out: at the end of a run one process would have them to itself.
_FIRST: Final = (
    "tests/vault/test_nothing_left.py",
    "tests/stack/test_up.py",
    "tests/workflows/test_long_lives.py",
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
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST))


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
