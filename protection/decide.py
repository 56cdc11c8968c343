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
from protection.state import ALIVE, OPEN, LeadState, Status


class Notice(StrEnum):
    """Friendly warnings ahead of a deadline; they change nothing."""

    PROGRESS = "notice-progress"
    BASE = "notice-base"
    PREREGISTRATION = "notice-preregistration"
    HOLD = "notice-hold"


# The deadline each notice last spoke of, by `SendNotice.key`, so that a moved one is announced anew.
Announced = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class SendReminder:
    """The reminder of this cycle is due."""

    cycle: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SendNotice:
    """A deadline comes near, or (`hold`) a hold has been in force for very long."""

    notice: Notice
    deadline: datetime
    hold: str = ""

    @property
    def key(self) -> str:
        """What is announced once per deadline."""
        return f"{self.notice}/{self.hold}" if self.hold else str(self.notice)

    @property
    def cycle(self) -> str:
        """Key of this notice among all of its kind for the lead."""
        return self.hold or format_instant(self.deadline)


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


def notices(state: LeadState) -> list[tuple[datetime, SendNotice]]:
    """Every notice there is to give as things stand, with the instant it goes out."""
    now, policy = state.deadlines, state.policy
    if now is None:
        return []
    planned = long_holds(state)
    if state.status is Status.PREREGISTERED:
        if now.valid_until is not None and policy.preregistration_notice_days:
            at = _days_before(policy, now.valid_until, policy.preregistration_notice_days)
            planned.append((at, SendNotice(Notice.PREREGISTRATION, now.valid_until)))
    elif state.status is Status.ACTIVE:
        if now.reminder_due_at is not None and policy.notice_progress_days:
            at = _days_before(policy, now.reminder_due_at, policy.notice_progress_days)
            planned.append((at, SendNotice(Notice.PROGRESS, now.reminder_due_at)))
        if now.base_until is not None and policy.notice_base_days and policy.mode is Mode.LEAST:
            at = _days_before(policy, now.base_until, policy.notice_base_days)
            planned.append((at, SendNotice(Notice.BASE, now.base_until)))
    return planned


def long_holds(state: LeadState) -> list[tuple[datetime, SendNotice]]:
    """When each hold that lasts so long will have been in force for `max_hold_days`."""
    days, tz = state.policy.max_hold_days, zone(state.policy.timezone)
    if not days or state.status not in ALIVE:
        return []
    limits = [(add_period(hold.start_at, 0, days, tz), hold) for hold in state.basis.holds]
    return [
        (at, SendNotice(Notice.HOLD, at, hold.hold))
        for at, hold in limits
        if hold.end_at is None or hold.end_at > at
    ]


def already_announced(state: LeadState, now: datetime) -> dict[str, datetime]:
    """The deadlines whose notice time lies in the past: taken as announced when a ledger is brought in."""
    return {notice.key: notice.deadline for at, notice in notices(state) if at <= now}


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
    if state.status not in OPEN or deadlines is None:
        return Decision((), None)
    wake_at = [deadlines.end, next_boundary(state.basis.pauses, now)]
    commands: list[Command] = []
    # No reminder and no notice of a deadline goes out while paused; the end of the pause is a boundary.
    paused = pause_at(state.basis.pauses, now) is not None
    due = deadlines.reminder_due_at
    if due is not None and state.problem is None and not paused:
        if due <= now:
            commands.append(SendReminder(state.cycle, due))
        else:
            wake_at.append(due)
    for at, notice in long_holds(state) if paused else notices(state):
        if announced.get(notice.key) == notice.deadline or _too_late(state, notice, now):
            continue
        if at <= now:
            commands.append(notice)
        else:
            wake_at.append(at)
    return Decision(tuple(commands), earliest(*wake_at))


def _too_late(state: LeadState, notice: SendNotice, now: datetime) -> bool:
    """Whether what the notice warns of has come, or the hold it complains of is over."""
    if notice.notice is not Notice.HOLD:
        return notice.deadline <= now
    hold = state.basis.hold(notice.hold)
    return hold is not None and hold.end_at is not None and hold.end_at <= now


def next_change(state: LeadState, now: datetime) -> datetime | None:
    """When the time alone will next change the lead; None is never.

    Friendly notices change nothing and do not count. A reminder counts until it is out: one that is on
    its way is still due at its instant.

    Args:
        state: the lead as of its newest fact.
        now: UTC instant, not before the newest fact.
    """
    deadlines = state.deadlines
    if state.status not in OPEN or deadlines is None:
        return None
    boundary = next_boundary(state.basis.pauses, now)
    waits = state.problem is not None or pause_at(state.basis.pauses, now) is not None
    return earliest(deadlines.end, boundary, None if waits else deadlines.reminder_due_at)


def _days_before(policy: Policy, deadline: datetime, days: int) -> datetime:
    return add_period(deadline, 0, -days, zone(policy.timezone))
