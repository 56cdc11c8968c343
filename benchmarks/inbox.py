"""A thousand mails that come in, from mailbox to proposal: fetched, sealed, matched, proposed.

Beside it the bare thing: the same mails fetched by Python's own IMAP client, and nothing done with them.
"""

from __future__ import annotations

import asyncio
import imaplib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from temporalio.worker import Worker

from activities.inbox import InboxActivities
from adapters.database import Pool, open_pool
from adapters.inbox.bounce_teller import TemporalBounceTeller
from adapters.inbox.messenger import InboxMessenger
from adapters.inbox.reader import InboxReader
from adapters.inbox.session import verifying_context
from adapters.inbox.sorting import PostgresMailDesk
from adapters.inbox.store import InboxStore
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.outside_settings import ImapAccount
from adapters.settings import Login
from adapters.temporal_client import connect
from adapters.vault import Vault
from benchmarks.outside import Played, played
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import until
from benchmarks.stack import Stack, running_stack
from benchmarks.status_read import database_url, filled_database
from benchmarks.throughput import TENANT
from workers.inbox import inbox_worker

NAMES: Final = ("inbox-1000-mails",)
_WITHIN_SECONDS: Final = 20
_CONNECTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leads: int = 20_000
    mails: int = 1_000


FULL: Final = Size()
QUICK: Final = Size(leads=2_000, mails=100)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    if not wanted:
        return []
    with running_stack(workers=False) as stack, played() as sandbox:
        account = sandbox.settings.imap()
        if account is None:
            raise AssertionError("the sandbox has no mailbox")
        async with filled_database(stack, size.leads, TENANT) as name, _office(stack, name) as office:
            await _fill(office.pool, sandbox, size.mails)
            bare = await asyncio.to_thread(_fetched, account, size.mails)
            ours = await office.seen_through(account, size.mails)
    aim = Aim(Figure.OURS, Bound.AT_MOST, _WITHIN_SECONDS)
    return [Result(NAMES[0], ours, bare, "s", aim)]


@dataclass(frozen=True, slots=True)
class _Office:
    """Our side of the mailbox."""

    pool: Pool
    vault: Vault
    messenger: InboxMessenger
    worker: Worker

    async def seen_through(self, account: ImapAccount, mails: int) -> float:
        """Seconds until every mail is settled."""
        store = InboxStore(self.pool, self.vault, TENANT, uuid4().hex[:16], frozenset())
        async with self.worker:
            carrying = asyncio.create_task(self.messenger.run())
            began = time.perf_counter()
            read = await InboxReader(account, store, timeout=timedelta(seconds=60)).read()
            self.messenger.knock()
            if read != mails:
                raise AssertionError(f"{read} mails were read")
            await until(self._settled, mails, "mails settled")
            taken = time.perf_counter() - began
            carrying.cancel()
            with suppress(asyncio.CancelledError):
                await carrying
        return taken

    async def _settled(self) -> int:
        settled: int = await self.pool.fetchval(
            "select count(*) from inbound_mail where settled_at is not null"
        )
        return settled


@asynccontextmanager
async def _office(stack: Stack, database: str) -> AsyncIterator[_Office]:
    login = stack.settings.owner_login()
    here = replace(login, url=database_url(login.url, database), role=None)
    client = await connect(stack.settings)
    async with await open_pool(Login(here.url, None), name="benchmark", largest=_CONNECTIONS) as pool:
        vault = Vault.of(stack.settings)
        desk = PostgresMailDesk(pool, vault, categorised=False)
        leads = TemporalLeadGateway(client, PostgresPeople(pool))
        steps = InboxActivities(desk, TemporalBounceTeller(pool, desk, leads)).steps
        yield _Office(pool, vault, InboxMessenger(pool, client, desk, TENANT), inbox_worker(client, steps))


async def _fill(pool: Pool, sandbox: Played, mails: int) -> None:
    """Mails of strangers that name a company each: the longest way to find out whose one is."""
    rows = await pool.fetch("select company from lead where tenant = $1 order by id limit $2", TENANT, mails)
    for number in range(mails):
        company = rows[number % len(rows)]["company"]
        mail = (
            f"From: Kim Kunde <kunde{number}@gmail.com>\r\nTo: inbox@fristwerk.example\r\n"
            f"Subject: Anfrage {number}\r\nMessage-ID: <{uuid4().hex}@gmail.com>\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n"
            f"Guten Tag,\r\n\r\nbitte schicken Sie uns Muster.\r\n\r\nKim Kunde\r\n{company}\r\n"
        )
        await asyncio.to_thread(sandbox.deliver, mail.encode())


def _fetched(account: ImapAccount, mails: int) -> float:
    """Seconds to fetch them, and no more."""
    began = time.perf_counter()
    with imaplib.IMAP4_SSL(account.host, account.port, ssl_context=verifying_context(account)) as client:
        client.login(account.user, account.password)
        client.select(account.folder, readonly=True)
        _, found = client.uid("FETCH", "1:*", "(UID BODY.PEEK[])")
    taken = time.perf_counter() - began
    if sum(isinstance(one, tuple) for one in found) != mails:
        raise AssertionError("not all mails were fetched")
    return taken
