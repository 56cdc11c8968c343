"""What a picture of a lead's protection is made of, in time: bars, marks, and what each rests on.

The words are made where the reader's language is known: everything drawn carries the steps, facts and holds
behind it (`Told`), and `protection.explain_texts` and `services.fact_texts` spell them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from protection.facts import Fact
from protection.holds import Hold
from protection.policy import Policy
from protection.state import LeadState
from protection.steps import Step

Told: TypeAlias = tuple[Step | Fact | Hold, ...]


class Lane(StrEnum):
    """The rows of the picture, from the top."""

    STATUS = "status"
    BASE = "base"
    PROGRESS = "progress"
    GRACE = "grace"
    HOLD = "hold"


class BarKind(StrEnum):
    """What lasts for a while. Class names of the page."""

    NOTED = "noted"  # pre-registered, and kept for its owner
    NOTED_ONLY = "noted-only"  # pre-registered, kept for nobody any more
    PROTECTED = "protected"
    IN_GRACE = "in-grace"
    BASE = "base"
    EXTENSION = "extension"
    BASE_UNUSED = "base-unused"  # what was left of the base period when protection lapsed
    WINDOW = "window"  # the days within which progress is owed
    GRACE = "grace"
    PAUSE = "pause"


class MarkKind(StrEnum):
    """What happens at an instant. Class names of the page."""

    NOTED = "noted"
    REGISTERED = "registered"
    TRANSFERRED = "transferred"
    REINSTATED = "reinstated"
    RULES = "rules"
    EXTENDED = "extended"
    ASKED = "asked"
    DECIDED = "decided"
    PROGRESS = "progress"
    ACTIVITY = "activity"
    REMINDER = "reminder"
    REMINDER_VOID = "reminder-void"
    REMINDER_REFUSED = "reminder-refused"
    BASE_END = "base-end"
    PROGRESS_DUE = "progress-due"
    GRACE_END = "grace-end"
    RESERVED_END = "reserved-end"
    LAPSE = "lapse"
    CONVERTED = "converted"
    RELEASED = "released"
    ERASED = "erased"


DEADLINES = frozenset(
    {
        MarkKind.BASE_END,
        MarkKind.PROGRESS_DUE,
        MarkKind.GRACE_END,
        MarkKind.RESERVED_END,
        MarkKind.LAPSE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A span of time, half-open; `end` is None while it is unknown. UTC instants."""

    kind: BarKind
    lane: Lane
    start: datetime
    end: datetime | None
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An instant, UTC.

    Attributes:
        supposed: it is not so, only asked what if.
    """

    kind: MarkKind
    lane: Lane
    at: datetime
    told: Told
    supposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A lead's life from its beginning to the end that is to come, as known now.

    Attributes:
        now: a UTC instant; what lies after it is to come.
        since: when the lead began.
        ended_at: when protection ended on record; None while it lasts.
        until: when the course ends; None while that is unknown.
    """

    policy: Policy
    now: datetime
    since: datetime
    ended_at: datetime | None
    until: datetime | None
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Walked:
    """A fact of the course, and the lead's state once it was taken in."""

    fact: Fact
    state: LeadState
    on_record: bool
