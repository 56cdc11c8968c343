"""What the workflow `lead-classify` orders, and what comes of it: ids alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CLASSIFY_LEAD: Final = "classify-lead"
DETECT_CONTACT_ROLE: Final = "detect-contact-role"


class Classified(StrEnum):
    """What came of a step. Wire names.

    Attributes:
        PROPOSED: it waits for a person.
        KNOWN: it was proposed before, or the lead's protection is over.
        UNSURE: the model was not sure enough to trouble anybody.
        NOTHING_TO_ASK: nothing is known that could be asked about.
        NOT_CONFIGURED: there is no account at a provider any more.
        BUDGET_SPENT: the month's budget did not reach.
        MALFORMED: the model answered something else than was asked for.
        GIVEN_UP: nobody could be asked for a day.
    """

    PROPOSED = "proposed"
    KNOWN = "known"
    UNSURE = "unsure"
    NOTHING_TO_ASK = "nothing-to-ask"
    NOT_CONFIGURED = "not-configured"
    BUDGET_SPENT = "budget-spent"
    MALFORMED = "malformed"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class ClassifyOrder:
    """A step about one lead.

    Attributes:
        tenant: uuid.
        lead: uuid.
    """

    tenant: str
    lead: str


@dataclass(frozen=True, slots=True)
class ClassifySeen:
    """What came of it, a `Classified`."""

    outcome: str
