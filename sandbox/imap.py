"""An inbox on loopback: a real IMAP server (pymap) over TLS, whose mails survive a restart in a folder.

The mails' numbers and the UIDVALIDITY of the mailbox are kept too, so that a reader who was away goes on
where he stopped. A new UIDVALIDITY can be asked for, as a provider gives one who restores a mailbox.
"""

from __future__ import annotations

import asyncio
import ssl
from argparse import Namespace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final, cast

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

from sandbox.requests import RequestLog
from sandbox.switches import Switch, Switches, Upstream

_VALIDITY: Final = "uidvalidity"
_LAST: Final = "lastuid"
_FIRST_VALIDITY: Final = 1_700_000_001
_SECRET_COMMANDS: Final = frozenset({"LOGIN", "AUTHENTICATE"})
_BUSY: Final = b"* BYE [UNAVAILABLE] Maximum number of connections from user+IP exceeded\r\n"
_BROKEN: Final = b"* BYE [SERVERBUG] Internal error occurred\r\n"
_NONSENSE: Final = b"\x00\xff<html>not IMAP at all</html>\r\n"


class _Spoilt(ConnectionError):
    """The answer was spoilt on purpose; the connection is over."""


class _Wire:
    """A connection whose commands are written down and whose answers may be spoilt.

    Stands for both streams towards pymap, which writes a whole answer before it waits for it to be sent.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, switches: Switches, log: RequestLog
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._switches = switches
        self._log = log
        self._switch = switches.take(Upstream.IMAP)
        self._unsent = bytearray()

    async def readline(self) -> bytes:
        line = await self._reader.readline()
        words = line.split(maxsplit=2)
        # What ends an IDLE is no command of its own.
        if len(words) > 1:
            command = words[1].decode("ascii", errors="replace").upper()
            said = words[2] if len(words) > 2 and command not in _SECRET_COMMANDS else b""
            self._log.note(Upstream.IMAP, command, "INBOX", body=said)
            self._switch = self._switches.take(Upstream.IMAP)
        return line

    async def readexactly(self, n: int) -> bytes:
        return await self._reader.readexactly(n)

    def write(self, data: bytes) -> None:
        self._unsent += data

    async def drain(self) -> None:
        answer, self._unsent = bytes(self._unsent), bytearray()
        if not answer:
            return
        await self._switches.think(Upstream.IMAP, self._switch.latency_ms)
        told = _told(self._switch, answer)
        self._writer.write(told)
        await self._writer.drain()
        if told != answer:
            # What was said goes out before the connection ends.
            self._writer.close()
            await self._writer.wait_closed()
            raise _Spoilt

    def close(self) -> None:
        self._writer.close()


def _told(switch: Switch, answer: bytes) -> bytes:
    """What is said instead of an answer; the answer itself if nothing is wrong."""
    if switch.error is not None:
        return _BUSY if switch.error == HTTPStatus.TOO_MANY_REQUESTS else _BROKEN
    if switch.malformed:
        return _NONSENSE
    return answer[: len(answer) // 2] if switch.half else answer


class _Login(Login):
    """Refuses everybody while it is told to."""

    def __init__(self, config: Config, switches: Switches) -> None:
        super().__init__(config)
        self._switches = switches

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        if self._switches.current(Upstream.IMAP).wrong_credentials:
            raise InvalidAuth
        return await super().authenticate(credentials)


class _Kept(MailboxData):
    """A mailbox whose numbers outlive its server."""

    def validate(self, validity: int) -> None:
        self._uid_validity = validity

    def go_on_after(self, uid: int) -> None:
        self._max_uid = uid


class _Mailboxes(MailboxSet):
    """The user's mailboxes: INBOX alone."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = _Kept(self._content_cache, self._thread_cache)
        self._inbox = self.kept


class Inbox:
    """One mailbox, `INBOX`, of one user.

    Args:
        folder: where its mails lie, one file each, named by their UID.
        user: who may read it.
        password: with which password.
        switches: what is to go wrong.
        log: where commands are written down, without passwords.
    """

    def __init__(
        self, folder: Path, user: str, password: str, *, switches: Switches, log: RequestLog
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._user = user
        self._password = password
        self._switches = switches
        self._log = log
        self._last = 0
        self._box: _Kept | None = None
        self._config: Config | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int, *, trusted: ssl.SSLContext, untrusted: ssl.SSLContext) -> int:
        """Listen, with TLS from the first byte; answers the port, chosen here if 0 was asked for.

        Args:
            host: a loopback address.
            port: 0 for any that is free.
            trusted: with the server's certificate.
            untrusted: with one nobody trusts, for when that is to go wrong.
        """
        # TLS is there before the first word, so there is no STARTTLS and passwords may come at once.
        config = Config(
            Namespace(passlib_cfg=None, proxy_protocol=None, debug=False),
            host=host,
            port=port,
            demo_data=False,
            demo_user=self._user,
            demo_password=self._password,
            tls_enabled=False,
            hash_context=Cleartext(),
            invalid_user_sleep=0.0,
            bad_command_limit=None,
        )
        config.apply_context()
        login = _Login(config, self._switches)
        user = UserMetadata(config, self._user, password=config.hash_context.hash(self._password))
        await login.demo_user_identity.set(user)
        mailboxes = _Mailboxes()
        config.set_cache[self._user] = (mailboxes, FilterSet())
        self._box, self._config = mailboxes.kept, config
        self._box.validate(self._validity())
        for number in self.numbers():
            await self._show(number, self._path(number).read_bytes())
        self._last = max(self._last, self._numbered())
        self._box.go_on_after(self._last)
        serve = IMAPServer(login, config)

        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            config.apply_context()
            switch = self._switches.current(Upstream.IMAP)
            try:
                if switch.outage:
                    return
                await writer.start_tls(untrusted if switch.untrusted else trusted)
                wire = _Wire(reader, writer, self._switches, self._log)
                await serve(
                    cast(asyncio.StreamReader, wire),
                    cast(asyncio.StreamWriter, wire),
                    SocketInfoLocal(writer, unique_id=b"sandbox"),
                )
            except (ConnectionError, ssl.SSLError):
                return  # The reader went away, or was sent away on purpose.
            finally:
                writer.transport.abort()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Of its own, so that hanging up on somebody is nobody's error.
            task = asyncio.create_task(speak(reader, writer))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

        self._switches.whenever_changed(self._obey)
        self._server = await asyncio.start_server(connected, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is not None:
            self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """End every connection there is, as a server does that is started again."""
        ended = tuple(self._connections)
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)

    async def deliver(self, content: bytes) -> int:
        """Put a mail into the inbox, as a mail server does; answers its UID."""
        number = self._last + 1
        half = self._folder / f".{number:06d}.part"
        half.write_bytes(content)
        half.rename(self._path(number))
        await self._show(number, content)
        return number

    async def restore(self, validity: int) -> None:
        """Number everything anew under another UIDVALIDITY and hang up, as after a restored backup."""
        if self._box is None:
            raise RuntimeError("the inbox is not open")
        (self._folder / _VALIDITY).write_text(f"{validity}\n", encoding="ascii")
        self._box.validate(validity)
        await self.hang_up()

    async def clear(self) -> None:
        """Take every mail away; numbers go on, over a restart too."""
        if self._box is None or self._config is None:
            raise RuntimeError("the inbox is not open")
        self._config.apply_context()
        (self._folder / _LAST).write_text(f"{self._last}\n", encoding="ascii")
        for number in self.numbers():
            self._path(number).unlink()
            await self._box.delete([number])

    def _obey(self, upstream: Upstream) -> None:
        if upstream is Upstream.IMAP and self._switches.current(upstream).closed_to_all:
            for task in tuple(self._connections):
                task.cancel()

    def numbers(self) -> list[int]:
        """The UIDs of all mails, ascending."""
        return sorted(int(file.stem) for file in self._folder.glob("*.eml") if file.stem.isdigit())

    def content(self, number: int) -> bytes:
        """One mail as it was delivered.

        Raises:
            FileNotFoundError: there is no mail of this number.
        """
        return self._path(number).read_bytes()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.eml"

    def _validity(self) -> int:
        file = self._folder / _VALIDITY
        if not file.exists():
            file.write_text(f"{_FIRST_VALIDITY}\n", encoding="ascii")
        return int(file.read_text(encoding="ascii"))

    def _numbered(self) -> int:
        """The highest number of a mail that was taken away."""
        file = self._folder / _LAST
        return int(file.read_text(encoding="ascii")) if file.exists() else 0

    async def _show(self, number: int, content: bytes) -> None:
        if self._box is None or self._config is None:
            raise RuntimeError("the inbox is not open")
        self._config.apply_context()
        # The mailbox gives the next number; ours are on record, and are to be the same.
        self._box.go_on_after(number - 1)
        self._last = number
        await self._box.append(AppendMessage(content, datetime.now(UTC)), recent=True)
