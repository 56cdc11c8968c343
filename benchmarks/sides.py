"""Both sides of a comparison over HTTP: our API and the bare one, each a process, loaded in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from adapters.settings import DEMO_TENANT
from benchmarks.http_client import Outcome, load
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import Rounds, alternate
from benchmarks.stack import Stack, process
from workers.embedded import ports

MANAGER: Final = "maria"


@dataclass(slots=True)
class Sides:
    """Figures of both sides of one comparison."""

    rate: Rounds = field(default_factory=Rounds)
    p95: Rounds = field(default_factory=Rounds)

    def results(self, name: str, least: float, most_ms: float | None) -> list[Result]:
        """Requests per second, and the p95."""
        ours, plain = self.rate.medians()
        slowest, bare_slowest = self.p95.medians()
        aim = None if most_ms is None else Aim(Figure.OURS, Bound.AT_MOST, most_ms)
        at_least = Aim(Figure.RATIO, Bound.AT_LEAST, least) if least else None
        return [
            Result(name, ours, plain, "requests/s", at_least),
            Result(f"{name}-p95", slowest, bare_slowest, "ms", aim),
        ]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where both sides listen, and the token ours wants."""

    ours: int
    bare: int
    token: str
    connections: int

    async def compare(
        self,
        rounds: int,
        ours: Callable[[int], list[bytes]],
        plain: Callable[[int], list[bytes]],
        wanted: int,
    ) -> Sides:
        """Loads both sides in turn; the requests of a round are made before its time begins."""
        sides = Sides()

        async def one(port: int, requests: list[bytes], p95: list[float]) -> float:
            outcome: Outcome = await load(port, requests, wanted=wanted, connections=self.connections)
            p95.append(outcome.p95)
            return outcome.rate

        for port, make in ((self.ours, ours), (self.bare, plain)):
            await load(port, make(-1)[: 2 * self.connections], wanted=wanted, connections=self.connections)
        sides.rate = await alternate(
            rounds,
            lambda place: one(self.ours, ours(place), sides.p95.ours),
            lambda place: one(self.bare, plain(place), sides.p95.bare),
        )
        return sides


def token_of(stack: Stack) -> str:
    """A token of the manager, as `fristwerk token` gives it."""
    command = [sys.executable, "-m", "cli.app", "token", "--as", MANAGER]
    environment = {**os.environ, "FRISTWERK_STATE": str(stack.settings.state)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def bare_api(stack: Stack, database: str | None = None) -> Iterator[int]:
    """The bare routes over a database of the stack's server; yields the port."""
    port = ports.choose(18_080, taken=())
    command = [sys.executable, "-m", "benchmarks.bare_api", str(port), str(DEMO_TENANT)]
    with process(stack, command, port, database):
        yield port


@contextmanager
def our_api(stack: Stack, database: str, **more: str) -> Iterator[int]:
    """Our API over a database of the stack's server, with more in its environment; yields the port."""
    port = ports.choose(18_180, taken=())
    with process(stack, [sys.executable, "-m", "api.main"], port, database, API_PORT=str(port), **more):
        yield port
