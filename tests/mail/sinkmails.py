"""Reads the mails a sink has stored, for tests of any room."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SinkMail:
    """One stored mail.

    `headers` are the raw names in order; `kind` and `lead` come from our own headers; `attachments` are name,
    type and content.
    """

    path: Path
    message_id: str
    to: str
    subject: str
    date: str
    language: str
    kind: str
    lead: str
    cycle: str
    text: str
    html: str
    headers: tuple[str, ...]
    attachments: tuple[tuple[str, str, bytes], ...]


def parse_mail(raw: bytes, path: Path = Path()) -> SinkMail:
    """A mail from its bytes."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)

    def part(kind: str) -> str:
        found = mail.get_body((kind,))
        return "" if found is None else str(found.get_content())

    def header(name: str) -> str:
        return str(mail[name] or "")

    return SinkMail(
        path=path,
        message_id=header("Message-ID"),
        to=header("To"),
        subject=header("Subject"),
        date=header("Date"),
        language=header("Content-Language"),
        kind=header("X-Fristwerk-Kind"),
        lead=header("X-Fristwerk-Lead"),
        cycle=header("X-Fristwerk-Cycle"),
        text=part("plain"),
        html=part("html"),
        headers=tuple(mail.keys()),
        attachments=tuple(
            (part.get_filename(""), part.get_content_type(), str(part.get_content()).encode())
            for part in mail.iter_attachments()
        ),
    )


def read_mails(folder: Path) -> list[SinkMail]:
    """All mails of a sink's folder, in order of arrival."""
    return [parse_mail(path.read_bytes(), path) for path in sorted(folder.glob("*.eml"))]
