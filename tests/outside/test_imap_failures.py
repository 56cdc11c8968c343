"""The mailbox fails in every way: named, left alone after a while, and no mail is lost or comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from activities.upstreams import CircuitOpen, Fault, UpstreamError
from adapters.breaker import COOLDOWN, Breaker
from adapters.inbox.reader import InboxReader
from adapters.inbox.session import UPSTREAM, ImapSession
from sandbox.switches import Failure
from tests.inbox.letters import letter
from tests.inbox.post_office import PostOffice, account_of, post_office
from tests.outsidefixtures import Outside, outside, outside_process
from tests.services.conftest import office
from tests.services.office import Office

__all__ = ["office", "outside", "outside_process"]

NAMED = {
    Failure.SLOW: Fault.TIMEOUT,
    Failure.DOWN: Fault.CONNECTION_LOST,
    Failure.TOO_MANY_REQUESTS: Fault.BUSY,
    Failure.SERVER_ERROR: Fault.SERVER_ERROR,
    # The library does not tell nonsense from a connection that broke.
    Failure.MALFORMED: Fault.CONNECTION_LOST,
    Failure.HALF_ANSWER: Fault.CONNECTION_LOST,
    Failure.WRONG_CREDENTIALS: Fault.WRONG_CREDENTIALS,
    Failure.UNTRUSTED_CERTIFICATE: Fault.NOT_TRUSTED,
}
TRIES = 2


@pytest_asyncio.fixture
async def post(office: Office, outside: Outside) -> AsyncIterator[PostOffice]:
    """Where mails come in; nothing has come yet."""
    async with post_office(office, outside) as made:
        yield made


class Clock:
    """Seconds that pass when they are told to."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("failure", list(Failure))
async def test_a_mailbox_that_fails_is_named_probed_once_and_nothing_is_lost(
    post: PostOffice, failure: Failure
) -> None:
    clock = Clock()
    post.breaker = Breaker(UPSTREAM, failures=TRIES, clock=clock)
    patience = timedelta(seconds=0.3 if failure is Failure.SLOW else 20)
    impatient = InboxReader(account_of(post.outside), post.store, breaker=post.breaker, timeout=patience)
    post.outside.deliver(letter(subject="davor"))
    assert await post.read() == 1

    post.outside.fail("imap", failure)
    post.outside.deliver(letter(subject="inzwischen"))
    for _ in range(TRIES):
        with pytest.raises(UpstreamError) as seen:
            await impatient.read()
        assert seen.value.fault is NAMED[failure]
    assert len(await post.rows()) == 1

    if failure is Failure.WRONG_CREDENTIALS:
        # It answered, so it is well: somebody has to correct the password.
        assert post.breaker.would_let_through()
    else:
        assert not post.breaker.would_let_through()
        with pytest.raises(CircuitOpen):
            await impatient.read()
        assert timedelta(seconds=30) > COOLDOWN
        clock.seconds += COOLDOWN.total_seconds()
        post.outside.switch("imap")
        probes = await asyncio.gather(*(post.read() for _ in range(5)), return_exceptions=True)
        assert [one for one in probes if not isinstance(one, CircuitOpen)] == [1]
        assert post.breaker.would_let_through()

    post.outside.switch("imap")
    await post.read()
    assert await post.read() == 0
    await post.settled()
    assert len(await post.rows()) == 2


async def test_a_server_that_breaks_off_among_the_mails_is_read_on_and_nothing_in_it_is_changed(
    post: PostOffice,
) -> None:
    uids = [post.outside.deliver(letter(subject=f"{number}")) for number in range(3)]
    session = await asyncio.to_thread(ImapSession.open, account_of(post.outside), timedelta(seconds=20))
    post.outside.fail("imap", Failure.HALF_ANSWER)
    with pytest.raises(UpstreamError):
        await asyncio.to_thread(session.fetch, uids)
    await asyncio.to_thread(session.close)
    post.outside.switch("imap")
    assert await post.read() == 3
    commands = {f"{one.method} {one.body}".split("(")[0].strip() for one in post.outside.log("imap")}
    assert not [one for one in commands if "STORE" in one or one.startswith("SELECT")]
