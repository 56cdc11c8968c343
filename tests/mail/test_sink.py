"""Our mails in the sandbox's sink, read back by the helper other rooms use."""

import asyncio
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


async def test_the_sandbox_takes_refuses_and_defers_our_mails(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(tmp_path)
    listening = await loop.create_server(
        lambda: SMTP(Sink(mailbox), enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    port = listening.sockets[0].getsockname()[1]
    mailer = SmtpMailer(MailServer.from_url(f"smtp://127.0.0.1:{port}"), SENDER)
    await mailer.send(mail(subject="Süße Grüße"))
    with pytest.raises(MailRefused):
        await mailer.send(mail("bounce@x.example"))
    with pytest.raises(MailDeferred):
        await mailer.send(mail("defer@x.example"))
    listening.close()
    (read,) = read_mails(tmp_path)
    assert (read.subject, read.to, read.kind) == ("Süße Grüße", "erika@agents.example", "reminder")
    assert read.message_id == f"<{UUID(int=7)}@fristwerk.example>"
    assert mailbox.read(1).subject == read.subject
