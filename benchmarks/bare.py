"""The bare thing beside a lead: a workflow that takes messages and answers each with one empty activity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.counter import Counted, count

QUEUE: Final = "bare"
WORKFLOW: Final = "bare"
TELL: Final = "tell"
HEAR: Final = "hear"
NO_OP: Final = "no-op"
_WITHIN: Final = timedelta(seconds=30)


@activity.defn(name=NO_OP)
async def no_op(raw: Any = None) -> int:
    """Does nothing but count itself."""
    count(Counted.ACTIVITIES)
    return 0


@workflow.defn(name=WORKFLOW)
class Bare:
    """Open for ever; one empty local activity per start and per update, nothing at all per signal."""

    def __init__(self) -> None:
        self._heard = 0

    @workflow.run
    async def run(self, raw: Any = None) -> int:
        """Never ends by itself."""
        await self._act(raw)
        await workflow.wait_condition(lambda: self._heard < 0)
        return self._heard

    @workflow.update(name=TELL)
    async def tell(self, raw: Any = None) -> int:
        """Answers once the activity is done."""
        return await self._act(raw)

    @workflow.signal(name=HEAR)
    def hear(self, raw: Any = None) -> None:
        """Counts."""
        self._heard += 1
        count(Counted.SIGNALS)

    async def _act(self, raw: Any) -> int:
        done: int = await workflow.execute_local_activity(no_op, raw, start_to_close_timeout=_WITHIN)
        return done
