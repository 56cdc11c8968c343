"""One IMAP connection, blocking: for a thread. Looks only; nothing in the mailbox is changed by us."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Self

from imap_tools import MailBox
from imap_tools.errors import ImapToolsError, MailboxLoginError
from imap_tools.idle import IdleManager

from activities.upstreams import Fault, UpstreamBusy, UpstreamDown, UpstreamMalformed, WrongCredentials
from adapters.outside_settings import ImapAccount

UPSTREAM: Final = "imap"
MOST_BYTES: Final = 2_000_000
# Of a mail that is larger: enough for its text, which comes first.
HEAD_BYTES: Final = 262_144
_UID: Final = re.compile(rb"UID (\d+)")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
# Response codes of RFC 5530, by which a server says that it will not, for now.
_LATER: Final = re.compile(rb"\[(UNAVAILABLE|LIMIT|INUSE|OVERQUOTA)\]")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as the server has it.

    Attributes:
        received_at: when the server took it, a UTC instant.
        size: of the whole mail, bytes.
        content: the mail, or its beginning if it is `cut`.
    """

    uid: int
    received_at: datetime
    size: int
    content: bytes = field(repr=False)
    cut: bool = False


@contextmanager
def _named() -> Iterator[None]:
    """What the library and the socket raise, as what it means."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise UpstreamDown(UPSTREAM, Fault.NOT_TRUSTED) from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise UpstreamDown(UPSTREAM, Fault.CONNECTION_LOST) from None
    except ssl.SSLError:
        raise UpstreamDown(UPSTREAM, Fault.TLS_FAILED) from None
    except TimeoutError:
        raise UpstreamDown(UPSTREAM, Fault.TIMEOUT) from None
    except MailboxLoginError:
        raise WrongCredentials(UPSTREAM, status=_UNAUTHORIZED) from None
    except ImapToolsError:
        raise UpstreamMalformed(UPSTREAM) from None
    except imaplib.IMAP4.abort:
        # The server hung up, or said what no server says: the library does not tell the two apart.
        raise UpstreamDown(UPSTREAM, Fault.CONNECTION_LOST) from None
    except imaplib.IMAP4.error as error:
        raise _refused(error.args) from None
    except (ConnectionRefusedError, socket.gaierror):
        raise UpstreamDown(UPSTREAM, Fault.NO_CONNECTION) from None
    except OSError:
        raise UpstreamDown(UPSTREAM, Fault.CONNECTION_LOST) from None


def _refused(said: Sequence[object]) -> UpstreamBusy | UpstreamDown:
    """What a greeting means that is none: a code of the protocol says whether the server is only busy."""
    words = b" ".join(one if isinstance(one, bytes) else str(one).encode() for one in said)
    if _LATER.search(words):
        return UpstreamBusy(UPSTREAM, status=_TOO_MANY)
    return UpstreamDown(UPSTREAM, Fault.SERVER_ERROR)


class _Idle(IdleManager):
    """As the library's, but what the server tells before it says that it is idling is news, not nonsense."""

    heard = False

    def start(self) -> None:
        """Ask to be told of new mails."""
        client = self.mailbox.client
        self.heard = False
        self._idle_tag = client._command("IDLE")  # noqa: SLF001 - the library offers no other way
        while client._get_response() is not None:  # noqa: SLF001
            self.heard = True


class _Mailbox(MailBox):
    idle_manager_class = _Idle


def verifying_context(account: ImapAccount) -> ssl.SSLContext:
    """TLS as it has to be: certificate and name verified, at least version 1.2."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.ca_file is not None:
        context.load_verify_locations(account.ca_file)
    return context


class ImapSession:
    """A connection with its folder opened for reading.

    Attributes:
        validity: the mailbox's UIDVALIDITY; UIDs mean something only together with it.
        can_idle: whether the server tells of new mails by itself.
    """

    def __init__(self, box: _Mailbox, validity: int) -> None:
        self._box = box
        self.validity = validity
        self.can_idle = "IDLE" in box.client.capabilities

    @classmethod
    def open(cls, account: ImapAccount, timeout: timedelta) -> Self:
        """Connect and log in.

        Raises:
            UpstreamError: see `activities.upstreams`.
        """
        with _named():
            context = verifying_context(account)
            box = _Mailbox(account.host, account.port, timeout=timeout.total_seconds(), ssl_context=context)
            box.login(account.user, account.password, initial_folder=None)
            # What can be done is told anew once somebody is logged in.
            _, told = box.client.capability()
            box.client.capabilities = tuple((told[-1] or b"").decode("ascii", "replace").upper().split())
            box.folder.set(account.folder, readonly=True)
            _, validity = box.client.response("UIDVALIDITY")
        first = validity[0] if validity else None
        if not isinstance(first, bytes) or not first.isdigit() or int(first) == 0:
            raise UpstreamMalformed(UPSTREAM, where="UIDVALIDITY")
        return cls(box, int(first))

    def before(self, day: date) -> int:
        """The highest UID below all mails taken on this day or later; the newest there is if none was."""
        since = f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"
        found = self._search(f"SINCE {since}")
        if found:
            return found[0] - 1
        return max(self._search("ALL"), default=0)

    def after(self, uid: int) -> list[int]:
        """The UIDs of all mails behind this one, ascending."""
        # A range that ends with * holds the newest mail even where it lies before the beginning.
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """These mails, ascending; those that were removed meanwhile are missing."""
        sizes = {uid: (size, at) for uid, size, at in self._sizes(uids)}
        whole = [uid for uid, (size, _) in sizes.items() if size <= MOST_BYTES]
        large = [uid for uid, (size, _) in sizes.items() if size > MOST_BYTES]
        found = dict(self._contents(whole, "BODY.PEEK[]"))
        heads = dict(self._contents(large, f"BODY.PEEK[]<0.{HEAD_BYTES}>"))
        missing = set(uids).difference(found, heads)
        # Removed meanwhile, or not answered: the reader goes on behind them, so this must be known.
        if missing and not missing.isdisjoint(self._search(f"UID {_set(sorted(missing))}")):
            raise UpstreamMalformed(UPSTREAM, where="FETCH")
        return [
            Fetched(uid, sizes[uid][1], sizes[uid][0], content, cut=uid in heads)
            for uid, content in sorted((found | heads).items())
        ]

    def wait(self, longest: timedelta) -> bool:
        """Wait until the server tells of something, at most so long; whether it did."""
        with _named(), self._box.idle as idle:
            return idle.heard or bool(idle.poll(timeout=longest.total_seconds()))

    def interrupt(self) -> None:
        """End it from another thread: whoever waits on it is woken by an error."""
        with suppress(OSError):
            self._box.client.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            self._box.logout()
        with suppress(OSError):
            self._box.client.shutdown()

    def _search(self, criteria: str) -> list[int]:
        found = self._asked("SEARCH", criteria)
        numbers = b" ".join(one for one in found if isinstance(one, bytes)).split()
        if not all(number.isdigit() for number in numbers):
            raise UpstreamMalformed(UPSTREAM, where="SEARCH")
        return sorted(int(number) for number in numbers)

    def _sizes(self, uids: Sequence[int]) -> Iterator[tuple[int, int, datetime]]:
        if not uids:
            return
        for told in self._asked("FETCH", _set(uids), "(UID RFC822.SIZE INTERNALDATE)"):
            line = told[0] if isinstance(told, tuple) else told
            uid, size = _UID.search(line or b""), _SIZE.search(line or b"")
            # A server may tell of changed flags among its answers.
            if uid is None or size is None:
                continue
            yield int(uid[1]), int(size[1]), _received(line)

    def _contents(self, uids: Sequence[int], what: str) -> Iterator[tuple[int, bytes]]:
        if not uids:
            return
        for told in self._asked("FETCH", _set(uids), f"(UID {what})"):
            # Between the mails stand the closing brackets of each answer.
            if isinstance(told, tuple):
                uid = _UID.search(told[0])
                if uid is not None:
                    yield int(uid[1]), told[1]

    def _asked(self, command: str, *said: str) -> list[Any]:
        with _named():
            status, answered = self._box.client.uid(command, *said)
        if status != "OK":
            raise UpstreamDown(UPSTREAM, Fault.SERVER_ERROR)
        return [one for one in answered if one is not None]


def _set(uids: Sequence[int]) -> str:
    """UIDs as the protocol writes them, neighbours as ranges."""
    ranges: list[list[int]] = []
    for uid in sorted(uids):
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else f"{first}" for first, last in ranges)


def _received(line: bytes) -> datetime:
    told = imaplib.Internaldate2tuple(line)
    if told is None:
        raise UpstreamMalformed(UPSTREAM, where="INTERNALDATE")
    # The library answers in local time of this machine, as `time.localtime` does.
    return datetime.fromtimestamp(time.mktime(told), UTC)
