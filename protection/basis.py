"""How each fact changes what is known, and how corrections are folded in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    Erased,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    Lapsed,
    Preregistered,
    Registered,
    Reinstated,
    Released,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.holds import Hold
from protection.policy import Policy
from protection.refusal import Code, Refused
from protection.requests import RequestKind, asked, closed, find, voided
from protection.state import Basis, with_holds
from protection.wire import fact_from_json, fact_to_json

F = TypeVar("F", bound=Fact)
Step = Callable[[Policy, Basis, Any], Basis]

# How far the instant a message speaks of may lie apart from its arrival and still be the same moment.
UNDER_WAY = timedelta(minutes=1)

# What a correction may change: the substance of a fact, never who said it or when it was recorded.
CORRECTABLE: dict[type[Fact], frozenset[str]] = {
    Registered: frozenset({"registered_at"}),
    ActivityRecorded: frozenset({"kind", "occurred_at"}),
    HoldPlaced: frozenset({"reason", "start_at", "end_at"}),
    HoldReleased: frozenset({"ended_at"}),
    ExtensionGranted: frozenset({"days"}),
    HoldRequested: frozenset({"reason", "start_at", "end_at"}),
    RequestDecided: frozenset({"days", "start_at", "end_at"}),
}


def at_once(fact: Registered) -> bool:
    """Whether the registration is no older than a message may be under way, so not a backdated one."""
    return fact.recorded_at - fact.registered_at <= UNDER_WAY


def _preregistered(_: Policy, basis: Basis, fact: Preregistered) -> Basis:
    return replace(basis, owner=fact.owner, noted_at=fact.recorded_at)


def _registered(_: Policy, basis: Basis, fact: Registered) -> Basis:
    return replace(
        basis,
        owner=fact.owner,
        base_anchor=fact.registered_at,
        tenure_anchor=fact.registered_at if at_once(fact) else max(fact.registered_at, fact.recorded_at),
    )


def _activity(policy: Policy, basis: Basis, fact: ActivityRecorded) -> Basis:
    if fact.kind not in policy.qualifying_kinds:
        return basis
    if basis.last_progress is not None and fact.occurred_at <= basis.last_progress:
        return basis
    return replace(basis, last_progress=fact.occurred_at)


def _hold_placed(_: Policy, basis: Basis, fact: HoldPlaced) -> Basis:
    return _held(basis, Hold(fact.hold, fact.reason, fact.start_at, fact.end_at, fact.fact_id))


def _held(basis: Basis, placed: Hold) -> Basis:
    holds, pauses = with_holds((*basis.holds, placed))
    return replace(basis, holds=holds, pauses=pauses)


def _hold_released(_: Policy, basis: Basis, fact: HoldReleased) -> Basis:
    ended_at = fact.ended_at or fact.recorded_at
    holds, pauses = with_holds(
        tuple(hold.released_at(ended_at) if hold.hold == fact.hold else hold for hold in basis.holds)
    )
    return replace(basis, holds=holds, pauses=pauses)


def _extension(_: Policy, basis: Basis, fact: ExtensionGranted) -> Basis:
    return replace(basis, extension_days=basis.extension_days + fact.days)


def _asked(_: Policy, basis: Basis, fact: HoldRequested | ExtensionRequested) -> Basis:
    return replace(basis, requests=asked(basis.requests, fact))


def _closed(_: Policy, basis: Basis, fact: RequestDecided | RequestWithdrawn) -> Basis:
    before = find(basis.requests, fact.request)
    basis = replace(basis, requests=closed(basis.requests, fact))
    request = find(basis.requests, fact.request)
    if request is None or before is request or not (isinstance(fact, RequestDecided) and fact.approved):
        return basis
    if request.kind is RequestKind.EXTENSION:
        return replace(basis, extension_days=basis.extension_days + (request.days or 0))
    if request.reason is None or request.start_at is None:  # pragma: no cover - a hold's request has both
        return basis
    return _held(basis, Hold(request.request, request.reason, request.start_at, request.end_at, fact.fact_id))


def _over(_: Policy, basis: Basis, fact: Fact) -> Basis:
    return replace(basis, requests=voided(basis.requests, fact.recorded_at))


def _tenure(_: Policy, basis: Basis, fact: Transferred | Reinstated) -> Basis:
    started = replace(basis, tenure_anchor=fact.recorded_at)
    if isinstance(fact, Transferred):
        started = replace(started, owner=fact.owner)
    if fact.restart_base:
        started = replace(started, base_anchor=fact.recorded_at, extension_days=0)
    return started


_STEPS: Mapping[type[Fact], Step] = {
    Preregistered: _preregistered,
    Registered: _registered,
    ActivityRecorded: _activity,
    HoldPlaced: _hold_placed,
    HoldReleased: _hold_released,
    ExtensionGranted: _extension,
    Transferred: _tenure,
    Reinstated: _tenure,
    HoldRequested: _asked,
    ExtensionRequested: _asked,
    RequestDecided: _closed,
    RequestWithdrawn: _closed,
    Converted: _over,
    Released: _over,
    Lapsed: _over,
    Erased: _over,
}


def extend(policy: Policy, basis: Basis, fact: Fact) -> Basis:
    """What is known after one more fact; facts that move no anchor leave it as it was."""
    step = _STEPS.get(type(fact))
    return basis if step is None else step(policy, basis, fact)


def bears_on_deadlines(policy: Policy, fact: Fact) -> bool:
    """Whether a later answer can depend on this fact."""
    return not (isinstance(fact, ActivityRecorded) and fact.kind not in policy.qualifying_kinds)


def replaced(fact: F, replacement: Mapping[str, Any]) -> F:
    """The fact with these fields corrected.

    Raises:
        Refused: a field that may not be corrected, or a value that is no such field's.
    """
    for field in replacement:
        if field not in CORRECTABLE[type(fact)]:
            allowed = ", ".join(sorted(CORRECTABLE[type(fact)]))
            raise Refused(
                Code.NOT_CORRECTABLE, f"replacement.{field}", f"of {fact.type} one may correct {allowed}"
            )
    try:
        return cast(F, fact_from_json(fact_to_json(fact) | dict(replacement)))
    except Refused as refused:
        raise Refused(refused.code, f"replacement.{refused.field}", refused.message) from refused


def effective(facts: Iterable[Fact]) -> list[Fact]:
    """The facts as known now: corrected ones replaced, retracted ones gone, corrections folded in."""
    listed = list(facts)
    said: dict[str, Corrected] = {fact.corrects: fact for fact in listed if isinstance(fact, Corrected)}
    known: list[Fact] = []
    for fact in listed:
        correction = said.get(fact.fact_id)
        if correction is None:
            known.append(fact)
        elif correction.replacement is not None:
            known.append(replaced(fact, correction.replacement))
    return known


def as_known(policy: Policy, facts: Iterable[Fact]) -> Basis:
    """What all these facts together say."""
    basis = Basis(owner="")
    for fact in effective(facts):
        basis = extend(policy, basis, fact)
    return basis
