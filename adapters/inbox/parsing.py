"""What a mail says, read from its bytes. Never fails: whatever cannot be read is left out.

The old policy of the library is used on purpose: it hands headers over as they are. The new one raises on
some of what strangers send, and decodes words that somebody planted in a name.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final

MOST_TEXT: Final = 20_000
_MOST_SUBJECT: Final = 500
_MOST_LINKED: Final = 30
_MOST_PARTS: Final = 200
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{3,250}>")
_ADDRESS: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BULK: Final = frozenset({"bulk", "list", "junk"})
# What programs set that do not know RFC 3834.
_AUTOMATIC_HEADERS: Final = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
_NEWSLETTER_HEADERS: Final = ("List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID")
_AWAY: Final = re.compile(
    r"(abwesenheitsnotiz|automatische antwort|autoreply|automatic reply|out of office|réponse automatique)\b",
    re.IGNORECASE,
)


# What the library raises over headers that strangers have broken.
_STUMBLES: Final = (
    TypeError, ValueError, LookupError, AttributeError, RecursionError, AssertionError, MessageError,
)  # fmt: skip
# Python's own, not charsets of mails. Some make text that cannot be written down (half a pair of surrogates),
# some take minutes over a long one.
_NO_CHARSETS: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})


class Nature(StrEnum):
    """What sort of mail it is. Wire names.

    Attributes:
        MAIL: somebody wrote it.
        AUTOMATIC: a program answered or confirmed (RFC 3834, RFC 8098).
        NEWSLETTER: it went to many.
        BOUNCE: a mail server says what became of a mail of ours (RFC 3464).
        UNREADABLE: there is nothing in it that could be read.
    """

    MAIL = "mail"
    AUTOMATIC = "automatic"
    NEWSLETTER = "newsletter"
    BOUNCE = "bounce"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says of a mail of ours.

    Attributes:
        failed: it gave up; otherwise it still tries, or tells of success.
        code: status such as `5.1.1`; None if it names none.
        recipient: to whom it was not delivered.
    """

    failed: bool
    code: str | None
    recipient: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail as far as it can be read. All of it is personal.

    Attributes:
        message_id: with its angle brackets; empty if there is none.
        linked: Message-IDs it answers or names, the nearest first.
        date: the Date header as written.
        text: what was written, without markup.
        attachments: how many files came along.
        bounce: set if it is one.
    """

    nature: Nature
    message_id: str = field(repr=False)
    linked: tuple[str, ...] = field(repr=False)
    date: str
    sender_name: str = field(repr=False)
    sender_address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachments: int
    bounce: Bounce | None = None


def parse(content: bytes) -> Parsed:
    """Read a mail.

    Args:
        content: as it lies on the server, or its beginning.
    """
    try:
        mail = _read(content)
        # Whoever keeps it must be able to write it down.
        for text in _texts(mail):
            text.encode()
        return mail
    except _STUMBLES:
        # It is kept all the same: one mail that the library cannot take must not keep the others back.
        return Parsed(Nature.UNREADABLE, "", (), "", "", "", "", "", 0)


def _texts(mail: Parsed) -> tuple[str, ...]:
    """All that strangers have written in it."""
    bounced = () if mail.bounce is None else (mail.bounce.recipient,)
    said = (mail.message_id, mail.date, mail.sender_name, mail.sender_address, mail.subject, mail.text)
    return (*said, *mail.linked, *bounced)


def _read(content: bytes) -> Parsed:
    message = message_from_bytes(content)
    parts = _parts(message)
    name, address = _sender(message)
    subject = _clean(_decoded(message, "Subject"))[:_MOST_SUBJECT]
    text = _text(parts)[:MOST_TEXT]
    bounce, original = _bounce(parts)
    answers = _ids(message, "In-Reply-To") + _ids(message, "References")[::-1]
    linked = (original,) if bounce is not None and original else answers
    return Parsed(
        nature=_nature(message, bounce, subject, readable=bool(address or subject or text)),
        message_id=next(iter(_ids(message, "Message-ID")), ""),
        linked=tuple(dict.fromkeys(linked))[:_MOST_LINKED],
        date=_raw(message, "Date")[:100],
        sender_name=name,
        sender_address=address,
        subject=subject,
        text=text,
        attachments=sum(1 for part in parts if part.get_content_disposition() == "attachment"),
        bounce=bounce,
    )


def _nature(message: Message, bounce: Bounce | None, subject: str, *, readable: bool) -> Nature:
    if bounce is not None:
        return Nature.BOUNCE
    if not readable:
        return Nature.UNREADABLE
    said = _raw(message, "Auto-Submitted").split(";")[0].strip().lower()
    precedence = _raw(message, "Precedence").strip().lower()
    automatic = (
        (said not in {"", "no"})
        or any(message[header] is not None for header in _AUTOMATIC_HEADERS)
        or precedence == "auto_reply"
        or message.get_content_type() == "multipart/report"
        or _AWAY.match(subject) is not None
    )
    if automatic:
        return Nature.AUTOMATIC
    to_many = precedence in _BULK or any(message[header] is not None for header in _NEWSLETTER_HEADERS)
    # Some companies send everything through such a system; who answers us has written to us.
    return Nature.NEWSLETTER if to_many and message["In-Reply-To"] is None else Nature.MAIL


def _parts(message: Message) -> list[Message]:
    """Its parts, not those of mails that came along, and not without end."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < _MOST_PARTS:
        part = waiting.pop(0)
        found.append(part)
        inside = _inside(part)
        whole = part.get_content_type().startswith("multipart/") or part.get_content_type() == _STATUS_TYPE
        if whole and isinstance(inside, list):
            waiting[:0] = [one for one in inside if isinstance(one, Message)]
    return found


_STATUS_TYPE: Final = "message/delivery-status"


def _bounce(parts: list[Message]) -> tuple[Bounce | None, str]:
    """The report of a mail server, and which mail it is about."""
    if not any(part.get_content_type() == _STATUS_TYPE for part in parts):
        return None, ""
    failed, code, recipient, original = False, None, "", ""
    for part in parts:
        action = _raw(part, "Action").strip().lower()
        if action and part is not parts[0]:
            failed = failed or action == "failed"
            status = _STATUS.search(_raw(part, "Status"))
            code = code or (status[0] if status else None)
            recipient = recipient or _raw(part, "Final-Recipient").rpartition(";")[2].strip().lower()
        if part.get_content_type() == "message/rfc822":
            inside = _inside(part)
            named = inside[0] if isinstance(inside, list) and inside else None
            if isinstance(named, Message):
                original = original or next(iter(_ids(named, "Message-ID")), "")
        elif part.get_content_type() == "text/rfc822-headers":
            head = message_from_bytes(_bytes(part))
            original = original or next(iter(_ids(head, "Message-ID")), "")
    return Bounce(failed, code, recipient[:320]), original


def _inside(part: Message) -> object:
    """What a part holds; None where its own headers keep the library from telling."""
    try:
        return part.get_payload()
    except _STUMBLES:
        return None


def _raw(message: Message, header: str) -> str:
    """A header as it stands there."""
    try:
        return str(message.get(header, ""))
    except (ValueError, UnicodeError, LookupError):
        return ""


def _decoded(message: Message, header: str) -> str:
    """A header with its encoded words read."""
    raw = _raw(message, header)
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, ValueError):
        return raw
    return "".join(_words(piece, charset) for piece, charset in pieces)


def _words(piece: bytes | str, charset: str | None) -> str:
    return piece if isinstance(piece, str) else _as_text(piece, charset)


def _as_text(content: bytes, charset: str | None) -> str:
    """Bytes as text: as they say, else as most do, else somehow."""
    for tried in (charset or "utf-8", "utf-8"):
        with suppress(LookupError, UnicodeError, ValueError):
            if codecs.lookup(tried).name not in _NO_CHARSETS:
                return content.decode(tried).encode("utf-8", "replace").decode()
    return content.decode("cp1252", errors="replace")


def _sender(message: Message) -> tuple[str, str]:
    """Name and address, in lower case, of who wrote it; empty where there is none."""
    header = "From" if message["From"] is not None else "Sender"
    # Read before its words are decoded: what was encoded cannot become an address.
    for name, address in getaddresses([_raw(message, header)]):
        if _ADDRESS.fullmatch(address):
            try:
                pieces = decode_header(name)
            except (HeaderParseError, ValueError):
                pieces = [(name, None)]
            said = "".join(_words(piece, charset) for piece, charset in pieces)
            return _clean(said)[:200], address.lower()
    return "", ""


def _ids(message: Message, header: str) -> tuple[str, ...]:
    return tuple(_MESSAGE_ID.findall(_raw(message, header)))


def _clean(text: str) -> str:
    """One line without control characters."""
    return _CONTROL.sub("", " ".join(text.split()))


def _bytes(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _STUMBLES:
        return b""
    return content if isinstance(content, bytes) else b""


def _text(parts: list[Message]) -> str:
    """The plain text, or what is to be read of the markup."""
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() != wanted or part.get_content_disposition() == "attachment":
                continue
            charset = part.get_param("charset")
            text = _as_text(_bytes(part), charset if isinstance(charset, str) else None)
            if wanted == "text/html":
                text = _without_markup(text)
            text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
            if text:
                return text
    return ""


class _Reading(HTMLParser):
    """Keeps what a person would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script", "head", "title"}:
            self._hidden += 1
        elif tag in {"p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote"}:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "head", "title"} and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _without_markup(html: str) -> str:
    reading = _Reading()
    try:
        reading.feed(html[: 20 * MOST_TEXT])
        reading.close()
    except (AssertionError, ValueError):
        # The library gives up on some broken declarations; what it has read so far is kept.
        return "".join(reading.words)
    return re.sub(r"\n\s*\n+", "\n\n", "".join(reading.words))


_QUOTE: Final = re.compile(
    r"^(>|-{2,} ?(original message|ursprüngliche nachricht|weitergeleitete)|_{10,}\s*$"
    r"|(am|on) .{5,120}(schrieb|wrote)|(von|from): .{3,200}$)",
    re.IGNORECASE,
)


def without_quotes(text: str) -> str:
    """What was written now: lines up to the first that quotes; all of it where nothing would be left."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTE.match(line.strip()):
            break
        kept.append(line)
    return "\n".join(kept).strip() or text


def without_signature(text: str) -> str:
    """What stands before the line of two dashes by which mail programs begin a signature."""
    return re.split(r"^--[ \t]*$", text, maxsplit=1, flags=re.MULTILINE)[0].rstrip()
