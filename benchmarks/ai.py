"""AI answers: one that is there already, and a fresh one from a provider that takes 600 ms.

Beside them the bare thing: reading a row, and a plain request to the same provider.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import httpx

from activities.ai.asking import Asker
from activities.ai.case import UseCase
from activities.ai.cases import CASES
from activities.ai.router import Router
from adapters.ai.composition import open_ai
from adapters.database import Pool, open_pool
from adapters.http import trust
from adapters.registry import open_registry
from adapters.vault import Vault
from benchmarks.outside import Played, played
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import Rounds, alternate
from benchmarks.stack import Stack, running_stack
from benchmarks.status_read import database_url, filled_database
from benchmarks.throughput import TENANT

NAMES: Final = ("ai-cached-p95", "ai-fresh-p95")
_CACHED_MS: Final = 10
_FRESH_MS: Final = 2_000
_UPSTREAM_MS: Final = 600
_LEADS: Final = 1_000
_CASE: Final = CASES[UseCase.LEAD_CLASSIFY]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    calls: int = 300
    fresh: int = 10
    rounds: int = 5


FULL: Final = Size()
QUICK: Final = Size(calls=100, fresh=4, rounds=2)


@dataclass(frozen=True, slots=True)
class _Desk:
    router: Router
    app: Pool
    provider: httpx.AsyncClient

    async def ask(self, name: str) -> bool:
        """Whether the answer was there already."""
        question = _CASE.input.model_validate({"company": name, "city": "Weimar"})
        asker = Asker(tenant=TENANT, user="bench")
        return (await self.router.ask(_CASE, question, asker=asker)).cached

    async def read(self) -> None:
        """One row."""
        await self.app.fetchval("select count(*) from setting_definition")

    async def plain(self) -> None:
        """A request with nothing around it."""
        said = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hello"}]}
        (await self.provider.post("/chat/completions", json=said)).raise_for_status()


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    results: list[Result] = []
    with running_stack(workers=False) as stack, played() as outside:
        async with filled_database(stack, _LEADS, TENANT) as name, _desk(stack, name, outside) as desk:
            await desk.ask("kept")
            if "ai-cached-p95" in wanted:
                figures = await _cached(desk, size)
                aim = Aim(Figure.OURS, Bound.AT_MOST, _CACHED_MS)
                results.append(Result("ai-cached-p95", *figures.medians(), "ms", aim))
            if "ai-fresh-p95" in wanted:
                outside.switch("openai", latency_ms=_UPSTREAM_MS)
                figures = await _fresh(desk, size)
                aim = Aim(Figure.OURS, Bound.AT_MOST, _FRESH_MS)
                results.append(Result("ai-fresh-p95", *figures.medians(), "ms", aim))
    return results


async def _cached(desk: _Desk, size: Size) -> Rounds:
    async def ask(_: int) -> None:
        if not await desk.ask("kept"):
            raise AssertionError("the answer was not there")

    return await alternate(
        size.rounds,
        lambda _: _p95(size.calls, ask),
        lambda _: _p95(size.calls, lambda _: desk.read()),
    )


async def _fresh(desk: _Desk, size: Size) -> Rounds:
    async def round_of(number: int) -> float:
        async def ask(place: int) -> None:
            if await desk.ask(f"fresh {number} {place}"):
                raise AssertionError("the answer was there already")

        return await _p95(size.fresh, ask)

    return await alternate(size.rounds, round_of, lambda _: _p95(size.fresh, lambda _: desk.plain()))


async def _p95(number: int, one: Callable[[int], Awaitable[None]]) -> float:
    taken: list[float] = []
    for place in range(number):
        began = time.perf_counter()
        await one(place)
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)[math.ceil(0.95 * number) - 1]


@asynccontextmanager
async def _desk(stack: Stack, database: str, outside: Played) -> AsyncIterator[_Desk]:
    login = stack.settings.app_login()
    here = replace(login, url=database_url(login.url, database))
    settings = outside.settings.model_copy(update={"tenant": TENANT})
    account = settings.openai()
    if account is None:
        raise AssertionError("the sandbox offers no account")
    pool = await open_pool(here, name="bench-ai", session_state=False)
    headers = {"Authorization": f"Bearer {account.api_key}"}
    async with (
        pool,
        open_registry(pool, here) as registry,
        open_ai(settings, pool, registry, Vault.of(stack.settings)) as ai,
        httpx.AsyncClient(
            base_url=account.base_url, headers=headers, verify=trust(account.ca_file), trust_env=False
        ) as provider,
    ):
        yield _Desk(ai.router, pool, provider)
