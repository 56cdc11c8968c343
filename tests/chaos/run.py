"""One whole run: a stack, clients, faults, and in the end the question what became of everything."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from adapters.database import Pool, open_pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.settings import Login, Settings
from adapters.temporal_client import connect
from protection.policy import Policy
from protection.state import ALIVE
from sandbox.mailbox import Mailbox
from tests.chaos.accounting import account
from tests.chaos.actors import PLANNED_HOLD, Actor, Cast, Shared
from tests.chaos.api import Api, Issuer
from tests.chaos.disk import Disk
from tests.chaos.journal import Ending, Journal, Kind, read
from tests.chaos.nemesis import Nemesis, StackEnded
from tests.chaos.plan import Fault
from tests.chaos.population import AGENTS, leads, write_export
from tests.chaos.travellers import Journeys, Trip, travel
from tests.chaos.world import World, quantile
from tests.stack.running import UNMEASURED, Up, fristwerk

_SETTLE_SECONDS: Final = 360.0
_TRAVELS_EVERY: Final = 10  # each of so many imported leads has a clock that jumps
_SHOWN: Final = 40
_LOOK_EVERY: Final = 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """How much happens.

    Attributes:
        seconds: during which faults come, at most.
        span: seconds within which something falls due for the imported leads.
        leads: imported ones; more are registered.
        clients: acting side by side.
        pause: seconds of rest after each act of a client.
        jumps: seconds between two jumps of a lead's clock; None: none jumps.
        disk: of the stack, if it can be filled.
        least: facts that have to be answered; while there are fewer, clients go on after the last fault.
    """

    seconds: float
    span: float
    leads: int
    clients: int = 8
    pause: float = 0.25
    jumps: float | None = 5.0
    disk: Disk | None = None
    least: int = 0


@dataclass(slots=True)
class Report:
    """What happened, counted, and everything that must not have."""

    seed: int
    seconds: float
    counts: dict[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A running stack with everything that looks at it.

    Attributes:
        owners: whose each imported lead is.
    """

    stack: Up
    pool: Pool
    world: World
    gateway: TemporalLeadGateway
    owners: Mapping[UUID, str]
    size: Size


async def run(stack: Up, folder: Path, faults: Iterable[Fault], size: Size, seed: int) -> Report:
    """Plays one run on a stack that has no leads yet.

    Args:
        folder: for what this side writes; not on the stack's disk.
    """
    report = Report(seed, size.seconds)
    first_at = datetime.now(UTC) + timedelta(seconds=15 + size.leads / 20)
    owners = await _populate(stack, folder, size, seed, first_at)
    journal = folder / "journal.jsonl"
    async with _scene(stack, owners, size) as scene:
        before = {(entry.lead, entry.fact) for entry in await scene.world.ledger()}
        if await _played(scene, journal, faults, report):
            # What the last planned holds were in the way of comes too; after that nothing is due for days.
            quiet_at = max(first_at + timedelta(seconds=size.span), datetime.now(UTC)) + PLANNED_HOLD
            await asyncio.sleep((quiet_at - datetime.now(UTC)).total_seconds())
            await _judge(scene, journal, before, report)
    return report


async def _populate(stack: Up, folder: Path, size: Size, seed: int, first_at: datetime) -> dict[UUID, str]:
    """Imports leads whose moments fall into the run; whose each of them is."""
    told = leads(
        size.leads,
        first_at,
        timedelta(seconds=size.span),
        Policy(),
        seed,
    )
    write_export(folder / "export", told)
    done = await asyncio.to_thread(
        fristwerk, stack.state, "import", str(folder / "export"), "--json", **UNMEASURED
    )
    assert done.returncode == 0, done.stderr
    async with await open_pool(Login(stack.addresses()["DATABASE_URL"], role=None), name="chaos") as pool:
        rows = await pool.fetch("select id, external_id from lead order by external_id")
    assert len(rows) == size.leads
    numbers = {told.external_id: number for number, told in enumerate(told)}
    return {row["id"]: AGENTS[numbers[row["external_id"]] % len(AGENTS)] for row in rows}


@asynccontextmanager
async def _scene(stack: Up, owners: dict[UUID, str], size: Size) -> AsyncIterator[_Scene]:
    settings = Settings.model_validate(stack.addresses() | {"FRISTWERK_STATE": str(stack.state)})
    travellers = frozenset(tuple(owners)[::_TRAVELS_EVERY] if size.jumps is not None else ())
    client = await connect(settings)
    async with (
        await open_pool(settings.worker_login(), name="chaos") as working,
        await open_pool(Login(stack.addresses()["DATABASE_URL"], role=None), name="chaos") as pool,
    ):
        gateway = TemporalLeadGateway(client, PostgresPeople(working), within=timedelta(seconds=5))
        world = World(
            pool=pool,
            client=client,
            mailbox=Mailbox(stack.state / "mails"),
            tenant=settings.tenant,
            travellers=travellers,
            since=datetime.now(UTC),
        )
        yield _Scene(stack, pool, world, gateway, owners, size)


async def _played(scene: _Scene, file: Path, faults: Iterable[Fault], report: Report) -> bool:
    """Lets clients act while the faults come; whether there is still a stack to look at."""
    world, size = scene.world, scene.size
    addresses = scene.stack.addresses()
    staying = {lead: who for lead, who in scene.owners.items() if lead not in world.travellers}
    shared, journeys = Shared(staying), Journeys()
    nemesis = Nemesis(scene.stack, size.disk, report.seed)
    issuer = Issuer(addresses["OIDC_ISSUER"], scene.stack.state / "issuer")
    async with Api(addresses["API_URL"], issuer) as api:
        with Journal(file) as journal:
            try:
                async with asyncio.TaskGroup() as playing:
                    stop = asyncio.Event()
                    cast = Cast(api, scene.gateway, journal, shared, world.tenant)
                    for number in range(size.clients):
                        playing.create_task(Actor(cast, report.seed, number).act_until(stop, size.pause))
                    if size.jumps is not None:
                        trip = Trip(world.tenant, report.seed, size.jumps)
                        leads = sorted(world.travellers)
                        playing.create_task(travel(world.client, journal, leads, stop, journeys, trip=trip))
                    until = time.monotonic() + size.seconds
                    await nemesis.strike(faults, until, lambda: len(api.seconds))
                    await _enough(shared, size, until)
                    stop.set()
            except* StackEnded as ended:
                report.violations += [f"the stack has ended: {one}" for one in ended.exceptions]
        report.counts |= {
            "answers": dict(sorted(api.answers.items())),
            "seconds of an answer": {
                "median": round(quantile(api.seconds, 0.5), 3),
                "p99": round(quantile(api.seconds, 0.99), 3),
            },
            "faults": dict(sorted(nemesis.done.items())) | {"missed": nemesis.missed},
            "jumps": asdict(journeys),
            "reads": shared.reads,
            "asked meanwhile": shared.asked,
            "said again": shared.repeats,
        }
        report.violations += api.broken + shared.wrong
    return scene.stack.process.poll() is None


async def _enough(shared: Shared, size: Size, until: float) -> None:
    for _ in range(int(max(0.0, until - time.monotonic()) / _LOOK_EVERY)):
        if shared.answered >= size.least:
            return
        await asyncio.sleep(_LOOK_EVERY)


async def _judge(scene: _Scene, journal: Path, before: set[tuple[UUID, str]], report: Report) -> None:
    """Waits until everything has come that is to come, and then holds it against the journal."""
    world = scene.world
    began = time.monotonic()
    left = await _until_settled(world)
    report.counts["seconds until settled"] = round(time.monotonic() - began, 1)
    report.violations += [f"not settled: {one}" for one in left[:_SHOWN]]
    operations = read(journal)
    ledger = await world.ledger()
    statuses = await world.statuses()
    ended = {lead for lead, status in statuses.items() if status not in ALIVE}
    report.violations += account(operations, ledger, before=before, ended=ended)
    registered = {one.lead for one in operations if one.kind is Kind.REGISTER and one.lead is not None}
    strays = await world.leads() - set(scene.owners) - registered
    report.violations += [f"lead {lead} is entered, and nobody was told so" for lead in strays]
    mails, wrong = await world.mails()
    report.violations += wrong
    late = await world.lateness()
    report.counts |= {
        **{
            str(ending): dict(sorted(Counter(one.kind for one in operations if one.ending is ending).items()))
            for ending in Ending
        },
        "tried again": sum(max(0, one.tries - 1) for one in operations),
        "facts": dict(sorted(Counter(entry.type for entry in ledger).items())),
        "leads": dict(sorted(Counter(statuses.values()).items())),
        "mails": mails,
        "reminders late by seconds": {
            "reminders": len(late),
            "median": round(quantile(late, 0.5), 1),
            "most": round(max(late, default=0.0), 1),
        },
        "audit rows": await scene.pool.fetchval("select count(*) from audit_event"),
    }
    await _verify(scene, report)


async def _until_settled(world: World) -> list[str]:
    until = time.monotonic() + _SETTLE_SECONDS
    while True:
        left = await world.unsettled()
        if not left or time.monotonic() > until:
            return left
        await asyncio.sleep(1)


async def _verify(scene: _Scene, report: Report) -> None:
    """Ledger, engine, SQL, workflows and the chain of the audit, by the command an operator has."""
    done = await asyncio.to_thread(fristwerk, scene.stack.state, "verify", "--json", **UNMEASURED)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        report.violations.append(f"verify: status {done.returncode}, {done.stderr[-2000:]}")
        return
    report.counts["verified"] = {
        "leads": told["leads"],
        "workflows": told["workflows"]["asked"],
        "audit whole": told["audit"]["whole"],
    }
    report.violations += [
        f"verify: {one['check']} {one['lead']}: {one['detail']}" for one in told["findings"]
    ]
    if told["workflows"]["why_not"] is not None or (done.returncode != 0 and not told["findings"]):
        report.violations.append(f"verify: status {done.returncode}, {told['workflows']}")
