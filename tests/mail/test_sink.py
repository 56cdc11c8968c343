"""Our mails in the sandbox's sink, read back by the helper other rooms use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP

from activities.errors import MailDeferred, MailRefused
from adapters.mail import MailServer, SmtpMailer
from sandbox.mail_sink import Sink
from sandbox.mailbox import Mailbox
from tests.mail.sinkmails import read_mails
from tests.mail.test_mailer import mail
from tests.mail.world import SENDER


@asynccontextmanager
async def _listening(mailbox: Mailbox) -> AsyncIterator[SmtpMailer]:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(Sink(mailbox), enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    port = listening.sockets[0].getsockname()[1]
    try:
        yield SmtpMailer(MailServer.from_url(f"smtp://127.0.0.1:{port}"), SENDER)
    finally:
        listening.close()


async def test_the_sandbox_takes_refuses_and_defers_our_mails(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    async with _listening(mailbox) as mailer:
        await mailer.send(mail(subject="Süße Grüße"))
        with pytest.raises(MailRefused):
            await mailer.send(mail("bounce@x.example"))
        with pytest.raises(MailDeferred):
            await mailer.send(mail("defer@x.example"))
    (read,) = read_mails(tmp_path)
    assert (read.subject, read.to, read.kind) == ("Süße Grüße", "erika@agents.example", "reminder")
    assert read.message_id == f"<{UUID(int=7)}@fristwerk.example>"
    assert mailbox.read(1).subject == read.subject


async def test_a_mail_that_cannot_be_stored_is_deferred_and_not_refused(tmp_path: Path) -> None:
    """Found by chaos: a full disk made it answer 500, and reminders counted as bounced for good."""
    mailbox = Mailbox(tmp_path / "mails")
    mailbox.folder.write_text("a file stands where the folder should be")
    async with _listening(mailbox) as mailer:
        with pytest.raises(MailDeferred) as deferred:
            await mailer.send(mail())
        assert deferred.value.code == "452 4.3.1"
        mailbox.folder.unlink()
        await mailer.send(mail())
    assert mailbox.numbers() == [1]
