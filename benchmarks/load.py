"""100 and 500 users who read and write for some minutes: failures, and p95 and p99 of each route.

The users are locust's, in a process of their own; the same users then act on the bare routes.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from adapters.settings import DEMO_TENANT
from benchmarks.http import written_to
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.sides import bare_api, token_of
from benchmarks.stack import Stack, StackFailed, bare_worker, running_stack
from workers.embedded.parts import PROJECT
from workers.embedded.ports import LOOPBACK

ROUTES: Final = ("protection", "list", "activities", "holds", "registrations")
USERS: Final = (100, 500)
# What 95 and 99 of 100 stay under, in milliseconds.
_SHARES: Final = {"p95": 0.95, "p99": 0.99}
NAMES: Final = tuple(
    name
    for users in USERS
    for name in (
        f"load-{users}-served",
        *(f"load-{users}-{route}-{share}" for route in ROUTES for share in _SHARES),
    )
)
_MOST_MS: Final = {"protection": 50.0, "list": 100.0}
_FEWEST_SERVED: Final = 99.0  # of 100
# Seconds in which all users arrive; what was measured until then does not count.
_ARRIVING: Final = 10
_SLACK: Final = 120


@dataclass(frozen=True, slots=True)
class Size:
    """How much: leads that are written to, and seconds for each number of users on each side."""

    leads: int = 1_000
    seconds: int = 120


FULL: Final = Size()
QUICK: Final = Size(leads=40, seconds=15)


@dataclass(frozen=True, slots=True)
class Route:
    """What came of the requests to one route.

    Attributes:
        times: how many requests took so many milliseconds, as locust rounds them.
    """

    requests: int
    failures: int
    times: Mapping[int, int]

    def under(self, share: float) -> float:
        """Milliseconds that such a share of the requests stays under."""
        left = share * sum(self.times.values())
        for time, number in sorted(self.times.items()):
            left -= number
            if left <= 0:
                return float(time)
        return 0.0


class _Written(BaseModel):
    """One route as locust writes it down."""

    name: str
    num_requests: Annotated[int, Field(ge=0)]
    num_failures: Annotated[int, Field(ge=0)]
    response_times: dict[int, Annotated[int, Field(ge=0)]]

    def route(self) -> Route:
        """In our words."""
        return Route(self.num_requests, self.num_failures, self.response_times)


_WRITTEN: Final = TypeAdapter(list[_Written])


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    port: int
    token: str


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`, on one stack."""
    results: list[Result] = []
    with running_stack() as stack:
        token = token_of(stack)
        async with AsyncExitStack() as opened:
            opened.enter_context(bare_worker(stack))
            plain = opened.enter_context(bare_api(stack))
            await opened.enter_async_context(written_to(stack, size.leads))
            for users in USERS:
                if any(name.startswith(f"load-{users}-") for name in wanted):
                    ours = await _acted(stack, _Side("ours", stack.api_port, token), users, size)
                    bare = await _acted(stack, _Side("bare", plain, token), users, size)
                    results += _results(users, ours, bare)
    return [result for result in results if result.name in wanted]


async def _acted(stack: Stack, side: _Side, users: int, size: Size) -> dict[str, Route]:
    """Lets so many users act on one side; what came of it by route."""
    prefix = stack.folder / f"load-{users}-{side.name}"
    command = [
        *(sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("load_users.py"))),
        *(
            "--headless",
            "--only-summary",
            "--reset-stats",
            "--loglevel",
            "WARNING",
            "--json-file",
            str(prefix),
        ),
        *("--users", str(users), "--spawn-rate", str(max(1, users // _ARRIVING))),
        *("--run-time", f"{size.seconds + _ARRIVING}s", "--host", f"http://{LOOPBACK}:{side.port}"),
    ]
    told = {
        "LOAD_SIDE": side.name,
        "LOAD_TENANT": str(DEMO_TENANT),
        "LOAD_LEADS": str(size.leads),
        "LOAD_TOKEN": side.token,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        env={**os.environ, **told},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=size.seconds + _ARRIVING + _SLACK,
        check=False,
    )
    file = prefix.with_suffix(".json")
    # Its status is 1 where a request failed, which is a figure here.
    if done.returncode not in {0, 1} or not file.exists():
        raise StackFailed(done.stderr[-4000:])
    return read_routes(file)


def read_routes(file: Path) -> dict[str, Route]:
    """What locust has written down, by route.

    Raises:
        ValueError: it is not locust's file.
    """
    return {written.name: written.route() for written in _WRITTEN.validate_json(file.read_bytes())}


def _results(users: int, ours: Mapping[str, Route], bare: Mapping[str, Route]) -> list[Result]:
    served = Aim(Figure.OURS, Bound.AT_LEAST, _FEWEST_SERVED)
    results = [Result(f"load-{users}-served", _served(ours), _served(bare), "of 100", served)]
    for route in ours.keys() & bare.keys():
        for name, share in _SHARES.items():
            most = _MOST_MS.get(route) if share == _SHARES["p95"] else None
            aim = None if most is None else Aim(Figure.OURS, Bound.AT_MOST, most)
            # What takes less than a millisecond is written down as none.
            values = max(1.0, ours[route].under(share)), max(1.0, bare[route].under(share))
            results.append(Result(f"load-{users}-{route}-{name}", *values, "ms", aim))
    return sorted(results, key=lambda result: NAMES.index(result.name))


def _served(routes: Mapping[str, Route]) -> float:
    requests = sum(route.requests for route in routes.values())
    if not requests:
        raise StackFailed("nobody asked anything")
    return 100.0 * (1 - sum(route.failures for route in routes.values()) / requests)
