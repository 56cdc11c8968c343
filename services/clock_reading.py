"""A lead's protection at an instant: as it is, as it was known then, as it is known now, as it will be.

Two times are kept apart. When something was so: a call happened, a hold began. When we learned it: the
fact was recorded. "As known then" replays what was recorded by the instant. "As known now" takes every
fact with its later corrections, and of these what was so by the instant. What happened once is not
undone by either: a reminder that became void stays void, a lapse stays a lapse until a reinstatement
(docs/decisions/0010, 0120).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from adapters.console_model import Ledger, ledger_of
from adapters.database import Caller, Connection
from protection.basis import as_known, effective
from protection.explain import Explanation, explain
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    EndReason,
    Erased,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    Lapsed,
    PolicyAdopted,
    Preregistered,
    Registered,
    Reinstated,
    Released,
    ReminderSent,
    RequestDecided,
)
from protection.lifecycle import Snapshot, apply, begin, replay, snapshot
from protection.policy import Policy, policy_from_json
from protection.simulator import settle
from protection.state import LeadState, Status, derive, ended_by
from services.errors import NotFound, ServiceError


class Knowledge(StrEnum):
    """Whose knowledge an answer about a past instant rests on. Wire names."""

    THEN = "then"
    NOW = "now"


class NotYetRegistered(ServiceError):
    """The lead is there, but at that instant it was not, or nobody knew of it.

    Attributes:
        as_of: the instant asked for, UTC.
    """

    def __init__(self, as_of: datetime) -> None:
        super().__init__("the lead was not registered at that instant")
        self.as_of = as_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A lead's protection at an instant.

    Attributes:
        answer: status and deadlines.
        state: what they follow from.
        knowledge: what was taken as known.
        revision: how many facts were known.
        assumed: the instant is still to come; reminders are taken to go out when due, and nothing else
            to happen.
    """

    answer: Snapshot
    state: LeadState
    knowledge: Knowledge
    revision: int
    assumed: bool = False

    @property
    def explanation(self) -> Explanation:
        """The steps behind every deadline."""
        return explain(self.state, self.answer.as_of)


async def read_protection(
    connection: Connection,
    caller: Caller,
    lead: UUID,
    *,
    as_of: datetime,
    now: datetime,
    knowledge: Knowledge = Knowledge.THEN,
) -> Reading:
    """The lead's protection at an instant, from its ledger.

    Args:
        connection: of a transaction in the caller's context.
        as_of: UTC instant; one to come is answered as things will go if nothing happens.
        now: UTC instant.
        knowledge: for a past instant, what was known then or what is known now.

    Raises:
        NotFound: there is no such lead for this caller.
        NotYetRegistered: the lead was not there at that instant.
    """
    return read_at(await whole_ledger(connection, caller, lead), as_of=as_of, now=now, knowledge=knowledge)


async def whole_ledger(connection: Connection, caller: Caller, lead: UUID) -> Ledger:
    """All facts of a lead, and the policy it began under.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    ledger = await ledger_of(connection, caller.tenant, lead)
    if ledger is None:
        raise NotFound
    return ledger


def read_at(
    ledger: Ledger, *, as_of: datetime, now: datetime, knowledge: Knowledge = Knowledge.THEN
) -> Reading:
    """What a ledger says of an instant (see `read_protection`).

    Raises:
        NotYetRegistered: the lead was not there at that instant.
    """
    if as_of > now:
        state = settle(replay(ledger.policy, ledger.facts), as_of, since=now)
        return Reading(snapshot(state, as_of), state, knowledge, len(ledger.facts), assumed=True)
    if knowledge is Knowledge.NOW:
        state = as_known_now(ledger, as_of)
        return Reading(snapshot(state, as_of), state, knowledge, len(ledger.facts))
    known = [fact for fact in ledger.facts if fact.recorded_at <= as_of]
    if not known:
        raise NotYetRegistered(as_of)
    state = replay(ledger.policy, known)
    return Reading(snapshot(state, as_of), state, knowledge, len(known))


def as_known_now(ledger: Ledger, as_of: datetime) -> LeadState:
    """The lead at a past instant with all that is known of it by now.

    Raises:
        NotYetRegistered: it was not there at that instant.
    """
    so_by_then = _so_by(ledger.facts, as_of)
    if not any(isinstance(fact, (Preregistered, Registered)) for fact in so_by_then):
        raise NotYetRegistered(as_of)
    policy = _policy_at(ledger, as_of)
    basis = as_known(policy, so_by_then)
    status = Status.PREREGISTERED if basis.base_anchor is None else Status.ACTIVE
    course = _course(ledger, as_of)
    state = LeadState(policy, so_by_then, status, basis, course.reminder, cycle=course.cycle)
    if course.end is not None:
        return replace(state, status=course.end.status, ended_at=course.end.at, reason=course.end.reason)
    deadlines = derive(policy, basis, state.reminder)
    if state.reminder is not None and (deadlines.owed is None or state.reminder < deadlines.owed):
        state = replace(state, reminder=None)
        deadlines = derive(policy, basis, None)
    if state.reminder is not None:
        state = replace(state, status=Status.GRACE)
    owed = deadlines.owed is not None and deadlines.owed <= as_of
    return replace(state, deadlines=deadlines, problem=course.problem if owed else None)


# -------------------------------------------------------------------------------- what was so by when


def _so_by(facts: Sequence[Fact], as_of: datetime) -> tuple[Fact, ...]:
    """The facts of what was so by the instant, with the corrections of them whenever they were recorded."""
    known = effective(facts)
    right = {fact.fact_id: fact for fact in known}
    # One that never was stays beside the correction that says so, from where it was said to be.
    since = {
        fact.fact_id: _since(right.get(fact.fact_id, fact), known)
        for fact in facts
        if not isinstance(fact, Corrected)
    }
    # A decision may date a hold back further than its request did; then the request goes with it.
    for fact in known:
        if isinstance(fact, RequestDecided) and (asked := _request(fact, known)) is not None:
            since[asked.fact_id] = min(since[asked.fact_id], since[fact.fact_id])
    taken = {name for name, moment in since.items() if moment <= as_of}
    return tuple(
        fact
        for fact in facts
        if fact.fact_id in taken or (isinstance(fact, Corrected) and fact.corrects in taken)
    )


def _since(fact: Fact, right: Sequence[Fact]) -> datetime:
    """Since when it is so what the fact says; never later than when it was recorded."""
    match fact:
        case Registered(registered_at=at):
            return min(at, fact.recorded_at)
        case ActivityRecorded(occurred_at=at) | ReminderSent(sent_at=at) | Lapsed(at=at):
            return at
        case HoldPlaced(start_at=at) | HoldRequested(start_at=at):
            return min(at, fact.recorded_at)
        case HoldReleased(ended_at=ended):
            return fact.recorded_at if ended is None else ended
        case RequestDecided(approved=True, start_at=at):
            asked = _request(fact, right)
            begins = at if at is not None or asked is None else asked.start_at
            return fact.recorded_at if begins is None else min(begins, fact.recorded_at)
        case _:
            return fact.recorded_at


def _request(decision: RequestDecided, facts: Sequence[Fact]) -> HoldRequested | None:
    return next(
        (fact for fact in facts if isinstance(fact, HoldRequested) and fact.request == decision.request), None
    )


def _policy_at(ledger: Ledger, as_of: datetime) -> Policy:
    policy = ledger.policy
    for fact in ledger.facts:
        if isinstance(fact, PolicyAdopted) and fact.recorded_at <= as_of:
            policy = policy_from_json(fact.policy)
    return policy


# -------------------------------------------------------------------------------- what had happened by when


@dataclass(frozen=True, slots=True)
class _End:
    status: Status
    at: datetime
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class _Course:
    """What had happened to the lead by an instant and is not undone by what is learned later.

    Attributes:
        reminder: the one that counted; whether it was owed is for the facts to say.
        end: how protection had ended.
    """

    reminder: datetime | None
    cycle: int
    problem: str | None
    end: _End | None


_ENDS: Final = {Converted: Status.CONVERTED, Released: Status.RELEASED, Erased: Status.ERASED}


def _course(ledger: Ledger, as_of: datetime) -> _Course:
    course = _Course(None, 1, None, None)
    state: LeadState | None = None
    for fact in ledger.facts:
        state = begin(ledger.policy, fact) if state is None else apply(state, fact)
        if fact.recorded_at <= as_of:
            course = _Course(state.reminder, state.cycle, state.problem, _end(fact, course.end))
        elif isinstance(fact, ReminderSent) and fact.sent_at <= as_of and state.reminder == fact.sent_at:
            # It was out already, and recorded a moment later.
            course = replace(course, reminder=fact.sent_at, cycle=state.cycle, problem=None)
        elif isinstance(fact, Lapsed) and fact.at <= as_of:
            course = replace(course, end=_end(fact, course.end))
    return course


def _end(fact: Fact, before: _End | None) -> _End | None:
    if isinstance(fact, Lapsed):
        return _End(ended_by(fact.reason), fact.at, fact.reason)
    if isinstance(fact, Reinstated):
        return None
    status = _ENDS.get(type(fact))
    return before if status is None else _End(status, fact.recorded_at)
