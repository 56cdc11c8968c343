"""No request that can be made up from the document is answered in a way the document does not say."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Final

import pytest
import pytest_asyncio

from protection.permission import Role
from tests.api.shop import Shop
from tests.fuzz.generated import Order, Tally
from tests.fuzz.known import ASKERS, BOSS, OTHER
from tests.fuzz.served import served
from tests.services.office import PEOPLE
from tests.stack.running import UNMEASURED
from tests.stackfixtures import PROJECT

_LASTING: Final = 7200
_SEED: Final = 20261123
# `make fuzz`: as many cases as the issue asks for, at least.
_MANY: Final = 5000
# Only a mail server that refuses a reminder brings it about; tests/api/test_matrix_cells.py serves it.
_MAIL_SERVERS: Final = {"POST /api/leads/{lead}/reminder"}
# Only who has the link is served, and nobody makes that up; tests/samples serve it.
_LINKS: Final = {"GET /api/feedback/{token}", "POST /api/feedback/{token}"}
# No system outside is connected here; tests/ai, credit, erp, proposals and webhooks serve what comes of them.
_OUTSIDE: Final = {
    "GET /api/credit/checks/{check}",
    "GET /api/erp",
    "POST /api/ai/{useCase}",
    "POST /api/credit/checks",
    "POST /api/erp/sync",
    "POST /api/proposals/{proposal}/confirm",
    "POST /api/proposals/{proposal}/reject",
    "POST /api/webhook-events/{event}/replay",
    "POST /api/webhooks/{source}",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(shop: Shop) -> AsyncIterator[str]:
    """The API behind a real socket."""
    async with served(shop.api.app) as address:
        yield address


async def ask(url: str, shop: Shop, *, examples: int, at_length: bool) -> list[Tally]:
    """Ask in every role, two at a time."""
    until, tenant = int(time.time()) + _LASTING, shop.office.lab.tenant
    tokens = {
        user: shop.callers.token(user, PEOPLE[user], tenant=tenant, exp=until)
        for user in (*ASKERS.values(), BOSS, OTHER)
    }
    draft = {"policy": {"graceDays": 14}}
    rehearsed = await shop.api.post("/api/policy/rehearsals", tokens[BOSS], draft)
    two = asyncio.Semaphore(2)

    async def asked(role: Role) -> Tally:
        order = Order(
            url=url,
            tokens=tokens,
            rehearsal=rehearsed.json()["id"],
            role=role,
            examples=examples,
            limits=at_length,
            chains=at_length,
            seed=_SEED,
        )
        async with two:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.fuzz.generated",
                cwd=PROJECT,
                env=os.environ | UNMEASURED,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            try:
                told, _ = await process.communicate(json.dumps(asdict(order)).encode())
            finally:
                if process.returncode is None:
                    process.kill()
            assert process.returncode == 0, role
        return Tally.from_json(told.decode())

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asked(role)) for role in Role]
    return [task.result() for task in tasks]


def told(tallies: list[Tally]) -> str:
    """The figures, by role and status."""
    lines = [
        f"{tally.role:8} {tally.statuses.total():6} cases   "
        + "  ".join(f"{status}: {number}" for status, number in sorted(tally.statuses.items()))
        for tally in tallies
    ]
    return "\n".join(lines)


def found(tallies: list[Tally]) -> str:
    """What is wrong, each with a request that shows it."""
    return "\n\n".join(
        f"{tally.role}: {what}\n{shown}" for tally in tallies for what, shown in tally.failures.items()
    )


def never_served(tallies: list[Tally], shop: Shop) -> set[str]:
    """Operations for which nobody was ever given a 2xx."""
    paths = shop.api.app.openapi()["paths"]
    known = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    served = {
        operation
        for tally in tallies
        for operation, statuses in tally.answers.items()
        if any(status < 300 for status in statuses)
    }
    return known - served - _MAIL_SERVERS - _LINKS - _OUTSIDE


@pytest.mark.timeout(900)
async def test_what_is_made_up_is_answered_as_the_document_says(url: str, shop: Shop) -> None:
    tallies = await ask(url, shop, examples=1, at_length=False)
    print(f"\n{told(tallies)}")
    assert not found(tallies), found(tallies)
    assert not never_served(tallies, shop)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_much_of_it(url: str, shop: Shop) -> None:
    """The same at length, at every limit the document names, and out of what others have answered."""
    tallies = await ask(url, shop, examples=8, at_length=True)
    print(f"\n{told(tallies)}")
    assert not found(tallies), found(tallies)
    assert not never_served(tallies, shop)
    assert sum(tally.statuses.total() for tally in tallies) >= _MANY
