"""A real SMTP server on loopback that answers as its recipients' names ask for."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.mail.sinkmails import SinkMail, parse_mail

REFUSALS = {
    "bounce": "550 5.1.1 mailbox unavailable",
    "full": "552 mailbox full",
    "defer": "451 4.3.0 try again later",
    "closed": "530 5.7.0 must authenticate",
}


class Server:
    """What the server got, and how it is to behave."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.greeted = 0
        self.port = 0
        self.data_answer = "250 OK"
        self.sender_answer = "250 OK"
        self.next_sender_answer: Callable[[], str] = lambda: self.sender_answer
        self.hang_up_after_data = False
        self.proceed = asyncio.Event()
        self.proceed.set()
        self.arrivals: asyncio.Queue[int] = asyncio.Queue()
        self.together = 0
        self.most_together = 0

    @property
    def mails(self) -> list[SinkMail]:
        return [parse_mail(raw) for raw in self.raw]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.next_sender_answer()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for prefix, answer in REFUSALS.items():
            if address.startswith(prefix):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        self.arrivals.put_nowait(self.together)
        await self.proceed.wait()
        self.together -= 1
        if self.data_answer.startswith("250"):
            assert isinstance(envelope.original_content, bytes)
            self.raw.append(envelope.original_content)
            self.recipients += [str(one) for one in envelope.rcpt_tos]
        if self.hang_up_after_data:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.data_answer


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    login = getattr(data, "login", b""), getattr(data, "password", b"")
    return AuthResult(success=login == (b"agent", b"p@ss/word"), handled=False)


@asynccontextmanager
async def smtp_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
    utf8: bool = True,
) -> AsyncIterator[Server]:
    """A running server: plain, encrypted from the start (`tls`), or upgrading (`starttls`)."""
    server = Server()
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            server,
            enable_SMTPUTF8=utf8,
            tls_context=starttls,
            authenticator=_authenticate if login else None,
            auth_require_tls=starttls is not None,
            hostname="test-server",
            loop=loop,
        )

    listening = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
