"""A door between a pool and PostgreSQL that can be shut: then the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Door:
    """Passes bytes on while it is open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._to = (parts.hostname, parts.port)
        self._parts = parts
        self._port = 0
        self._server: asyncio.Server | None = None
        self._inside: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """The database behind the door."""
        login = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{login}@127.0.0.1:{self._port}").geturl()

    async def open(self) -> None:
        """Lets connections through, on the same port as before."""
        self._server = await asyncio.start_server(self._through, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Drops every connection and refuses new ones."""
        assert self._server is not None
        self._server.close()
        for writer in self._inside:
            writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._to)
        self._inside |= {writer, back}
        try:
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        finally:
            self._inside -= {writer, back}


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        # Cut in the middle: that is what doors are for.
        return
    finally:
        writer.close()


@asynccontextmanager
async def door(url: str) -> AsyncIterator[Door]:
    """An open door before this database."""
    made = Door(url)
    await made.open()
    try:
        yield made
    finally:
        await made.shut()
