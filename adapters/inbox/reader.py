"""Reads a mailbox for as long as it is asked to: new mails at once where the server tells of them (IDLE).

Nothing is kept here: how far the mailbox was read lies beside the mails. So it may stop, or be killed, at any
moment. IDLE is only a knock: the mailbox is looked through anew every minute whatever happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import asyncpg
from opentelemetry.trace import SpanKind

from activities.upstreams import Fault, UpstreamError
from adapters import log
from adapters.breaker import Breaker, Standing
from adapters.database import UnknownTenant
from adapters.health import NOT_YET
from adapters.inbox.session import UPSTREAM, ImapSession
from adapters.inbox.store import InboxStore, ReadTo, Waits
from adapters.outside_settings import ImapAccount
from adapters.tracing import begun, within

TIMEOUT: Final = timedelta(seconds=20)
# Much shorter than the 29 minutes of RFC 2177: routers on the way forget sooner, and not every server tells
# of a mail that came just before it was asked to.
IDLE: Final = timedelta(seconds=60)
POLL: Final = timedelta(seconds=60)
# Of a mailbox nobody has read before; and before the last look at one that is numbered anew.
FIRST_DAYS: Final = 14
_BEFORE: Final = timedelta(days=2)
_BATCH: Final = 50
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 15.0
_DATABASE_PAUSE: Final = 5.0
_REFUSED_PAUSE: Final = 60.0

_log = log.get(__name__)


class InboxReader:
    """One reader of one mailbox.

    Args:
        account: which mailbox.
        store: where mails go.
        breaker: stands before the mail server.
        timeout: for every answer of the server.
        idle: how long the server is asked to tell of new mails, at a time.
        poll: pause between two looks where the server cannot do that.
        today: UTC instants.
    """

    def __init__(
        self,
        account: ImapAccount,
        store: InboxStore,
        *,
        breaker: Breaker | None = None,
        timeout: timedelta = TIMEOUT,
        idle: timedelta = IDLE,
        poll: timedelta = POLL,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._account = account
        self._store = store
        self._breaker = breaker or Breaker(UPSTREAM)
        self._timeout = timeout
        self._idle = idle
        self._poll = poll
        self._today = today
        self._told: Fault | None = None

    @property
    def standing(self) -> Standing:
        """How the mail server stands, seen from here."""
        return self._breaker.standing

    async def run(self) -> None:
        """Read until cancelled."""
        failures, missing = 0, ""
        while True:
            pause = _FIRST_PAUSE
            try:
                async with self._session() as session:
                    while True:
                        await self._look(session)
                        failures, missing, self._told = 0, "", None
                        await self._wait(session)
            except UpstreamError as error:
                failures += 1
                pause = min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE)
                if error.retry_after is not None:
                    pause = max(error.retry_after.total_seconds(), _FIRST_PAUSE)
                await self._note(error.fault)
            except NOT_YET as error:
                if missing != type(error).__name__:
                    missing = type(error).__name__
                    # Before a first import there is no tenant, which is nobody's fault.
                    tell = _log.info if isinstance(error, UnknownTenant) else _log.warning
                    tell("inbox: nothing can be kept yet", error=missing)
                pause = _DATABASE_PAUSE
            except asyncpg.PostgresError as error:
                # It stays in the mailbox, and is fetched again: what cannot be kept must not be lost.
                _log.error("inbox: not kept", error=type(error).__name__)
                pause = _REFUSED_PAUSE
            await asyncio.sleep(pause)

    async def read(self) -> int:
        """Read once whatever is new; answers how many mails were.

        Raises:
            UpstreamError: the mail server was of no use.
        """
        async with self._session() as session:
            return (await self._catch_up(session))[1]

    async def _look(self, session: ImapSession) -> None:
        async with self._breaker.guard():
            # Of what comes while mails are fetched the server tells then, and not once more.
            while (await self._catch_up(session))[0]:
                continue
        await self._store.looked(Waits.IDLE if session.can_idle else Waits.POLL)

    async def _wait(self, session: ImapSession) -> None:
        """Until there may be something new."""
        if not session.can_idle:
            await asyncio.sleep(self._poll.total_seconds())
            return
        async with self._breaker.guard():
            await _in_thread(session, lambda: session.wait(self._idle))

    async def _catch_up(self, session: ImapSession) -> tuple[int, int]:
        """How many mails lay behind those that were read, and how many of them are new to us."""
        # Nobody has asked for it, so each look is a trace of its own.
        with begun("inbox look", SpanKind.INTERNAL):
            return await self._caught_up(session)

    async def _caught_up(self, session: ImapSession) -> tuple[int, int]:
        read_to = await self._store.read_to()
        last = await self._beginning(session, read_to)
        if read_to is None or read_to.validity != session.validity:
            await self._store.keep([], session.validity, last)
        new = 0
        with within("imap search", SpanKind.CLIENT):
            uids = await _in_thread(session, lambda: session.after(last))
        for first in range(0, len(uids), _BATCH):
            batch = uids[first : first + _BATCH]
            with within("imap fetch", SpanKind.CLIENT):
                fetched = await _in_thread(session, partial(session.fetch, batch))
            new += await self._store.keep(fetched, session.validity, batch[-1])
        return len(uids), new

    async def _beginning(self, session: ImapSession, read_to: ReadTo | None) -> int:
        """The UID behind which there may be something new."""
        if read_to is not None and read_to.validity == session.validity:
            return read_to.uid
        # UIDs of before mean nothing under another UIDVALIDITY. What is read twice is known by its content.
        since = self._today() - timedelta(days=FIRST_DAYS) if read_to is None else read_to.at - _BEFORE
        with within("imap search", SpanKind.CLIENT):
            return await _in_thread(session, lambda: session.before(since.date()))

    async def _note(self, fault: Fault) -> None:
        if fault is Fault.CIRCUIT_OPEN or fault is self._told:
            return
        self._told = fault
        _log.warning("inbox: the mail server is of no use", fault=fault)
        with suppress(*NOT_YET):
            await self._store.failed(fault)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[ImapSession]:
        async with self._breaker.guard():
            with begun("imap connect", SpanKind.CLIENT):
                session = await asyncio.to_thread(ImapSession.open, self._account, self._timeout)
        try:
            yield session
        except BaseException:
            session.interrupt()
            raise
        finally:
            await asyncio.to_thread(session.close)


_T = TypeVar("_T")


async def _in_thread(session: ImapSession, act: Callable[[], _T]) -> _T:
    """Do something that blocks; a reader that is told to stop does not wait for the server."""
    try:
        return await asyncio.to_thread(act)
    except asyncio.CancelledError:
        session.interrupt()
        raise
