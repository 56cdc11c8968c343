"""What tests leave behind: a log that writes where nobody reads any more, servers that nobody needs any more,
tasks when their process ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Final

import pytest
import pytest_asyncio
from _pytest.fixtures import SubRequest

_TIMES: Final = 60
# What rooms have set up for all their tests, in this order.
_of_rooms: Final[list[tuple[pytest.FixtureDef[Any], SubRequest]]] = []


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: SubRequest
) -> Generator[None, Any, Any]:
    """Remember what a room sets up for all its tests."""
    made = yield
    if fixturedef.scope == "session" and fixturedef.baseid not in {"", "."}:
        _of_rooms.append((fixturedef, request))
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """End a room's servers and workers with its last test: for pytest they belong to the whole run.

    Each room has its own, and rooms come one after the other; those of twenty rooms would ask for work and
    look into their databases until the end of the run.
    """
    done = yield
    if nextitem is not None:
        for room in _of_rooms[::-1]:
            fixture, request = room
            if not nextitem.nodeid.startswith((f"{fixture.baseid}/", f"{fixture.baseid}::")):
                _of_rooms.remove(room)
                fixture.finish(request)
    return done


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Take away a log that the test has set up: it writes to a standard error that is closed by then."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    # Exactly this class: pytest's own handlers come and go by themselves.
    root.handlers = [one for one in root.handlers if one in before or type(one) is not logging.StreamHandler]
    root.setLevel(level)


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def nothing_left_running() -> AsyncIterator[None]:
    """End what was left, and name what does not end: the loop would wait for it without a word."""
    yield
    left: set[asyncio.Task[object]] = set()
    for _ in range(_TIMES):
        left = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
        if not left:
            return
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.5)
    pytest.fail(f"still running: {[repr(task.get_coro()) for task in left]}")
