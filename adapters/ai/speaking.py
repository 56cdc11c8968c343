"""What both SDKs share: their errors as ours, time-outs, trust. Retries are never theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx2
from opentelemetry.trace import SpanKind

from activities.upstreams import (
    Fault,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
    UpstreamMalformed,
    UpstreamRefused,
    WrongCredentials,
)
from adapters.http import tls_fault
from adapters.tracing import within

TEMPERATURE: Final = 0.2
MOST_OUTPUT_TOKENS: Final = 512
_LONGEST_PAUSE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long an answer may take (domain.md section 9)."""

    connect: timedelta = timedelta(seconds=10)
    read: timedelta = timedelta(seconds=30)

    def timeout(self) -> httpx2.Timeout:
        """For the transport of an SDK."""
        read, connect = self.read.total_seconds(), self.connect.total_seconds()
        return httpx2.Timeout(read, connect=connect, pool=connect)

    @asynccontextmanager
    async def all_in_all(self, upstream: str) -> AsyncIterator[None]:
        """Both together; an answer that trickles in does not get around them.

        Raises:
            UpstreamDown: it took longer.
        """
        try:
            with within(f"ai {upstream}", SpanKind.CLIENT):
                async with asyncio.timeout((self.connect + self.read).total_seconds()):
                    yield
        except TimeoutError:
            raise UpstreamDown(upstream, Fault.TIMEOUT) from None


def not_reached(upstream: str, error: Exception) -> UpstreamError:
    """What an SDK's connection error comes from."""
    match error.__cause__:
        case httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            fault = Fault.NO_CONNECTION
        case httpx2.TimeoutException():
            fault = Fault.TIMEOUT
        case httpx2.ConnectError() as cause:
            fault = tls_fault(cause) or Fault.NO_CONNECTION
        case httpx2.RemoteProtocolError() | httpx2.DecodingError():
            return UpstreamMalformed(upstream, Fault.HALF_ANSWER)
        case _:
            fault = Fault.CONNECTION_LOST
    return UpstreamDown(upstream, fault)


def refused(upstream: str, status: int, headers: Mapping[str, str]) -> UpstreamError:
    """What an answer without success means."""
    pause = _pause(headers)
    if status == 429:
        return UpstreamBusy(upstream, retry_after=pause)
    if status >= 500 or status == 408:
        fault = Fault.TIMEOUT if status == 408 else Fault.SERVER_ERROR
        return UpstreamDown(upstream, fault, status=status, retry_after=pause)
    if status in {401, 403}:
        return WrongCredentials(upstream, status=status)
    return UpstreamRefused(upstream, status=status)


def _pause(headers: Mapping[str, str]) -> timedelta | None:
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit() and len(asked) < 8:
        return min(timedelta(seconds=int(asked)), _LONGEST_PAUSE)
    return None
