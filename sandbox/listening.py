"""A loopback port that speaks HTTP and HTTPS alike, and can go away and come back at the same number."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from typing import Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from sandbox.certificates import Authority
from sandbox.stage import TRANSPORT, Receive, Scope, Send, Stage
from sandbox.switches import Switch, Switches, Upstream

LOOPBACK: Final = "127.0.0.1"
_WAITING: Final = 1024  # connections that may wait to be accepted
_HELLO_SECONDS: Final = 30
_CLIENT_HELLO: Final = b"\x16"  # the first byte of TLS; no HTTP request begins with it


class _Bound:
    """The stage, told which connection a request came over."""

    def __init__(self, stage: Stage, transport: asyncio.Transport) -> None:
        self._stage = stage
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT] = self._transport
        await self._stage(scope, receive, send)


class _Connection(HttpToolsProtocol):
    """A connection; its requests know it."""

    def __init__(self, config: Config, state: ServerState, stage: Stage) -> None:
        super().__init__(config, state, {})
        self._stage = stage

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection, so that a request can end it."""
        super().connection_made(transport)
        self.app = _Bound(self._stage, transport)


class Port:
    """One stand-in's loopback port."""

    def __init__(
        self, upstream: Upstream, stage: Stage, switches: Switches, trusted: Authority, unknown: Authority
    ) -> None:
        self._upstream = upstream
        self._switches = switches
        self._trusted = trusted
        self._unknown = unknown
        self._state = ServerState()
        config = Config(
            stage, interface="asgi3", log_config=None, access_log=False, lifespan="off", ws="none",
            proxy_headers=False, server_header=False, timeout_keep_alive=75,
        )  # fmt: skip
        config.load()
        self._connection = functools.partial(_Connection, config, self._state, stage)
        self._socket: socket.socket | None = None
        self._listens = False
        self._accepting: asyncio.Task[None] | None = None
        self._greetings: set[asyncio.Task[None]] = set()
        self.number = 0

    def open(self, number: int) -> None:
        """Listen.

        Args:
            number: of the port; 0 takes a free one.
        """
        self.number = number or _free()
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setblocking(False)
        self._socket.bind((LOOPBACK, self.number))
        self._listen()

    def heed(self, switch: Switch) -> None:
        """Do what a new switch says about connections."""
        if switch.closed_to_all:
            for connection in list(self._state.connections):
                connection.transport.abort()
        if switch.outage:
            self._deafen()
        elif not self._listens:
            self._listen()

    async def close(self) -> None:
        """Let go of the port and of every connection."""
        self._deafen()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for greeting in list(self._greetings):
            greeting.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)

    def _listen(self) -> None:
        if self._socket is None:
            return
        self._socket.listen(_WAITING)
        self._listens = True
        self._accepting = asyncio.get_running_loop().create_task(self._accept(self._socket))

    def _deafen(self) -> None:
        """Refuse connections, and yet keep the port for ourselves."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        if self._listens and self._socket is not None:
            self._socket.shutdown(socket.SHUT_RD)
        self._listens = False

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                came, _ = await loop.sock_accept(listener)
            except OSError:  # it went away before it was accepted
                continue
            greeting = loop.create_task(self._greet(came))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)

    async def _greet(self, came: socket.socket) -> None:
        try:
            came.setblocking(False)
            came.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(_HELLO_SECONDS):
                first = await _first_byte(came)
                context = self._shown() if first == _CLIENT_HELLO else None
                await asyncio.get_running_loop().connect_accepted_socket(self._connection, came, ssl=context)
        except (OSError, ssl.SSLError, TimeoutError, asyncio.CancelledError):
            # Whoever came went away, does not trust us, or says nothing.
            came.close()

    def _shown(self) -> ssl.SSLContext:
        untrusted = self._switches.current(self._upstream).untrusted
        return (self._unknown if untrusted else self._trusted).server


async def _first_byte(came: socket.socket) -> bytes:
    """The first byte of a connection, which stays there to be read."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(came.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(came.fileno())
    return came.recv(1, socket.MSG_PEEK)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
