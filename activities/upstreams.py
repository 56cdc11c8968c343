"""What can go wrong with a system outside, as types, whatever it is spoken to with.

Everybody branches on these, never on a text. None of them carries what was sent or answered in its message:
both may name people.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from temporalio.exceptions import ApplicationError

# Credentials and refusals are mended by a person, not by asking again soon.
_MENDED_BY_A_PERSON: Final = timedelta(minutes=5)


class Fault(StrEnum):
    """Why a system outside was of no use. Wire names, shown on Integrations.

    Attributes:
        TIMEOUT: it did not answer in time.
        NO_CONNECTION: nobody there took the connection.
        CONNECTION_LOST: the connection broke before there was an answer.
        NOT_TRUSTED: its certificate is not one this installation trusts.
        TLS_FAILED: no encrypted connection came about for another reason.
        SERVER_ERROR: it says that it is broken (5xx).
        BUSY: it has had enough of us for now (429).
        WRONG_CREDENTIALS: it does not accept our key or password (401, 403).
        REFUSED: it refuses this request (another 4xx, or a redirection).
        MALFORMED: its answer is not what its documentation says.
        HALF_ANSWER: its answer broke off.
        CIRCUIT_OPEN: it was not asked, because it failed too often just now.
    """

    TIMEOUT = "timeout"
    NO_CONNECTION = "no-connection"
    CONNECTION_LOST = "connection-lost"
    NOT_TRUSTED = "certificate-not-trusted"
    TLS_FAILED = "tls-failed"
    SERVER_ERROR = "server-error"
    BUSY = "busy"
    WRONG_CREDENTIALS = "wrong-credentials"
    REFUSED = "refused"
    MALFORMED = "malformed"
    HALF_ANSWER = "half-answer"
    CIRCUIT_OPEN = "circuit-open"


class UpstreamError(Exception):
    """A system outside was of no use this time.

    Attributes:
        upstream: wire name of the system.
        fault: why.
        status: HTTP status, where there was one.
        retry_after: when it is worth asking again; None where nobody said.
    """

    def __init__(
        self,
        upstream: str,
        fault: Fault,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{upstream}: {fault}" if status is None else f"{upstream}: {fault} ({status})")
        self.upstream = upstream
        self.fault = fault
        self.status = status
        self.retry_after = retry_after


class UpstreamDown(UpstreamError):
    """It is not there, or broken: time-out, no connection, no trust, 5xx."""


class UpstreamBusy(UpstreamError):
    """It is there and asks for a pause (429)."""

    def __init__(self, upstream: str, *, status: int = 429, retry_after: timedelta | None = None) -> None:
        super().__init__(upstream, Fault.BUSY, status=status, retry_after=retry_after)


class UpstreamMalformed(UpstreamError):
    """It answered what cannot be used: no JSON, half an answer, another shape.

    Attributes:
        where: the first field that is not as documented, such as `lines.0.sku`; None if there are none.
    """

    def __init__(
        self,
        upstream: str,
        fault: Fault = Fault.MALFORMED,
        *,
        status: int | None = None,
        where: str | None = None,
    ) -> None:
        super().__init__(upstream, fault, status=status)
        self.where = where


class UpstreamRefused(UpstreamError):
    """It is well and does not do what we ask (4xx).

    Attributes:
        content: its answer's body, cut; to be read as JSON by whoever knows its shape, never to be logged.
    """

    def __init__(
        self, upstream: str, fault: Fault = Fault.REFUSED, *, status: int, content: bytes = b""
    ) -> None:
        super().__init__(upstream, fault, status=status)
        self.content = content


class WrongCredentials(UpstreamRefused):
    """It does not accept our key or password (401, 403). Somebody must correct the settings."""

    def __init__(self, upstream: str, *, status: int, content: bytes = b"") -> None:
        super().__init__(upstream, Fault.WRONG_CREDENTIALS, status=status, content=content)


class CircuitOpen(UpstreamError):
    """It was not asked: it failed too often just now. `retry_after` is when it may be."""

    def __init__(self, upstream: str, *, retry_after: timedelta) -> None:
        super().__init__(upstream, Fault.CIRCUIT_OPEN, retry_after=retry_after)


# What speaks against the system itself, and so opens a breaker. A refusal does not: it answered.
OUTAGES: Final = (UpstreamDown, UpstreamBusy, UpstreamMalformed)


class UpstreamErrorType(StrEnum):
    """Error types of these as Temporal shows and matches them."""

    CIRCUIT_OPEN = "CircuitOpen"
    DOWN = "upstream-down"
    BUSY = "upstream-busy"
    MALFORMED = "upstream-malformed"
    WRONG_CREDENTIALS = "wrong-credentials"
    REFUSED = "upstream-refused"


def for_temporal(error: UpstreamError) -> ApplicationError:
    """The error an activity raises for one of these, so that Temporal tries again when it is worth it.

    A refusal is final; everything else is tried again: after the pause the system or the breaker asks for,
    after some minutes where a person must correct something first, else as the retry policy says.
    """
    kind = _kind(error)
    pause = _MENDED_BY_A_PERSON if kind is UpstreamErrorType.WRONG_CREDENTIALS else error.retry_after
    return ApplicationError(
        str(error), type=kind, non_retryable=kind is UpstreamErrorType.REFUSED, next_retry_delay=pause
    )


def _kind(error: UpstreamError) -> UpstreamErrorType:
    match error:
        case CircuitOpen():
            return UpstreamErrorType.CIRCUIT_OPEN
        case UpstreamBusy():
            return UpstreamErrorType.BUSY
        case UpstreamMalformed():
            return UpstreamErrorType.MALFORMED
        case WrongCredentials():
            return UpstreamErrorType.WRONG_CREDENTIALS
        case UpstreamRefused():
            return UpstreamErrorType.REFUSED
        case _:
            return UpstreamErrorType.DOWN
