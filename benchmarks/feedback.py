"""The form customers fill in, fifty of them at once: what 95 of 100 stay under."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import httpx

from activities.samples import Box
from adapters.database import open_pool, transaction
from adapters.registry import SettingsRegistry
from adapters.sample_work import FeedbackLinks, PostgresSampleStore, invitation_id
from adapters.settings import DEMO_TENANT, Login
from adapters.vault import Vault
from benchmarks.http_client import form
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.rounds import at_once
from benchmarks.sides import Servers, bare_api, our_api
from benchmarks.stack import Stack, running_stack
from benchmarks.status_read import database_url, filled_database
from benchmarks.throughput import SQL
from services.feedback import LEAST_TIME

FORM: Final = "feedback-form-p95"
NAMES: Final = (FORM,)

_CUSTOMERS: Final = 50
_MOST_MS: Final = 100
_SHOWN: Final = re.compile(r'name="shown" value="([^"]+)"')
# Each customer has an address range of his own, as far as our proxy tells.
_PROXY: Final = {"TRUSTED_PROXIES": "127.0.0.0/8"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: leads there are, answers a round."""

    leads: int = 100_000
    answers: int = 200
    rounds: int = 5

    @property
    def forms(self) -> int:
        """How many forms it takes: one for each answer, and those to warm up."""
        return self.rounds * self.answers + 2 * _CUSTOMERS


FULL: Final = Size()
QUICK: Final = Size(leads=2_000, answers=60, rounds=2)


async def measure(_: frozenset[str], size: Size) -> list[Result]:
    """Measures the form, on one stack."""
    with running_stack() as stack:
        async with filled_database(stack, size.leads, DEMO_TENANT) as name:
            tokens = await _opened(stack, name, size.forms)
            with our_api(stack, name, **_PROXY) as ours, bare_api(stack, name) as plain:
                answers = await _filled_in(ours, tokens)
                servers = Servers(ours, plain, "", _CUSTOMERS)

                def said(place: int) -> list[bytes]:
                    begin = 2 * _CUSTOMERS + place * size.answers if place >= 0 else 0
                    return answers[begin : begin + size.answers if place >= 0 else 2 * _CUSTOMERS]

                bare = [form("/form", {"rating_0": "5", "role": "CHEF"}, "10.0.0.1")] * size.answers
                sides = await servers.compare(size.rounds, said, lambda _: bare, 303)
    return [Result(FORM, *sides.p95.medians(), "ms", Aim(Figure.OURS, Bound.AT_MOST, _MOST_MS))]


async def _opened(stack: Stack, database: str, forms: int) -> list[str]:
    """So many forms that are open, as the workflow opens them."""
    owner, worker = stack.settings.owner_login(), stack.settings.worker_login()
    vault = Vault.of(stack.settings)
    tokens: list[str] = []
    async with await open_pool(Login(database_url(owner.url, database), None), name="benchmark") as superuser:
        await SQL.make_bare_form(superuser)
        async with transaction(superuser, DEMO_TENANT, "benchmark", at=datetime.now(UTC)) as connection:
            await SQL.fill_boxes(connection, tenant=DEMO_TENANT, boxes=forms)
        boxes = [row async for row in SQL.boxes(superuser, tenant=DEMO_TENANT)]
    login = replace(worker, url=database_url(worker.url, database))
    async with await open_pool(login, name="benchmark", largest=8) as pool:
        store, links = (
            PostgresSampleStore(pool, SettingsRegistry(pool), vault),
            FeedbackLinks(pool, vault, ""),
        )

        async def open_one(row: Mapping[str, UUID]) -> None:
            box = Box(DEMO_TENANT, row["lead"], row["box"], datetime.now(UTC))
            await store.issue(box)
            link = await links.link(DEMO_TENANT, invitation_id(box.box))
            tokens.append(link.rpartition("/")[2])

        await at_once(boxes, open_one, 4)
    return tokens


async def _filled_in(port: int, tokens: list[str]) -> list[bytes]:
    """What customers send: the form they were shown long enough ago, filled in."""
    answers: list[bytes] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:

        async def look(numbered: tuple[int, str]) -> None:
            number, token = numbered
            address = f"10.{number >> 8 & 255}.{number & 255}.1"
            page = await http.get(f"/feedback/{token}", headers={"X-Forwarded-For": address})
            found = _SHOWN.search(page.raise_for_status().text)
            assert found is not None
            fields = {"shown": found[1], "rating_0": "5", "comment_0": "Sehr gut", "role": "CHEF"}
            answers.append(form(f"/feedback/{token}", fields, address))

        await at_once(enumerate(tokens), look, _CUSTOMERS)
    await asyncio.sleep(LEAST_TIME.total_seconds() + 1)
    return answers
