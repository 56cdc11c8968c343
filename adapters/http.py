"""The one door through which we speak HTTP to systems outside (besides the AI providers' own SDKs).

An answer is either what its documentation says, as a pydantic model, or one of the errors of
`activities.upstreams`. Nothing is tried twice here: in activities Temporal repeats, elsewhere the caller says
"not now". Addresses, bodies and headers are never logged.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, TypeAdapter, ValidationError

from activities.upstreams import (
    Fault,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
    UpstreamMalformed,
    UpstreamRefused,
    WrongCredentials,
)
from adapters import log
from adapters.breaker import Breaker, Standing, utc_now
from adapters.tracing import carry, within

# A page of products is far smaller; an answer without an end would fill the memory.
MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_OF_A_REFUSAL: Final = 64 * 1024
_CONNECT_WITHIN: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(hours=1)

T = TypeVar("T")
_log = log.get(__name__)


class Method(StrEnum):
    """HTTP methods."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, with a 2xx status.

    Attributes:
        headers: names in lower case.
        content: the body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def trust(ca_file: Path | None = None) -> ssl.SSLContext:
    """What certificates are verified with: the machine's own trust store, and one more CA where one is given.

    Verification cannot be switched off.

    Raises:
        OSError: the file cannot be read, or holds no certificate (`ssl.SSLError` is one of them).
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def tls_fault(error: BaseException) -> Fault | None:
    """Whether an error comes from TLS, and then from which of its two halves; for other clients too."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Fault.NOT_TRUSTED
        if isinstance(cause, ssl.SSLError):
            return Fault.TLS_FAILED
        cause = cause.__cause__ or cause.__context__
    return None


class Upstream:
    """One system outside that speaks HTTP. Closed by whoever made it (`async with`, or `aclose`).

    Args:
        name: wire name of the system.
        base_url: where its API begins.
        breaker: stands before every request; shared by all who speak to the same system in this process.
        timeout: for a whole request, its answer's last byte included.
        ca_file: one more CA to verify its certificate with.
        headers: sent with every request; may hold secrets.
        connections: how many at once; further requests wait, within their time-out.
        most_bytes: an answer that is larger is malformed.
        now: UTC instants, to read `Retry-After` with.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        breaker: Breaker | None = None,
        timeout: timedelta = timedelta(seconds=10),
        ca_file: Path | None = None,
        headers: Mapping[str, str] | None = None,
        connections: int = 20,
        most_bytes: int = MOST_BYTES,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = name
        self.breaker = breaker or Breaker(name)
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._now = now
        host = urlsplit(base_url).hostname
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers=dict(headers or {}),
            timeout=httpx.Timeout(
                timeout.total_seconds(), connect=min(timeout, _CONNECT_WITHIN).total_seconds()
            ),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            verify=trust(ca_file),
            event_hooks={"request": [carry]},
            # A proxy of the machine is for what lies outside the machine.
            trust_env=host not in {"127.0.0.1", "::1", "localhost"},
        )

    async def __aenter__(self) -> Self:
        """Itself; its connections are made when they are needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    def state(self) -> Standing:
        """How its breaker stands, and when it last answered and failed."""
        return self.breaker.standing

    async def ask(
        self,
        method: Method,
        path: str,
        answer: type[T],
        *,
        query: Mapping[str, str | int] | None = None,
        body: BaseModel | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Send a request and read its answer as JSON of that type.

        Args:
            path: below the base, from `/` on; whoever puts data into it quotes it.
            answer: a pydantic model, or what pydantic makes of JSON, such as `list[Model]`.
            body: sent as JSON by its aliases, fields that are None left out.
            form: sent as a form instead.

        Raises:
            UpstreamError: see `activities.upstreams`.
        """
        reader = TypeAdapter(answer)
        request = self._request(method, path, query=query, body=body, form=form, headers=headers)

        async def act() -> T:
            reply = await self._exchange(request)
            try:
                return reader.validate_json(reply.content)
            except ValidationError as error:
                first = error.errors(include_url=False, include_context=False, include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"]) or None
                raise UpstreamMalformed(self.name, status=reply.status, where=where) from None

        return await self._guarded(act)

    async def send(
        self,
        method: Method,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: BaseModel | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The same for an answer whose body is nothing, or not JSON.

        Raises:
            UpstreamError: see `activities.upstreams`.
        """
        request = self._request(method, path, query=query, body=body, form=form, headers=headers)
        return await self._guarded(lambda: self._exchange(request))

    async def _guarded(self, act: Callable[[], Awaitable[T]]) -> T:
        began = time.perf_counter()
        try:
            return await self.breaker.call(act)
        except UpstreamError as error:
            _log.info(
                "upstream failed",
                upstream=self.name,
                fault=error.fault,
                status=error.status,
                where=error.where if isinstance(error, UpstreamMalformed) else None,
                milliseconds=round(1000 * (time.perf_counter() - began)),
            )
            raise

    def _request(
        self,
        method: Method,
        path: str,
        *,
        query: Mapping[str, str | int] | None,
        body: BaseModel | None,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path begins with one slash: it never names another host")
        sent = dict(headers or {})
        content: bytes | None = None
        if body is not None:
            content = body.model_dump_json(by_alias=True, exclude_none=True).encode()
            sent.setdefault("Content-Type", "application/json")
        return self._client.build_request(
            method.value,
            path,
            params=None if query is None else dict(query),
            content=content,
            data=None if form is None else dict(form),
            headers=sent,
        )

    async def _exchange(self, request: httpx.Request) -> Reply:
        with within(f"http {self.name}", SpanKind.CLIENT, {"http.request.method": request.method}) as span:
            try:
                async with asyncio.timeout(self._timeout.total_seconds()):
                    response = await self._opened(request)
                    span.set_attribute("http.response.status_code", response.status_code)
                    try:
                        return self._judged(response, await self._read(response))
                    finally:
                        await response.aclose()
            except TimeoutError:
                raise UpstreamDown(self.name, Fault.TIMEOUT) from None

    async def _opened(self, request: httpx.Request) -> httpx.Response:
        """The answer's head."""
        try:
            return await self._client.send(request, stream=True)
        except httpx.TimeoutException:
            raise UpstreamDown(self.name, Fault.TIMEOUT) from None
        except httpx.ConnectError as error:
            raise UpstreamDown(self.name, tls_fault(error) or Fault.NO_CONNECTION) from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            raise  # our own mistake
        except httpx.TransportError as error:
            raise UpstreamDown(self.name, tls_fault(error) or Fault.CONNECTION_LOST) from None

    async def _read(self, response: httpx.Response) -> bytes:
        """The answer's body, whole; of an answer that is none, at most what a refusal may say."""
        most = self._most_bytes if response.is_success else _MOST_OF_A_REFUSAL
        read = bytearray()
        try:
            async for piece in response.aiter_bytes():
                read += piece
                if len(read) > most:
                    if response.is_success:
                        raise UpstreamMalformed(self.name, status=response.status_code)
                    return bytes(read[:most])
        except httpx.TimeoutException:
            raise UpstreamDown(self.name, Fault.TIMEOUT, status=response.status_code) from None
        except (httpx.TransportError, httpx.DecodingError):
            raise UpstreamMalformed(self.name, Fault.HALF_ANSWER, status=response.status_code) from None
        return bytes(read)

    def _judged(self, response: httpx.Response, content: bytes) -> Reply:
        status = response.status_code
        if response.is_success:
            return Reply(status, dict(response.headers), content)
        if status == 429:
            raise UpstreamBusy(self.name, retry_after=self._pause(response))
        if status >= 500 or status == 408:
            fault = Fault.TIMEOUT if status == 408 else Fault.SERVER_ERROR
            raise UpstreamDown(self.name, fault, status=status, retry_after=self._pause(response))
        if status in {401, 403}:
            raise WrongCredentials(self.name, status=status, content=content)
        raise UpstreamRefused(self.name, status=status, content=content)

    def _pause(self, response: httpx.Response) -> timedelta | None:
        """What `Retry-After` asks for, in either of its forms; at most an hour, and never a negative time."""
        asked = response.headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdigit():
            return min(timedelta(seconds=min(int(asked), 86_400)), _LONGEST_PAUSE)
        try:
            until = parsedate_to_datetime(asked)
        except ValueError:
            return None
        left = (until if until.tzinfo else until.replace(tzinfo=UTC)) - self._now()
        return min(max(left, timedelta()), _LONGEST_PAUSE)
