"""What a ledger has to be told so that a hold says what is now known of a delay of the company's own. Pure.

A delay begins and ends when it did, not when we hear of it. So what was told before is corrected, and both
stay in the ledger. What a person has decided (a hold released by hand, a request rejected) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from activities.sample_orders import DelayHold
from protection.dates import format_instant
from protection.facts import Fact, HoldPlaced, HoldReason, HoldReleased, HoldRequested
from protection.holds import Hold
from protection.lifecycle import apply, lapse_by
from protection.refusal import Refused
from protection.requests import RequestStatus, find
from protection.state import ALIVE, LeadState
from workflows.messages import CorrectFact, PlaceHold, ReleaseHold, TellsFact
from workflows.request_messages import RequestHold, WithdrawRequest

# A release this young says itself when it was; an older one is corrected. Less than the minute that a message
# may be under way (`protection.basis.UNDER_WAY`), because the lead's clock is another one.
_JUST_NOW: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A delay as it is known now. UTC instants.

    Attributes:
        end_at: None while it lasts.
    """

    start_at: datetime
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which hold a delay belongs to.

    Attributes:
        name: id of the hold, and of the request for it.
        mode: whether a new hold is placed or asked for; `off`: neither.
        by: the part of the system that tells of it.
        parts: everybody who may have told of it, that part included; all others are people.
    """

    name: str
    reason: HoldReason
    mode: DelayHold
    by: str
    parts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Owed:
    """What the ledger has to be told.

    Attributes:
        messages: in this order, all or none of them.
        withheld: whether something true was left out, because protection would end by it at once.
    """

    messages: tuple[TellsFact, ...] = ()
    withheld: bool = False


def owed(
    state: LeadState,
    facts: Sequence[Fact],
    subject: Subject,
    delay: Delay | None,
    now: datetime,
) -> Owed:
    """What to tell a living lead of a delay.

    Nobody's protection ends because the company tells late how long its own delay was: a correction that
    would end it at once is left out, and a person has to look at it.

    Args:
        state: what the ledger comes to.
        facts: the whole ledger.
        delay: None: there was none, or there is no reason to think so any more.
        now: a UTC instant.
    """
    if state.status not in ALIVE:
        return Owed()
    told = tuple(_told(state, facts, subject, delay, now))
    if not told or not _ends_by(state, told, now):
        return Owed(told)
    hold = state.basis.hold(subject.name)
    if hold is None or hold.end_at is not None:
        return Owed(withheld=True)
    releases = tuple(message for message in told if isinstance(message, ReleaseHold))
    return Owed(releases, withheld=True)


def facts_of(messages: Sequence[TellsFact], at: datetime) -> list[Fact]:
    """The facts that messages tell, as recorded at that UTC instant."""
    return [message.fact(str(message.fact_id), at) for message in messages]


def _ends_by(state: LeadState, messages: Sequence[TellsFact], now: datetime) -> bool:
    """Whether protection would be over by now after these, and only by them."""
    at = max(now, state.recorded_at)
    if lapse_by(state, at) is not None:
        return False
    try:
        for fact in facts_of(messages, at):
            state = apply(state, fact)
    except Refused:
        # Whoever is told says why.
        return False
    return lapse_by(state, at) is not None


def _told(
    state: LeadState,
    facts: Sequence[Fact],
    subject: Subject,
    delay: Delay | None,
    now: datetime,
) -> Iterator[TellsFact]:
    hold, request = state.basis.hold(subject.name), find(state.basis.requests, subject.name)
    if delay is None:
        yield from _never(facts, subject, hold, pending=request is not None and request.pending)
    elif hold is not None:
        yield from _corrected(facts, subject, hold, delay, now)
    elif request is None:
        yield from _opened(facts, subject, delay)
    elif request.status is RequestStatus.PENDING and (request.start_at, request.end_at) != (
        delay.start_at,
        delay.end_at,
    ):
        asked = next(
            fact for fact in facts if isinstance(fact, HoldRequested) and fact.request == subject.name
        )
        yield _correction(
            facts, subject, "asked", asked.fact_id, start_at=delay.start_at, end_at=delay.end_at
        )


def _never(
    facts: Sequence[Fact], subject: Subject, hold: Hold | None, *, pending: bool
) -> Iterator[TellsFact]:
    """There was no delay: what was placed never was, what was asked for is asked for no more."""
    approved = False
    if hold is not None and (hold.end_at is None or hold.end_at > hold.start_at):
        placing = _fact(facts, hold.fact_id)
        approved = not isinstance(placing, HoldPlaced)
        if approved or placing.by in subject.parts:
            yield _correction(facts, subject, "never", hold.fact_id)
    if pending or approved:
        yield WithdrawRequest(
            request=subject.name, by=subject.by, fact_id=_new_id(facts, subject, "withdrawn")
        )


def _opened(facts: Sequence[Fact], subject: Subject, delay: Delay) -> Iterator[TellsFact]:
    fact_id = _new_id(facts, subject, "late")
    if subject.mode is DelayHold.PLACED:
        yield PlaceHold(
            reason=subject.reason,
            hold=subject.name,
            start_at=delay.start_at,
            end_at=delay.end_at,
            by=subject.by,
            fact_id=fact_id,
        )
    elif subject.mode is DelayHold.PROPOSED:
        yield RequestHold(
            reason=subject.reason,
            request=subject.name,
            start_at=delay.start_at,
            end_at=delay.end_at,
            by=subject.by,
            fact_id=fact_id,
        )


def _corrected(
    facts: Sequence[Fact], subject: Subject, hold: Hold, delay: Delay, now: datetime
) -> Iterator[TellsFact]:
    """A hold that is there, made to begin and end when the delay did."""
    placing = _fact(facts, hold.fact_id)
    ours = isinstance(placing, HoldPlaced) and placing.by in subject.parts
    # Not the releases of a placing that never was.
    since = facts[facts.index(placing) :]
    releases = [fact for fact in since if isinstance(fact, HoldReleased) and fact.hold == subject.name]
    by_hand = any(fact.by not in subject.parts for fact in releases)
    planned = ours and isinstance(placing, HoldPlaced) and placing.end_at is not None
    right_end = hold.end_at == delay.end_at or by_hand
    if ours and (hold.start_at != delay.start_at or (planned and not right_end)):
        end_at = delay.end_at if planned else None
        yield _correction(facts, subject, "lasted", hold.fact_id, start_at=delay.start_at, end_at=end_at)
    if not right_end and not planned:
        newest = releases[-1] if releases else None
        yield from _ended(facts, subject, hold, newest, end_at=delay.end_at, now=now)


def _ended(
    facts: Sequence[Fact],
    subject: Subject,
    hold: Hold,
    newest: HoldReleased | None,
    *,
    end_at: datetime | None,
    now: datetime,
) -> Iterator[TellsFact]:
    """The end of a hold without a planned one, by its newest release or by another one."""
    if end_at is None:
        if newest is not None:
            yield _correction(facts, subject, "ended", newest.fact_id)
    elif newest is not None and end_at <= newest.recorded_at:
        yield _correction(facts, subject, "ended", newest.fact_id, ended_at=end_at)
    elif newest is not None or hold.end_at is None:
        if newest is not None and hold.end_at is not None:
            # Nothing can be released later than that was told: that release never was.
            yield _correction(facts, subject, "went-on", newest.fact_id)
        over = _new_id(facts, subject, "over")
        if timedelta() <= now - end_at <= _JUST_NOW:
            yield ReleaseHold(hold=subject.name, ended_at=end_at, by=subject.by, fact_id=over)
        else:
            yield ReleaseHold(hold=subject.name, by=subject.by, fact_id=over)
            yield _correction(facts, subject, "ended", over, ended_at=end_at)


def _correction(
    facts: Sequence[Fact], subject: Subject, what: str, corrects: str, **right: datetime | None
) -> CorrectFact:
    """A correction to these values; without any: it never happened."""
    replacement = {
        field: None if moment is None else format_instant(moment) for field, moment in right.items()
    }
    return CorrectFact(
        corrects=corrects,
        replacement=replacement or None,
        by=subject.by,
        fact_id=_new_id(facts, subject, what),
    )


def _fact(facts: Sequence[Fact], fact_id: str) -> Fact:
    return next(fact for fact in facts if fact.fact_id == fact_id)


def _new_id(facts: Sequence[Fact], subject: Subject, what: str) -> str:
    """The id of a fact of this kind about the hold; another one each time it happens again."""
    known = {fact.fact_id for fact in facts}
    first = f"{subject.name}-{what}"
    tries = (first if number == 1 else f"{first}-{number}" for number in range(1, len(facts) + 2))
    return next(fact_id for fact_id in tries if fact_id not in known)
