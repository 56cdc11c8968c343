"""The clock: from anchors, a policy and pauses to deadlines. Every function is pure.

Source: domain.md section 3. The stopwatch of a period runs from its anchor, stands still inside the
pauses, and the deadline is the first instant at which it has run the period's length.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from protection.dates import (
    ONE_DAY,
    add_months,
    add_period,
    end_of,
    local,
    next_working_day,
    zone,
)
from protection.facts import EndReason
from protection.holds import Pauses, first_running
from protection.policy import Counting, Mode, Policy, WorkingDayRoll

_TICK = timedelta(microseconds=1)


def stopwatch(anchor: datetime, budget: timedelta, pauses: Pauses) -> datetime | None:
    """The first instant at which `budget` has run since `anchor`; None if an open hold lies ahead of it."""
    deadline = anchor + budget
    for start, end in pauses:
        if end is not None and end <= anchor:
            continue
        begins = max(start, anchor)
        if begins >= deadline:
            break
        if end is None:
            return None
        deadline += end - begins
    return deadline


def last_counted_date(first: date, count: int, pauses: Pauses, tz: ZoneInfo) -> date | None:
    """The date of the `count`-th day after `first` that no part of a pause touches; None if unknown."""
    last = first + count * ONE_DAY
    seen = first
    for start, end in pauses:
        touched_from = max(local(start, tz).date(), seen + ONE_DAY)
        if touched_from > last:
            break
        if end is None:
            return None
        touched_to = local(end - _TICK, tz).date()
        if touched_to >= touched_from:
            last += (touched_to - touched_from + ONE_DAY).days * ONE_DAY
            seen = touched_to
    return last


def period_end(
    policy: Policy, anchor: datetime, months: int, days: int, pauses: Pauses, *, rolls: bool
) -> datetime | None:
    """When a period of so many months and days from `anchor` is over; None while that is unknown.

    Args:
        rolls: whether the policy's working-day roll concerns this period (acts, not mere lapse).
    """
    tz = zone(policy.timezone)
    if policy.counting is Counting.EXACT:
        return stopwatch(anchor, add_period(anchor, months, days, tz) - anchor, pauses)
    first = local(anchor, tz).date()
    target = add_months(first, months) + days * ONE_DAY
    last = last_counted_date(first, (target - first).days, pauses, tz)
    if last is None:
        return None
    if rolls and policy.working_day_roll is WorkingDayRoll.NEXT_WORKING_DAY:
        last = next_working_day(last, policy.closed_days)
    return end_of(last, tz)


@dataclass(frozen=True, slots=True)
class Anchors:
    """From where the periods of a lead run, as known now.

    Attributes:
        base: start of the base period.
        progress: start of the running 60 days: registration, tenure or last progress.
        extension_days: days granted on top of the base period.
        pauses: union of all holds.
        reminder: when the reminder that counts went out; None outside grace.
        awaited: from when to when extension requests waited for a decision; None is until now.
    """

    base: datetime
    progress: datetime
    extension_days: int
    pauses: Pauses
    reminder: datetime | None
    awaited: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What follows from anchors and policy. UTC instants; None is unknown, or not applicable.

    Attributes:
        base_until: end of the base period.
        progress_until: end of the days within which progress is owed.
        owed: when the progress rule alone calls for a reminder; one sent before is void.
        reminder_due_at: the first instant from then on at which no hold runs; None in grace and where
            the base period ends first.
        grace_until: end of grace; None outside grace.
        end: when protection ends, with the reminder that is out; None while nothing is running out.
        end_reason: which period that is.
        valid_until: when protection ends if nothing else happens and the reminder goes out when due.
    """

    base_until: datetime | None
    progress_until: datetime | None
    owed: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    end: datetime | None
    end_reason: EndReason | None
    valid_until: datetime | None


def earliest(*moments: datetime | None) -> datetime | None:
    """The earliest of the known instants; None if none is known."""
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def grace_end(policy: Policy, reminder: datetime, pauses: Pauses) -> datetime | None:
    """The end of grace for a reminder that went out at this instant."""
    return period_end(policy, reminder, 0, policy.grace_days, pauses, rolls=True)


def decided_first(
    policy: Policy, base_until: datetime, awaited: tuple[tuple[datetime, datetime | None], ...]
) -> datetime:
    """When the base period's end takes effect: an extension request open by then is decided first.

    It waits for the decision, `extension_decision_days` at most (domain.md section 5, "Extension").
    """
    latest = base_until
    for asked_at, decided_at in awaited:
        if asked_at < base_until and (decided_at is None or decided_at > base_until):
            limit = add_period(base_until, 0, policy.extension_decision_days, zone(policy.timezone))
            latest = max(latest, limit if decided_at is None else min(limit, decided_at))
    return latest


def reservation(policy: Policy, noted_at: datetime) -> Deadlines:
    """What a pre-registration runs into: it keeps others away for a while, and is deleted in the end."""
    tz = zone(policy.timezone)
    kept = add_period(noted_at, 0, policy.preregistration_days, tz) if policy.preregistration_days else None
    deleted = policy.preregistration_delete_days
    return Deadlines(
        base_until=None,
        progress_until=None,
        owed=None,
        reminder_due_at=None,
        grace_until=None,
        end=add_period(noted_at, 0, deleted, tz) if deleted else None,
        end_reason=EndReason.UNPURSUED if deleted else None,
        valid_until=kept,
    )


def deadlines(policy: Policy, anchors: Anchors) -> Deadlines:
    """All deadlines of a living lead."""
    pauses = anchors.pauses
    base_until = period_end(
        policy, anchors.base, policy.base_months, anchors.extension_days, pauses, rolls=False
    )
    progress_until = period_end(policy, anchors.progress, 0, policy.progress_days, pauses, rolls=True)
    least = policy.mode is Mode.LEAST
    if least:
        owed = progress_until
    else:
        owed = None if base_until is None or progress_until is None else max(base_until, progress_until)
    due = None if owed is None else first_running(pauses, owed)
    base_limit = None
    if least and base_until is not None:
        base_limit = decided_first(policy, base_until, anchors.awaited)
    base_first = base_limit is not None and (due is None or base_limit <= due)
    sent = anchors.reminder
    reminder_due_at = None if sent is not None or base_first else due
    grace_until = None if sent is None else grace_end(policy, sent, pauses)
    end = earliest(base_limit, grace_until)
    end_reason = None
    if end is not None:
        end_reason = EndReason.BASE_PERIOD if end == base_limit else EndReason.INACTIVITY
    planned_grace = grace_until
    if reminder_due_at is not None:
        planned_grace = grace_end(policy, reminder_due_at, pauses)
    return Deadlines(
        base_until=base_until,
        progress_until=progress_until,
        owed=owed,
        reminder_due_at=reminder_due_at,
        grace_until=grace_until,
        end=end,
        end_reason=end_reason,
        valid_until=earliest(base_limit, planned_grace),
    )
