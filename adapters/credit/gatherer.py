"""Puts together what comes at the same time, so that many questions cost one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Gatherer(Generic[Asked, Told]):
    """Calls `act` with everything that came within a window, and hands each answer to whoever asked.

    Whoever goes away takes nothing from the others, and what he has asked for is still done.

    Args:
        act: answers all of them, in order; its error goes to everybody whose question was in the call.
        most: at most so many in one call; more make several calls at once.
        one_at_a_time: a call begins only when the one before is over; what comes meanwhile is put together.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Asked]], Awaitable[Sequence[Told]]],
        *,
        most: int = 100,
        one_at_a_time: bool = False,
    ) -> None:
        self._act = act
        self._most = most
        self._one_at_a_time = one_at_a_time
        self._waiting: list[tuple[Asked, asyncio.Future[Told]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[Sequence[Told]]] = set()

    @property
    def idle(self) -> bool:
        """Whether nobody waits for anything."""
        return not self._waiting and not self._calls

    async def ask(self, item: Asked, *, until: float = 0.0) -> Told:
        """The answer to one question.

        Args:
            item: the question.
            until: others are waited for until then, by the running loop's clock; whoever comes first says.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Told] = loop.create_future()
        self._waiting.append((item, answered))
        if self._one_at_a_time and self._calls:
            return await answered
        if len(self._waiting) >= self._most:
            self._go()
        elif self._timer is None:
            self._timer = loop.call_at(max(until, loop.time()), self._go)
        return await answered

    async def finish(self) -> None:
        """Wait until everything asked so far is answered."""
        while not self.idle:
            if self._timer is not None:
                self._go()
            if self._calls:
                await asyncio.wait(self._calls)

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        together, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if not together:
            return
        self._calls.add(call := asyncio.create_task(self._call([item for item, _ in together])))
        call.add_done_callback(partial(self._done, [answered for _, answered in together]))

    async def _call(self, items: Sequence[Asked]) -> Sequence[Told]:
        answers = await self._act(items)
        if len(answers) != len(items):
            raise ValueError("not as many answers as questions")
        return answers

    def _done(self, waiting: Sequence[asyncio.Future[Told]], call: asyncio.Task[Sequence[Told]]) -> None:
        self._calls.discard(call)
        wanted = [(place, answered) for place, answered in enumerate(waiting) if not answered.done()]
        error = None if call.cancelled() else call.exception()
        for place, answered in wanted:
            if call.cancelled():
                answered.cancel()
            elif error is not None:
                answered.set_exception(error)
            else:
                answered.set_result(call.result()[place])
        if self._one_at_a_time and self._waiting:
            self._go()
