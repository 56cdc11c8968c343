"""Rounds that alternate between ours and bare, because machines are busy with other things too."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")
_log = logging.getLogger(__name__)
_LOOK_EVERY = 0.02  # seconds between two looks at how far something has come
_PATIENCE = 120.0  # seconds without any progress


class Stuck(Exception):
    """What was to be measured makes no progress."""


@dataclass(slots=True)
class Rounds:
    """The figures of both sides, one a round."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def medians(self) -> tuple[float, float]:
        """Ours and bare."""
        return median(self.ours), median(self.bare)


async def alternate(
    number: int,
    ours: Callable[[int], Awaitable[float]],
    bare: Callable[[int], Awaitable[float]],
    *,
    within: float = math.inf,
) -> Rounds:
    """Measures ours, bare, ours, bare …; who begins changes every round.

    Args:
        number: of rounds.
        ours: measures one round, given its number from 0.
        bare: the same for the bare thing.
        within: seconds after which no further round begins; a busy machine measures fewer.
    """
    measured = Rounds()
    began = time.monotonic()
    for place in range(number):
        if place and time.monotonic() - began > within:
            _log.warning("the machine is busy: %s of %s rounds", place, number)
            break
        sides = [(ours, measured.ours), (bare, measured.bare)]
        for measure, figures in sides if place % 2 == 0 else reversed(sides):
            figures.append(await measure(place))
    return measured


async def at_once(items: Iterable[Item], work: Callable[[Item], Awaitable[object]], workers: int) -> None:
    """Works through the items with so many clients side by side."""
    left = iter(items)

    async def client() -> None:
        for item in left:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(client())


async def until(
    count: Callable[[], Awaitable[int]], goal: int, what: str, *, patience: float = _PATIENCE
) -> None:
    """Waits until the count has reached the goal.

    Args:
        patience: seconds the count may stand still.

    Raises:
        Stuck: it stood still for longer.
    """
    moved, last = time.monotonic(), -1
    while (now := await count()) < goal:
        if now != last:
            moved, last = time.monotonic(), now
        elif time.monotonic() - moved > patience:
            raise Stuck(f"{what}: {now} of {goal}, and no progress for {patience:.0f} seconds")
        await asyncio.sleep(_LOOK_EVERY)
