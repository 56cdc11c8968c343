"""What each kind of letter says, once, for plain text and HTML alike. Sentences are message ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from activities.letters import Letter
from activities.orders import NotificationKind
from activities.ports import Reader
from adapters.mail_texts.catalogue import Phrases
from adapters.mail_texts.moments import deadline, deadline_day, moment
from adapters.mail_texts.plain import SUBJECT_NAME_LIMIT, one_line
from protection.explain_texts import explanation_text, word_text
from protection.facts import EndReason


@dataclass(frozen=True, slots=True)
class Content:
    """A letter's parts, in the reader's language, nothing escaped yet.

    Attributes:
        details: label and value, in order.
        tasks: what the reader can do.
        story: the explanation line by line; empty unless the letter carries one.
    """

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    tasks_heading: str
    tasks: tuple[str, ...]
    story_heading: str
    story: tuple[str, ...]
    link_text: str
    footer: str


@dataclass(frozen=True, slots=True)
class _Pen:
    """A letter, its reader, and the words of the reader's language."""

    letter: Letter
    reader: Reader
    zone: ZoneInfo
    phrases: Phrases

    def say(self, sentence: str, **values: str) -> str:
        """The sentence with company, city and these values put in."""
        names = {"company": one_line(self.letter.company), "city": one_line(self.letter.city)}
        return self.phrases.say(sentence) % (names | values)

    def subject(self, sentence: str, until: datetime | None = None) -> str:
        """A subject line: names cut short, the date without its time."""
        return self.phrases.say(sentence) % {
            "company": one_line(self.letter.company, SUBJECT_NAME_LIMIT),
            "city": one_line(self.letter.city, SUBJECT_NAME_LIMIT),
            "date": "" if until is None else deadline_day(until, self.phrases.language, self.zone),
        }

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
        return self.phrases.count("%(num)d calendar day", "%(num)d calendar days", self.letter.grace_days)

    def progress(self) -> str:
        """The last progress, or since when there has been none."""
        last = self.letter.last_progress
        if last is not None:
            kind = one_line(word_text(last.kind, self.phrases.language.value))
            return self.say("%(kind)s on %(date)s", kind=kind, date=self.at(last.occurred_at))
        if self.letter.since is not None:
            return self.say("none since %(date)s", date=self.at(self.letter.since))
        return self.phrases.say("none")


@dataclass(frozen=True, slots=True)
class _Body:
    """What differs from kind to kind."""

    subject: str
    paragraphs: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    tasks: tuple[str, ...]
    story: tuple[str, ...] = ()


def content(letter: Letter, reader: Reader, zone: ZoneInfo, phrases: Phrases) -> Content:
    """The letter in words for this reader."""
    pen = _Pen(letter, reader, zone, phrases)
    body = _BODIES[letter.kind](pen)
    head = (
        (phrases.say("Company"), one_line(letter.company)),
        (phrases.say("City"), one_line(letter.city)),
    )
    return Content(
        subject=body.subject,
        greeting=phrases.say("Hello %(name)s,") % {"name": one_line(reader.name)},
        paragraphs=body.paragraphs,
        details=head + body.details,
        tasks_heading=phrases.say("What you can do now"),
        tasks=body.tasks,
        story_heading=phrases.say("How this came about"),
        story=body.story,
        link_text=phrases.say("Open the lead"),
        footer=phrases.say(
            "This message was written automatically by Fristwerk. "
            "Every time is shown with the zone it is meant in."
        ),
    )


def _document(pen: _Pen) -> str:
    days = pen.phrases.count("%(num)d day", "%(num)d days", pen.letter.progress_days)
    return pen.say(
        "Document progress: record what has happened with the customer; "
        "%(days)s for the next progress then run from that day (clause b).",
        days=days,
    )


def _extension(pen: _Pen) -> str:
    return pen.say(
        "Ask for an extension: give the reason and the next step agreed with the customer (clause e)."
    )


def _hold(pen: _Pen) -> str:
    return pen.say(
        "Ask for a hold: while price approval, samples, supply or documents of the company are late, "
        "or the customer is blocked, the clock stands still (clause d)."
    )


def _ends_before(pen: _Pen) -> tuple[str, ...]:
    """Where the base period ends protection before grace could."""
    ends, grace = pen.letter.valid_until, pen.letter.grace_until
    if ends is None or ends == grace:
        return ()
    return (
        pen.say(
            "Whatever happens until then, the base period ends earlier, on %(date)s. Protection ends with it "
            "unless there is a written customer agreement (clause f) or an extension (clause e).",
            date=pen.until(ends),
        ),
    )


def _reminder(pen: _Pen) -> _Body:
    letter = pen.letter
    subject = pen.subject("%(company)s, %(city)s: please document progress")
    if letter.grace_until is not None:
        subject = pen.subject(
            "%(company)s, %(city)s: please document progress by %(date)s", letter.valid_until
        )
    return _Body(
        subject=subject,
        paragraphs=(
            pen.say(
                "for %(company)s in %(city)s, progress was due by %(date)s, and none has been documented. "
                "Under clause c of the customer protection agreement we ask you for an update "
                "and set you %(grace)s for it.",
                date=pen.until(letter.progress_until),
                grace=pen.grace(),
            ),
            pen.say(
                "The period of grace ends: %(date)s. If nothing is documented by then, protection lapses.",
                date=pen.until(letter.grace_until),
            ),
            *_ends_before(pen),
        ),
        details=(
            (pen.say("Progress was due by"), pen.until(letter.progress_until)),
            (pen.say("End of grace"), pen.until(letter.grace_until)),
            (pen.say("Last progress"), pen.progress()),
            (pen.say("Base period until"), pen.until(letter.base_until)),
        ),
        tasks=(_document(pen), _extension(pen), _hold(pen)),
    )


def _notice_progress(pen: _Pen) -> _Body:
    letter = pen.letter
    return _Body(
        subject=pen.subject("%(company)s, %(city)s: progress due by %(date)s", letter.progress_until),
        paragraphs=(
            pen.say(
                "for %(company)s in %(city)s, the next documented progress is due by %(date)s. If none is "
                "documented by then, a reminder goes out and sets %(grace)s of grace (clause c).",
                date=pen.until(letter.progress_until),
                grace=pen.grace(),
            ),
        ),
        details=(
            (pen.say("Progress due by"), pen.until(letter.progress_until)),
            (pen.say("Last progress"), pen.progress()),
            (pen.say("Base period until"), pen.until(letter.base_until)),
        ),
        tasks=(_document(pen), _hold(pen)),
    )


def _notice_base(pen: _Pen) -> _Body:
    letter = pen.letter
    return _Body(
        subject=pen.subject("%(company)s, %(city)s: base period ends on %(date)s", letter.base_until),
        paragraphs=(
            pen.say(
                "the base period of protection for %(company)s in %(city)s ends on %(date)s.",
                date=pen.until(letter.base_until),
            ),
            pen.say(
                "Protection ends then at the latest, unless there is a written customer agreement (clause f) "
                "or an extension (clause e)."
            ),
        ),
        details=(
            (pen.say("Base period until"), pen.until(letter.base_until)),
            (pen.say("Last progress"), pen.progress()),
        ),
        tasks=(
            pen.say(
                "Record the agreement: if a written customer agreement exists, convert the lead (clause f)."
            ),
            _extension(pen),
            _hold(pen),
        ),
    )


def _why(pen: _Pen) -> str:
    reason = pen.letter.reason
    match reason:
        case EndReason.BASE_PERIOD:
            return pen.say("The base period was over and no customer agreement was on record (clause f).")
        case EndReason.INACTIVITY:
            return pen.say(
                "After the reminder, no progress was documented within the period of grace (clause c)."
            )
        case None:
            return ""
    assert_never(reason)


def _lapse(pen: _Pen) -> _Body:
    letter = pen.letter
    assert letter.explanation is not None, "a lapse letter is drafted with its explanation"  # noqa: S101
    told = replace(letter.explanation, timezone=pen.zone.key)
    story = explanation_text(told, pen.phrases.language.value)
    return _Body(
        subject=pen.subject("%(company)s, %(city)s: protection has ended"),
        paragraphs=(
            pen.say(
                "protection of %(company)s in %(city)s ended on %(date)s. The lead is free again.",
                date=pen.until(letter.valid_until),
            ),
            _why(pen),
        ),
        details=(
            (pen.say("Agent"), one_line(letter.owner)),
            (pen.say("Protection ended"), pen.until(letter.valid_until)),
            (pen.say("Last progress"), pen.progress()),
        ),
        tasks=(
            pen.say(
                "If an entry is missing or wrong, tell a manager: facts can be corrected, "
                "and a lapsed lead can be reinstated, with a reason."
            ),
        ),
        story=tuple(story.splitlines()),
    )


_BODIES: Final[Mapping[NotificationKind, Callable[[_Pen], _Body]]] = {
    NotificationKind.REMINDER: _reminder,
    NotificationKind.NOTICE_PROGRESS: _notice_progress,
    NotificationKind.NOTICE_BASE: _notice_base,
    NotificationKind.LAPSE: _lapse,
}
