"""A lead's own clock on a server that skips time: forward to an instant, and wait for what that brings."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from protection.dates import format_instant, parse_instant
from workflows import names

# The server counts a skip from when it hears of it, so a skip may end later than asked by the time the
# request took. Should a timer fire before that end and the work it brings last beyond it, the server
# skips on to the next timer of all. So a skip ends this much early, and the rest simply passes.
_MARGIN: Final = timedelta(milliseconds=300)
_SHORTEST_SKIP: Final = timedelta(seconds=2)
# Between skips the virtual clock runs with the real one, and a skip may go too far.
_AHEAD: Final = timedelta(seconds=30)
_LOOK_AGAIN: Final = 0.02
_ANSWER_WITHIN: Final = timedelta(seconds=30)


class OutOfTime(Exception):
    """The clock is ahead of where it was to be; what follows would be told of another instant."""


class LeadClock:
    """The virtual clock of one lead's workflow.

    Args:
        client: of a server with time skipping.
        handle: the workflow.

    Attributes:
        over: whether the workflow has ended; then there is nothing to skip.
    """

    def __init__(self, client: Client, handle: WorkflowHandle[Any, Any]) -> None:
        self._skipper = TimeSkipper(client)
        self._handle = handle
        self.over = False

    async def now(self) -> datetime:
        """The workflow's own time, a UTC instant."""
        return await self._skipper.get_current_time(self._handle)

    async def forward(self, to: datetime) -> None:
        """Skips to an instant and lets the workflow do what is due by then.

        Raises:
            OutOfTime: the clock ran past it.
        """
        await self.skip(to)
        await self._settle(to)

    async def skip(self, to: datetime) -> None:
        """Skips to an instant, whatever is still under way there."""
        while not self.over and (step := to - await self.now()) > timedelta():
            if step < _SHORTEST_SKIP:
                await asyncio.sleep(step.total_seconds())
                continue
            try:
                self.over = not await self._skipper.fast_forward(self._handle, step - _MARGIN)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                self.over = True

    async def _settle(self, to: datetime) -> None:
        # A timer fires a little after its instant, by what the task took that set it.
        while True:
            wake_at = None if self.over else await self._wake_at()
            seen = await self._handle.describe()
            self.over = seen.close_time is not None
            late = (seen.close_time or await self.now()) - to
            if late > _AHEAD:
                raise OutOfTime(f"the clock is {late.total_seconds():.1f} s past {format_instant(to)}")
            raw = seen.raw_description
            busy = raw.pending_activities or raw.HasField("pending_workflow_task")
            if self.over or (not busy and (wake_at is None or wake_at > to)):
                return
            await asyncio.sleep(_LOOK_AGAIN)

    async def _wake_at(self) -> datetime | None:
        """When the workflow will look again; at once, if it has not begun yet."""
        try:
            view = await self._handle.query(names.PROTECTION, rpc_timeout=_ANSWER_WITHIN)
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            return datetime.min.replace(tzinfo=UTC)
        wake_at = view["next_wake_up"]
        return None if wake_at is None else parse_instant(wake_at)
