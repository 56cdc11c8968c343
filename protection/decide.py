"""What is to be done now, and when to look again. Facts in, commands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from protection.clock import earliest
from protection.dates import add_period, format_instant, zone
from protection.facts import EndReason
from protection.holds import next_boundary, pause_at
from protection.lifecycle import lapse_by
from protection.policy import Mode, Policy
from protection.state import ALIVE, LeadState, Status


class Notice(StrEnum):
    """Friendly warnings ahead of a deadline; they change nothing."""

    PROGRESS = "notice-progress"
    BASE = "notice-base"


# The deadline each kind of notice last spoke of, so that a moved deadline is announced anew.
Announced = Mapping[Notice, datetime]


@dataclass(frozen=True, slots=True)
class SendReminder:
    """The reminder of this cycle is due."""

    cycle: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SendNotice:
    """A deadline comes near."""

    notice: Notice
    deadline: datetime

    @property
    def cycle(self) -> str:
        """Key of this notice among all of its kind for the lead."""
        return format_instant(self.deadline)


@dataclass(frozen=True, slots=True)
class EndProtection:
    """A deadline passed; protection ended at its own instant."""

    at: datetime
    reason: EndReason


Command = SendReminder | SendNotice | EndProtection


@dataclass(frozen=True, slots=True)
class Decision:
    """Commands to run now, and when the time alone will next change something (None: never)."""

    commands: tuple[Command, ...]
    wake_at: datetime | None


def notice_times(state: LeadState) -> dict[Notice, tuple[datetime, datetime]]:
    """Per kind of notice the instant it goes out and the deadline it announces."""
    now = state.deadlines
    if now is None or state.status is not Status.ACTIVE:
        return {}
    announced: dict[Notice, tuple[datetime, datetime]] = {}
    policy = state.policy
    if now.reminder_due_at is not None and policy.notice_progress_days:
        announced[Notice.PROGRESS] = (
            _days_before(policy, now.reminder_due_at, policy.notice_progress_days),
            now.reminder_due_at,
        )
    if now.base_until is not None and policy.notice_base_days and policy.mode is Mode.LEAST:
        announced[Notice.BASE] = (
            _days_before(policy, now.base_until, policy.notice_base_days),
            now.base_until,
        )
    return announced


def already_announced(state: LeadState, now: datetime) -> dict[Notice, datetime]:
    """The deadlines whose notice time lies in the past: taken as announced when a ledger is brought in."""
    return {notice: deadline for notice, (at, deadline) in notice_times(state).items() if at <= now}


def decide(state: LeadState, now: datetime, announced: Announced) -> Decision:
    """What is due at `now` and when to look again.

    Args:
        state: the lead as of its newest fact.
        now: UTC instant, not before the newest fact.
        announced: the deadline each kind of notice last spoke of.
    """
    lapse = lapse_by(state, now)
    if lapse is not None:
        return Decision((EndProtection(*lapse),), None)
    deadlines = state.deadlines
    if state.status not in ALIVE or deadlines is None:
        return Decision((), None)
    boundary = next_boundary(state.basis.pauses, now)
    wake_at = [deadlines.end, boundary]
    commands: list[Command] = []
    if pause_at(state.basis.pauses, now) is not None:
        # No reminder and no notice goes out while paused; the end of the pause is a boundary.
        return Decision((), earliest(*wake_at))
    due = deadlines.reminder_due_at
    if due is not None and state.problem is None:
        if due <= now:
            commands.append(SendReminder(state.cycle, due))
        else:
            wake_at.append(due)
    for notice, (at, deadline) in notice_times(state).items():
        if announced.get(notice) == deadline or deadline <= now:
            continue
        if at <= now:
            commands.append(SendNotice(notice, deadline))
        else:
            wake_at.append(at)
    return Decision(tuple(commands), earliest(*wake_at))


def next_change(state: LeadState, now: datetime) -> datetime | None:
    """When the time alone will next change the lead; None is never.

    Friendly notices change nothing and do not count. A reminder counts until it is out: one that is on
    its way is still due at its instant.

    Args:
        state: the lead as of its newest fact.
        now: UTC instant, not before the newest fact.
    """
    deadlines = state.deadlines
    if state.status not in ALIVE or deadlines is None:
        return None
    boundary = next_boundary(state.basis.pauses, now)
    waits = state.problem is not None or pause_at(state.basis.pauses, now) is not None
    return earliest(deadlines.end, boundary, None if waits else deadlines.reminder_due_at)


def _days_before(policy: Policy, deadline: datetime, days: int) -> datetime:
    return add_period(deadline, 0, -days, zone(policy.timezone))
