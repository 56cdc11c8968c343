"""What tests leave behind: a log that writes where nobody reads any more, tasks when their process ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio

_TIMES: Final = 60


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
