"""The steps an explanation is made of: each a rule, its clause, its facts and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from protection.facts import EndReason


class Rule(StrEnum):
    """The rules a deadline can rest on. Stable words; texts exist per rule and language."""

    REGISTERED = "registered"
    BACKDATED = "backdated"
    TENURE = "tenure"
    REINSTATED = "reinstated"
    PROGRESS = "progress"
    BASE_PERIOD = "base-period"
    PROGRESS_PERIOD = "progress-period"
    EXTENSION = "extension"
    HOLD = "hold"
    HOLD_DAYS = "hold-days"
    ROLL = "roll"
    OPEN_HOLD = "open-hold"
    CORRECTION = "correction"
    REMINDER = "reminder"
    REMINDER_DUE = "reminder-due"
    REMINDER_BOUNCED = "reminder-bounced"
    GRACE_PERIOD = "grace-period"
    ENDS_FIRST = "ends-first"
    GREATEST = "greatest"
    DECIDED_FIRST = "decided-first"
    POLICY = "policy"
    RESERVED = "reserved"
    UNPURSUED = "unpursued"
    ENDED = "ended"


class Subject(StrEnum):
    """What is explained: one of the deadlines, or the end as it came."""

    BASE_UNTIL = "base_until"
    PROGRESS_UNTIL = "progress_until"
    GRACE_UNTIL = "grace_until"
    VALID_UNTIL = "valid_until"
    RESERVED_UNTIL = "reserved_until"
    ENDED = "ended"


# Contract clause per rule (domain.md section 2).
CLAUSES: dict[Rule, str] = {
    Rule.REGISTERED: "a",
    Rule.BACKDATED: "a",
    Rule.TENURE: "b",
    Rule.REINSTATED: "a",
    Rule.PROGRESS: "b",
    Rule.BASE_PERIOD: "a",
    Rule.PROGRESS_PERIOD: "b",
    Rule.EXTENSION: "e",
    Rule.HOLD: "d",
    Rule.HOLD_DAYS: "d",
    Rule.ROLL: "b",
    Rule.OPEN_HOLD: "d",
    Rule.CORRECTION: "b",
    Rule.REMINDER: "c",
    Rule.REMINDER_DUE: "c",
    Rule.REMINDER_BOUNCED: "c",
    Rule.GRACE_PERIOD: "c",
    Rule.ENDS_FIRST: "f",
    Rule.GREATEST: "f",
    Rule.DECIDED_FIRST: "e",
    Rule.POLICY: "a",
    Rule.RESERVED: "h",
    Rule.UNPURSUED: "i",
    Rule.ENDED: "f",
}

# The ends that rest on another clause than the base period's.
_END_CLAUSES: dict[str, str] = {EndReason.INACTIVITY: "c", EndReason.UNPURSUED: "i"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards a deadline.

    Attributes:
        rule: what was applied.
        fact_ids: the facts it rests on.
        from_at: where it starts, a UTC instant.
        to_at: where it leads, a UTC instant; None while unknown.
        count: how many months or days the rule counts; 0 where it counts none.
        stood_still: how long the clock stood still, for holds.
        word: a word of the domain that the rule is about: a kind, a reason.
    """

    rule: Rule
    fact_ids: tuple[str, ...] = ()
    from_at: datetime | None = None
    to_at: datetime | None = None
    count: int = 0
    stood_still: timedelta = timedelta()
    word: str = ""

    @property
    def clause(self) -> str:
        """Letter of the contract's clause."""
        return _END_CLAUSES.get(self.word, CLAUSES[self.rule])


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One deadline and the steps that made it, in order."""

    subject: Subject
    at: datetime | None
    steps: tuple[Step, ...]
