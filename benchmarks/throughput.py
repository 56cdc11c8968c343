"""Leads, facts and holds per second through the real stack, and what an open lead weighs in the worker."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

import aiosql
import psutil
from temporalio.client import Client

from adapters.database import Connection, Pool, open_pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.temporal_client import connect
from benchmarks import bare
from benchmarks.counter import Counted
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import Rounds, alternate, at_once, until
from benchmarks.stack import BareWorker, bare_worker, running_stack
from protection.facts import HoldReason
from protection.policy import Policy, policy_to_json
from workflows.messages import PlaceHold, RecordActivity, Register

STARTS: Final = "lead-starts"
FACTS: Final = "facts-recorded"
HOLDS: Final = "hold-signals"
MEMORY: Final = "worker-memory"
NAMES: Final = (STARTS, FACTS, HOLDS, MEMORY)

SQL: Final = aiosql.from_path(Path(__file__).parent / "sql" / "leads.sql", "asyncpg")
TENANT: Final = UUID("0f7e0000-0000-4000-8000-00000000be9c")
CLIENTS: Final = 50
_KB: Final = 1000
# Seconds after which no further round of each begins.
_FOR_STARTS: Final = 200.0
_FOR_FACTS: Final = 60.0
_FOR_HOLDS: Final = 90.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        leads: of each side, for starts; with memory asked for, growth is measured over all of them.
        start_rounds: in how many rounds they are started.
        facts: a round, of each side.
        fact_rounds: how many.
        held: leads that get a hold, of each side.
        hold_rounds: in how many rounds.
        warm_up: leads before anything is measured: imports, connections, caches.
    """

    leads: int
    start_rounds: int
    facts: int = 400
    fact_rounds: int = 5
    held: int = 2000
    hold_rounds: int = 4
    warm_up: int = 100


FULL: Final = Size(leads=5000, start_rounds=10)
QUICK: Final = Size(leads=200, start_rounds=4, facts=60, fact_rounds=3, held=160, hold_rounds=4)


@asynccontextmanager
async def in_tenant(pool: Pool, tenant: UUID) -> AsyncIterator[Connection]:
    """A transaction that may add rows of that tenant: triggers see no more than their context lets them."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('app.tenant', $1, true)", str(tenant))
        yield connection


async def add_running(pool: Pool, tenant: UUID, leads: list[UUID]) -> None:
    """A tenant with these leads, which are not registered yet."""
    policy = Policy()
    async with in_tenant(pool, tenant) as connection:
        version, values = policy.version, policy_to_json(policy)
        await SQL.add_tenant(connection, tenant=tenant, version=version, policy=values)
        await SQL.add_leads(connection, tenant=tenant, leads=leads)


def lead_id(number: int) -> UUID:
    """The id of the lead of that number, from 1."""
    return uuid5(TENANT, f"lead {number}")


@dataclass(slots=True)
class _World:
    """Both sides, and how far each has come."""

    client: Client
    gateway: TemporalLeadGateway
    reader: Pool
    bare_worker: BareWorker
    workers: dict[str, psutil.Process]
    leads: int = 0
    bares: int = 0
    facts: int = 0
    held: int = 0
    bare_acts: int = 0
    bare_signals: int = 0
    memory: dict[str, int] = field(default_factory=dict)

    def remember_memory(self) -> None:
        self.memory = {name: process.memory_info().rss for name, process in self.workers.items()}

    def growth(self, name: str) -> int:
        return int(self.workers[name].memory_info().rss) - self.memory[name]

    async def started(self) -> int:
        return int(await SQL.leads_recorded(self.reader, tenant=TENANT))

    async def paused(self) -> int:
        return int(await SQL.leads_paused(self.reader, tenant=TENANT))

    async def acted(self) -> int:
        return self.bare_worker.counters.read(Counted.ACTIVITIES)

    async def heard(self) -> int:
        return self.bare_worker.counters.read(Counted.SIGNALS)

    # Ours.

    async def start_leads(self, number: int) -> float:
        """Registers new leads and waits until each registration is recorded; leads a second."""
        numbers = _take(self.leads, number)
        self.leads += number
        register = Register(by="agent", owner="agent")

        async def start(place: int) -> None:
            await self.gateway.register(TENANT, lead_id(place), Policy(), register)

        return await _rate(numbers, start, lambda: until(self.started, self.leads, "leads recorded"))

    async def tell_facts(self, number: int) -> float:
        """Tells running leads of activities; answered means recorded. Facts a second."""
        numbers = _take(self.facts, number)
        self.facts += number

        async def tell(place: int) -> None:
            lead = lead_id(1 + place % self.leads)
            await self.gateway.tell(TENANT, lead, RecordActivity(by="agent", kind="QUALIFIED_CALL"))

        return await _rate(numbers, tell)

    async def place_holds(self, number: int) -> float:
        """Signals a hold to each of so many leads and waits until all are recorded; signals a second."""
        numbers = _take(self.held, number)
        self.held += number

        async def signal(place: int) -> None:
            message = PlaceHold(by="manager", reason=HoldReason.FFZ_SUPPLY_ISSUE)
            await self.gateway.signal(TENANT, lead_id(place), message)

        return await _rate(numbers, signal, lambda: until(self.paused, self.held, "holds recorded"))

    # Bare.

    async def start_bare(self, number: int) -> float:
        """Starts bare workflows and waits until the activity of each is done."""
        numbers = _take(self.bares, number)
        self.bares += number
        self.bare_acts += number

        async def start(place: int) -> None:
            await self.client.start_workflow(
                bare.WORKFLOW, {"by": "agent"}, id=f"bare/{place}", task_queue=bare.QUEUE
            )

        return await _rate(numbers, start, lambda: until(self.acted, self.bare_acts, "bare activities"))

    async def tell_bare(self, number: int) -> float:
        """Updates bare workflows; answered once the activity of each is done."""
        self.bare_acts += number

        async def tell(place: int) -> None:
            handle = self.client.get_workflow_handle(f"bare/{1 + place % self.bares}")
            await handle.execute_update(bare.TELL, {"by": "agent", "kind": "QUALIFIED_CALL"})

        return await _rate(_take(self.bare_acts, number), tell)

    async def signal_bare(self, number: int) -> float:
        """Signals bare workflows, once each, and waits until all have heard."""
        numbers = _take(self.bare_signals, number)
        self.bare_signals += number

        async def signal(place: int) -> None:
            handle = self.client.get_workflow_handle(f"bare/{place}")
            await handle.signal(bare.HEAR, {"by": "manager", "reason": "FFZ_SUPPLY_ISSUE"})

        return await _rate(numbers, signal, lambda: until(self.heard, self.bare_signals, "bare signals"))


def _take(done: int, number: int) -> range:
    return range(done + 1, done + number + 1)


async def _rate(
    numbers: range,
    work: Callable[[int], Awaitable[object]],
    drained: Callable[[], Awaitable[None]] | None = None,
) -> float:
    began = time.perf_counter()
    await at_once(numbers, work, CLIENTS)
    if drained is not None:
        await drained()
    return len(numbers) / (time.perf_counter() - began)


@contextmanager
def _processes() -> Iterator[tuple[Any, BareWorker, dict[str, psutil.Process]]]:
    with running_stack() as stack, bare_worker(stack) as beside:
        assert stack.worker is not None
        yield stack, beside, {"ours": psutil.Process(stack.worker), "bare": psutil.Process(beside.pid)}


@asynccontextmanager
async def _world(leads: int) -> AsyncIterator[_World]:
    with _processes() as (stack, beside, workers):
        settings = stack.settings
        client = await connect(settings)
        async with await open_pool(settings.owner_login(), name="benchmark", largest=2) as pool:
            await add_running(pool, TENANT, [lead_id(number) for number in range(1, leads + 1)])
            gateway = TemporalLeadGateway(client, PostgresPeople(pool))
            yield _World(client, gateway, pool, beside, workers)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`, on one stack."""
    per_round = size.leads // size.start_rounds
    needed = max(
        size.leads if wanted & {STARTS, MEMORY} else 0,
        size.held if HOLDS in wanted else 0,
        size.facts if FACTS in wanted else 0,
    )
    rounds = -(-needed // per_round)
    results: list[Result] = []
    async with _world(size.warm_up + rounds * per_round) as world:
        await world.start_leads(size.warm_up)
        await world.start_bare(size.warm_up)
        world.remember_memory()
        starts = await alternate(
            rounds,
            lambda _: world.start_leads(per_round),
            lambda _: world.start_bare(per_round),
            within=_FOR_STARTS,
        )
        if STARTS in wanted:
            results.append(_per_second(STARTS, starts, "leads/s", 0.5))
        if MEMORY in wanted:
            each = len(starts.ours) * per_round * _KB
            aim = Aim(Figure.OURS, Bound.AT_MOST, 150)
            ours, plain = world.growth("ours") / each, world.growth("bare") / each
            results.append(Result(MEMORY, ours, plain, "kB/open lead", aim))
        if FACTS in wanted:
            facts = await alternate(
                size.fact_rounds,
                lambda _: world.tell_facts(size.facts),
                lambda _: world.tell_bare(size.facts),
                within=_FOR_FACTS,
            )
            results.append(_per_second(FACTS, facts, "facts/s", 0.5))
        if HOLDS in wanted:
            each = min(size.held, world.leads) // size.hold_rounds
            holds = await alternate(
                size.hold_rounds,
                lambda _: world.place_holds(each),
                lambda _: world.signal_bare(each),
                within=_FOR_HOLDS,
            )
            results.append(_per_second(HOLDS, holds, "signals/s", 0.7))
    return results


def _per_second(name: str, rounds: Rounds, unit: str, at_least: float) -> Result:
    ours, plain = rounds.medians()
    return Result(name, ours, plain, unit, Aim(Figure.RATIO, Bound.AT_LEAST, at_least))
