"""What the workflow `inbound-mail` orders, and what it is answered. Ids and codes; never what a mail says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

INBOX_QUEUE: Final = "inbox"
SORT_MAIL: Final = "sort-mail"
CATEGORISE_MAIL: Final = "categorise-mail"
PROPOSE_REACTION: Final = "propose-reaction"
TELL_BOUNCE: Final = "tell-bounce"


@dataclass(frozen=True, slots=True)
class MailOrder:
    """A step about one mail.

    Attributes:
        tenant: UUID.
        mail: UUID.
    """

    tenant: str
    mail: str


class NextStep(StrEnum):
    """What is left to do about a mail. Wire names."""

    NONE = "none"
    CATEGORISE = "categorise"
    PROPOSE = "propose"
    TELL_BOUNCE = "tell-bounce"


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a mail turned out to be.

    Attributes:
        step: what is left to do.
        outcome: why, as a code for operators.
    """

    step: NextStep = NextStep.NONE
    outcome: str | None = None
