"""The mail server fails in every way: named, tried again, no deadline moved, and no mail twice."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme
from temporalio.exceptions import ApplicationError

from activities.orders import NotificationKind, NotificationOutcome
from adapters.mail import MailServer, SmtpMailer
from sandbox.switches import Failure
from tests.mail.conftest import world
from tests.mail.smtpserver import smtp_server
from tests.mail.world import SENDER, World, due, life, run

__all__ = ["world"]

NAMED = {
    Failure.SLOW: ("mail-unreachable", "timeout"),
    Failure.DOWN: ("mail-unreachable", "no-connection"),
    Failure.TOO_MANY_REQUESTS: ("mail-deferred", "450 4.7.1"),
    Failure.SERVER_ERROR: ("mail-deferred", "451 4.3.0"),
    Failure.MALFORMED: ("mail-unreachable", None),
    Failure.HALF_ANSWER: ("mail-unreachable", None),
    Failure.WRONG_CREDENTIALS: ("mail-unreachable", "535"),
    Failure.UNTRUSTED_CERTIFICATE: ("mail-unreachable", "tls-not-trusted"),
}
LOGIN = "agent:p%40ss%2Fword"


@asynccontextmanager
async def raw(said: bytes, *, stays: bool) -> AsyncIterator[int]:
    """A server that says this and then keeps still, or hangs up; its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        if stays:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def failing(failure: Failure, certified: ssl.SSLContext) -> AsyncIterator[str]:
    """The URL of a server that fails like this."""
    match failure:
        case Failure.SLOW:
            async with raw(b"", stays=True) as port:
                yield f"smtp://127.0.0.1:{port}"
        case Failure.DOWN:
            async with raw(b"", stays=False) as port:
                pass
            yield f"smtp://127.0.0.1:{port}"
        case Failure.MALFORMED:
            async with raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", stays=False) as port:
                yield f"smtp://127.0.0.1:{port}"
        case Failure.HALF_ANSWER:
            async with raw(b"220 mail.exam", stays=False) as port:
                yield f"smtp://127.0.0.1:{port}"
        case Failure.WRONG_CREDENTIALS:
            async with smtp_server(starttls=certified, login=True) as server:
                yield f"smtp+starttls://agent:guessed@127.0.0.1:{server.port}"
        case Failure.UNTRUSTED_CERTIFICATE:
            async with smtp_server(tls=_certificate(trustme.CA()), login=False) as server:
                yield f"smtps://127.0.0.1:{server.port}"
        case _:
            async with smtp_server() as server:
                slow_down = failure is Failure.TOO_MANY_REQUESTS
                server.sender_answer = "450 4.7.1 slow down" if slow_down else "250 OK"
                server.data_answer = "250 OK" if slow_down else "451 4.3.0 local error"
                yield server.url


def _certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("failure", Failure)
async def test_a_reminder_survives_it(failure: Failure, world: World) -> None:
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    certified = _certificate(authority)

    def account(url: str, within: float = 20) -> SmtpMailer:
        return SmtpMailer(MailServer.from_url(url), SENDER, tls=trusted, timeout=within, data_timeout=within)

    facts = life()
    lead, at = await world.lead(facts), due(facts)
    order = world.order(lead, NotificationKind.REMINDER, at)
    kind, code = NAMED[failure]
    async with failing(failure, certified) as url:
        mailer = account(url, 0.3 if failure is Failure.SLOW else 20)
        for attempt in (1, 2):
            with pytest.raises(ApplicationError) as told:
                await run(world.activities(mailer), order, at, attempt=attempt)
            assert (told.value.type, told.value.non_retryable) == (kind, False)
            assert told.value.next_retry_delay is not None
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["sent_at"]) == ("sending", None)
    assert code is None or row["code"].startswith(code)
    # What never reached a server does not count towards giving up; and the grace has not begun.
    assert row["attempt"] == (0 if kind == "mail-unreachable" else 2)
    async with smtp_server(starttls=certified, login=True) as well:
        healed = account(f"smtp+starttls://{LOGIN}@127.0.0.1:{well.port}")
        for attempt in (3, 4):
            done = await run(world.activities(healed), order, at, attempt=attempt)
            assert done.outcome is NotificationOutcome.SENT
        assert len(well.mails) == 1
