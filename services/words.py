"""What people may write, checked the same way for API, command line and import.

Refusals name the field in the spelling of the messages and say what to write instead; what was written
is never repeated.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from protection.refusal import Code, Refused

MAX_NAME: Final = 200
MAX_PHONE: Final = 50
MAX_POSTCODE: Final = 20
MAX_EXTERNAL_ID: Final = 100
MAX_NOTE: Final = 10_000
MAX_LINK: Final = 2_000
MAX_REASON: Final = 250
MIN_REASON: Final = 3
# Where a reason overrules a rule of the contract it has to say more.
MIN_GRAVE_REASON: Final = 10
MIN_FIRST_CONTACT: Final = 10

_ADDRESS: Final = re.compile(r"[a-z0-9][a-z0-9._+-]{0,60}@([a-z0-9][a-z0-9-]{0,60}\.)+[a-z]{2,20}")


class LeadSource(StrEnum):
    """Where a lead came from (domain.md section 5)."""

    TRADE_FAIR = "TRADE_FAIR"
    REFERRAL = "REFERRAL"
    PHONE = "PHONE"
    WEB_FORM = "WEB_FORM"
    PARTNER = "PARTNER"
    OTHER = "OTHER"


@lru_cache(maxsize=4096)
def is_address(written: str) -> bool:
    """Return whether the text is an e-mail address that mail could be sent to."""
    if ".." not in written and ".@" not in written and _ADDRESS.fullmatch(written):
        return True
    try:
        validate_email(written, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


class Malformed(Refused):
    """A value of the request makes no sense; told before anybody was asked."""

    def __init__(self, field: str, trouble: str) -> None:
        super().__init__(Code.MALFORMED, field, trouble)


def malformed(field: str, trouble: str) -> Malformed:
    """The refusal of a value that makes no sense."""
    return Malformed(field, trouble)


def line(text: str, field: str, longest: int = MAX_NAME) -> str:
    """A name or the like, trimmed.

    Raises:
        Refused: it is empty, too long, or not one line.
    """
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise malformed(field, f"must be text of 1 to {longest} characters on one line")
    return text.strip()


def maybe_line(text: str | None, field: str, longest: int = MAX_NAME) -> str | None:
    """The same; None where nothing was written."""
    return None if text is None else line(text, field, longest)


def note(text: str | None, field: str = "note") -> str | None:
    """What somebody wrote about an act, as it was written; None where nothing was.

    Raises:
        Refused: it says nothing, or too much.
    """
    if text is None:
        return None
    if not text.strip() or len(text) > MAX_NOTE or "\0" in text:
        raise malformed(field, f"must be text of 1 to {MAX_NOTE} characters")
    return text


def reason(text: str, field: str = "reason", *, least: int = MIN_REASON, most: int = MAX_REASON) -> str:
    """Why something is done, trimmed.

    Raises:
        Refused: it is too short to be a reason, or too long.
    """
    if not least <= len(text.strip()) <= most or "\0" in text:
        raise malformed(field, f"say why in {least} to {most} characters")
    return text.strip()
