"""How fast the engine computes, on one core, over every state the conformance vectors pass through."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import alternate
from protection.dates import zone
from protection.facts import Fact
from protection.lifecycle import replay, snapshot
from protection.policy import Policy
from protection.simulator import run
from protection.state import LeadState, derive
from protection.vectors import read_vector

EVALUATIONS: Final = "engine-evaluations"
REPLAYS: Final = "ledger-replays"
NAMES: Final = (EVALUATIONS, REPLAYS)

VECTORS: Final = Path(__file__).resolve().parents[1] / "tests" / "conformance" / "clock-vectors.json"
_PERIOD: Final = timedelta(days=60)
_LATER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Size:
    """How often everything is computed."""

    rounds: int
    passes: int


FULL: Final = Size(rounds=9, passes=10)
QUICK: Final = Size(rounds=3, passes=2)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A policy and the facts of a whole life, those included that only the time brought."""

    policy: Policy
    facts: tuple[Fact, ...]


def ledgers() -> list[Ledger]:
    """The ledgers of the conformance vectors, as the engine leaves them."""
    vectors = [read_vector(raw) for raw in json.loads(VECTORS.read_text(encoding="utf-8"))]
    lives = [run(one.policy, one.registered_at, one.facts, until=one.until) for one in vectors]
    return [Ledger(vector.policy, tuple(life.ledger)) for vector, life in zip(vectors, lives, strict=True)]


def living_states(lives: Sequence[Ledger]) -> list[tuple[LeadState, datetime]]:
    """Every state after a fact in which a lead's clock runs or stands still, and an instant a day later."""
    states = [
        replay(life.policy, life.facts[:length]) for life in lives for length in range(1, len(life.facts) + 1)
    ]
    return [(state, state.recorded_at + _LATER) for state in states if state.deadlines is not None]


def _evaluate(states: Sequence[tuple[LeadState, datetime]]) -> None:
    for state, moment in states:
        now = derive(state.policy, state.basis, state.reminder)
        snapshot(replace(state, deadlines=now), moment)


def _add_one_period(states: Sequence[tuple[LeadState, datetime]]) -> None:
    for state, moment in states:
        (moment.astimezone(zone(state.policy.timezone)) + _PERIOD).astimezone(UTC)


def _replay(lives: Sequence[Ledger]) -> None:
    for life in lives:
        replay(life.policy, life.facts)


def _read_through(lives: Sequence[Ledger]) -> None:
    for life in lives:
        for fact in life.facts:
            fact.recorded_at.astimezone(zone(life.policy.timezone))


def _per_second(work: Callable[[], None], number: int, passes: int) -> float:
    # Time of this process alone, so that it is one core's worth however busy the machine is.
    began = time.process_time()
    for _ in range(passes):
        work()
    return number * passes / (time.process_time() - began)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    lives = ledgers()
    states = living_states(lives)
    results = []

    async def rates(ours: Callable[[], None], bare: Callable[[], None], number: int) -> tuple[float, float]:
        async def our_rate(_: int) -> float:
            return _per_second(ours, number, size.passes)

        async def bare_rate(_: int) -> float:
            return _per_second(bare, number, size.passes)

        return (await alternate(size.rounds, our_rate, bare_rate)).medians()

    if EVALUATIONS in wanted:
        figures = await rates(lambda: _evaluate(states), lambda: _add_one_period(states), len(states))
        aim = Aim(Figure.OURS, Bound.AT_LEAST, 20_000)
        results.append(Result(EVALUATIONS, *figures, "evaluations/s", aim))
    if REPLAYS in wanted:
        figures = await rates(lambda: _replay(lives), lambda: _read_through(lives), len(lives))
        results.append(Result(REPLAYS, *figures, "ledgers/s"))
    return results
