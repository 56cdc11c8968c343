"""The pages at 100,000 leads beside a bare page: what 95 of 100 stay under, and what the first one weighs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Final
from uuid import UUID

import httpx

from adapters.database import Caller, open_pool
from adapters.session_store import SessionStore
from adapters.settings import DEMO_TENANT, Login
from benchmarks.http_client import page
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.sides import MANAGER, Servers, bare_api, our_api
from benchmarks.stack import Stack, running_stack
from benchmarks.status_read import database_url, filled_database
from benchmarks.throughput import SQL, in_tenant

FIRST: Final = "page-first-bytes"
# The page of a lead is that of one with a whole history behind it.
PAGES: Final = {
    "page-week": "/",
    "page-leads": "/leads",
    "page-search": "/leads?text=L%C3%B6wen%20777",
    "page-lead": "/leads/{lead}",
    "page-register": "/register",
    "page-desk": "/desk",
    "page-figures": "/kpis",
    "page-notifications": "/notifications",
    "page-settings": "/settings",
    "page-audit": "/audit",
    "page-integrations": "/integrations",
    "page-calendar": "/calendar",
    "page-mails": "/mails",
}
NAMES: Final = (*PAGES, FIRST)

_FILLING_MS: Final = 600_000
_MOST_MS: Final = 100
_MOST_BYTES: Final = 100_000
# Since when leads have been registered: some run out this week, some have already.
_SINCE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: leads that can be read, requests a round."""

    readable: int = 100_000
    reads: int = 40
    rounds: int = 5


FULL: Final = Size()
QUICK: Final = Size(readable=2_000, reads=8, rounds=2)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`, on one stack; one request at a time, so that nobody queues."""
    with running_stack() as stack:
        async with filled_database(stack, size.readable, DEMO_TENANT) as name, _shown(stack, name) as shown:
            with our_api(stack, name) as ours, bare_api(stack, name) as plain:
                servers = Servers(ours, plain, "", 1)
                results = [await _one(servers, shown, result, size) for result in PAGES if result in wanted]
                if FIRST in wanted:
                    results.append(await _first(ours, plain, shown.cookie))
    return results


@dataclass(frozen=True, slots=True)
class _Shown:
    """Who looks, and at which lead."""

    cookie: str
    lead: UUID


async def _one(servers: Servers, shown: _Shown, name: str, size: Size) -> Result:
    ours = [page(PAGES[name].format(lead=shown.lead), shown.cookie)] * size.reads
    bare = [page("/page", shown.cookie)] * size.reads
    sides = await servers.compare(size.rounds, lambda _: ours, lambda _: bare, 200)
    return Result(name, *sides.p95.medians(), "ms", Aim(Figure.OURS, Bound.AT_MOST, _MOST_MS))


@asynccontextmanager
async def _shown(stack: Stack, database: str) -> AsyncIterator[_Shown]:
    """The database as a tenant leaves it: leads that run out, an audit, some leads with whole histories."""
    _seed(stack, database)
    owner, application = stack.settings.owner_login(), stack.settings.app_login()
    as_owner = Login(database_url(owner.url, database), None)
    as_application = replace(application, url=database_url(application.url, database))
    async with await open_pool(
        as_owner, name="benchmark", largest=1, statement_timeout_ms=_FILLING_MS
    ) as superuser:
        await SQL.bring_forward(superuser, tenant=DEMO_TENANT, since=datetime.now(UTC) - _SINCE)
        async with in_tenant(superuser, DEMO_TENANT) as connection:
            await SQL.fill_audit(connection, tenant=DEMO_TENANT)
        await SQL.settle_pages(superuser)
        lead = await SQL.longest_history(superuser, tenant=DEMO_TENANT)
    async with await open_pool(as_application, name="benchmark", largest=1, session_state=False) as pool:
        session = await SessionStore(pool).open(Caller(DEMO_TENANT, MANAGER, ("admin",)), datetime.now(UTC))
        yield _Shown(f"fristwerk={session}", lead)


def _seed(stack: Stack, database: str) -> None:
    """The demo leads, as the first start makes them."""
    told = dict(stack.environment)
    for name in (name for name in told if name.endswith("DATABASE_URL")):
        told[name] = database_url(told[name], database)
    environment = {**os.environ, **told, "FRISTWERK_STATE": str(stack.settings.state)}
    command = [sys.executable, "-m", "cli.app", "seed-demo"]
    subprocess.run(command, env=environment, check=True, capture_output=True)


class _Needed(HTMLParser):
    """What a page makes a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        wanted = said.get("href") if tag == "link" else said.get("src") if tag in {"script", "img"} else None
        if wanted and wanted not in self.addresses:
            self.addresses.append(wanted)


async def _first(ours: int, plain: int, cookie: str) -> Result:
    """What the first page weighs in an empty browser, with everything it needs, heads included."""
    weighed = await _weight(f"http://127.0.0.1:{ours}", "/", cookie)
    bare = await _weight(f"http://127.0.0.1:{plain}", "/page", cookie)
    return Result(FIRST, weighed, bare, "bytes", Aim(Figure.OURS, Bound.AT_MOST, _MOST_BYTES))


async def _weight(address: str, path: str, cookie: str) -> int:
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as http:
        answer = (await http.get(path)).raise_for_status()
        needed = _Needed()
        needed.feed(answer.text)
        answers = [answer, *[(await http.get(one)).raise_for_status() for one in needed.addresses]]
    heads = sum(len(name) + len(value) + 4 for one in answers for name, value in one.headers.raw)
    return heads + sum(one.num_bytes_downloaded for one in answers)
