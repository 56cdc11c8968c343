"""What people will be told about a lead, if nothing else happens: each letter as it would go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from activities.letters import LeadLedger, Letter, Occasion, draft
from activities.orders import NotificationKind
from protection.dates import add_period, zone
from protection.facts import Fact, Lapsed
from protection.lifecycle import apply, replay, snapshot
from protection.simulator import next_by_time
from protection.state import ALIVE, LeadState, Status

# A reminder, a lapse, and what may lie between them.
_MOST_STEPS: Final = 10


def letters_to_come(lead: UUID, ledger: LeadLedger, now: datetime) -> Mapping[NotificationKind, Letter]:
    """One letter of each kind there is to tell of this lead: the newest of the past, else the next.

    Args:
        lead: its id.
        ledger: what is known of it.
        now: UTC instant; what is announced is announced then or when its time comes.
    """
    found: dict[NotificationKind, Letter] = {}
    for occasion, at, facts in _occasions(lead, ledger, now):
        letter = draft(occasion, replace(ledger, facts=facts), at)
        if letter is not None:
            found[occasion.kind] = letter
    return found


def _occasions(
    lead: UUID, ledger: LeadLedger, now: datetime
) -> Iterator[tuple[Occasion, datetime, tuple[Fact, ...]]]:
    facts = ledger.facts
    state = replay(ledger.policy, facts)
    moment = max(now, state.recorded_at)
    shown = snapshot(state, moment)
    cycle = str(state.cycle)
    policy = state.policy
    for kind, due, ahead in (
        (NotificationKind.NOTICE_PROGRESS, shown.reminder_due_at, policy.notice_progress_days),
        (NotificationKind.REMINDER, shown.reminder_due_at, 0),
        (NotificationKind.NOTICE_BASE, shown.base_until, policy.notice_base_days),
        (NotificationKind.NOTICE_PREREGISTRATION, shown.valid_until, policy.preregistration_notice_days),
    ):
        if due is not None and shown.status in ALIVE | {Status.PREREGISTERED}:
            yield Occasion(kind, lead, cycle, due), max(due - timedelta(days=ahead), moment), facts
    for request in state.basis.requests:
        asked = Occasion(NotificationKind.REQUEST_MADE, lead, request.request, request.requested_at)
        yield asked, moment, facts
        decided = Occasion(NotificationKind.REQUEST_DECIDED, lead, request.request, request.requested_at)
        yield decided, moment, facts
    for hold in state.basis.holds:
        until = add_period(hold.start_at, 0, policy.max_hold_days, zone(policy.timezone))
        yield Occasion(NotificationKind.NOTICE_HOLD, lead, hold.hold, until), max(until, moment), facts
    lived = _lived_out(state)
    if lived.status is Status.EXPIRED:
        ends = next(fact.at for fact in reversed(lived.facts) if isinstance(fact, Lapsed))
        yield Occasion(NotificationKind.LAPSE, lead, cycle, ends), max(ends, moment), lived.facts


def _lived_out(state: LeadState) -> LeadState:
    """The lead at its end, if nothing happens but what the time brings."""
    for _ in range(_MOST_STEPS):
        fact = next_by_time(state, assume_reminders=True)
        if fact is None:
            break
        state = apply(state, fact)
    return state
