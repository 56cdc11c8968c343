"""Generated policies and ledgers, for every reader of the clock: engine, SQL twin, workflow.

`ledgers()` draws a policy, a registration and what was recorded afterwards, in order of recording; some
of it the contract will refuse. `Ledger.played()` is the engine's answer; its `ledger` holds what was
accepted, with the reminders and the lapse that time brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import strategies as st

from protection.facts import Fact, Preregistered, Registered
from protection.lifecycle import replay
from protection.policy import Counting, Mode, Policy, WorkingDayRoll
from protection.simulator import Run, run
from protection.state import ALIVE, LeadState
from tests.protection.moves import DAY, PEOPLE, SECOND, ZONES, Act, Move, fact_of

EPOCH = datetime(2027, 1, 1, tzinfo=UTC)
NEW_YEAR = EPOCH.date()


@dataclass(frozen=True, slots=True)
class Ledger:
    """A lead's life as it was told to us.

    Attributes:
        first: the registration or pre-registration.
        facts: what was recorded afterwards, in that order; not all of it acceptable.
        until: where to stop, a UTC instant.
        as_of: instants to ask for, sorted.
    """

    policy: Policy
    first: Registered | Preregistered
    facts: tuple[Fact, ...]
    until: datetime
    as_of: tuple[datetime, ...]

    def played(self, *, assume_reminders: bool = True) -> Run:
        """The engine's answer."""
        return run(
            self.policy,
            self.first.recorded_at,
            self.facts,
            until=self.until,
            as_of=self.as_of,
            first=self.first,
            assume_reminders=assume_reminders,
        )

    def last_alive(self, *, assume_reminders: bool = True) -> LeadState:
        """The newest state in which protection had not ended, of all that `played` goes through."""
        told = self.played(assume_reminders=assume_reminders).ledger
        states = (replay(self.policy, told[:length]) for length in range(len(told), 0, -1))
        return next(state for state in states if state.status in ALIVE)


def spans(low: int, high: int) -> st.SearchStrategy[timedelta]:
    """Durations of so many days; half of them whole, so that things coincide often enough."""

    # One draw per value: an even number says whole days, an odd one says seconds.
    def span(number: int) -> timedelta:
        whole, seconds = divmod(number, 2)
        return whole * SECOND if seconds else (whole // 86_400) * DAY

    return st.integers(low * 172_800, high * 172_800).map(span)


def instants(since: datetime = EPOCH, days: int = 1200) -> st.SearchStrategy[datetime]:
    """UTC instants, half of them whole days apart."""
    return spans(0, days).map(lambda span: since + span)


def _allowed(rules: tuple[Mode, Counting, WorkingDayRoll]) -> bool:
    """A roll goes with whole days only."""
    return rules[1] is Counting.CALENDAR_DAYS or rules[2] is WorkingDayRoll.OFF


def policies(
    *,
    modes: Sequence[Mode] = tuple(Mode),
    countings: Sequence[Counting] = tuple(Counting),
    rolls: Sequence[WorkingDayRoll] = tuple(WorkingDayRoll),
) -> st.SearchStrategy[Policy]:
    """Policies over the whole range the contract allows; short periods more often than long ones."""

    def policy(
        rules: tuple[Mode, Counting, WorkingDayRoll], timezone: str, days: tuple[int, int, int], shut: int
    ) -> Policy:
        return Policy(
            timezone=timezone,
            base_months=days[0],
            progress_days=days[1],
            grace_days=days[2],
            mode=rules[0],
            counting=rules[1],
            working_day_roll=rules[2],
            closed_days=() if shut < 500 else tuple(NEW_YEAR + n * DAY for n in (shut, shut + 1, shut * 2)),
            notice_progress_days=shut % 11,
            notice_base_days=shut % 21,
            preregistration_days=shut % 13,
            preregistration_delete_days=shut % 70,
            extension_decision_days=shut % 20,
        )

    return st.builds(
        policy,
        st.sampled_from([rules for rules in product(modes, countings, rolls) if _allowed(rules)]),
        st.sampled_from(ZONES),
        st.tuples(
            st.one_of(st.integers(1, 4), st.integers(1, 24)),
            st.one_of(st.integers(7, 30), st.integers(7, 120)),
            st.integers(1, 30),
        ),
        st.integers(0, 999),
    )


def _moves(acts: Sequence[Act]) -> st.SearchStrategy[Move]:
    # Two draws per fact instead of five: most of a property test's time goes into drawing.
    def move(what: int, when: int) -> Move:
        when, wait = divmod(when, 60)
        when, shift = divmod(when, 50)
        uneven, length = divmod(when, 30)
        number, act = divmod(what, len(acts))
        # Most things happen at the same time of day; the others a little off it.
        off = max(uneven - 40, 0) * timedelta(hours=7, seconds=11)
        return Move(
            acts[act], wait * wait // 72 * DAY + off, (shift - 20) * DAY + off, length * DAY + off / 2, number
        )

    return st.builds(move, st.integers(0, 60 * len(acts) - 1), st.integers(0, 60 * 50 * 30 * 60 - 1))


def _told(first: Fact, moves: Sequence[Move]) -> Iterator[Fact]:
    told: list[Fact] = [first]
    at = first.recorded_at
    for number, move in enumerate(moves):
        # Decisions come within days, and often at the same time of day as everything else.
        at += move.wait // DAY // 6 * DAY if move.act in {Act.DECIDE, Act.WITHDRAW} else move.wait
        told.append(fact_of(move, at, f"f{number}", told))
        yield told[-1]


def _noted_first(registered: Registered, moves: list[Move]) -> tuple[Preregistered, list[Move]]:
    """The same lead, but pre-registered; one of the first moves registers it."""
    noted = Preregistered(
        fact_id="noted", recorded_at=registered.recorded_at, by="someone", owner=registered.owner
    )
    place = moves[0].number % 3 if moves else 0
    return noted, [
        replace(move, act=Act.REGISTER, wait=move.wait / 4) if number == place else move
        for number, move in enumerate(moves)
    ]


def ledgers(
    policy: st.SearchStrategy[Policy] | None = None,
    acts: Sequence[Act] = PEOPLE,
    longest: int = 8,
    asked: int = 0,
) -> st.SearchStrategy[Ledger]:
    """Ledgers of up to `longest` facts after the registration, with `asked` instants to ask for."""

    def ledger(
        *,
        chosen: Policy,
        registered_at: datetime,
        late: timedelta,
        moves: list[Move],
        rest: timedelta,
        ask: list[timedelta],
        noted: bool,
    ) -> Ledger:
        registered = registration(registered_at, registered_at + late)
        first, moves = _noted_first(registered, moves) if noted else (registered, moves)
        facts = tuple(_told(first, moves))
        until = (facts[-1] if facts else first).recorded_at + rest
        as_of = sorted(min(first.recorded_at + wait, until) for wait in ask)
        return Ledger(chosen, first, facts, until, tuple(as_of))

    return st.builds(
        ledger,
        chosen=policies() if policy is None else policy,
        registered_at=instants(),
        late=st.one_of(st.just(timedelta()), spans(0, 20)),
        moves=st.lists(_moves(acts), min_size=longest // 4, max_size=longest),
        rest=st.one_of(spans(0, 60), spans(60, 400)),
        ask=st.lists(spans(0, 250), min_size=asked, max_size=asked),
        noted=st.sampled_from((False, False, True)) if Act.REGISTER in acts else st.just(False),
    )


def registration(registered_at: datetime, recorded_at: datetime | None = None) -> Registered:
    """The first fact of a ledger; backdated where it was recorded later."""
    return Registered(
        fact_id="registration",
        recorded_at=registered_at if recorded_at is None else recorded_at,
        by="someone",
        owner="agent-0",
        registered_at=registered_at,
    )
