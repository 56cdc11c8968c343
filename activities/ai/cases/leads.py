"""Use cases about a lead as such: what sort of customer it would be, what its contact does, what happened."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import Field

from activities.ai.case import Answer, Case, Size, UseCase
from activities.ai.cases.forms import Code, Happened, Line, Name, Question, Said, Words
from activities.ports import Language
from activities.proposal_facts import Potential, Segment
from activities.sample_orders import ContactRole

_MOST_HAPPENED: Final = 40


class LeadQuestion(Question):
    """A company at a place."""

    company: Name
    city: Name
    industry: Name | None = None
    source: Code | None = None


class LeadAnswer(Answer):
    """What sort of customer it would be, and why."""

    segment: Segment
    potential: Potential
    reason: Line


class ContactQuestion(Question):
    """A contact without name, address and number.

    Attributes:
        mailbox: what his mailbox is called, where it is called after a function (einkauf, kueche).
        note: what was written about the first talk with him.
    """

    segment: Segment | None = None
    mailbox: Code | None = None
    note: Words | None = None


class ContactAnswer(Answer):
    """What he does."""

    role: ContactRole


class HistoryQuestion(Question):
    """What happened to a lead, the oldest first.

    Attributes:
        language: in which the summary is read.
        status: where the lead stands.
        progress_until: the day until which progress is due.
        valid_until: the day on which protection ends.
    """

    language: Language
    company: Name
    status: Code
    progress_until: date | None = None
    valid_until: date | None = None
    happened: list[Happened] = Field(max_length=_MOST_HAPPENED)


class HistoryAnswer(Answer):
    """What happened in a few sentences, and what to do next."""

    summary: Said
    next_step: Line


_HOUSE: Final = (
    "You help commercial agents of a German maker of frozen ready meals for professional kitchens. "
    "Use only what you are told; invent nothing. Placeholders in square brackets stand for personal data "
    "that was taken out; never guess what they stand for. "
)

LEAD_CLASSIFY: Final = Case(
    use_case=UseCase.LEAD_CLASSIFY,
    size=Size.SMALL,
    input=LeadQuestion,
    answer=LeadAnswer,
    system=_HOUSE
    + "Say what sort of customer this company would be (segment) and how much it would buy (potential): "
    "HIGH for kitchens that serve hundreds of meals a day, LOW for small houses. Give the reason in German "
    "in one sentence. Be unsure (confidence below 0.6) where the name and the industry say little.",
)
CONTACT_ROLE_DETECT: Final = Case(
    use_case=UseCase.CONTACT_ROLE_DETECT,
    size=Size.SMALL,
    input=ContactQuestion,
    answer=ContactAnswer,
    system=_HOUSE
    + "Say what this contact does: CHEF runs the kitchen, BUYER buys, GM runs the house, OTHER is somebody "
    "else. Be unsure (confidence below 0.6) where nothing shows it.",
)
ACTIVITY_SUMMARIZE: Final = Case(
    use_case=UseCase.ACTIVITY_SUMMARIZE,
    size=Size.SMALL,
    input=HistoryQuestion,
    answer=HistoryAnswer,
    system=_HOUSE
    + "Sum up what happened to this lead in at most 80 words, then name one next step in at most 20 words. "
    "Write in the language of the field language. Days are ISO dates; write them as that language does.",
    user_specific=True,
)
