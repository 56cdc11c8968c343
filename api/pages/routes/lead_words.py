"""What is drawn and explained on a lead's page, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from babel.dates import format_date

from api.pages.parts import called
from api.pages.texts import N_
from api.pages.view import View
from protection.explain import Explanation
from protection.explain_texts import Language, moment_text, step_sentence, subject_text, word_text
from protection.facts import Corrected, Fact
from protection.holds import Hold
from protection.steps import Reckoning, Rule, Step, Subject
from services.fact_texts import fact_words
from services.lead_view import LeadView
from services.timeline_picture import Entry, Picture, Pin
from services.timeline_picture_axis import Tick, Unit
from services.timeline_picture_parts import DEADLINES, BarKind, Lane, MarkKind, Story, Told

LANES: Final[Mapping[Lane, str]] = MappingProxyType(
    {
        Lane.STATUS: N_("Protection"),
        Lane.BASE: N_("Base period"),
        Lane.PROGRESS: N_("Progress"),
        Lane.GRACE: N_("Reminder, grace"),
        Lane.HOLD: N_("Holds"),
    }
)
# Letters of the clauses each lane is about.
CLAUSES: Final[Mapping[Lane, str]] = MappingProxyType(
    {Lane.STATUS: "", Lane.BASE: "a, e", Lane.PROGRESS: "b", Lane.GRACE: "c", Lane.HOLD: "d"}
)
KINDS: Final[Mapping[BarKind | MarkKind, str]] = MappingProxyType(
    {
        BarKind.NOTED: N_("Kept for its owner"),
        BarKind.NOTED_ONLY: N_("Noted, kept for nobody"),
        BarKind.PROTECTED: N_("Protected"),
        BarKind.IN_GRACE: N_("In grace"),
        BarKind.BASE: N_("Base period"),
        BarKind.EXTENSION: N_("Extension"),
        BarKind.BASE_UNUSED: N_("Rest of the base period"),
        BarKind.WINDOW: N_("Time to document progress"),
        BarKind.GRACE: N_("Grace"),
        BarKind.PAUSE: N_("The clock stands still"),
        MarkKind.NOTED: N_("Pre-registered"),
        MarkKind.REGISTERED: N_("Registered"),
        MarkKind.TRANSFERRED: N_("Handed over"),
        MarkKind.REINSTATED: N_("Brought back"),
        MarkKind.RULES: N_("Other rules"),
        MarkKind.EXTENDED: N_("Extended"),
        MarkKind.ASKED: N_("Asked for"),
        MarkKind.DECIDED: N_("Decided"),
        MarkKind.PROGRESS: N_("Progress"),
        MarkKind.ACTIVITY: N_("Activity"),
        MarkKind.REMINDER: N_("Reminder"),
        MarkKind.REMINDER_VOID: N_("Reminder without effect"),
        MarkKind.REMINDER_REFUSED: N_("Reminder could not be delivered"),
        MarkKind.BASE_END: N_("Base period ends"),
        MarkKind.PROGRESS_DUE: N_("Progress is due"),
        MarkKind.GRACE_END: N_("Grace ends"),
        MarkKind.RESERVED_END: N_("No longer kept for its owner"),
        MarkKind.LAPSE: N_("Protection lapses"),
        MarkKind.CONVERTED: N_("Became a customer"),
        MarkKind.RELEASED: N_("Given up"),
        MarkKind.ERASED: N_("Erased"),
    }
)
_TICKS: Final[Mapping[Unit, str]] = MappingProxyType({Unit.DAY: "d MMM", Unit.MONTH: "MMM", Unit.YEAR: "y"})
_SHORT: Final[Mapping[Language, str]] = MappingProxyType({"de": "d. MMM", "en": "d MMM"})
# About as wide as a letter of a bar's label, where it begins, half a pin, and a date
# beside one; in units of the picture.
_LETTER: Final = 6.6
_LABEL_AT: Final = 18
_PIN: Final = 9
_DATED: Final = 64
_HOLD: Final = N_("%(reason)s: from %(start)s to %(end)s.")
_OPEN_HOLD: Final = N_("%(reason)s: from %(start)s until it is released.")
# What the way to a lapse says already.
_ON_THE_WAY: Final = frozenset({Rule.REMINDER_DUE, Rule.GRACE_PERIOD})
_OF_FACT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "preregistered": "h",
        "registered": "a",
        "reinstated": "a",
        "transferred": "b",
        "activity": "b",
        "reminder_sent": "c",
        "reminder_bounced": "c",
        "hold_placed": "d",
        "hold_released": "d",
        "hold_requested": "d",
        "extension_granted": "e",
        "extension_requested": "e",
        "converted": "f",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the clause of the contract it rests on; None where it rests on none."""

    text: str
    clause: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of the picture's table in words.

    Attributes:
        text: what it is.
        when: from when to when, as text.
    """

    entry: Entry
    text: str
    when: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline with the steps that made it; `at` is a UTC instant, None while unknown."""

    subject: Subject
    text: str
    at: datetime | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact of the ledger in words, with what was written about it."""

    fact: Fact
    text: str
    by: str
    notes: tuple[str, ...]
    correctable: bool


class Words:
    """Says what there is to say about one lead to one reader."""

    def __init__(self, view: View, lead: LeadView) -> None:
        self._view = view
        self._lead = lead
        self._facts = {fact.fact_id: fact for fact in lead.ledger.facts}

    def said(self, entries: Iterable[Entry]) -> list[Said]:
        """The table of a picture."""
        return [
            Said(entry, self._view.text(KINDS[entry.kind]), self._when(entry), tuple(self._lines(entry.told)))
            for entry in entries
        ]

    def _when(self, entry: Entry) -> str:
        due = self._view.reader.due
        if not entry.lasts:
            return due(entry.start)
        return f"{due(entry.start)} – {'…' if entry.end is None else due(entry.end)}"

    def tick(self, tick: Tick) -> str:
        """The name of a day, month or year below the axis."""
        return format_date(tick.day, _TICKS[tick.unit], locale=self._view.language)

    def short(self, instant: datetime) -> str:
        """The day of a deadline, without its year; one at midnight ends the day before."""
        local = self._view.reader.local(instant)
        day = local.date() - timedelta(days=1) if local.time() == time.min else local.date()
        return format_date(day, _SHORT[self._view.language], locale=self._view.language)

    def labels(self, picture: Picture) -> dict[str, str]:
        """What stands in the bars, by entry, where there is room for it and no pin in the way."""
        said = {entry.key: entry for entry in picture.entries}
        found: dict[str, str] = {}
        for shape in picture.shapes:
            text = self._bar_text(shape.kind, said[shape.key])
            since, until = shape.x + _LABEL_AT, shape.x + _LABEL_AT + len(text) * _LETTER
            here = [pin for pin in picture.pins if pin.lane is shape.lane]
            free = not any(pin.x - _PIN < until and since < pin.x + _beside(pin) for pin in here)
            if free and until + _PIN <= shape.x + shape.width:
                found[shape.key] = text
        return found

    def _bar_text(self, kind: BarKind, entry: Entry) -> str:
        policy, say = self._lead.course.reading.state.policy, self._view.text
        match kind:
            case BarKind.BASE:
                return self._view.count("%(num)s month", "%(num)s months", policy.base_months)
            case BarKind.EXTENSION:
                return say(N_("extension"))
            case BarKind.WINDOW:
                return self._view.count("%(num)s day", "%(num)s days", policy.progress_days)
            case BarKind.PAUSE:
                reasons = dict.fromkeys(one.reason for one in entry.told if isinstance(one, Hold))
                return ", ".join(word_text(reason, self._view.language) for reason in reasons)
            case BarKind.GRACE:
                return self._view.count("%(num)s day", "%(num)s days", policy.grace_days)
            case _:
                return say(KINDS[kind])

    def deadlines(self, explanation: Explanation, story: Story) -> list[Deadline]:
        """Every deadline, with why; the one that ends protection first, with all that leads to it."""
        told = [
            Deadline(
                each.subject,
                subject_text(each.subject, self._view.language),
                each.at,
                tuple(self._lines(_whole(each, story))),
            )
            for each in explanation.reckonings
        ]
        first = (Subject.ENDED, Subject.VALID_UNTIL, Subject.RESERVED_UNTIL)
        return sorted(told, key=lambda one: one.subject not in first)

    def ledger(self, facts: Iterable[Fact], correctable: frozenset[type[Fact]]) -> list[Happened]:
        """Facts in words, the newest first."""
        return [
            Happened(
                fact,
                self.fact(fact),
                self.actor(fact.by),
                tuple(self._lead.notes.get(fact.fact_id, {}).values()),
                type(fact) in correctable,
            )
            for fact in reversed(list(facts))
        ]

    def actor(self, by: str) -> str:
        """Who said so: a person, or a part of the service."""
        return called(self._view.text, self._lead.names, by)

    def fact(self, fact: Fact) -> str:
        """A fact as a sentence."""
        about = self._facts.get(fact.corrects) if isinstance(fact, Corrected) else None
        return fact_words(
            fact, language=self._view.language, tz=self._view.zone, named=self.actor, about=about
        )

    def _lines(self, told: Told) -> Iterator[Line]:
        language, tz = self._view.language, self._view.zone
        for one in told:
            match one:
                case Step():
                    yield Line(step_sentence(one, tz, language), one.clause)
                case Hold():
                    yield Line(self._hold(one), "d")
                case _:
                    yield Line(self.fact(one), _OF_FACT.get(one.type))

    def _hold(self, hold: Hold) -> str:
        language, tz = self._view.language, self._view.zone
        reason = word_text(hold.reason, language)
        reason, start = reason[:1].upper() + reason[1:], moment_text(hold.start_at, tz, language)
        if hold.end_at is None:
            return self._view.text(_OPEN_HOLD, reason=reason, start=start)
        return self._view.text(_HOLD, reason=reason, start=start, end=moment_text(hold.end_at, tz, language))


def _whole(reckoning: Reckoning, story: Story) -> Told:
    """The steps to a deadline; those to the end of protection begin with what runs out."""
    lapse = next(
        (mark for mark in story.marks if mark.kind is MarkKind.LAPSE and mark.at == reckoning.at), None
    )
    if lapse is None or reckoning.subject not in {Subject.VALID_UNTIL, Subject.ENDED}:
        return reckoning.steps
    if reckoning.subject is Subject.ENDED:
        return lapse.told
    way = tuple(step for step in lapse.told if not (isinstance(step, Step) and step.rule is Rule.ENDED))
    more = tuple(step for step in reckoning.steps if step.rule not in _ON_THE_WAY)
    return (*way, *more)


def _beside(pin: Pin) -> float:
    """How far to its right a pin reaches; a deadline to come has its date there."""
    return _DATED if pin.to_come and pin.kind in DEADLINES else _PIN
