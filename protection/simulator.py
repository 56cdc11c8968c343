"""A ledger played through from registration to an instant, with reminders that go out when due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from protection.facts import EndReason, Fact, Lapsed, Registered, ReminderSent
from protection.holds import first_running
from protection.lifecycle import Snapshot, apply, begin, snapshot
from protection.policy import Policy
from protection.refusal import Refused
from protection.state import LeadState, Status


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of status, at a UTC instant; `reason` where a period ended protection."""

    at: datetime
    to: Status
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A fact that was not accepted: its place in the input, and why."""

    index: int
    refused: Refused


@dataclass(frozen=True, slots=True)
class Run:
    """What a ledger leads to.

    Attributes:
        transitions: every change of status, in order.
        rejections: facts that were refused.
        snapshots: one per wanted instant, in the order asked for.
        states: the lead at each of these instants.
        state: as of `until`.
        ledger: the accepted facts, with the reminders and the lapse the time brought.
    """

    transitions: tuple[Transition, ...]
    rejections: tuple[Rejection, ...]
    snapshots: tuple[Snapshot, ...]
    states: tuple[LeadState, ...]
    state: LeadState
    ledger: tuple[Fact, ...]

    @property
    def rejected(self) -> list[int]:
        """Indexes of the refused facts."""
        return [rejection.index for rejection in self.rejections]


def next_by_time(state: LeadState, *, assume_reminders: bool, since: datetime | None = None) -> Fact | None:
    """The fact that the time alone will bring next: the reminder when due, or the lapse.

    Args:
        since: a reminder that is overdue goes out from then on, no earlier; None is since the newest fact.
    """
    now = state.deadlines
    if now is None:
        return None
    number = state.revision + 1
    due = now.reminder_due_at
    if assume_reminders and due is not None:
        goes_out = first_running(state.basis.pauses, max(due, state.recorded_at, since or due))
        if goes_out is not None and (now.end is None or goes_out < now.end):
            return ReminderSent(
                fact_id=state.reminder_id(state.cycle),
                recorded_at=goes_out,
                by="clock",
                sent_at=goes_out,
                cycle=state.cycle,
            )
    if now.end is None or now.end_reason is None:
        return None
    noticed = max(now.end, state.recorded_at)
    return Lapsed(
        fact_id=f"lapse/{number}", recorded_at=noticed, by="clock", at=now.end, reason=now.end_reason
    )


def settle(
    state: LeadState, moment: datetime, *, assume_reminders: bool = True, since: datetime | None = None
) -> LeadState:
    """The state after everything the time brings up to and at this instant (`since` as in `next_by_time`)."""
    while (fact := next_by_time(state, assume_reminders=assume_reminders, since=since)) is not None:
        if fact.recorded_at > moment:
            break
        state = apply(state, fact)
    return state


class _Recorder:
    """Keeps a state and the transitions it went through."""

    def __init__(self, state: LeadState, since: datetime, assume_reminders: bool) -> None:
        self.state = state
        self.transitions = [Transition(since, state.status)]
        self.ledger = list(state.facts)
        self.since = since
        self.assume_reminders = assume_reminders

    def move(self, state: LeadState, at: datetime) -> None:
        if state.status is not self.state.status:
            self.transitions.append(Transition(at, state.status, state.reason))
        self.state = state
        self.ledger.append(state.facts[-1])

    def settle(self, moment: datetime) -> None:
        while (fact := self._next()) is not None:
            if fact.recorded_at > moment:
                break
            self.move(apply(self.state, fact), fact.at if isinstance(fact, Lapsed) else fact.recorded_at)

    def _next(self) -> Fact | None:
        return next_by_time(self.state, assume_reminders=self.assume_reminders, since=self.since)


def run(
    policy: Policy,
    registered_at: datetime,
    facts: Sequence[Fact],
    *,
    until: datetime,
    as_of: Iterable[datetime] = (),
    owner: str = "owner",
    first: Fact | None = None,
    assume_reminders: bool = True,
) -> Run:
    """Plays facts, sorted by `recorded_at`, from registration to `until`.

    Args:
        registered_at: start of protection, a UTC instant.
        facts: what was recorded after the registration.
        until: where to stop.
        as_of: instants for which to answer; each answer is taken after the deadlines and facts at its
            own instant, knowing what was recorded by then.
        first: the registration itself, where the caller has one; else one by `owner` is made up.
        assume_reminders: reminders go out exactly when due; else only those among the facts count.
    """
    opening = first or Registered(
        fact_id="registration",
        recorded_at=registered_at,
        by="clock",
        owner=owner,
        registered_at=registered_at,
    )
    return run_on(
        begin(policy, opening),
        facts,
        since=opening.recorded_at,
        until=until,
        as_of=as_of,
        assume_reminders=assume_reminders,
    )


def run_on(
    state: LeadState,
    facts: Sequence[Fact],
    *,
    since: datetime,
    until: datetime,
    as_of: Iterable[datetime] = (),
    assume_reminders: bool = True,
) -> Run:
    """Plays facts, sorted by `recorded_at`, on from where a lead stands.

    Args:
        state: the lead as of `since`.
        facts: what is recorded from `since` on.
        since: where to begin, a UTC instant; the first transition names the status there.
        until: where to stop.
        as_of: as in `run`, none before `since`.
        assume_reminders: reminders go out exactly when due, an overdue one at `since`; else only those
            among the facts count.
    """
    recorder = _Recorder(state, since, assume_reminders)
    asked = tuple(as_of)
    wanted = sorted(set(asked))
    states: dict[datetime, LeadState] = {}
    rejections: list[Rejection] = []

    def answer_while(timely: Callable[[datetime], bool]) -> None:
        while wanted and timely(wanted[0]):
            moment = wanted.pop(0)
            recorder.settle(moment)
            states[moment] = recorder.state

    for index, fact in enumerate(facts):
        if fact.recorded_at > until:
            break
        answer_while(fact.recorded_at.__gt__)
        recorder.settle(fact.recorded_at)
        try:
            recorder.move(apply(recorder.state, fact), fact.recorded_at)
        except Refused as refused:
            rejections.append(Rejection(index, refused))
    answer_while(until.__ge__)
    recorder.settle(until)
    for moment in wanted:
        states[moment] = settle(recorder.state, moment, assume_reminders=assume_reminders, since=since)
    return Run(
        transitions=tuple(recorder.transitions),
        rejections=tuple(rejections),
        snapshots=tuple(snapshot(states[moment], moment) for moment in asked),
        states=tuple(states[moment] for moment in asked),
        state=recorder.state,
        ledger=tuple(recorder.ledger),
    )
