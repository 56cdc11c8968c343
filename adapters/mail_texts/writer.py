"""Letters as plain text and HTML. Everything from outside is escaped by the HTML template."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities.letters import Letter
from activities.orders import InvitationKind
from activities.ports import CalendarFile, Contact, Invitation, Language, Reader, Written
from adapters import log
from adapters.mail_texts.attached import attachment
from adapters.mail_texts.catalogue import phrases
from adapters.mail_texts.content import Content, content
from adapters.mail_texts.entries import Book
from adapters.mail_texts.invitation import Asked, invitation_content
from adapters.settings import SettingsError

_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True, default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)

_log = log.get(__name__)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError) as error:
        _log.warning("unknown-reader-zone", zone=name, error=type(error).__name__)
        return None


class MailTexts:
    """Puts letters into words.

    Args:
        public_url: where people reach the leads; links begin with it.
        default_zone: IANA name of the zone for readers whose own is unknown.
    """

    def __init__(self, public_url: str, default_zone: str = "Europe/Berlin") -> None:
        if urlsplit(public_url).scheme not in {"http", "https"}:
            raise SettingsError("PUBLIC_URL", "must begin with http:// or https://")
        self._public_url = public_url.rstrip("/")
        self._default_zone = ZoneInfo(default_zone)
        self._text = _ENVIRONMENT.get_template("letter.txt.j2")
        self._html = _ENVIRONMENT.get_template("letter.html.j2")

    def write(self, letter: Letter, reader: Reader) -> Written:
        """The letter in the reader's language, dates in the reader's zone."""
        zone = _zone(reader.timezone) or self._default_zone
        said = content(letter, reader, zone, phrases(reader.language))
        book = Book(reader.language, zone, self._public_url)
        return self._written(said, reader.language, attachment(letter, book))

    def invite(
        self, kind: InvitationKind, invitation: Invitation, contact: Contact, agent: str, link: str
    ) -> Written:
        """The mail to the customer, in the invitation's language."""
        said = invitation_content(
            kind, Asked(invitation, contact, agent, link), self._default_zone, phrases(invitation.language)
        )
        return self._written(said, invitation.language, None)

    def _written(self, said: Content, language: Language, attached: CalendarFile | None) -> Written:
        links = [
            (text, f"{self._public_url}{where}" if where.startswith("/") else where)
            for text, where in said.links
        ]
        values = {"content": said, "language": language.value, "links": links}
        return Written(
            subject=said.subject,
            text=self._text.render(values),
            html=_INLINER.inline(self._html.render(values)),
            calendar=attached,
        )
