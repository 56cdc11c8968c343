"""Periods and their parts, and the figures of each part from the changes of its days. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from adapters.kpi_days import DayRow, Decided, HeldRow, Stood, Unit
from protection.dates import zone
from protection.facts import HoldReason
from protection.policy import Policy
from protection.requests import RequestKind

# The zone whose days are counted: the contract's.
DAYS: Final = Policy().timezone
LONGEST_DAYS: Final = 1_100
OF_THE_COMPANY: Final = (
    HoldReason.FFZ_PRICE_APPROVAL,
    HoldReason.FFZ_SAMPLE_DELAY,
    HoldReason.FFZ_SUPPLY_ISSUE,
)
_DAILY: Final = 31
_WEEKLY: Final = 190
_MILLIONTHS: Final = 1_000_000
_ZONE: Final = zone(DAYS)


class BadPeriod(ValueError):
    """A period nobody can be told of; `field` says which end is at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadPeriod("last", "must not lie before the first day")
        if self.days > LONGEST_DAYS:
            raise BadPeriod("first", f"at most {LONGEST_DAYS} days")

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def unit(self) -> Unit:
        """In which parts it is told."""
        if self.days <= _DAILY:
            return Unit.DAY
        return Unit.WEEK if self.days <= _WEEKLY else Unit.MONTH

    @property
    def since(self) -> datetime:
        """The instant it begins, UTC."""
        return begin_of(self.first)

    @property
    def until(self) -> datetime:
        """The instant it ends, UTC."""
        return begin_of(self.last + timedelta(days=1))


def begin_of(day: date) -> datetime:
    """The instant at which a local day begins, UTC."""
    return datetime.combine(day, time.min, _ZONE).astimezone(UTC)


def today(moment: datetime) -> date:
    """The local day of an instant."""
    return moment.astimezone(_ZONE).date()


def recent(days: int, moment: datetime) -> Period:
    """The last so many days, today included."""
    last = today(moment)
    return Period(last - timedelta(days=days - 1), last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a period.

    Attributes:
        stood: how the leads stood when it ended, or stand now.
        held: days on hold by reason, of days that are over.
        decided: requests decided, by kind.
    """

    first: date
    last: date
    stood: Stood
    entered: int = 0
    activities: int = 0
    reminded: int = 0
    bounced: int = 0
    reactivated: int = 0
    lapsed: int = 0
    won: int = 0
    held: Mapping[HoldReason, float] = field(default_factory=dict)
    decided: Mapping[RequestKind, Decided] = field(default_factory=dict)

    @property
    def held_by_company(self) -> float:
        """Days on hold that the company caused."""
        return sum(self.held.get(reason, 0.0) for reason in OF_THE_COMPANY)


def part_of(day: date, unit: Unit) -> date:
    """The first day of the part a day lies in."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a period.

    Attributes:
        stood: how the leads stood when it began.
        days: the days on which anything happened.
        held: who stood still, up to the last day that is over.
        over: that day.
        decided: requests decided, by part and as a whole.
    """

    stood: Stood
    days: Sequence[DayRow]
    held: Sequence[HeldRow]
    over: date
    decided: Sequence[Decided]


def parts_of(period: Period, last: date, told: Told) -> tuple[list[Part], Part]:
    """The parts of a period up to a day, and the period as one part."""
    daily = daily_held(told.held, period.first, told.over)
    days: dict[date, list[DayRow]] = defaultdict(list)
    for row in told.days:
        days[part_of(row.day, period.unit)].append(row)
    asked: dict[date | None, dict[RequestKind, Decided]] = defaultdict(dict)
    for one in told.decided:
        asked[one.part][one.kind] = one
    stood, parts = told.stood, list[Part]()
    for first, end in _spans(period, last):
        key = part_of(first, period.unit)
        stood = _moved(stood, days[key])
        parts.append(
            Part(
                first=first,
                last=end,
                stood=stood,
                **_happened(days[key]),
                held=_within(daily, first, end),
                decided=asked[key],
            )
        )
    whole = Part(
        first=period.first,
        last=period.last,
        stood=stood,
        **_happened(told.days),
        held=_within(daily, period.first, period.last),
        decided=asked[None],
    )
    return parts, whole


def daily_held(rows: Sequence[HeldRow], first: date, last: date) -> dict[date, dict[HoldReason, float]]:
    """Days on hold of each local day, by reason, from what stood still before and how that changed."""
    told: dict[HoldReason, dict[date, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        share, standing = told[row.reason].get(row.day, (0, 0))
        told[row.reason][row.day] = (share + row.share, standing + row.standing)
    found: dict[date, dict[HoldReason, float]] = defaultdict(dict)
    for reason, changes in told.items():
        standing = 0
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            share, change = changes.get(day, (0, 0))
            standing += change
            if standing or share:
                found[day][reason] = standing + share / _MILLIONTHS
    return found


def _spans(period: Period, last: date) -> Iterator[tuple[date, date]]:
    first = period.first
    while first <= last:
        key, end = part_of(first, period.unit), first
        while end < last and part_of(end + timedelta(days=1), period.unit) == key:
            end += timedelta(days=1)
        yield first, end
        first = end + timedelta(days=1)


def _moved(stood: Stood, days: Sequence[DayRow]) -> Stood:
    columns = zip(astuple(stood), *(astuple(day.change) for day in days), strict=True)
    return Stood(**dict(zip(Stood.__slots__, map(sum, columns), strict=True)))


_HAPPENED: Final = ("entered", "activities", "reminded", "bounced", "reactivated", "lapsed", "won")


def _happened(days: Sequence[DayRow]) -> dict[str, int]:
    return {name: sum(getattr(day, name) for day in days) for name in _HAPPENED}


def _within(
    daily: Mapping[date, Mapping[HoldReason, float]], first: date, last: date
) -> dict[HoldReason, float]:
    reasons: dict[HoldReason, float] = {}
    for day, shares in daily.items():
        if first <= day <= last:
            for reason, share in shares.items():
                reasons[reason] = reasons.get(reason, 0.0) + share
    return reasons
