"""Signs of life: an activity whose worker dies is tried again in seconds, not after its whole time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio import activity


async def _beat(every: timedelta) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(every.total_seconds())


@asynccontextmanager
async def beating(every: timedelta) -> AsyncIterator[None]:
    """Heartbeats from now until the block ends. A third of the heartbeat timeout is a good pace."""
    beats = asyncio.create_task(_beat(every))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
