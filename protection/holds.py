"""Holds and the union of their intervals: the time in which no period of the contract runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protection.facts import HoldReason

# Sorted, disjoint, half-open. Only the last may be open (end None).
Pauses = tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """One stop of the clock, half-open `[start_at, end_at)`; open while `end_at` is None."""

    hold: str
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    fact_id: str

    def covers(self, moment: datetime) -> bool:
        """Whether the clock stands still at this instant because of this hold."""
        return self.start_at <= moment and (self.end_at is None or moment < self.end_at)

    def released_at(self, moment: datetime) -> Hold:
        """The same hold ended at this instant; of no length if it had not begun."""
        end = moment if self.end_at is None else min(self.end_at, moment)
        return Hold(self.hold, self.reason, self.start_at, max(end, self.start_at), self.fact_id)


def union(holds: Iterable[Hold]) -> Pauses:
    """The union of all intervals; overlapping and adjoining holds become one. No length, no effect."""
    spans = sorted(
        (
            (hold.start_at, hold.end_at)
            for hold in holds
            if hold.end_at is None or hold.end_at > hold.start_at
        ),
        key=lambda span: span[0],
    )
    merged: list[tuple[datetime, datetime | None]] = []
    for start, end in spans:
        if merged:
            last_start, last_end = merged[-1]
            if last_end is None:
                break
            if start <= last_end:
                merged[-1] = (last_start, None if end is None else max(end, last_end))
                continue
        merged.append((start, end))
    return tuple(merged)


def pause_at(pauses: Pauses, moment: datetime) -> tuple[datetime, datetime | None] | None:
    """The pause this instant lies in, or None while the clock runs."""
    position = bisect_right(pauses, moment, key=lambda span: span[0]) - 1
    if position < 0:
        return None
    start, end = pauses[position]
    return (start, end) if end is None or moment < end else None


def first_running(pauses: Pauses, moment: datetime) -> datetime | None:
    """The first instant from `moment` on at which the clock runs; None if no hold's end is known."""
    pause = pause_at(pauses, moment)
    return moment if pause is None else pause[1]


def next_boundary(pauses: Pauses, moment: datetime) -> datetime | None:
    """The next start or end of a pause after this instant."""
    for start, end in pauses:
        if start > moment:
            return start
        if end is not None and end > moment:
            return end
    return None


def paused_time(pauses: Pauses, since: datetime, until: datetime) -> timedelta:
    """How long the clock stood still between two instants; never more than lies between them."""
    total = timedelta()
    for start, end in pauses:
        low, high = max(start, since), until if end is None else min(end, until)
        if high > low:
            total += high - low
    return total
