"""What can be made to go wrong with a stand-in: set by tests, benchmarks and the control page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

LONGEST_MS: Final = 600_000
_STATUSES: Final = range(400, 600)
_SLOW_MS: Final = 120_000


class Upstream(StrEnum):
    """The systems outside that are played. Wire names."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    CREDIT = "credit"
    XENTRAL = "xentral"
    IMAP = "imap"


class Failure(StrEnum):
    """The ways in which an upstream fails. Wire names."""

    SLOW = "slow"
    DOWN = "down"
    TOO_MANY_REQUESTS = "too-many-requests"
    SERVER_ERROR = "server-error"
    MALFORMED = "malformed"
    HALF_ANSWER = "half-answer"
    WRONG_CREDENTIALS = "wrong-credentials"
    UNTRUSTED_CERTIFICATE = "untrusted-certificate"


class SwitchError(Exception):
    """A switch makes no sense; names the field.

    Attributes:
        field: which.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """How a stand-in behaves.

    Attributes:
        latency_ms: milliseconds it thinks before it answers.
        error: HTTP status it answers instead, such as 500 or 429.
        error_rate: share of the requests that get the error; spread evenly, never by chance.
        retry_after: seconds it asks to wait, with an error.
        outage: nobody listens: connections are refused, open ones reset.
        malformed: the answer is cut in the middle, and complete as far as HTTP can tell.
        half: half of the answer comes, then the connection ends.
        wrong_credentials: whatever is shown is refused.
        untrusted: the certificate comes from an authority nobody knows.
        times: after so many requests that it spoilt everything is well again; None is never.
    """

    latency_ms: int = 0
    error: int | None = None
    error_rate: float = 1.0
    retry_after: int | None = None
    outage: bool = False
    malformed: bool = False
    half: bool = False
    wrong_credentials: bool = False
    untrusted: bool = False
    times: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.latency_ms <= LONGEST_MS:
            raise SwitchError("latency_ms", f"must be between 0 and {LONGEST_MS}")
        if self.error is not None and self.error not in _STATUSES:
            raise SwitchError("error", "must be a status between 400 and 599")
        if not 0 <= self.error_rate <= 1:
            raise SwitchError("error_rate", "must be between 0 and 1")
        if self.retry_after is not None and not 0 <= self.retry_after <= 86_400:
            raise SwitchError("retry_after", "must be between 0 and 86400 seconds")
        if self.times is not None and self.times < 1:
            raise SwitchError("times", "must be 1 or more")

    @property
    def closed_to_all(self) -> bool:
        """Whether open connections have to end for it to take effect."""
        return self.outage or self.untrusted

    @property
    def spoils(self) -> bool:
        """Whether anything is wrong with it at all."""
        return replace(self, times=None, error_rate=1.0, retry_after=None) != Switch()


_FAILURES: Final = {
    Failure.SLOW: Switch(latency_ms=_SLOW_MS),
    Failure.DOWN: Switch(outage=True),
    Failure.TOO_MANY_REQUESTS: Switch(error=429, retry_after=2),
    Failure.SERVER_ERROR: Switch(error=500),
    Failure.MALFORMED: Switch(malformed=True),
    Failure.HALF_ANSWER: Switch(half=True),
    Failure.WRONG_CREDENTIALS: Switch(wrong_credentials=True),
    Failure.UNTRUSTED_CERTIFICATE: Switch(untrusted=True),
}


def failing(failure: Failure) -> Switch:
    """The switch that makes an upstream fail in this way."""
    return _FAILURES[failure]


class Switches:
    """How every stand-in behaves at the moment. Lives in one event loop."""

    def __init__(self) -> None:
        self._current = dict.fromkeys(Upstream, Switch())
        self._spoilt = dict.fromkeys(Upstream, 0)
        self._owed = dict.fromkeys(Upstream, 0.0)
        self._changed = {upstream: asyncio.Event() for upstream in Upstream}
        self._told: list[Callable[[Upstream], None]] = []

    def whenever_changed(self, tell: Callable[[Upstream], None]) -> None:
        """Have somebody told of every change."""
        self._told.append(tell)

    def current(self, upstream: Upstream) -> Switch:
        """How it behaves now."""
        return self._current[upstream]

    def set(self, upstream: Upstream, switch: Switch) -> None:
        """Behave differently from now on; whoever waits for a slow answer gets it at once."""
        self._current[upstream] = switch
        self._spoilt[upstream] = 0
        self._owed[upstream] = 0.0
        self._changed[upstream].set()
        self._changed[upstream] = asyncio.Event()
        for tell in self._told:
            tell(upstream)

    def take(self, upstream: Upstream) -> Switch:
        """How the next request is treated; counts it."""
        switch = self._current[upstream]
        if not switch.spoils:
            return switch
        if switch.error is not None:
            self._owed[upstream] += switch.error_rate
            if self._owed[upstream] < 1:
                return replace(switch, error=None)
            self._owed[upstream] -= 1
        if switch.times is not None:
            self._spoilt[upstream] += 1
            if self._spoilt[upstream] >= switch.times:
                self.set(upstream, Switch())
        return switch

    async def think(self, upstream: Upstream, milliseconds: int) -> None:
        """Wait so long, or until the stand-in is told to behave differently."""
        if not milliseconds:
            return
        changed = self._changed[upstream]
        try:
            async with asyncio.timeout(milliseconds / 1000):
                await changed.wait()
        except TimeoutError:
            return
