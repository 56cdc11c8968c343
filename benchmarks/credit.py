"""Credit checks, 100 and 500 at once, with a bureau that takes 150 ms: what 95 of 100 stay under.

Beside them the bare thing: as many plain requests to the same bureau at once, and as many reads of a row.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

import httpx
from temporalio.client import Client

from adapters.credit.bureau import CreditBureau
from adapters.credit.records import CreditCheck, CreditStatus, Purpose
from adapters.database import Caller, Pool, open_pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.outside_settings import CreditAccount
from adapters.registry import open_registry
from adapters.settings import Login
from adapters.vault import Vault
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import Rounds, alternate
from benchmarks.stack import Stack, process, running_stack
from benchmarks.status_read import database_url, filled_database
from benchmarks.throughput import TENANT
from sandbox.published import kept_accounts
from services import credit
from services.asking import Asking
from services.credit import Credits, WantedCheck
from services.desk import Desk
from workers.embedded import ports

NAMES: Final = (
    "credit-check-100-p95",
    "credit-check-500-p95",
    "credit-cached-100-p95",
    "credit-cached-500-p95",
)
_CROWDS: Final = ((100, 300), (500, 500))
_CACHED_MS: Final = 20
_UPSTREAM_MS: Final = 150
# As the API opens them.
_APP_CONNECTIONS: Final = 10
_WORKER_CONNECTIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leads: int = 20_000
    rounds: int = 7


FULL: Final = Size()
QUICK: Final = Size(leads=3_000, rounds=2)


@dataclass(frozen=True, slots=True)
class Counter:
    """Where companies are checked.

    Attributes:
        leads: living ones with their owners; each is asked about once a round.
        bureau: its address and a token, for the bare side.
    """

    desk: Desk
    credits: Credits
    leads: Sequence[tuple[UUID, str]]
    bureau: httpx.AsyncClient
    app: Pool

    async def check(self, lead: UUID, owner: str, amount: Decimal) -> CreditCheck:
        """One check by the lead's owner."""
        asking = Asking.of(Caller(TENANT, owner, ("agent",)))
        wanted = WantedCheck(
            lead=lead, amount=amount, currency="EUR", purpose=Purpose.FIRST_ORDER, country="DE"
        )
        return await credit.check(self.desk, self.credits, asking, wanted)

    async def crowd(self, first: int, number: int, amount: Decimal, *, cached: bool) -> float:
        """The p95 of so many checks at once, in milliseconds."""

        async def one(place: int) -> None:
            lead, owner = self.leads[(first + place) % len(self.leads)]
            check = await self.check(lead, owner, amount)
            if check.status is CreditStatus.PENDING or check.cached is not cached:
                raise AssertionError(f"{check.status}, {check.degraded}, cached: {check.cached}")

        return await _p95(number, one)

    async def plain(self, number: int) -> float:
        """The same by plain requests to the bureau."""

        async def one(_: int) -> None:
            asked = {
                "reference": str(uuid4()),
                "company": {"name": "Gasthof GmbH", "country": "DE"},
                "amount": "2500.00",
                "currency": "EUR",
                "purpose": "sample",
            }
            (await self.bureau.post("/covers", json=asked)).raise_for_status()

        return await _p95(number, one)

    async def reads(self, first: int, number: int) -> float:
        """The same by reading a row each."""

        async def one(place: int) -> None:
            lead, _ = self.leads[(first + place) % len(self.leads)]
            await self.app.fetch("select * from credit_check where tenant = $1 and lead = $2", TENANT, lead)

        return await _p95(number, one)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    results: list[Result] = []
    with running_stack(workers=False) as stack:
        async with filled_database(stack, size.leads, TENANT) as name, _counter(stack, name) as counter:
            await counter.crowd(0, 20, Decimal(1), cached=False)
            for number, most in _CROWDS:
                for cached in (False, True):
                    kind = "cached" if cached else "check"
                    figure = f"credit-{kind}-{number}-p95"
                    if figure not in wanted:
                        continue
                    figures = await _compared(counter, number, size.rounds, cached=cached)
                    aim = Aim(Figure.OURS, Bound.AT_MOST, _CACHED_MS if cached else most)
                    results.append(Result(figure, *figures.medians(), "ms", aim))
    return results


async def _compared(counter: Counter, number: int, rounds: int, *, cached: bool) -> Rounds:
    """Each round asks about an amount nobody has asked about; cached, the same once more."""

    async def ours(place: int) -> float:
        amount = Decimal(10 * number + 50 * cached + place)
        cold = await counter.crowd(place * number, number, amount, cached=False)
        return await counter.crowd(place * number, number, amount, cached=True) if cached else cold

    async def bare(place: int) -> float:
        return await (counter.reads(place * number, number) if cached else counter.plain(number))

    return await alternate(rounds, ours, bare)


async def _p95(number: int, one: Callable[[int], Awaitable[None]]) -> float:
    taken: list[float] = []

    async def timed(place: int) -> None:
        began = time.perf_counter()
        await one(place)
        taken.append(1000 * (time.perf_counter() - began))

    await asyncio.gather(*map(timed, range(number)))
    return sorted(taken)[math.ceil(0.95 * number) - 1]


@asynccontextmanager
async def _counter(stack: Stack, database: str) -> AsyncIterator[Counter]:
    folder = stack.folder / "bureau"
    folder.mkdir()
    known = kept_accounts(folder)
    page, port = ports.choose(18_070, taken=()), ports.choose(18_073, taken=())
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder), "--port", str(page)]
    command += ["--credit-port", str(port)]
    url = f"http://127.0.0.1:{port}"
    account = CreditAccount(
        url=url,
        token_url=f"{url}/oauth2/token",
        client_id=known.credit_client,
        client_secret=known.credit_secret,
    )
    with process(stack, command, page, None):
        async with AsyncExitStack() as opened:
            bureau = await opened.enter_async_context(_bureau(account, page))
            logins = (stack.settings.app_login(), stack.settings.worker_login())
            app, worker = [
                await opened.enter_async_context(await _pool(login, database, size))
                for login, size in zip(logins, (_APP_CONNECTIONS, _WORKER_CONNECTIONS), strict=True)
            ]
            here = replace(logins[0], url=database_url(logins[0].url, database))
            registry = await opened.enter_async_context(open_registry(app, here))
            client = await Client.connect("127.0.0.1:9", lazy=True)
            desk = Desk(
                pool=app,
                gateway=TemporalLeadGateway(client, PostgresPeople(worker)),
                vault=Vault.of(stack.settings),
                registry=registry,
            )
            ours = await opened.enter_async_context(CreditBureau(account))
            yield Counter(desk, Credits(TENANT, ours, worker), await _living(stack, database), bureau, app)


async def _pool(login: Login, database: str, size: int) -> Pool:
    here = replace(login, url=database_url(login.url, database))
    return await open_pool(here, name="benchmark", smallest=size, largest=size, session_state=False)


async def _living(stack: Stack, database: str) -> list[tuple[UUID, str]]:
    """Leads whose protection is alive, with their owners."""
    owner = stack.settings.owner_login()
    async with await open_pool(Login(database_url(owner.url, database), None), name="benchmark") as pool:
        rows = await pool.fetch(
            "select lead, owner from protection where tenant = $1 and status in ('ACTIVE', 'GRACE')"
            " order by lead",
            TENANT,
        )
    return [(row["lead"], row["owner"]) for row in rows]


@asynccontextmanager
async def _bureau(account: CreditAccount, page: int) -> AsyncIterator[httpx.AsyncClient]:
    """The bureau, as slow as it is to be, with a token."""
    limits = httpx.Limits(max_connections=500, max_keepalive_connections=500)
    async with httpx.AsyncClient(base_url=account.url, timeout=60, limits=limits, trust_env=False) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": account.client_id,
            "client_secret": account.client_secret,
        }
        given = (await http.post(account.token_url, data=form)).raise_for_status().json()
        http.headers["Authorization"] = f"Bearer {given['access_token']}"
        switch = f"http://127.0.0.1:{page}/_sandbox/switches/credit"
        (await http.put(switch, json={"latency_ms": _UPSTREAM_MS})).raise_for_status()
        yield http
