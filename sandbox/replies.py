"""What comes back on a mail: a person's answer, an automatic one, or word that it could not be delivered."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from typing import Final

_OURS: Final = "Fristwerk <fristwerk@localhost.localdomain>"
_POSTMASTER: Final = "Mail Delivery System <mailer-daemon@customers.example>"
_WORDS: Final = "The mail could not be delivered: the mailbox does not exist (5.1.1)."


class Kind(StrEnum):
    """What comes back. Wire names."""

    ANSWER = "answer"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"


def answer(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    in_reply_to: str = "",
    kind: Kind = Kind.ANSWER,
) -> bytes:
    """Write a mail as it would arrive.

    Args:
        sender: who writes; of a bounce who could not be reached.
        to: whose mail it answers; empty: the product's usual sender.
        subject: as it stands there.
        text: what is written.
        in_reply_to: Message-ID of the mail it answers, with its angle brackets; empty: it answers none.
        kind: what it is.

    Raises:
        ValueError: an address or the subject is none.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _POSTMASTER if kind is Kind.BOUNCE else sender
    mail["To"] = to or _OURS
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@customers.example>"
    if kind is Kind.BOUNCE:
        return _bounced(mail, sender, in_reply_to)
    if in_reply_to:
        mail["In-Reply-To"] = in_reply_to
        mail["References"] = in_reply_to
    if kind is Kind.AUTOMATIC:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text)
    return mail.as_bytes()


def _bounced(mail: EmailMessage, recipient: str, message_id: str) -> bytes:
    """A report as RFC 3464 has it: words, the status, the headers of the mail."""
    parsed = parseaddr(recipient)[1]
    if "@" not in parsed or any(sign in recipient + message_id for sign in "\r\n"):
        raise ValueError("must be an address on one line")
    boundary = f"report-{secrets.token_hex(8)}"
    mail["Auto-Submitted"] = "auto-replied"
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{boundary}"'
    parts = {
        "text/plain": _WORDS,
        "message/delivery-status": (
            "Reporting-MTA: dns; mx.customers.example\r\n\r\n"
            f"Final-Recipient: rfc822; {parsed}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 mailbox unavailable\r\n"
        ),
        "text/rfc822-headers": (f"Message-ID: {message_id}\r\n" if message_id else "") + f"To: {parsed}\r\n",
    }
    body = "".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{content}\r\n" for kind, content in parts.items()
    )
    mail.set_payload(f"{body}--{boundary}--\r\n")
    return mail.as_bytes()
