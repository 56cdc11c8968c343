"""SMTP on the wire: answers by type, TLS that is never switched off, headers nobody can write into."""

import asyncio
import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.errors import MailDeferred, MailRefused, MailUnreachable
from activities.orders import NotificationKind
from activities.ports import Language, Mail, Written
from adapters.mail import MailServer, Security, Sender, SmtpMailer, split_address
from adapters.settings import SettingsError
from tests.mail.sinkmails import parse_mail, read_mails
from tests.mail.smtpserver import Server, smtp_server
from tests.mail.world import SENDER

HEADERS = [
    "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID", "Content-Language",
    "Auto-Submitted", "X-Auto-Response-Suppress", "X-Fristwerk-Lead", "X-Fristwerk-Kind", "X-Fristwerk-Cycle",
]  # fmt: skip


def mail(
    address: str = "erika@agents.example", subject: str = "Grüße", text: str = "Grüße\n", html: str = "<p>"
) -> Mail:
    return Mail(
        message_id=UUID(int=7),
        address=address,
        language=Language.DE,
        date=datetime(2031, 4, 4, 9, 15, tzinfo=UTC),
        written=Written(subject, text, html),
        kind=NotificationKind.REMINDER,
        cycle="2",
        lead=uuid4(),
    )


def mailer(url: str, *, tls: ssl.SSLContext | None = None, timeout: float = 5.0) -> SmtpMailer:
    return SmtpMailer(MailServer.from_url(url), SENDER, tls=tls, timeout=timeout, data_timeout=timeout)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def test_headers_say_what_they_should(smtp: Server) -> None:
    await mailer(smtp.url).send(mail())
    (got,) = smtp.mails
    assert list(got.headers) == HEADERS
    assert got.subject == "Grüße"
    assert got.message_id == f"<{UUID(int=7)}@fristwerk.example>"
    assert b"Date: Fri, 04 Apr 2031 09:15:00 +0000\r\n" in smtp.raw[0]
    assert b"Auto-Submitted: auto-generated\r\n" in smtp.raw[0]
    assert b"Content-Language: de\r\n" in smtp.raw[0]
    assert smtp.raw[0].isascii()
    assert max(map(len, smtp.raw[0].split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("address", "error", "code"),
    [
        ("bounce@x.example", MailRefused, "550 5.1.1"),
        ("full@x.example", MailRefused, "552"),
        ("defer@x.example", MailDeferred, "451 4.3.0"),
        ("closed@x.example", MailUnreachable, "530 5.7.0"),
    ],
)
async def test_answers_are_told_apart(smtp: Server, address: str, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as raised:
        await mailer(smtp.url).send(mail(address))
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert raised.value.__cause__ is None
    assert smtp.mails == []


@pytest.mark.parametrize(
    ("answer", "error"), [("451 4.7.1 slow down", MailDeferred), ("553 5.7.1 not you", MailUnreachable)]
)
async def test_a_refused_sender_is_our_own_fault(smtp: Server, answer: str, error: type[Exception]) -> None:
    smtp.sender_answer = answer
    with pytest.raises(error):
        await mailer(smtp.url).send(mail())


async def test_a_server_that_falls_silent_before_the_mail_is_unreachable() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(MailUnreachable) as raised:
        await mailer(f"smtp://127.0.0.1:{port}", timeout=0.2).send(mail())
    assert raised.value.code == "timeout"
    server.close()


async def test_a_server_that_falls_silent_with_the_mail_leaves_it_in_doubt(smtp: Server) -> None:
    smtp.proceed.clear()
    with pytest.raises(MailDeferred) as raised:
        await mailer(smtp.url, timeout=2).send(mail())
    assert raised.value.code == "no-reply"
    smtp.proceed.set()


async def test_no_more_than_three_connections(smtp: Server) -> None:
    ours = mailer(smtp.url)
    smtp.proceed.clear()
    tasks = [asyncio.create_task(ours.send(mail(f"a{n}@x.example"))) for n in range(9)]
    for _ in range(3):
        await smtp.arrivals.get()
    await asyncio.sleep(0.1)
    assert smtp.together == 3
    smtp.proceed.set()
    await asyncio.gather(*tasks)
    assert smtp.most_together == 3
    assert len(smtp.mails) == 9


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls", "smtp"])
async def test_an_untrusted_certificate_stops_everything(certified: ssl.SSLContext, scheme: str) -> None:
    at_once, later = (certified, None) if scheme == "smtps" else (None, certified)
    async with smtp_server(tls=at_once, starttls=later) as server:
        with pytest.raises(MailUnreachable) as raised:
            await mailer(f"{scheme}://127.0.0.1:{server.port}").send(mail())
        assert raised.value.code == "tls-not-trusted"
        assert server.mails == []
        assert server.recipients == []
        assert server.greeted <= 1  # at most the greeting before STARTTLS; no sender, no recipient, no mail


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls", "smtp"])
async def test_a_trusted_certificate_is_used(
    certified: ssl.SSLContext, trusted: ssl.SSLContext, scheme: str
) -> None:
    at_once, later = (certified, None) if scheme == "smtps" else (None, certified)
    async with smtp_server(tls=at_once, starttls=later) as server:
        await mailer(f"{scheme}://127.0.0.1:{server.port}", tls=trusted).send(mail())
        assert len(server.mails) == 1


async def test_a_certificate_for_another_host_is_not_trusted(
    authority: trustme.CA, trusted: ssl.SSLContext
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("mail.elsewhere.example").configure_cert(context)
    async with smtp_server(tls=context) as server:
        with pytest.raises(MailUnreachable):
            await mailer(f"smtps://127.0.0.1:{server.port}", tls=trusted).send(mail())


async def test_starttls_that_is_not_offered_is_never_gone_without(smtp: Server) -> None:
    with pytest.raises(MailUnreachable) as raised:
        await mailer(f"smtp+starttls://127.0.0.1:{smtp.port}").send(mail())
    assert raised.value.code == "not-supported"
    assert smtp.mails == []


async def test_login_after_starttls(certified: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    async with smtp_server(starttls=certified, login=True) as server:
        await mailer(f"smtp+starttls://agent:p%40ss%2Fword@127.0.0.1:{server.port}", tls=trusted).send(mail())
        assert len(server.mails) == 1
        with pytest.raises(MailUnreachable) as raised:
            await mailer(f"smtp+starttls://agent:wrong@127.0.0.1:{server.port}", tls=trusted).send(mail())
        assert raised.value.code.startswith("535")


def test_verification_cannot_be_switched_off() -> None:
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    with pytest.raises(SettingsError):
        mailer("smtps://mail.example", tls=blind)


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://h", 25, Security.WHEN_OFFERED),
        ("smtps://u:p@h", 465, Security.TLS),
        ("smtp+starttls://u:p@h", 587, Security.STARTTLS),
        ("smtps://u:p@h:2465/", 2465, Security.TLS),
    ],
)
def test_urls(url: str, port: int, security: Security) -> None:
    server = MailServer.from_url(url)
    assert (server.host, server.port, server.security) == ("h", port, security)
    assert "password" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        *("http://h", "h:25", "smtp://", "smtp://u:p@h", "smtps://u@h", "smtps://h:99999"),
        *("smtps://h/x", "smtps://[h", "smtps://h?tls=off"),
    ],
)
def test_bad_urls_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        MailServer.from_url(url)
    assert refused.value.field == "SMTP_URL"
    assert "p@h" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "nobody", "a@b\r\nBcc: c@d", "x@y@z w", "ü@x.example"])
def test_bad_senders_are_refused(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Sender.from_setting(text)
    assert refused.value.field == "MAIL_FROM"


@pytest.mark.parametrize(
    "address",
    [
        *("", "a", "@b", "a@", "a b@c", "a@b c", "a@b>\r\nRCPT TO:<x@y", "a\n@b", "a@b..c", "a@-b.de"),
        *('"a"@b', "a@b,c@d", "a@" + "b" * 300),
    ],
)
async def test_what_is_no_address_never_reaches_the_server(smtp: Server, address: str) -> None:
    with pytest.raises(MailRefused) as refused:
        await mailer(smtp.url).send(mail(address))
    assert refused.value.code == "bad-address"
    assert smtp.greeted == 0


async def test_international_addresses(smtp: Server) -> None:
    assert split_address("info@bäcker.example") == ("info", "xn--bcker-gra.example")
    await mailer(smtp.url).send(mail("jürgen@bäcker.example"))
    assert smtp.recipients == ["jürgen@xn--bcker-gra.example"]
    async with smtp_server(utf8=False) as old:
        with pytest.raises(MailRefused) as refused:
            await mailer(old.url).send(mail("jürgen@bäcker.example"))
        assert refused.value.code == "no-smtputf8"


EVIL = [
    "a\r\nBcc: thief@x.example",
    "a\nSubject: other",
    "=?utf-8?q?a=0D=0ABcc:_thief@x.example?=",
    "=?utf-8?b?DQpCY2M6IHRoaWVmQHguZXhhbXBsZQ==?=",
    "x" * 3000,
    "ä" * 900,
    "\x00\x1b[31m",
    "\u202egnp.exe",
    "Ω≈ç 日本語 🥐",
    "",
    "a,\tb; <c@d>",
]


@pytest.mark.parametrize("text", EVIL)
def test_headers_cannot_be_written_into(text: str) -> None:
    _only_our_headers(text)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_headers_cannot_be_written_into_by_anything(text: str) -> None:
    _only_our_headers(text)


COMPOSER = mailer("smtp://127.0.0.1")


def _only_our_headers(text: str) -> None:
    item = mail(subject=text)
    raw = COMPOSER.compose(replace(item, written=Written(text, text + "\n", text)), "a@b.example")
    head = raw.split(b"\r\n\r\n", 1)[0]
    names = [line.split(b":")[0].decode() for line in re.split(rb"\r\n(?![ \t])", head)]
    assert names == HEADERS
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert raw.isascii()
    assert "thief" not in parse_mail(raw).to


async def test_mails_are_readable_from_files(tmp_path: Path, smtp: Server) -> None:
    await mailer(smtp.url).send(mail())
    (tmp_path / "000001.eml").write_bytes(smtp.raw[0])
    (read,) = read_mails(tmp_path)
    assert (read.kind, read.subject, read.text.strip()) == ("reminder", "Grüße", "Grüße")
