"""Reading one lead's protection as the application under row security, beside a bare read of the same row."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import md5
from statistics import median
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from adapters.database import Caller, Pool, open_pool
from adapters.migrations import migrate
from adapters.read_model import protection_at_once
from adapters.settings import Login
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import Rounds, alternate, at_once
from benchmarks.stack import Stack, running_stack
from benchmarks.throughput import SQL, TENANT, in_tenant
from protection.policy import Policy, policy_to_json

READ: Final = "status-read"
READS_PER_SECOND: Final = "status-reads-per-second"
APART: Final = "status-read-apart"
NAMES: Final = (READ, READS_PER_SECOND, APART)

_CLIENTS: Final = 4
_WARM_UP: Final = 500
_SEED: Final = 20261123
_MICROSECONDS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """How many leads the two tables hold, and how often one is read."""

    few: int = 1_000
    many: int = 100_000
    reads: int = 1_000
    rounds: int = 7


FULL: Final = Size()
QUICK: Final = Size(many=10_000, reads=200, rounds=3)


def lead_id(number: int) -> UUID:
    """The id that `fill_leads` gives the lead of that number."""
    return UUID(md5(f"lead {number}".encode(), usedforsecurity=False).hexdigest())


class Shelf:
    """A table of leads, and the two ways to read a row of it."""

    def __init__(self, leads: int, application: Pool, superuser: Pool) -> None:
        self._leads = leads
        self._application = application
        self._superuser = superuser
        self._chance = random.Random(_SEED)

    def any_leads(self, number: int) -> list[UUID]:
        """So many leads by chance."""
        return [lead_id(self._chance.randint(1, self._leads)) for _ in range(number)]

    async def read_ours(self, lead: UUID) -> None:
        """As an agent's manager asks for it: context, row security, typed answer."""
        found = await protection_at_once(self._application, Caller(TENANT, "manager", ("manager",)), lead)
        assert found is not None
        assert found.lead == lead

    async def read_bare(self, lead: UUID) -> None:
        """The row by its primary key, as the superuser whom no row security concerns."""
        async with self._superuser.acquire() as connection:
            assert await SQL.bare_read(connection, tenant=TENANT, lead=lead) is not None

    async def middle(self, read: Callable[[UUID], Awaitable[None]], number: int) -> float:
        """The median time of one read, one after the other, in microseconds."""
        took = []
        for lead in self.any_leads(number):
            began = time.perf_counter()
            await read(lead)
            took.append(time.perf_counter() - began)
        return median(took) * _MICROSECONDS

    async def rate(self, read: Callable[[UUID], Awaitable[None]], number: int) -> float:
        """Reads per second with several clients side by side."""
        leads = self.any_leads(number)
        began = time.perf_counter()
        await at_once(leads, read, _CLIENTS)
        return number / (time.perf_counter() - began)


def database_url(url: str, name: str) -> str:
    """The same login in another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@asynccontextmanager
async def filled_database(stack: Stack, leads: int, tenant: UUID) -> AsyncIterator[str]:
    """A database of the stack's server with so many leads of that tenant; its name."""
    name = f"leads_{leads}"
    owner = stack.settings.owner_login()
    async with await open_pool(owner, name="benchmark", largest=1) as maker:
        await maker.execute(f"create database {name}")
    migrate(database_url(owner.url, name))
    async with await _pool(Login(database_url(owner.url, name), None)) as superuser:
        await _fill(superuser, leads, tenant)
    yield name


@asynccontextmanager
async def _shelf(stack: Stack, leads: int) -> AsyncIterator[Shelf]:
    owner, application = stack.settings.owner_login(), stack.settings.app_login()
    async with AsyncExitStack() as opened:
        name = await opened.enter_async_context(filled_database(stack, leads, TENANT))
        superuser = await opened.enter_async_context(await _pool(Login(database_url(owner.url, name), None)))
        login = replace(application, url=database_url(application.url, name))
        yield Shelf(leads, await opened.enter_async_context(await _pool(login)), superuser)


async def _pool(login: Login) -> Pool:
    # As the programs of ours that only read open theirs.
    return await open_pool(login, name="benchmark", smallest=_CLIENTS, largest=_CLIENTS, session_state=False)


async def _fill(superuser: Pool, leads: int, tenant: UUID) -> None:
    policy = Policy()
    async with in_tenant(superuser, tenant) as connection:
        version, values = policy.version, policy_to_json(policy)
        await SQL.add_tenant(connection, tenant=tenant, version=version, policy=values)
        await SQL.fill_leads(connection, tenant=tenant, leads=leads)
        await SQL.fill_protection(connection, tenant=tenant, version=version)
    await SQL.settle(superuser)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    with running_stack(workers=False) as stack:
        results = await compare_on(stack, size)
    # The two first carry the number of leads behind their name.
    return [one for one in results if one.name in wanted or one.name.rpartition("-")[0] in wanted]


async def compare_on(stack: Stack, size: Size) -> list[Result]:
    """Everything this benchmark tells, measured on the stack's PostgreSQL."""
    async with _shelf(stack, size.few) as few, _shelf(stack, size.many) as many:
        return await _compare(few, many, size)


async def _compare(few: Shelf, many: Shelf, size: Size) -> list[Result]:
    shelves = {size.few: few, size.many: many}
    for shelf in shelves.values():
        for read in (shelf.read_ours, shelf.read_bare):
            await shelf.rate(read, _WARM_UP)
    latency = {leads: Rounds() for leads in shelves}
    throughput = {leads: Rounds() for leads in shelves}
    for _ in range(size.rounds):
        # Both sizes within each round, so that a busy moment of the machine concerns both.
        for leads, shelf in shelves.items():
            await _one_round(shelf, shelf.middle, size.reads, latency[leads])
            await _one_round(shelf, shelf.rate, size.reads, throughput[leads])
    at_most_twice = Aim(Figure.RATIO, Bound.AT_MOST, 2)
    results = []
    for leads in shelves:
        results.append(Result(f"{READ}-{leads}", *latency[leads].medians(), "µs", at_most_twice))
        results.append(Result(f"{READS_PER_SECOND}-{leads}", *throughput[leads].medians(), "reads/s"))
    ours = {leads: rounds.medians()[0] for leads, rounds in latency.items()}
    results.append(
        Result(APART, ours[size.many], ours[size.few], "µs", Aim(Figure.RATIO, Bound.AT_MOST, 1.2))
    )
    return results


async def _one_round(
    shelf: Shelf,
    figure: Callable[[Callable[[UUID], Awaitable[None]], int], Awaitable[float]],
    reads: int,
    into: Rounds,
) -> None:
    measured = await alternate(
        1, lambda _: figure(shelf.read_ours, reads), lambda _: figure(shelf.read_bare, reads)
    )
    into.ours += measured.ours
    into.bare += measured.bare
