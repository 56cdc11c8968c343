"""One lazy timer to the next wake-up (temporal.md section 3, design c)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from protection.dates import format_instant


class Alarm:
    """Wakes the loop; a new timer only when the old one fired or the wake-up moved earlier.

    A fact that moves the wake-up later leaves the timer as it is: it fires early, the loop finds nothing
    due and sets the alarm again. That costs fewer events than cancelling it for every fact.
    """

    def __init__(self) -> None:
        self._timer: asyncio.Task[None] | None = None
        self._fires: datetime | None = None

    @property
    def rang(self) -> bool:
        """Whether the timer has fired."""
        return self._timer is not None and self._timer.done()

    def set(self, wake_at: datetime | None) -> None:
        """Makes sure that the loop wakes at this instant at the latest."""
        if self.rang:
            self._timer = None
        if wake_at is None:
            return
        if self._timer is not None:
            if self._fires is not None and self._fires <= wake_at:
                return
            self._timer.cancel()
        self._fires = wake_at
        delay = max(wake_at - workflow.now(), timedelta())
        self._timer = asyncio.create_task(
            workflow.sleep(delay, summary=f"next look: {format_instant(wake_at)}")
        )
