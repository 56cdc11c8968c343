"""What can happen to a lead. Facts are never changed, only corrected by later facts.

Every fact carries `fact_id` (the sender's idempotency key), `recorded_at` (when we learned it, a UTC
instant) and `by` (who said so: an id, never a person's name).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar


class HoldReason(StrEnum):
    """Why the clock stands still (contract clause d)."""

    FFZ_PRICE_APPROVAL = "FFZ_PRICE_APPROVAL"
    FFZ_SAMPLE_DELAY = "FFZ_SAMPLE_DELAY"
    FFZ_SUPPLY_ISSUE = "FFZ_SUPPLY_ISSUE"
    CUSTOMER_BLOCKED = "CUSTOMER_BLOCKED"
    OTHER = "OTHER"


class EndReason(StrEnum):
    """Which period ended protection; UNPURSUED is a pre-registration nobody followed up (clause i)."""

    BASE_PERIOD = "BASE_PERIOD"
    INACTIVITY = "INACTIVITY"
    UNPURSUED = "UNPURSUED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact has."""

    type: ClassVar[str]
    fact_id: str
    recorded_at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preregistered(Fact):
    """Company and place are noted; nothing is protected yet (clause h)."""

    type: ClassVar[str] = "preregistered"
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Fact):
    """Protection starts (clause a). `registered_at` lies before `recorded_at` when backdated."""

    type: ClassVar[str] = "registered"
    owner: str
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecorded(Fact):
    """Something the agent did or the customer said; progress if its kind qualifies (clause b)."""

    type: ClassVar[str] = "activity"
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Fact):
    """The clock stands still from `start_at` until `end_at`, or until released (clause d)."""

    type: ClassVar[str] = "hold_placed"
    hold: str
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Fact):
    """The hold ends at `ended_at` (left out: when recorded), or never begins if it has not begun by then."""

    type: ClassVar[str] = "hold_released"
    hold: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionGranted(Fact):
    """The company extends the base period by so many days (clause e)."""

    type: ClassVar[str] = "extension_granted"
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequested(Fact):
    """Somebody asks for a hold; approved it becomes one of the same id. Asking stops no clock."""

    type: ClassVar[str] = "hold_requested"
    request: str
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequested(Fact):
    """Somebody asks for more days of base period, usually with a scheduled next step (clause e)."""

    type: ClassVar[str] = "extension_requested"
    request: str
    days: int | None = None
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDecided(Fact):
    """A request was approved or rejected, by somebody else than who asked.

    An approved extension says its `days`; an approved hold may begin or end otherwise than asked for.
    """

    type: ClassVar[str] = "request_decided"
    request: str
    approved: bool
    days: int | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWithdrawn(Fact):
    """Whoever asked does so no longer."""

    type: ClassVar[str] = "request_withdrawn"
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAdopted(Fact):
    """The living lead goes over to another policy version, which the fact holds whole."""

    type: ClassVar[str] = "policy_adopted"
    version: str
    replaces: str
    policy: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Fact):
    """Personal data are erased on request; a living lead's protection ends with it."""

    type: ClassVar[str] = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted(Fact):
    """A written customer agreement exists (clause f)."""

    type: ClassVar[str] = "converted"
    customer_no: str | None = None
    agreement_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Fact):
    """Owner or manager gave the lead up."""

    type: ClassVar[str] = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(Fact):
    """A new owner's tenure starts at `recorded_at`; the base period only if the manager says so."""

    type: ClassVar[str] = "transferred"
    owner: str
    restart_base: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstated(Fact):
    """A manager brings a lapsed or released lead back; progress is counted from here."""

    type: ClassVar[str] = "reinstated"
    restart_base: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Fact):
    """An earlier fact was wrong: these of its fields, or (`replacement` is None) all of it."""

    type: ClassVar[str] = "corrected"
    corrects: str
    replacement: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSent(Fact):
    """The reminder of this cycle went out; grace runs from `sent_at` (clause c)."""

    type: ClassVar[str] = "reminder_sent"
    sent_at: datetime
    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderBounced(Fact):
    """The reminder of this cycle was refused for good, or came back later; no grace runs."""

    type: ClassVar[str] = "reminder_bounced"
    cycle: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed(Fact):
    """A deadline passed. `at` is the deadline's own instant, whenever that was noticed."""

    type: ClassVar[str] = "lapsed"
    at: datetime
    reason: EndReason


FACT_TYPES: dict[str, type[Fact]] = {
    kind.type: kind
    for kind in (
        Preregistered,
        Registered,
        ActivityRecorded,
        HoldPlaced,
        HoldReleased,
        ExtensionGranted,
        HoldRequested,
        ExtensionRequested,
        RequestDecided,
        RequestWithdrawn,
        PolicyAdopted,
        Erased,
        Converted,
        Released,
        Transferred,
        Reinstated,
        Corrected,
        ReminderSent,
        ReminderBounced,
        Lapsed,
    )
}
