"""Mails over SMTP: TLS always verified, few connections at once, every answer told apart by type.

The pace (60 mails a minute, 240 an hour) is the mail queue's and is kept by the Temporal server; here
only the number of connections is.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from email import utils as email_utils
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

import aiosmtplib
import structlog
from opentelemetry.trace import SpanKind

from activities.errors import MailDeferred, MailRefused, MailUnreachable
from activities.ports import CalendarFile, Mail
from adapters.settings import SettingsError
from adapters.tracing import within

CALENDAR_FILE: Final = "fristwerk.ics"
MAX_CONNECTIONS: Final = 3
MAILS_PER_MINUTE: Final = 60
MAILS_PER_HOUR: Final = 240
NO_REPLY: Final = "no-reply"
BAD_ADDRESS: Final = "bad-address"
NO_SMTPUTF8: Final = "no-smtputf8"

# 5xx that speak of our own account or settings, not of the reader's mailbox.
_OUR_OWN_FAULT: Final = frozenset({530, 534, 535, 538})
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
_ATOM: Final = re.compile(r"[^\s\x00-\x1f\x7f()<>\[\]:;,\\\"@]{1,64}")
_DOMAIN: Final = re.compile(r"(?=.{1,253}$)[^\W_]([\w-]{0,61}[^\W_])?(\.[^\W_]([\w-]{0,61}[^\W_])?)*")
_UNENCODED: Final = re.compile(r"[\x20-\x7e]*")

_log = structlog.get_logger(__name__)


class Security(StrEnum):
    """How the connection is protected. Certificates are checked in all of them."""

    WHEN_OFFERED = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how to hand mails over."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Reads `smtp://host:port`, `smtps://user:password@host`, `smtp+starttls://user:password@host`.

        Raises:
            SettingsError: another scheme, no host, a bad port, or a password that would go out in clear.
        """
        try:
            parts = urlsplit(url)
            security = Security(parts.scheme)
        except ValueError as error:
            schemes = ", ".join(f"{scheme}://" for scheme in Security)
            raise SettingsError("SMTP_URL", f"must be a URL that begins with one of {schemes}") from error
        if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise SettingsError("SMTP_URL", f"must look like {security}://[user:password@]host[:port]")
        if parts.username and security is Security.WHEN_OFFERED:
            raise SettingsError("SMTP_URL", "a password needs smtps:// or smtp+starttls://")
        if bool(parts.username) != bool(parts.password):
            raise SettingsError("SMTP_URL", "user and password belong together")
        return cls(
            host=parts.hostname,
            port=_port(parts, security),
            security=security,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


def _port(parts: SplitResult, security: Security) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError("SMTP_URL", "the port must be a number from 1 to 65535") from error
    return port or {Security.WHEN_OFFERED: 25, Security.STARTTLS: 587, Security.TLS: 465}[security]


def split_address(address: str) -> tuple[str, str] | None:
    """Local part and domain of a mail address; None if it is not one that can be put on an envelope."""
    local, at, domain = address.rpartition("@")
    if not at or len(address) > 254 or not _ATOM.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    try:
        return local, domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _plain_text(setting: str, text: str) -> str:
    """Settings that become header text: one line."""
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise SettingsError(setting, "must be one line")
    return text


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mails come from."""

    name: str
    address: str
    domain: str

    @classmethod
    def from_setting(cls, text: str) -> Sender:
        """Reads `Name <address>` or an address.

        Raises:
            SettingsError: it holds no address.
        """
        name, address = email_utils.parseaddr(_plain_text("MAIL_FROM", text))
        parts = split_address(address)
        if parts is None or not address.isascii():
            raise SettingsError("MAIL_FROM", "must be an address, or a name with an address in <>")
        return cls(name, address, parts[1])


def _header(text: str, name: str) -> Header:
    """Header text encoded as a whole, so that nothing in it can be taken for header syntax.

    Encoded words that somebody planted in a name stay text: they are encoded once more.
    """
    plain = _UNENCODED.fullmatch(text) and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", header_name=name, maxlinelen=76)


def _part(text: str, subtype: str) -> MIMEText:
    readable = Charset("utf-8")
    readable.body_encoding = QP
    return MIMEText(text, subtype, readable)  # type: ignore[arg-type]


def _calendar(file: CalendarFile) -> MIMEBase:
    made = MIMEBase("text", "calendar", charset="utf-8", method=file.method.value)
    made.set_payload(file.content)
    encode_base64(made)
    made.add_header("Content-Disposition", "attachment", filename=CALENDAR_FILE)
    return made


class MailTurns(Protocol):
    """Who may use the account now, over all processes."""

    def turn(self, mail: Mail) -> AbstractAsyncContextManager[None]:
        """A connection's place for this mail.

        Raises:
            MailPaced: on entering; the account allows no mail now.
        """
        ...


class SmtpMailer:
    """Hands mails to one mail server, on a few connections at once.

    Args:
        server: where to.
        sender: who from.
        connections: how many at the same time in this process; the provider allows three.
        timeout: seconds to wait for each answer of the server but the last.
        data_timeout: seconds to wait for its answer to the mail itself.
        tls: trust store; the machine's own if None. Verification cannot be switched off.
        turns: what the account allows all processes together; None: whatever the server takes.
    """

    def __init__(
        self,
        server: MailServer,
        sender: Sender,
        *,
        connections: int = MAX_CONNECTIONS,
        timeout: float = 10.0,
        data_timeout: float = 20.0,
        tls: ssl.SSLContext | None = None,
        turns: MailTurns | None = None,
    ) -> None:
        context = tls or ssl.create_default_context()
        if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
            raise SettingsError("tls", "certificates and host names are always verified")
        self._server = server
        self._sender = sender
        self._slots = asyncio.Semaphore(connections)
        self._timeout = timeout
        self._data_timeout = data_timeout
        self._tls = context
        self._turns = turns

    def message_id(self, notification: UUID) -> str:
        """The Message-ID header of that notification."""
        return f"<{notification}@{self._sender.domain}>"

    async def send(self, mail: Mail) -> None:
        """Returns once the server has taken the mail over. Errors: see `activities.ports.Mailer`."""
        parts = split_address(mail.address)
        if parts is None:
            raise MailRefused(BAD_ADDRESS)
        local, domain = parts
        async with self._slots, nullcontext() if self._turns is None else self._turns.turn(mail):
            with within("smtp", SpanKind.CLIENT):
                client = await self._connect()
                try:
                    content = self.compose(mail, f"{local}@{domain}")
                    await self._hand_over(client, f"{local}@{domain}", content)
                    await self._say_goodbye(client, mail.message_id)
                finally:
                    client.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        """A connection that is encrypted and trusted where the settings say so, logged in where they do."""
        security = self._server.security
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user,
            password=self._server.password,
            local_hostname=self._sender.domain,
            timeout=self._timeout,
            use_tls=security is Security.TLS,
            start_tls={Security.TLS: False, Security.STARTTLS: True, Security.WHEN_OFFERED: None}[security],
            tls_context=self._tls,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPResponseException as error:
            raise MailUnreachable(_code(error)) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnreachable(_why_not_connected(error)) from None
        return client

    async def _hand_over(self, client: aiosmtplib.SMTP, address: str, content: bytes) -> None:
        await self._envelope(client, address)
        try:
            await client.data(content, timeout=self._data_timeout)
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error) from None
        except (aiosmtplib.SMTPException, OSError):
            # It may have the mail, only its answer got lost.
            raise MailDeferred(NO_REPLY) from None

    async def _envelope(self, client: aiosmtplib.SMTP, address: str) -> None:
        options: list[str] = []
        encoding = "ascii"
        try:
            if not address.isascii():
                if not client.supports_extension("smtputf8"):
                    raise MailRefused(NO_SMTPUTF8)
                options, encoding = ["SMTPUTF8"], "utf-8"
            await client.mail(self._sender.address, options=options, encoding=encoding)
            await client.rcpt(address, encoding=encoding)
        except aiosmtplib.SMTPSenderRefused as error:
            # Nothing of the reader's: our own address or account is not accepted.
            raise (MailDeferred if _passing(error) else MailUnreachable)(_code(error)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error) from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailUnreachable("connection-lost") from None

    async def _say_goodbye(self, client: aiosmtplib.SMTP, notification: UUID) -> None:
        """The mail is taken; whatever happens to the connection now does not matter any more."""
        try:
            await client.quit()
        except (aiosmtplib.SMTPException, OSError) as error:
            _log.debug("mail-goodbye-failed", notification=str(notification), error=type(error).__name__)

    def compose(self, mail: Mail, address: str) -> bytes:
        """The mail as it goes over the wire: ASCII only, except for an international address."""
        written = mail.written
        told = MIMEMultipart("alternative", policy=compat32)
        message = told if written.calendar is None else MIMEMultipart("mixed", policy=compat32)
        message["From"] = email_utils.formataddr((self._sender.name, self._sender.address), "utf-8")
        message["To"] = address
        message["Subject"] = _header(written.subject, "Subject")  # type: ignore[assignment] # typeshed: str
        message["Date"] = email_utils.format_datetime(mail.date)
        message["Message-ID"] = self.message_id(mail.message_id)
        message["Content-Language"] = mail.language.value
        # RFC 3834: nobody's holiday notice shall answer us, and we answer nobody's.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["X-Fristwerk-Lead"] = str(mail.lead)
        message["X-Fristwerk-Kind"] = mail.kind.value
        message["X-Fristwerk-Cycle"] = mail.cycle
        told.attach(_part(written.text, "plain"))
        told.attach(_part(written.html, "html"))
        if written.calendar is not None:
            message.attach(told)
            message.attach(_calendar(written.calendar))
        return message.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _passing(error: aiosmtplib.SMTPResponseException) -> bool:
    return 400 <= error.code < 500


def _refusal(error: aiosmtplib.SMTPResponseException) -> MailRefused | MailDeferred | MailUnreachable:
    if error.code in _OUR_OWN_FAULT:
        return MailUnreachable(_code(error))
    if 500 <= error.code < 600:
        return MailRefused(_code(error))
    return MailDeferred(_code(error))


def _code(error: aiosmtplib.SMTPResponseException) -> str:
    """`550` or `550 5.1.1`. The rest of an answer may name people and stays out of our records."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced.group()}" if enhanced else str(error.code)


def _why_not_connected(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls-not-trusted" if isinstance(cause, ssl.SSLCertVerificationError) else "tls-failed"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError):
        return "timeout"
    # What is no error of the connection is something we insist on and the server lacks: STARTTLS, AUTH.
    return "no-connection" if isinstance(error, OSError) else "not-supported"
