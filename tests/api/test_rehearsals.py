"""Draft policies tried out over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from adapters.database import Pool, open_pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.rehearsal_store import add_rehearsal
from adapters.settings import Login, Role
from protection.policy import Policy, policy_to_json
from services.rehearsing import SILENCE
from tests.api.house import Api, Callers
from tests.sql.commands import command, new_lead, registered
from tests.sql.conftest import new_tenant

PATH = "/api/policy/rehearsals"
LEADS = 5


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(postgres_url: str) -> AsyncIterator[Pool]:
    async with await open_pool(Login(postgres_url, Role.WORKER), name="test-worker") as pool:
        yield pool


class Desk:
    """The API as somebody of a tenant with a few living leads sees it."""

    def __init__(self, frame: Api, callers: Callers, tenant: UUID, leads: list[UUID]) -> None:
        self._frame, self._callers, self.tenant, self.leads = frame, callers, tenant, leads

    async def ask(
        self, method: str, path: str, body: Any = None, role: str = "manager", **headers: str
    ) -> httpx.Response:
        token = self._callers.token("boss", role, tenant=self.tenant)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._frame.ask(method, path, token, json=body, headers=named)

    async def done(self, answer: httpx.Response) -> Any:
        """The outcome, once it is there."""
        for _ in range(1200):
            told = answer.json()
            if told["state"] == "done":
                return told
            answer = await self.ask("GET", f"{PATH}/{told['id']}")
            await asyncio.sleep(0.1)
        raise AssertionError(answer.text)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(frame: Api, callers: Callers, worker: Pool) -> Desk:
    tenant = await new_tenant(worker)
    began = datetime.now(UTC) - timedelta(days=20)
    leads = []
    for _ in range(LEADS):
        lead = await new_lead(worker, tenant)
        await PostgresLedgerStore(worker).record(command(tenant, lead, [registered(at=began)]))
        leads.append(lead)
    return Desk(frame, callers, tenant, sorted(leads))


@pytest.mark.parametrize("role", ["manager", "admin", "auditor"])
async def test_who_would_gain_how_many_days(desk: Desk, role: str) -> None:
    answer = await desk.ask("POST", PATH, {"policy": {"graceDays": 14}}, role)
    assert answer.status_code in {201, 202}
    assert answer.headers["Location"] == f"{PATH}/{answer.json()['id']}"
    told = await desk.done(answer)
    assert (told["leads"], told["done"], told["requestedBy"]) == (LEADS, LEADS, "boss")
    assert told["policy"]["graceDays"] == 14
    assert told["policy"]["baseMonths"] == 6
    assert told["summary"] == {
        "leads": LEADS,
        "byEffect": {"same": 0, "gains": LEADS, "loses": 0, "open": 0, "refused": 0, "unreadable": 0},
        "gained": 4 * LEADS,
        "lost": 0,
        "otherStatus": 0,
    }
    assert [row["lead"] for row in told["items"]] == [str(lead) for lead in desk.leads]
    first = told["items"][0]
    assert (first["days"], first["effect"], first["version"], first["statusAfter"]) == (
        4, "gains", "contract-1", "ACTIVE",
    )  # fmt: skip
    assert first["validUntilAfter"].endswith("Z")
    assert told["nextCursor"] is None


async def test_outcomes_come_in_pages(desk: Desk) -> None:
    told = await desk.done(await desk.ask("POST", PATH, {"policy": {"progressDays": 30}}))
    assert told["summary"]["byEffect"]["loses"] == LEADS
    seen, cursor = [], ""
    while True:
        page = (await desk.ask("GET", f"{PATH}/{told['id']}?limit=2{cursor}")).json()
        seen += [row["lead"] for row in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == [str(lead) for lead in desk.leads]
    for wrong in ("nonsense", "WyJ4Il0", "WzFd"):
        assert (await desk.ask("GET", f"{PATH}/{told['id']}?cursor={wrong}")).status_code == 422


async def test_leads_for_which_nothing_changes_are_counted_only(desk: Desk) -> None:
    told = await desk.done(await desk.ask("POST", PATH, {"policy": {}}))
    assert (told["summary"]["byEffect"]["same"], told["items"]) == (LEADS, [])


async def test_the_same_key_gives_the_same_rehearsal(desk: Desk) -> None:
    wanted = {"policy": {"graceDays": 9}}
    first = await desk.ask("POST", PATH, wanted, Idempotency_Key="one")
    again = await desk.ask("POST", PATH, wanted, Idempotency_Key="one")
    assert first.json()["id"] == again.json()["id"]
    other = await desk.ask("POST", PATH, {"policy": {"graceDays": 8}}, Idempotency_Key="one")
    assert (other.status_code, other.json()["type"]) == (409, "urn:fristwerk:problem:idempotency-key-reused")


async def test_agents_may_not_and_other_tenants_see_nothing(desk: Desk, frame: Api, callers: Callers) -> None:
    assert (await desk.ask("POST", PATH, {"policy": {}}, "agent")).status_code == 403
    told = await desk.done(await desk.ask("POST", PATH, {"policy": {"graceDays": 9}}))
    assert (await desk.ask("GET", f"{PATH}/{told['id']}", role="agent")).status_code == 403
    stranger = callers.token("boss", "manager", tenant=uuid4())
    foreign = await frame.get(f"{PATH}/{told['id']}", stranger)
    unknown = await frame.get(f"{PATH}/{uuid4()}", stranger)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["detail"] == unknown.json()["detail"]


async def _enter(frame: Api, desk: Desk, told_at: datetime) -> UUID:
    """A rehearsal that some other process began."""
    name, draft = uuid4(), policy_to_json(Policy(version="draft"))
    async with transaction(frame.wiring.app, desk.tenant, "boss", ["manager"]) as connection:
        assert await add_rehearsal(connection, desk.tenant, name, draft, by="boss", at=told_at, leads=5)
    return name


async def test_one_at_a_time_and_one_that_fell_silent_counts_for_none(desk: Desk, frame: Api) -> None:
    now = datetime.now(UTC)
    silent = await _enter(frame, desk, now - 2 * SILENCE)
    answer = await desk.ask("GET", f"{PATH}/{silent}")
    assert (answer.status_code, answer.json()["state"], answer.json()["summary"]) == (
        200,
        "interrupted",
        None,
    )
    assert (await desk.ask("POST", PATH, {"policy": {"graceDays": 9}})).status_code in {201, 202}
    running = await _enter(frame, desk, now)
    assert (await desk.ask("GET", f"{PATH}/{running}")).json()["state"] == "running"
    refused = await desk.ask("POST", PATH, {"policy": {"graceDays": 9}})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:fristwerk:problem:rehearsal-running")


async def test_after_a_day_they_are_forgotten(desk: Desk, frame: Api) -> None:
    old = await _enter(frame, desk, datetime.now(UTC) - timedelta(days=2))
    assert (await desk.ask("GET", f"{PATH}/{old}")).status_code == 200
    await desk.done(await desk.ask("POST", PATH, {"policy": {}}))
    assert (await desk.ask("GET", f"{PATH}/{old}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/policy"),
        ({"policy": []}, "#/policy"),
        ({"policy": {"graceDays": 0}}, "#/policy/graceDays"),
        ({"policy": {"graceDays": "14"}}, "#/policy/graceDays"),
        ({"policy": {"graceDays": 14.5}}, "#/policy/graceDays"),
        ({"policy": {"grace": 14}}, "#/policy/grace"),
        ({"policy": {"mode": "MOST"}}, "#/policy/mode"),
        ({"policy": {"timezone": "Mars/Olympus"}}, "#/policy/timezone"),
        ({"policy": {"timezone": "../etc"}}, "#/policy/timezone"),
        ({"policy": {"version": "mine"}}, "#/policy/version"),
        ({"policy": {"workingDayRoll": "next_working_day"}}, "#/policy/workingDayRoll"),
        ({"policy": {"workingDayRoll": "next_working_day", "counting": "calendar_days"}}, "#/land"),
        ({"policy": {}, "land": "XX"}, "#/land"),
        ({"policy": {"qualifyingKinds": ["NOTE"]}}, "#/policy/otherKinds"),
        ({"policy": {"qualifyingKinds": ["a\0b"]}}, "#/policy/qualifyingKinds/0"),
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused_at_the_field(
    desk: Desk, body: Any, pointer: str
) -> None:
    answer = await desk.ask("POST", PATH, body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text


@pytest.mark.parametrize("name", ["1", "nonsense", "%00"])
async def test_ids_that_are_none(desk: Desk, name: str) -> None:
    assert (await desk.ask("GET", f"{PATH}/{name}")).status_code in {400, 422}
