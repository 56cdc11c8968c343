"""The contract's numbers and catalogues: a value that a lead keeps for life unless migrated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from protection.dates import zone


class Mode(StrEnum):
    """Which of the two periods ends protection. LEAST is the contract."""

    LEAST = "LEAST"
    GREATEST = "GREATEST"


class Counting(StrEnum):
    """Seconds as they run, or whole local dates as German law counts them (BGB 187, 188)."""

    EXACT = "exact"
    CALENDAR_DAYS = "calendar_days"


class WorkingDayRoll(StrEnum):
    """Whether the agent's deadlines move off Saturdays, Sundays and holidays (BGB 193, whole days)."""

    OFF = "off"
    NEXT_WORKING_DAY = "next_working_day"


class PolicyError(ValueError):
    """A policy value outside its range. Names the field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


QUALIFYING = (
    "QUALIFIED_CALL",
    "CUSTOMER_REACTION",
    "SCHEDULED_FOLLOWUP",
    "SAMPLE_FEEDBACK",
    "ROI_PRESENTATION",
)
OTHER = ("EMAIL_SENT", "NOTE", "CALL_ATTEMPT", "MEETING_PLANNED")

_RANGES = {
    "base_months": (1, 24),
    "progress_days": (7, 120),
    "grace_days": (1, 30),
    "notice_progress_days": (0, 60),
    "notice_base_days": (0, 90),
    "preregistration_days": (0, 60),
    "preregistration_notice_days": (0, 60),
    "preregistration_delete_days": (0, 365),
    "max_hold_days": (0, 365),
    "extension_decision_days": (0, 60),
}

# Versions written before these numbers existed decode to 0: their leads never had such a clock, and
# their histories replay without one.
_NEWER = (
    "preregistration_days",
    "preregistration_notice_days",
    "preregistration_delete_days",
    "max_hold_days",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the contract's numbers (domain.md section 3, "Policy").

    Attributes:
        version: name of this version; a live lead keeps the one it was registered under.
        timezone: IANA name; periods are added to local wall time there.
        base_months: base period in months, 1..24.
        progress_days: days within which progress must be documented, 7..120.
        grace_days: days of grace after the reminder, 1..30.
        mode: LEAST (the contract) or GREATEST.
        counting: exact seconds or calendar days.
        working_day_roll: whether progress and grace deadlines move to the next working day.
        closed_days: public holidays of the setting's Land, resolved when the version was made, so
            that a deadline never depends on a library's later opinion.
        qualifying_kinds: activity kinds that count as progress.
        other_kinds: kinds that are recorded and change no deadline.
        notice_progress_days: days before the progress deadline that a notice goes out; 0 is none.
        notice_base_days: the same before the end of the base period.
        preregistration_days: days for which a pre-registration keeps others away; 0 is without end.
        preregistration_notice_days: days before that end that a notice goes out; 0 is none.
        preregistration_delete_days: days after which one that nobody pursued is deleted; 0 is never.
        max_hold_days: days in force after which managers are told of a hold; 0 is never.
        extension_decision_days: days at most for which an open extension request puts off the end of
            the base period.
    """

    version: str = "contract-1"
    timezone: str = "Europe/Berlin"
    base_months: int = 6
    progress_days: int = 60
    grace_days: int = 10
    mode: Mode = Mode.LEAST
    counting: Counting = Counting.EXACT
    working_day_roll: WorkingDayRoll = WorkingDayRoll.OFF
    closed_days: tuple[date, ...] = ()
    qualifying_kinds: tuple[str, ...] = QUALIFYING
    other_kinds: tuple[str, ...] = OTHER
    notice_progress_days: int = 7
    notice_base_days: int = 14
    preregistration_days: int = 10
    preregistration_notice_days: int = 3
    preregistration_delete_days: int = 60
    max_hold_days: int = 60
    extension_decision_days: int = 14

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise PolicyError(name, f"must be a whole number from {low} to {high}, not {value!r}")
        try:
            zone(self.timezone)
        except (ValueError, LookupError, OSError) as error:
            raise PolicyError("timezone", f"no such time zone: {self.timezone!r}") from error
        if self.counting is Counting.EXACT and self.working_day_roll is not WorkingDayRoll.OFF:
            raise PolicyError(
                "working_day_roll",
                "needs counting calendar_days; by the second, it could shorten",
            )
        both = set(self.qualifying_kinds) & set(self.other_kinds)
        if both:
            raise PolicyError("other_kinds", f"also listed as qualifying: {', '.join(sorted(both))}")


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON values, keyed by field name."""
    values: dict[str, Any] = {field.name: getattr(policy, field.name) for field in fields(policy)}
    values["closed_days"] = [day.isoformat() for day in policy.closed_days]
    for name in ("qualifying_kinds", "other_kinds"):
        values[name] = list(values[name])
    for name in ("mode", "counting", "working_day_roll"):
        values[name] = str(values[name])
    return values


_ENUMS: dict[str, type[StrEnum]] = {"mode": Mode, "counting": Counting, "working_day_roll": WorkingDayRoll}


def policy_from_json(raw: Any) -> Policy:
    """The policy written by `policy_to_json`; keys left out take the contract's defaults.

    Numbers that came later than the first versions are 0 where they are left out (see `_NEWER`).

    Raises:
        PolicyError: unknown key or a value outside its range; names the field.
    """
    if not isinstance(raw, Mapping):
        raise PolicyError("policy", "must be an object of policy fields")
    values = dict.fromkeys(_NEWER, 0) | dict(raw)
    unknown = set(values) - {field.name for field in fields(Policy)}
    if unknown:
        raise PolicyError(min(unknown), "no such policy field")
    for name, kind in _ENUMS.items():
        if name in values:
            try:
                values[name] = kind(values[name])
            except ValueError as error:
                raise PolicyError(name, f"must be one of {', '.join(kind)}, not {values[name]!r}") from error
    try:
        values["closed_days"] = tuple(date.fromisoformat(day) for day in values.get("closed_days", ()))
    except (TypeError, ValueError) as error:
        raise PolicyError("closed_days", "must be a list of ISO dates") from error
    for name in ("version", "timezone"):
        if not isinstance(values.get(name, ""), str):
            raise PolicyError(name, "must be text")
    for name in ("qualifying_kinds", "other_kinds"):
        if name in values:
            kinds = values[name]
            if not isinstance(kinds, (list, tuple)) or not all(isinstance(kind, str) for kind in kinds):
                raise PolicyError(name, "must be a list of kinds")
            values[name] = tuple(kinds)
    return Policy(**values)
