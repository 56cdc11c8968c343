"""What every kind of letter is written with: names, dates and words in the reader's language and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from activities.letters import Letter
from activities.ports import Reader
from adapters.mail_texts.catalogue import Phrases
from adapters.mail_texts.moments import deadline, deadline_day, moment
from adapters.mail_texts.plain import SUBJECT_NAME_LIMIT, one_line
from protection.explain_texts import word_text
from protection.facts import EndReason


@dataclass(frozen=True, slots=True)
class Pen:
    """A letter, its reader, and the words of the reader's language."""

    letter: Letter
    reader: Reader
    zone: ZoneInfo
    phrases: Phrases

    def say(self, sentence: str, **values: str) -> str:
        """The sentence with company, city and these values put in."""
        names = {"company": one_line(self.letter.company), "city": one_line(self.letter.city)}
        return self.phrases.say(sentence) % (names | values)

    def subject(self, sentence: str, until: datetime | None = None, **values: str) -> str:
        """A subject line: names cut short, the date without its time."""
        names = {
            "company": one_line(self.letter.company, SUBJECT_NAME_LIMIT),
            "city": one_line(self.letter.city, SUBJECT_NAME_LIMIT),
            "date": "" if until is None else deadline_day(until, self.phrases.language, self.zone),
        }
        return self.phrases.say(sentence) % (names | values)

    def until(self, instant: datetime | None) -> str:
        """A deadline, or that it is not known yet."""
        if instant is None:
            return self.phrases.say("not yet known, because a hold has no end yet")
        return deadline(instant, self.phrases.language, self.zone)

    def at(self, instant: datetime) -> str:
        """An instant in the past."""
        return moment(instant, self.phrases.language, self.zone)

    def grace(self) -> str:
        """The length of grace in words."""
        return self.phrases.count(
            "%(num)d calendar day", "%(num)d calendar days", self.letter.policy.grace_days
        )

    def name(self, user: str) -> str:
        """How people call this user; the bare id of one who is not on file."""
        return one_line(self.letter.names.get(user, user))

    def days(self, num: int) -> str:
        """So many days in words."""
        return self.phrases.count("%(num)d day", "%(num)d days", num)

    def word(self, word: str) -> str:
        """A kind or reason in the reader's language."""
        return one_line(word_text(word, self.phrases.language.value))

    def progress(self) -> str:
        """The last progress, or since when there has been none."""
        last = self.letter.last_progress
        if last is not None:
            return self.say("%(kind)s on %(date)s", kind=self.word(last.kind), date=self.at(last.occurred_at))
        if self.letter.since is not None:
            return self.say("none since %(date)s", date=self.at(self.letter.since))
        return self.phrases.say("none")


@dataclass(frozen=True, slots=True)
class Body:
    """What differs from kind to kind.

    Attributes:
        banner: what kind of letter it is, in a word or two.
        until: what the letter is about in the end: a label and that instant; None where there is none.
    """

    subject: str
    banner: str
    paragraphs: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    tasks: tuple[str, ...]
    story: tuple[str, ...] = ()
    until: tuple[str, datetime | None] | None = None


def document_task(pen: Pen) -> str:
    """What progress does."""
    return pen.say(
        "Document progress: record what has happened with the customer; "
        "%(days)s for the next progress then run from that day (clause b).",
        days=pen.days(pen.letter.policy.progress_days),
    )


def extension_task(pen: Pen) -> str:
    """How to get more time."""
    return pen.say(
        "Ask for an extension: give the reason and the next step agreed with the customer (clause e)."
    )


def hold_task(pen: Pen) -> str:
    """How to stop the clock."""
    return pen.say(
        "Ask for a hold: while price approval, samples, supply or documents of the company are late, "
        "or the customer is blocked, the clock stands still (clause d)."
    )


def missing_entry_task(pen: Pen) -> str:
    """What is left to do after the end."""
    return pen.say(
        "If an entry is missing or wrong, tell a manager: facts can be corrected, "
        "and a lapsed lead can be reinstated, with a reason."
    )


def why_ended(pen: Pen) -> str:
    """Which period ended protection; empty if none did."""
    reason = pen.letter.reason
    match reason:
        case EndReason.BASE_PERIOD:
            return pen.say("The base period was over and no customer agreement was on record (clause f).")
        case EndReason.INACTIVITY:
            return pen.say(
                "After the reminder, no progress was documented within the period of grace (clause c)."
            )
        case EndReason.UNPURSUED:
            return pen.say("The pre-registration was not pursued (clause i).")
        case None:
            return ""
    assert_never(reason)
