"""The end of work in the background of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_AGAIN_SECONDS: Final = 1.0


async def stopped(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they are over.

    Once is not enough: who is cancelled while he waits for an answer may take it for a time-out, as the
    library of Temporal tells it, and go on.

    Raises:
        Exception: what a task had ended with by itself.
    """
    all_of_them = list(tasks)
    while running := [task for task in all_of_them if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=_AGAIN_SECONDS)
    for task in all_of_them:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
