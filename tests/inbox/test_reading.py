"""Mails are read once and none is lost, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from activities.webhook_orders import Source
from adapters.ai.new_leads import NewLeads
from adapters.breaker import Breaker
from adapters.credit.messenger import CreditMessenger
from adapters.erp.messenger import OrderMessenger
from adapters.inbox.messenger import InboxMessenger
from adapters.inbox.reader import InboxReader
from adapters.inbox.session import HEAD_BYTES, MOST_BYTES, Fetched
from adapters.inbox.sorting import PostgresMailDesk
from adapters.inbox.store import InboxStore, Waits
from adapters.sample_messenger import SampleMessenger
from adapters.tracing import traceparent
from adapters.upstream_standings import StandingReport
from adapters.webhooks.messenger import WebhookMessenger
from tests.inbox.letters import letter
from tests.inbox.post_office import OWN, PostOffice, account_of
from tests.services.office import Office
from tests.vaultfixtures import VAULT
from tests.workflows.lab import until
from workers.inbox import under_way


class Killed(Exception):
    """The process is gone."""


class Dying(InboxStore):
    """Of a process that is killed when it has fetched its second batch, before that is kept."""

    kept = 0

    async def keep(self, fetched: Sequence[Fetched], validity: int, read_to: int) -> int:
        """As the real one, as long as it lives."""
        if self.kept and fetched:
            raise Killed
        self.kept += len(fetched)
        return await super().keep(fetched, validity, read_to)


class Noting(InboxStore):
    """Notes what the keeping of mails belongs to."""

    parts: tuple[str, ...] = ()

    async def keep(self, fetched: Sequence[Fetched], validity: int, read_to: int) -> int:
        """As the real one."""
        self.parts += (traceparent() or "",)
        return await super().keep(fetched, validity, read_to)


async def test_each_look_is_a_trace_of_its_own(post: PostOffice) -> None:
    noting = Noting(post.store.pool, VAULT, post.tenant, post.store.mailbox, OWN)
    post.store = noting
    for _ in range(2):
        post.outside.deliver(letter())
        await post.read()
    traces = {said.split("-")[1] for said in noting.parts}
    assert len(traces) == 2
    assert traceparent() is None


async def test_each_mail_once_and_none_lost_over_restarts_and_a_kill(post: PostOffice) -> None:
    for number in range(60):
        post.outside.deliver(letter(subject=f"Mail {number}"))
    dying = Dying(post.store.pool, VAULT, post.tenant, post.store.mailbox, OWN)
    alive, post.store = post.store, dying
    with pytest.raises(Killed):
        await post.read()
    assert len(await post.rows()) == 50

    post.store = alive
    assert await post.read() == 10
    assert await post.read() == 0
    assert len({row["uid"] for row in await post.rows()}) == 60

    # Two readers at once, as when a worker is replaced, and a mail that the provider delivers twice.
    twice = letter(subject="zweimal")
    post.outside.deliver(twice)
    post.outside.deliver(b"Received: by another way\r\n" + twice)
    assert sorted(await asyncio.gather(post.read(), post.read()))[1] == 1
    assert len(await post.rows()) == 61


async def test_a_mailbox_that_is_numbered_anew_is_read_again_and_nothing_comes_twice(
    post: PostOffice,
) -> None:
    post.outside.deliver(letter(subject="davor"))
    assert await post.read() == 1
    post.outside.deliver(letter(subject="inzwischen"))
    inbox = post.outside.world.inbox
    post.outside.waited(inbox.restore(1_800_000_001))
    try:
        assert await post.read() == 1
        assert await post.read() == 0
    finally:
        post.outside.waited(inbox.restore(1_700_000_001))
    assert len(await post.rows()) == 2


async def test_a_new_mail_is_read_at_once_and_after_the_server_was_away(post: PostOffice) -> None:
    running = asyncio.create_task(post.reader().run())

    async def waits() -> bool:
        rows = await post.office.lab.execute(
            "select waits from inbox_mailbox where tenant = $1 and mailbox = $2",
            post.tenant,
            post.store.mailbox,
        )
        return bool(rows) and rows[0]["waits"] == Waits.IDLE

    async def has(count: int) -> bool:
        return len(await post.rows()) == count

    try:
        await until(waits)
        post.outside.deliver(letter())
        await until(lambda: has(1))
        await until(waits)
        # The server is started again while a mail comes in.
        post.outside.waited(post.outside.world.inbox.hang_up())
        post.outside.deliver(letter())
        await until(lambda: has(2))
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_huge_mail_is_kept_by_its_beginning(post: PostOffice) -> None:
    huge = letter(text="Wichtig zuerst\n" + ("x" * 76 + "\n") * (MOST_BYTES // 70))
    post.outside.deliver(huge)
    assert await post.read() == 1
    (row,) = await post.rows()
    assert row["cut"]
    assert row["size"] == len(huge) > MOST_BYTES > HEAD_BYTES


async def test_what_is_kept_is_sealed_and_says_nothing(post: PostOffice) -> None:
    post.outside.deliver(letter("Jo Geheim <jo@haus.example>", "Streng geheim", "Niemandem sagen"))
    await post.read()
    (row,) = await post.rows()
    said = "".join(str(value) for value in row.values()) + repr(row)
    for word in ("Geheim", "haus.example", "Niemandem"):
        assert word not in said
        assert word.encode() not in b"".join(value for value in row.values() if isinstance(value, bytes))
    assert row["sender"][:1] == b"\x01"


async def test_mails_that_come_one_upon_the_other_are_all_read(post: PostOffice) -> None:
    reader = InboxReader(
        account_of(post.outside), post.store, breaker=post.breaker, idle=timedelta(seconds=2)
    )
    running = asyncio.create_task(reader.run())

    async def all_are() -> bool:
        return len(await post.rows()) == 20

    try:
        for number in range(20):
            post.outside.deliver(letter(subject=f"{number}"))
            await asyncio.sleep(0)
        await until(all_are)
        assert reader.standing.failed is None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_mail_of_no_known_charset_keeps_no_other_back(post: PostOffice) -> None:
    for charset in (b"utf-7", b"unicode_escape", b"punycode"):
        post.outside.deliver(
            b"Message-ID: <%(c)b@b.example>\r\nFrom: a@b.example\r\n"
            b"Content-Type: text/plain; charset=%(c)b\r\n\r\n+2AA- \\ud800 x-0ga\r\n" % {b"c": charset}
        )
    post.outside.deliver(letter())
    assert await post.read() == 4
    assert {row["nature"] for row in await post.rows()} == {"mail"}


async def test_what_dies_in_the_background_is_begun_again() -> None:
    begun: list[int] = []
    lives = asyncio.Event()

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) == 1:
            raise Killed
        lives.set()
        await asyncio.Event().wait()

    async with under_way(work, again=timedelta(0)), asyncio.timeout(120):
        await lives.wait()
    assert begun == [0, 1]


async def test_no_error_of_the_database_ends_what_runs_in_the_background(office: Office) -> None:
    """As after a failover to a database that is not the one it should be: no table is found."""
    lab = office.lab
    async with asyncpg.create_pool(
        lab.url, min_size=1, max_size=8, server_settings={"search_path": "pg_catalog"}
    ) as pool:
        desk = PostgresMailDesk(pool, VAULT, categorised=False)
        works = [
            InboxMessenger(pool, lab.client, desk, lab.tenant).run(),
            SampleMessenger(pool, lab.client).run(),
            CreditMessenger(pool, lab.client, lab.tenant).run(),
            OrderMessenger(pool, lab.client, lab.tenant).run(),
            WebhookMessenger(pool, lab.client, Source.XENTRAL, "nobodys").run(),
            NewLeads(pool, lab.client, lab.tenant).run(),
            StandingReport(pool, lab.tenant, "test", [lambda: Breaker("test").standing]).run(),
        ]
        with capture_logs() as logs:
            running = [asyncio.create_task(work) for work in works]

            async def all_have_tried() -> bool:
                told = {one["event"] for one in logs if one.get("error") == "UndefinedTableError"}
                return len(told) == len(running) or any(task.done() for task in running)

            try:
                await until(all_have_tried)
                assert not any(task.done() for task in running)
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
