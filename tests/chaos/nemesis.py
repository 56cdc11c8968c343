"""Does to the processes of a running stack what a plan says."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from random import Random
from typing import Final

import psutil

from tests.chaos.disk import Disk
from tests.chaos.plan import Act, Fault, Target
from tests.stack.running import Up

_BACK_WITHIN: Final = 240.0  # seconds until a part that was hit answers again
_LOOK_EVERY: Final = 0.1
_AGAIN: Final = 20
# The supervisor gives up a part that dies five times within a minute; it may have deaths of its own.
_REST: Final = {Target.POSTGRES: 40.0, Target.DISK: 120.0}
_REST_OF_OTHERS: Final = 20.0
# So many answers between two faults, if they come within so many seconds.
_ANSWERS: Final = 10
_LONGEST: Final = 40.0
_SESSION: Final = "127.0.0.1("  # in the title of a process of PostgreSQL that serves a client


class StackEnded(Exception):
    """The whole stack has ended, which nothing here asks it to."""


class Nemesis:
    """What hits.

    Attributes:
        done: how often what was done to whom.
        missed: faults whose target was still down from the one before.
    """

    def __init__(self, stack: Up, disk: Disk | None, seed: int) -> None:
        self._stack = stack
        self._disk = disk
        self._chance = Random(f"{seed}/nemesis")
        self._turns: defaultdict[Target, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._frozen: set[psutil.Process] = set()
        self._last: defaultdict[Target, float] = defaultdict(lambda: float("-inf"))
        self.done: Counter[str] = Counter()
        self.missed = 0

    async def strike(self, faults: Iterable[Fault], until: float, served: Callable[[], int]) -> None:
        """Do one after the other until it is time to stop; those that last overlap with the next.

        Between two of them clients get through again: a system that never serves shows nothing.

        Args:
            until: monotonic seconds; no fault begins after that.
            served: how many requests were answered so far.

        Raises:
            StackEnded: it did not survive.
        """
        try:
            async with asyncio.TaskGroup() as under_way:
                for fault in faults:
                    await self._breathe(fault, served, until)
                    if time.monotonic() >= until:
                        break
                    under_way.create_task(self._apply(fault))
        finally:
            self._thaw(set(self._frozen))
            if self._disk is not None:
                self._disk.empty()
        for target in Target:
            if target is not Target.DISK:
                await self._process(target)

    async def _breathe(self, fault: Fault, served: Callable[[], int], until: float) -> None:
        """Wait for the fault's turn, and for some answers; not for ever."""
        began, before = time.monotonic(), served()
        while time.monotonic() < until:
            if self._stack.process.poll() is not None:
                raise StackEnded(self._stack.said()[-4000:])
            waited = time.monotonic() - began
            rested = time.monotonic() - self._last[fault.target] >= _REST.get(fault.target, _REST_OF_OTHERS)
            if waited >= fault.pause and rested and (served() - before >= _ANSWERS or waited > _LONGEST):
                return
            await asyncio.sleep(_LOOK_EVERY)

    async def _apply(self, fault: Fault) -> None:
        async with self._turns[fault.target]:
            if fault.act is Act.FILL:
                await self._fill(fault.lasts)
            elif not await self._reached(fault):
                self.missed += 1
                return
            self._last[fault.target] = time.monotonic()
            self.done[f"{fault.target} {fault.act}"] += 1

    async def _reached(self, fault: Fault) -> bool:
        """Hit a part; again where it ended by itself just before. Whether it was hit."""
        for _ in range(_AGAIN):
            process = await self._process(fault.target)
            if process is None:
                return False
            try:
                await self._hit(fault, process)
            except psutil.NoSuchProcess:
                await asyncio.sleep(_LOOK_EVERY)
            else:
                return True
        return False

    async def _hit(self, fault: Fault, process: psutil.Process) -> None:
        if fault.act is Act.KILL:
            process.kill()
        elif fault.act is Act.RESTART:
            # PostgreSQL would wait for its clients at a SIGTERM.
            postgres = fault.target is Target.POSTGRES
            process.send_signal(signal.SIGINT if postgres else signal.SIGTERM)
        elif fault.act is Act.FREEZE:
            frozen = _freeze(process)
            self._frozen |= frozen
            await asyncio.sleep(fault.lasts)
            self._thaw(frozen)
        else:
            self._chance.choice(_sessions(process)).kill()

    async def _fill(self, seconds: float) -> None:
        assert self._disk is not None
        await asyncio.to_thread(self._disk.fill)
        await asyncio.sleep(seconds)
        self._disk.empty()

    async def _process(self, target: Target) -> psutil.Process | None:
        """The process of a part, once it answers; None where another fault keeps it from that.

        Raises:
            StackEnded: there is no stack any more.
        """
        for _ in range(int(_BACK_WITHIN / _LOOK_EVERY)):
            if self._stack.process.poll() is not None:
                raise StackEnded(self._stack.said()[-4000:])
            part = self._stack.parts()[target.value]
            pid = part["pid"]
            if isinstance(pid, int) and part["ready"] and psutil.pid_exists(pid):
                return psutil.Process(pid)
            await asyncio.sleep(_LOOK_EVERY)
        return None

    def _thaw(self, processes: set[psutil.Process]) -> None:
        for process in processes:
            try:
                process.resume()
            except psutil.NoSuchProcess:
                continue
        self._frozen -= processes


def _freeze(process: psutil.Process) -> set[psutil.Process]:
    """Stop a process and those below it; the first stops first, so that no more come."""
    process.suspend()
    frozen = {process}
    for child in process.children(recursive=True):
        try:
            child.suspend()
        except psutil.NoSuchProcess:
            continue
        frozen.add(child)
    return frozen


def _sessions(postmaster: psutil.Process) -> list[psutil.Process]:
    found = [one for one in postmaster.children() if _SESSION in " ".join(one.cmdline())]
    if not found:
        raise psutil.NoSuchProcess(postmaster.pid)
    return found
