"""A circuit breaker: whoever fails again and again is left alone for a while, then asked by exactly one.

None of the packages tried keeps that last promise (they let everybody through at once, 50 of 50 calls), so
this is our own. One breaker stands before one system in one process.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from activities.upstreams import OUTAGES, CircuitOpen, Fault, UpstreamError
from adapters import log

FAILURES: Final = 5
# Less than half a minute, so that a system that is back is used again within half a minute.
COOLDOWN: Final = timedelta(seconds=20)
# For those who come while the one probe is on its way.
_PROBE_WAIT: Final = timedelta(seconds=1)

T = TypeVar("T")
_log = log.get(__name__)


class BreakerState(StrEnum):
    """How a breaker stands. Wire names, shown on Integrations.

    Attributes:
        CLOSED: calls go through.
        OPEN: they do not.
        PROBING: one call finds out whether the system is back; the others do not go through.
    """

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a breaker stands, and what it saw. UTC instants; None is never.

    Attributes:
        name: wire name of the system.
        since: from when on it stands so.
        failures: calls that failed one after the other.
        answered: when the system last answered, a refusal included.
        failed: when it last did not.
        fault: why it did not.
    """

    name: str
    state: BreakerState
    since: datetime
    failures: int
    answered: datetime | None
    failed: datetime | None
    fault: Fault | None


def utc_now() -> datetime:
    """The UTC instant now."""
    return datetime.now(UTC)


class Breaker:
    """Stands before one system outside.

    Args:
        name: wire name of the system.
        failures: so many failures one after the other open it.
        cooldown: so long it then stays open; under 30 s by domain.md section 10.
        clock: seconds that only go forward.
        now: UTC instants, for what people read.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = FAILURES,
        cooldown: timedelta = COOLDOWN,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = name
        self._most = failures
        self._cooldown = cooldown.total_seconds()
        self._clock = clock
        self._now = now
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False
        self._since = now()
        self._answered: datetime | None = None
        self._failed: datetime | None = None
        self._fault: Fault | None = None

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        return Standing(
            name=self.name,
            state=self._state(),
            since=self._since,
            failures=self._failures,
            answered=self._answered,
            failed=self._failed,
            fault=self._fault,
        )

    def would_let_through(self) -> bool:
        """Whether a call made now would be made."""
        return self._open_until is None or (not self._probing and self._clock() >= self._open_until)

    async def call(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do something with the system.

        Raises:
            CircuitOpen: it was not asked.
            UpstreamError: as `act` raises; those in `OUTAGES` count against the system.
        """
        async with self.guard():
            return await act()

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """The same for a block of code. Whatever it raises besides `OUTAGES` means that the system answered.

        A block that is cancelled says nothing about the system: a probe's place is free again.
        """
        mine = self._enter()
        try:
            yield
        except OUTAGES as error:
            self._note_failure(error, probe=mine)
            raise
        except Exception:
            self._note_answer(probe=mine)
            raise
        else:
            self._note_answer(probe=mine)
        finally:
            if mine:
                self._probing = False

    def _enter(self) -> bool:
        """Whether this call is the one probe; raises where it may not be made."""
        if self._open_until is None:
            return False
        left = self._open_until - self._clock()
        if left > 0 or self._probing:
            raise CircuitOpen(self.name, retry_after=max(timedelta(seconds=left), _PROBE_WAIT))
        self._probing = True
        self._changed()
        return True

    def _note_answer(self, *, probe: bool) -> None:
        self._answered = self._now()
        # A call from before the breaker opened says nothing new: only the probe closes it.
        if self._open_until is not None and not probe:
            return
        reopened = self._open_until is not None
        self._failures, self._open_until, self._probing = 0, None, False
        if reopened:
            self._changed()

    def _note_failure(self, error: UpstreamError, *, probe: bool) -> None:
        self._failed, self._fault = self._now(), error.fault
        self._failures += 1
        if probe or (self._open_until is None and self._failures >= self._most):
            self._open_until, self._probing = self._clock() + self._cooldown, False
            self._changed()

    def _state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.PROBING if self._probing else BreakerState.OPEN

    def _changed(self) -> None:
        self._since = self._now()
        standing = self.standing
        _log.info(
            "breaker changed",
            upstream=self.name,
            state=standing.state,
            failures=standing.failures,
            fault=standing.fault,
        )
