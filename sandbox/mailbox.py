"""Mails in a folder, one `.eml` file each, numbered in the order in which they came."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

ENVELOPE_TO = "X-Envelope-To"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail as people want to see it.

    Attributes:
        number: Counts from 1 in the order of arrival.
        sender: The From header.
        recipients: The envelope's recipients.
        subject: The Subject header.
        date: The Date header, as written.
        message_id: The Message-ID header.
        text: The plain text part; empty if there is none.
        html: The HTML part; empty if there is none.
    """

    number: int
    sender: str
    recipients: tuple[str, ...]
    subject: str
    date: str
    message_id: str
    text: str
    html: str


class Mailbox:
    """A folder of mails; several readers, one writer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def numbers(self) -> list[int]:
        """Return the numbers of all mails, ascending."""
        if not self.folder.is_dir():
            return []
        return sorted(int(file.stem) for file in self.folder.glob("*.eml") if file.stem.isdigit())

    def path(self, number: int) -> Path:
        """Return the file of a mail, whether it exists or not."""
        return self.folder / f"{number:06d}.eml"

    def add(self, content: bytes, recipients: list[str]) -> int:
        """Store a mail; it is there as a whole or not at all.

        Args:
            content: The mail as it was sent.
            recipients: The envelope's recipients, kept in a header of their own.

        Returns:
            Its number.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        number = max(self.numbers(), default=0) + 1
        to = ", ".join(one.replace("\r", "").replace("\n", "") for one in recipients)
        half = self.folder / f".{number:06d}.part"
        half.write_bytes(f"{ENVELOPE_TO}: {to}\r\n".encode() + content)
        half.rename(self.path(number))
        return number

    def read(self, number: int) -> StoredMail:
        """Return one mail.

        Raises:
            FileNotFoundError: There is no mail of this number.
        """
        mail = message_from_bytes(self.path(number).read_bytes(), policy=policy.default)
        return StoredMail(
            number=number,
            sender=str(mail["From"] or ""),
            recipients=tuple(one.strip() for one in str(mail[ENVELOPE_TO] or "").split(",") if one.strip()),
            subject=str(mail["Subject"] or ""),
            date=str(mail["Date"] or ""),
            message_id=str(mail["Message-ID"] or ""),
            text=_part(mail, "plain"),
            html=_part(mail, "html"),
        )

    def newest(self, limit: int) -> list[StoredMail]:
        """Return the last mails, the newest first."""
        return [self.read(number) for number in reversed(self.numbers()[-limit:])]

    def clear(self) -> int:
        """Delete all mails; returns how many there were."""
        numbers = self.numbers()
        for number in numbers:
            self.path(number).unlink()
        return len(numbers)


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    if not isinstance(body, EmailMessage):
        return ""
    content = body.get_content()
    return content if isinstance(content, str) else ""
