"""What tests leave running when their process ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio

_TIMES: Final = 60


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
