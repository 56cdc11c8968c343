"""Our API beside bare FastAPI routes: requests per second and p95 with a hundred connections."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from adapters.database import open_pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.settings import DEMO_TENANT
from adapters.temporal_client import connect
from benchmarks import bare
from benchmarks.http_client import get, post
from benchmarks.result import Result
from benchmarks.rounds import at_once, until
from benchmarks.sides import Servers, bare_api, our_api, token_of
from benchmarks.stack import Stack, bare_worker, running_stack
from benchmarks.status_read import filled_database, lead_id
from benchmarks.throughput import CLIENTS, SQL, add_running
from protection.policy import Policy
from workflows.messages import Register

PROTECTION: Final = "http-protection"
LIST: Final = "http-list"
ACTIVITIES: Final = "http-activities"
HOLDS: Final = "http-holds"
_WITH_P95: Final = (PROTECTION, LIST, ACTIVITIES, HOLDS)
NAMES: Final = tuple(f"{name}{more}" for name in _WITH_P95 for more in ("", "-p95"))

_SEED: Final = 20261123


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: leads that can be read, requests a round, leads that can be written to."""

    readable: int = 100_000
    reads: int = 6_000
    lists: int = 1_000
    rounds: int = 7
    writable: int = 500
    writes: int = 1_000
    write_rounds: int = 5
    connections: int = 100


FULL: Final = Size()
QUICK: Final = Size(readable=2_000, reads=400, lists=60, rounds=2, writable=40, writes=60, write_rounds=2)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`, on one stack."""
    results: list[Result] = []
    with running_stack() as stack:
        token = token_of(stack)
        if wanted & {PROTECTION, LIST, f"{PROTECTION}-p95", f"{LIST}-p95"}:
            results += await _reads(stack, token, size)
        if wanted & {ACTIVITIES, HOLDS, f"{ACTIVITIES}-p95", f"{HOLDS}-p95"}:
            results += await _writes(stack, token, size)
    return [result for result in results if result.name in wanted]


async def _reads(stack: Stack, token: str, size: Size) -> list[Result]:
    chance = random.Random(_SEED)
    async with filled_database(stack, size.readable, DEMO_TENANT) as name:
        with our_api(stack, name) as ours, bare_api(stack, name) as plain:
            servers = Servers(ours, plain, token, size.connections)

            def some(path: str, number: int, _: int) -> list[bytes]:
                ids = [lead_id(chance.randint(1, size.readable)) for _ in range(number)]
                return [get(path.format(lead), token) for lead in ids]

            one = await servers.compare(
                size.rounds,
                partial(some, "/api/leads/{}/protection", size.reads),
                partial(some, "/leads/{}", size.reads),
                200,
            )
            page = await servers.compare(
                size.rounds,
                lambda _: [get("/api/leads?limit=50", token)] * size.lists,
                lambda _: [get("/leads", token)] * size.lists,
                200,
            )
    return one.results(PROTECTION, 0.6, 50) + page.results(LIST, 0, 100)


async def _writes(stack: Stack, token: str, size: Size) -> list[Result]:
    async with AsyncExitStack() as opened:
        opened.enter_context(bare_worker(stack))
        plain = opened.enter_context(bare_api(stack))
        ours = stack.api_port
        await opened.enter_async_context(written_to(stack, size.writable))
        servers = Servers(ours, plain, token, size.connections)
        activity = json.dumps({"kind": "QUALIFIED_CALL"}).encode()
        hold = json.dumps({"reason": "FFZ_SUPPLY_ISSUE"}).encode()

        def tell(what: str, body: bytes, place: int) -> list[bytes]:
            numbers = range(size.writes * (place + 1), size.writes * (place + 2))
            return [
                post(f"/api/leads/{_lead(number % size.writable)}/{what}", token, body) for number in numbers
            ]

        def tell_bare(place: int) -> list[bytes]:
            numbers = range(size.writes * (place + 1), size.writes * (place + 2))
            return [post(f"/bare/{number % size.writable}", token, activity) for number in numbers]

        acts = await servers.compare(size.write_rounds, partial(tell, "activities", activity), tell_bare, 201)
        holds = await servers.compare(size.write_rounds, partial(tell, "holds", hold), tell_bare, 201)
    return acts.results(ACTIVITIES, 0.5, None) + holds.results(HOLDS, 0.5, None)


def _lead(number: int) -> UUID:
    return uuid5(DEMO_TENANT, f"written to {number}")


@asynccontextmanager
async def written_to(stack: Stack, leads: int) -> AsyncIterator[None]:
    """Running leads of the demo tenant, and as many bare workflows."""
    client = await connect(stack.settings)
    async with await open_pool(stack.settings.owner_login(), name="benchmark", largest=2) as pool:
        await add_running(pool, DEMO_TENANT, [_lead(number) for number in range(leads)])
        gateway = TemporalLeadGateway(client, PostgresPeople(pool))
        opening = Register(by="agent", owner="agent")

        async def start(number: int) -> None:
            await gateway.register(DEMO_TENANT, _lead(number), Policy(), opening)
            await client.start_workflow(
                bare.WORKFLOW, {"by": "agent"}, id=f"bare/{number}", task_queue=bare.QUEUE
            )

        await at_once(range(leads), start, CLIENTS)
        await until(partial(_recorded, pool), leads, "leads recorded")
        yield


async def _recorded(pool: object) -> int:
    return int(await SQL.leads_recorded(pool, tenant=DEMO_TENANT))
