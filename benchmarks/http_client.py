"""Many HTTP/1.1 connections at once, as little work as possible for each request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httptools

_MILLISECONDS = 1e3
_BUSY = 503  # repeat the request, it says; how often is bounded below
_PATIENCE = 20


class UnexpectedAnswer(Exception):
    """A request was not answered as it should have been."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to: requests per second, and the time 95 of 100 requests stayed under, in ms."""

    rate: float
    p95: float


class _Connection(asyncio.Protocol):
    """Sends one request after the other for as long as there are any."""

    def __init__(self, requests: Iterator[bytes], wanted: int, took: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._wanted = wanted
        self._took = took
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._began = 0.0
        self._request = b""
        self._repeated = 0
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._end(UnexpectedAnswer(str(error)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or UnexpectedAnswer("the server closed the connection"))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == _BUSY and self._repeated < _PATIENCE and self._transport is not None:
            # On a machine busy with other things. Its time runs on: whoever asks has to wait.
            self._repeated += 1
            self._body.clear()
            self._parser = httptools.HttpResponseParser(self)
            self._transport.write(self._request)
            return
        self._took.append(time.perf_counter() - self._began)
        if status != self._wanted:
            asked, _, _ = self._request.partition(b"\r\n")
            said = bytes(self._body[:300])
            self._end(UnexpectedAnswer(f"{asked!r}: {status} instead of {self._wanted}: {said!r}"))
            return
        self._body.clear()
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None or self._transport is None:
            self._end(None)
            return
        self._request, self._repeated = request, 0
        self._began = time.perf_counter()
        self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
        if self._transport is not None:
            self._transport.close()


async def load(port: int, requests: list[bytes], *, wanted: int, connections: int) -> Outcome:
    """Sends all requests over so many connections to a server on loopback.

    Args:
        requests: complete HTTP/1.1 requests.
        wanted: the status every answer must have.

    Raises:
        UnexpectedAnswer: one was answered otherwise.
    """
    loop = asyncio.get_running_loop()
    took: list[float] = []
    left = iter(requests)
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(left, wanted, took), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in opened))
    elapsed = time.perf_counter() - began
    took.sort()
    return Outcome(len(took) / elapsed, took[int(len(took) * 0.95) - 1] * _MILLISECONDS)


def get(path: str, token: str) -> bytes:
    """A GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def post(path: str, token: str, body: bytes) -> bytes:
    """A POST request with a JSON body."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def page(path: str, cookie: str) -> bytes:
    """A GET request of a browser in which somebody is signed in."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n"
    return f"{head}Accept-Language: de\r\nCookie: {cookie}\r\n\r\n".encode()


def form(path: str, fields: Mapping[str, str], address: str) -> bytes:
    """A POST request of a form that needs no sign-in, from an address as our proxy tells it."""
    body = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
        f"X-Forwarded-For: {address}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
