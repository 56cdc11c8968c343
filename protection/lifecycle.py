"""The lifecycle of a lead: which facts are accepted, what they change, what the time brings.

`apply` takes one fact in, `snapshot` answers for an instant, `replay` does both for a ledger. Deadlines
at t are settled before facts recorded at t (domain.md section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import singledispatch

from protection.basis import CORRECTABLE, as_known, extend, replaced
from protection.checks import (
    check_activity,
    check_extension,
    check_registration,
    check_release,
    check_replacement,
    ended,
    require_alive,
    require_open,
)
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    EndReason,
    Erased,
    ExtensionGranted,
    ExtensionRequested,
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
    ReminderBounced,
    ReminderSent,
    RequestDecided,
    RequestWithdrawn,
)
from protection.policy import Policy, PolicyError, policy_from_json
from protection.refusal import Code, Refused
from protection.requests import check_asked, check_closed, find
from protection.shelf import set_aside
from protection.state import Basis, LeadState, Status, derive, ended_by

REMINDER_BOUNCED = "reminder-bounced"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The answer for one instant. UTC instants; None is unknown, or not applicable there.

    Attributes:
        status: ACTIVE and GRACE are protected.
        paused: whether a hold stops the clock at this instant.
        valid_until: when protection ends if nothing else happens and the reminder goes out when due;
            after the end, the instant of the end.
        reason: which period ended protection.
    """

    as_of: datetime
    status: Status
    paused: bool
    base_until: datetime | None = None
    progress_until: datetime | None = None
    reminder_due_at: datetime | None = None
    grace_until: datetime | None = None
    valid_until: datetime | None = None
    reason: EndReason | None = None


def lapse_by(state: LeadState, moment: datetime) -> tuple[datetime, EndReason] | None:
    """The deadline that ended protection by this instant, if one did."""
    now = state.deadlines
    if now is None or now.end is None or now.end_reason is None or now.end > moment:
        return None
    return now.end, now.end_reason


def snapshot(state: LeadState, as_of: datetime) -> Snapshot:
    """Status and deadlines at an instant not before the newest fact, if nothing else happens till then."""
    lapse = lapse_by(state, as_of)
    if lapse is not None:
        return Snapshot(as_of, ended_by(lapse[1]), False, valid_until=lapse[0], reason=lapse[1])
    if state.deadlines is None:
        return Snapshot(as_of, state.status, False, valid_until=state.ended_at, reason=state.reason)
    now = state.deadlines
    return Snapshot(
        as_of=as_of,
        status=state.status,
        paused=state.paused_at(as_of),
        base_until=now.base_until,
        progress_until=now.progress_until,
        reminder_due_at=now.reminder_due_at,
        grace_until=now.grace_until,
        valid_until=now.valid_until,
    )


def begin(policy: Policy, fact: Fact) -> LeadState:
    """The state after a ledger's first fact.

    Raises:
        Refused: the fact neither registers nor pre-registers a lead.
    """
    if isinstance(fact, Preregistered):
        return _alive(LeadState(policy, (fact,), Status.PREREGISTERED, extend(policy, Basis(owner=""), fact)))
    if isinstance(fact, Registered):
        check_registration(fact)
        return _alive(LeadState(policy, (fact,), Status.ACTIVE, extend(policy, Basis(owner=""), fact)))
    raise Refused(Code.NOT_REGISTERED, "type", "a ledger begins with a registration or a pre-registration")


def apply(state: LeadState, fact: Fact) -> LeadState:
    """The state after one more fact.

    Raises:
        Refused: the contract does not allow it; the message says why. Nothing has changed.
    """
    if fact.recorded_at < state.recorded_at:
        raise Refused(
            Code.RECORDED_BACKWARDS,
            "recorded_at",
            "facts are recorded in order; use occurred_at for the past",
        )
    if state.fact(fact.fact_id) is not None:
        raise Refused(Code.FACT_ID_REUSED, "fact_id", f"fact_id {fact.fact_id} is already in the ledger")
    lapse = None if isinstance(fact, Lapsed) else lapse_by(state, fact.recorded_at)
    if lapse is not None:
        raise ended(ended_by(lapse[1]))
    return set_aside(_take(fact, state))


def replay(policy: Policy, facts: Iterable[Fact]) -> LeadState:
    """The state a whole ledger leaves.

    Raises:
        ValueError: the ledger is empty.
        Refused: the ledger holds a fact that was never acceptable there.
    """
    state: LeadState | None = None
    for fact in facts:
        state = begin(policy, fact) if state is None else apply(state, fact)
    if state is None:
        raise ValueError("an empty ledger says nothing")
    return state


def _alive(state: LeadState) -> LeadState:
    """Deadlines recomputed; a reminder that is now too early becomes void (clause c)."""
    now = derive(state.policy, state.basis, state.reminder)
    if state.reminder is not None and (now.owed is None or state.reminder < now.owed):
        voided = replace(state, status=Status.ACTIVE, reminder=None, cycle=state.cycle + 1)
        return replace(voided, deadlines=derive(state.policy, state.basis, None))
    return replace(state, deadlines=now)


def _accept(state: LeadState, fact: Fact, basis: Basis) -> LeadState:
    """The fact taken in and the deadlines recomputed for what is known now."""
    anchor_moved = basis.progress_anchor != state.basis.progress_anchor
    taken = _alive(replace(state, facts=(*state.facts, fact), basis=basis))
    owed = None if taken.deadlines is None else taken.deadlines.owed
    answered = state.problem is not None and (owed is None or owed > fact.recorded_at)
    if answered:
        # A refused reminder is no problem any more once none is owed; the next one gets its own key.
        taken = replace(taken, problem=None)
    if state.reminder is None and (anchor_moved or answered):
        taken = replace(taken, cycle=taken.cycle + 1)
    return taken


@singledispatch
def _take(fact: Fact, state: LeadState) -> LeadState:
    """What a living lead does with a fact; one rule per fact type that needs more than this."""
    require_alive(state)
    return _accept(state, fact, extend(state.policy, state.basis, fact))


_take_simply = _take.dispatch(Fact)


def _take_preregistered(fact: Preregistered, state: LeadState) -> LeadState:
    raise Refused(Code.ALREADY_REGISTERED, "type", "the lead is already known here")


def _take_registered(fact: Registered, state: LeadState) -> LeadState:
    require_open(state)
    if state.status is not Status.PREREGISTERED:
        raise Refused(Code.ALREADY_REGISTERED, "type", "the lead is already registered")
    check_registration(fact)
    return _accept(replace(state, status=Status.ACTIVE), fact, extend(state.policy, state.basis, fact))


def _take_activity(fact: ActivityRecorded, state: LeadState) -> LeadState:
    check_activity(state.policy, fact)
    return _take_simply(fact, state)


def _take_hold_placed(fact: HoldPlaced, state: LeadState) -> LeadState:
    require_alive(state)
    if state.basis.hold(fact.hold) is not None or find(state.basis.requests, fact.hold) is not None:
        raise Refused(Code.HOLD_EXISTS, "hold", f"there is a hold {fact.hold} already; choose another id")
    return _take_simply(fact, state)


def _take_hold_released(fact: HoldReleased, state: LeadState) -> LeadState:
    require_alive(state)
    hold = state.basis.hold(fact.hold)
    if hold is None:
        raise Refused(Code.UNKNOWN_HOLD, "hold", f"there is no hold {fact.hold} on this lead")
    check_release(fact)
    return _take_simply(fact, state)


def _take_extension(fact: ExtensionGranted, state: LeadState) -> LeadState:
    check_extension(fact.days)
    return _take_simply(fact, state)


def _take_asked(fact: HoldRequested | ExtensionRequested, state: LeadState) -> LeadState:
    require_alive(state)
    if isinstance(fact, ExtensionRequested) and fact.days is not None:
        check_extension(fact.days)
    check_asked(state.basis.requests, [hold.hold for hold in state.basis.holds], fact)
    return _take_simply(fact, state)


def _take_closed(fact: RequestDecided | RequestWithdrawn, state: LeadState) -> LeadState:
    require_alive(state)
    check_closed(state.basis.requests, fact)
    if isinstance(fact, RequestDecided) and fact.approved:
        if fact.days is not None:
            check_extension(fact.days)
        return _still_alive(_take_simply(fact, state), fact, "days")
    return _take_simply(fact, state)


def _take_adopted(fact: PolicyAdopted, state: LeadState) -> LeadState:
    require_open(state)
    try:
        policy = policy_from_json(fact.policy)
    except PolicyError as error:
        raise Refused(Code.MALFORMED, f"policy.{error.field}", error.message) from error
    if policy.version != fact.version or fact.replaces != state.policy.version:
        raise Refused(
            Code.OTHER_POLICY, "replaces", f"the lead lives under {state.policy.version}; adopt from that one"
        )
    moved = replace(state, policy=policy, first_policy=state.opening_policy)
    basis = as_known(policy, (*state.facts, fact))
    return _still_alive(_accept(moved, fact, basis), fact, "policy")


def _still_alive(moved: LeadState, fact: Fact, field: str) -> LeadState:
    """The state, unless protection would be over at once by what was meant to prolong or to change it."""
    lapse = lapse_by(moved, fact.recorded_at)
    if lapse is not None:
        raise Refused(
            Code.WOULD_HAVE_ENDED, field, f"protection would have ended at {lapse[0]:%Y-%m-%d %H:%M} UTC then"
        )
    return moved


def _closed(
    state: LeadState, fact: Fact, status: Status, at: datetime, reason: EndReason | None
) -> LeadState:
    return replace(
        state,
        facts=(*state.facts, fact),
        basis=extend(state.policy, state.basis, fact),
        status=status,
        ended_at=at,
        reason=reason,
        problem=None,
        deadlines=None,
    )


def _take_converted(fact: Converted, state: LeadState) -> LeadState:
    require_alive(state)
    return _closed(state, fact, Status.CONVERTED, fact.recorded_at, None)


def _take_released(fact: Released, state: LeadState) -> LeadState:
    require_open(state)
    return _closed(state, fact, Status.RELEASED, fact.recorded_at, None)


def _take_erased(fact: Erased, state: LeadState) -> LeadState:
    require_open(state)
    return _closed(state, fact, Status.ERASED, fact.recorded_at, None)


def _take_lapsed(fact: Lapsed, state: LeadState) -> LeadState:
    require_open(state)
    if lapse_by(state, fact.recorded_at) != (fact.at, fact.reason):
        raise Refused(Code.LAPSE_NOT_DUE, "at", "no deadline of this lead passed then")
    return _closed(state, fact, ended_by(fact.reason), fact.at, fact.reason)


def _take_reinstated(fact: Reinstated, state: LeadState) -> LeadState:
    if state.status not in {Status.EXPIRED, Status.RELEASED}:
        raise Refused(
            Code.NOT_ENDED,
            "",
            f"only a lapsed or released lead can be reinstated, this one is {state.status}",
        )
    if state.basis.base_anchor is None:
        raise Refused(Code.NOT_REGISTERED, "", "the lead was never registered; register it instead")
    revived = _accept(
        replace(state, status=Status.ACTIVE, ended_at=None, reason=None, reminder=None),
        fact,
        extend(state.policy, state.basis, fact),
    )
    if lapse_by(revived, fact.recorded_at) is not None:
        raise Refused(
            Code.BASE_PERIOD_OVER,
            "restart_base",
            "the base period is over; reinstate with restart_base to start a new one",
        )
    return revived


def _take_corrected(fact: Corrected, state: LeadState) -> LeadState:
    require_alive(state)
    wrong = state.fact(fact.corrects)
    if wrong is None:
        raise Refused(Code.UNKNOWN_FACT, "corrects", f"there is no fact {fact.corrects} in this ledger")
    if type(wrong) not in CORRECTABLE or (isinstance(wrong, Registered) and fact.replacement is None):
        raise Refused(
            Code.NOT_CORRECTABLE, "corrects", f"a fact of type {wrong.type} cannot be corrected this way"
        )
    if fact.replacement is not None:
        check_replacement(state.policy, replaced(wrong, fact.replacement))
    return _accept(state, fact, as_known(state.policy, (*state.facts, fact)))


def _take_reminder_sent(fact: ReminderSent, state: LeadState) -> LeadState:
    require_alive(state)
    now = state.deadlines
    counts = (
        state.status is Status.ACTIVE
        and now is not None
        and now.owed is not None
        and fact.sent_at >= now.owed
    )
    if not counts or fact.cycle != state.cycle:
        # It went out, so the ledger says so; too early or too late it changes nothing but the cycle.
        spent = state.cycle + 1 if fact.cycle == state.cycle and state.reminder is None else state.cycle
        return replace(state, facts=(*state.facts, fact), cycle=spent)
    sent = replace(
        state, status=Status.GRACE, reminder=fact.sent_at, problem=None, facts=(*state.facts, fact)
    )
    return _alive(sent)


def _take_reminder_bounced(fact: ReminderBounced, state: LeadState) -> LeadState:
    require_alive(state)
    taken = replace(state, facts=(*state.facts, fact))
    if fact.cycle != state.cycle:
        # Of a cycle that is over: a problem now would hold back the reminder of this one.
        return taken
    if state.reminder is not None:
        # It came back after it had counted: it has reached nobody, so it opens no grace.
        return _alive(replace(taken, status=Status.ACTIVE, reminder=None, problem=REMINDER_BOUNCED))
    owed = None if state.deadlines is None else state.deadlines.owed
    if owed is None or owed > fact.recorded_at:
        return replace(taken, cycle=state.cycle + 1)
    return replace(taken, problem=REMINDER_BOUNCED)


# By name rather than by decorator, so that the rules are plain functions to every tool.
_take.register(Preregistered, _take_preregistered)
_take.register(Registered, _take_registered)
_take.register(ActivityRecorded, _take_activity)
_take.register(HoldPlaced, _take_hold_placed)
_take.register(HoldReleased, _take_hold_released)
_take.register(ExtensionGranted, _take_extension)
_take.register(HoldRequested, _take_asked)
_take.register(ExtensionRequested, _take_asked)
_take.register(RequestDecided, _take_closed)
_take.register(RequestWithdrawn, _take_closed)
_take.register(PolicyAdopted, _take_adopted)
_take.register(Erased, _take_erased)
_take.register(Converted, _take_converted)
_take.register(Released, _take_released)
_take.register(Lapsed, _take_lapsed)
_take.register(Reinstated, _take_reinstated)
_take.register(Corrected, _take_corrected)
_take.register(ReminderSent, _take_reminder_sent)
_take.register(ReminderBounced, _take_reminder_bounced)
