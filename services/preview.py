"""What if: a lead's protection as it would go with facts that are not, or another policy. Nothing is written.

Both courses, with and without, start from where the lead stands now and go on as time brings it: a
reminder goes out when due, and nothing else happens than what was supposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from adapters.console_model import Ledger
from adapters.database import Caller, Connection
from protection.dates import format_instant, local, zone
from protection.explain import Explanation
from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    PolicyAdopted,
    Registered,
    Reinstated,
    Released,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.lifecycle import apply, replay
from protection.policy import PolicyError, policy_from_json, policy_to_json
from protection.refusal import Code, Refused
from protection.simulator import Run, Transition, run_on, settle
from protection.state import LeadState
from protection.wire import fact_from_json
from services.clock_reading import Knowledge, Reading, whole_ledger

# Nobody, and nobody else, so that the rule of four eyes stops no one from asking what an approval changes.
_NOBODY: Final = "what-if"
_NOBODY_ELSE: Final = "what-if-decider"
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)

POSSIBLE: Final = frozenset(
    kind.type
    for kind in (
        ActivityRecorded,
        Converted,
        Corrected,
        ExtensionGranted,
        ExtensionRequested,
        HoldPlaced,
        HoldReleased,
        HoldRequested,
        Registered,
        Reinstated,
        Released,
        RequestDecided,
        RequestWithdrawn,
        Transferred,
    )
)
# What a supposed fact speaks of where it does not say: its own instant.
_ITS_OWN_TIME: Final[Mapping[str, str]] = {
    ActivityRecorded.type: "occurred_at",
    HoldPlaced.type: "start_at",
    HoldRequested.type: "start_at",
    Registered.type: "registered_at",
}


@dataclass(frozen=True, slots=True)
class Supposed:
    """A fact that is not: what if it were recorded then?

    Attributes:
        type: one of `POSSIBLE`.
        at: when it would be recorded, a UTC instant not in the past; None is now.
        values: its other fields in the ledger's spelling; ids left out are made up: `what-if-<index>`, which
            is also the fact's own.
    """

    type: str
    at: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is asked.

    Attributes:
        facts: in any order; those after `until` are left out.
        policy: fields of the policy that would be others, in its own spelling, adopted now.
        as_of: instants to compare; none is the latest supposed fact's, else now.
        until: where to stop following the course; None is its end.
    """

    facts: tuple[Supposed, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    as_of: tuple[datetime, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedFact:
    """Something supposed that the contract would not allow there. It changed nothing.

    Attributes:
        index: which of the supposed facts; None is the policy.
    """

    index: int | None
    refused: Refused


@dataclass(frozen=True, slots=True)
class Gained:
    """By how many days, local dates, each deadline moves; negative is lost, None where one is unknown."""

    base_until: int | None
    progress_until: int | None
    reminder_due_at: int | None
    grace_until: int | None
    valid_until: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The protection at an instant, as things are and as they would be."""

    as_of: datetime
    before: Reading
    after: Reading
    gained: Gained


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer.

    Attributes:
        now: from where both courses go on, a UTC instant.
        comparisons: one per instant asked for, in that order.
        transitions_before: every change of status to come as things are; the first is where it stands.
        transitions_after: the same with what was supposed.
        refused: what was not taken.
        stands: the lead as it stands; a reminder that is due, but has not gone out, is not assumed here.
        to_come: the facts that lie ahead as things are: what the time will bring.
        supposed: the facts that would lie ahead: what was supposed, and what the time would bring.
    """

    now: datetime
    comparisons: tuple[Comparison, ...]
    transitions_before: tuple[Transition, ...]
    transitions_after: tuple[Transition, ...]
    refused: tuple[RefusedFact, ...]
    stands: LeadState
    to_come: tuple[Fact, ...]
    supposed: tuple[Fact, ...]

    @property
    def explanation(self) -> Explanation:
        """The steps behind the deadlines as they would be, at the last instant asked for."""
        return self.comparisons[-1].after.explanation


async def preview_of(
    connection: Connection, caller: Caller, lead: UUID, question: WhatIf, *, now: datetime
) -> Preview:
    """What would become of a lead the caller may read.

    Args:
        connection: of a reading transaction in the caller's context.
        now: UTC instant.

    Raises:
        NotFound: there is no such lead for this caller.
        Refused: an instant or a policy that makes no sense.
    """
    return preview(await whole_ledger(connection, caller, lead), question, now=now)


def preview(ledger: Ledger, question: WhatIf, *, now: datetime) -> Preview:
    """What would become of a ledger (see `preview_of`)."""
    state = replay(ledger.policy, ledger.facts)
    start = max(now, state.recorded_at)
    state = settle(state, start, assume_reminders=False)
    until = question.until or END_OF_TIME
    refused: list[RefusedFact] = []
    changed = _under_policy(state, question.policy, start, refused)
    played = sorted(_facts(question.facts, start, refused), key=lambda one: one[1].recorded_at)
    timely = [fact.recorded_at for _, fact in played if fact.recorded_at <= until]
    moments = question.as_of or (max([start, *timely]),)
    _check_moments(moments, until, start)
    before = run_on(state, (), since=start, until=until, as_of=moments)
    after = run_on(changed, [fact for _, fact in played], since=start, until=until, as_of=moments)
    refused += [RefusedFact(played[one.index][0], one.refused) for one in after.rejections]
    stands = (Transition(start, state.status),) if changed.status is not state.status else ()
    return Preview(
        now=start,
        comparisons=tuple(_compared(before, after)),
        transitions_before=before.transitions,
        transitions_after=stands + after.transitions,
        refused=tuple(sorted(refused, key=lambda one: -1 if one.index is None else one.index)),
        stands=state,
        to_come=ahead(ledger, before),
        supposed=ahead(ledger, after),
    )


def ahead(ledger: Ledger, course: Run) -> tuple[Fact, ...]:
    """What a course brings beyond the ledger, in order of recording."""
    known = {fact.fact_id for fact in ledger.facts}
    return tuple(fact for fact in course.ledger if fact.fact_id not in known)


def _under_policy(
    state: LeadState, overrides: Mapping[str, Any], start: datetime, refused: list[RefusedFact]
) -> LeadState:
    if not overrides:
        return state
    version = f"{state.policy.version} ({_NOBODY})"
    try:
        policy = policy_from_json(policy_to_json(state.policy) | dict(overrides) | {"version": version})
    except PolicyError as error:
        raise Refused(Code.MALFORMED, f"policy.{error.field}", error.message) from error
    adopted = PolicyAdopted(
        fact_id=f"{_NOBODY}-policy",
        recorded_at=start,
        by=_NOBODY,
        version=version,
        replaces=state.policy.version,
        policy=policy_to_json(policy),
    )
    try:
        return apply(state, adopted)
    except Refused as error:
        refused.append(RefusedFact(None, error))
        return state


def _facts(
    supposed: Sequence[Supposed], start: datetime, refused: list[RefusedFact]
) -> Iterator[tuple[int, Fact]]:
    for index, one in enumerate(supposed):
        try:
            yield index, _fact(index, one, start)
        except Refused as error:
            refused.append(RefusedFact(index, error))


def _fact(index: int, one: Supposed, start: datetime) -> Fact:
    if one.type not in POSSIBLE:
        raise Refused(Code.MALFORMED, "type", f"one may suppose {', '.join(sorted(POSSIBLE))}")
    at = start if one.at is None else one.at
    if at < start:
        raise Refused(Code.RECORDED_BACKWARDS, "at", "at lies in the past; suppose what is still to come")
    name, said = f"{_NOBODY}-{index}", dict(one.values)
    if one.type in _ITS_OWN_TIME:
        said.setdefault(_ITS_OWN_TIME[one.type], format_instant(at))
    if one.type == HoldPlaced.type:
        said.setdefault("hold", name)
    if one.type in {HoldRequested.type, ExtensionRequested.type}:
        said.setdefault("request", name)
    by = _NOBODY_ELSE if one.type == RequestDecided.type else _NOBODY
    told = {"type": one.type, "fact_id": name, "recorded_at": format_instant(at), "by": by}
    return fact_from_json(said | told)


def _check_moments(moments: Sequence[datetime], until: datetime, start: datetime) -> None:
    if until < start:
        raise Refused(Code.MALFORMED, "until", "until lies in the past; a what-if starts now")
    for index, moment in enumerate(moments):
        if moment < start:
            raise Refused(Code.MALFORMED, f"as_of.{index}", "as_of lies in the past; a what-if starts now")


def _compared(before: Run, after: Run) -> Iterator[Comparison]:
    for one, other, left, right in zip(
        before.snapshots, after.snapshots, before.states, after.states, strict=True
    ):
        tz = zone(right.policy.timezone)

        def days(was: datetime | None, will_be: datetime | None) -> int | None:
            if was is None or will_be is None:
                return None
            return (local(will_be, tz).date() - local(was, tz).date()).days  # noqa: B023 - called at once

        yield Comparison(
            as_of=one.as_of,
            before=Reading(one, left, Knowledge.NOW, left.revision, assumed=True),
            after=Reading(other, right, Knowledge.NOW, right.revision, assumed=True),
            gained=Gained(
                base_until=days(one.base_until, other.base_until),
                progress_until=days(one.progress_until, other.progress_until),
                reminder_due_at=days(one.reminder_due_at, other.reminder_due_at),
                grace_until=days(one.grace_until, other.grace_until),
                valid_until=days(one.valid_until, other.valid_until),
            ),
        )
