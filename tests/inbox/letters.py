"""Mails as strangers send them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import uuid4


def letter(
    sender: str = "Jo Geheim <jo@haus.example>",
    subject: str = "Ihr Angebot",
    text: str = "Guten Tag,\n\nbitte rufen Sie mich an.\n",
    *,
    answers: str | None = None,
    **headers: str,
) -> bytes:
    """A mail of a customer.

    Args:
        answers: Message-ID of the mail it answers.
        headers: more of them; `_` stands for `-`.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = "inbox@fristwerk.example"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{uuid4().hex}@haus.example>"
    if answers is not None:
        mail["In-Reply-To"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def bounce(
    message_id: str, *, action: str = "failed", status: str = "5.1.1", to: str = "agent@nowhere.example"
) -> bytes:
    """What a mail server says of a mail of ours (RFC 3464).

    Args:
        message_id: of our mail.
    """
    border = uuid4().hex
    return "\r\n".join(
        [
            "Return-Path: <>",
            "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
            "To: clock@fristwerk.example",
            f"Message-ID: <{uuid4().hex}@mx.example>",
            "Subject: Undelivered Mail Returned to Sender",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="{border}"',
            "",
            f"--{border}",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "I'm sorry to have to inform you that your message could not be delivered.",
            "",
            f"--{border}",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example",
            "Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000",
            "",
            f"Final-Recipient: rfc822; {to}",
            f"Action: {action}",
            f"Status: {status}",
            "Diagnostic-Code: smtp; 550 5.1.1 no such user",
            "",
            f"--{border}",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {message_id}",
            "Subject: Bitte melden",
            "",
            f"--{border}--",
            "",
        ]
    ).encode()
