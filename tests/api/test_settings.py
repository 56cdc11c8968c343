"""Settings over HTTP: who may, what holds and why, what is refused, and where."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from adapters.database import Pool, open_pool
from adapters.setting_definitions import DEFINITIONS
from adapters.settings import Login, Role
from tests.api.house import Api, Callers
from tests.sql.conftest import new_tenant

MAX_HOLD = "/api/settings/lead.protection.maxHoldDays"
GRACE = "/api/settings/lead.protection.graceDays"
MODELS = "/api/settings/ai.providers.openai.models"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(postgres_url: str) -> AsyncIterator[Pool]:
    async with await open_pool(Login(postgres_url, Role.WORKER), name="test-worker") as pool:
        yield pool


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def operating(worker: Pool) -> UUID:
    """The first tenant of the installation."""
    return await new_tenant(worker)


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(worker: Pool, operating: UUID) -> UUID:
    """Another one."""
    return await new_tenant(worker)


class Desk:
    """Settings as somebody of a tenant sees them."""

    def __init__(self, frame: Api, callers: Callers, tenant: UUID) -> None:
        self._frame, self._callers, self._tenant = frame, callers, tenant

    async def ask(
        self, method: str, path: str, body: Any = None, role: str = "admin", **headers: str
    ) -> httpx.Response:
        token = self._callers.token("root", role, tenant=self._tenant)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._frame.ask(method, path, token, json=body, headers=named)

    async def get(self, path: str, role: str = "admin") -> Any:
        answer = await self.ask("GET", path, role=role)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def desk(frame: Api, callers: Callers, tenant: UUID) -> Desk:
    return Desk(frame, callers, tenant)


@pytest.mark.parametrize("role", ["admin", "manager", "auditor"])
async def test_all_settings_are_listed_for_whoever_may_read_them(desk: Desk, role: str) -> None:
    rows = (await desk.get("/api/settings", role))["items"]
    assert [row["key"] for row in rows] == sorted(DEFINITIONS)
    grace = next(row for row in rows if row["key"] == "lead.protection.graceDays")
    assert grace == {
        "key": "lead.protection.graceDays",
        "says": "Days of grace after the reminder.",
        "type": "object",
        "scopes": ["global"],
        "defaultValue": {"days": 10},
        "jsonSchema": DEFINITIONS["lead.protection.graceDays"].schema,
        "merge": "replace",
        "values": [],
    }


async def test_agents_may_not_even_look(desk: Desk) -> None:
    for method, path in (
        ("GET", "/api/settings"),
        ("GET", "/api/settings/effective"),
        ("GET", "/api/settings/resolve/ai.cache.ttl"),
        ("PUT", MAX_HOLD),
    ):
        body = {"scope": "tenant", "value": {"days": 9}} if method == "PUT" else None
        answer = await desk.ask(method, path, body, role="agent")
        assert answer.status_code == 403
    assert (
        await desk.ask("PUT", MAX_HOLD, {"scope": "tenant", "value": {"days": 9}}, role="manager")
    ).status_code == 403


async def test_a_change_holds_at_once_and_says_the_policy(desk: Desk) -> None:
    answer = await desk.ask(
        "PUT", MAX_HOLD, {"scope": "tenant", "value": {"days": 30}, "reason": "as agreed"}
    )
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.json() == {
        "key": "lead.protection.maxHoldDays",
        "scope": "tenant",
        "scopeId": None,
        "revision": 1,
        "changed": True,
        "effective": {
            "key": "lead.protection.maxHoldDays",
            "value": {"days": 30},
            "parts": [{"pointer": "", "scope": "tenant", "scopeId": None}],
        },
        "policyVersion": "contract-2",
    }
    resolved = await desk.get("/api/settings/resolve/lead.protection.maxHoldDays", "auditor")
    assert resolved == answer.json()["effective"]
    rows = {row["key"]: row for row in (await desk.get("/api/settings"))["items"]}
    (stored,) = rows["lead.protection.maxHoldDays"]["values"]
    assert stored.pop("changedAt").endswith("Z")
    assert stored == {
        "scope": "tenant", "scopeId": None, "value": {"days": 30}, "revision": 1, "changedBy": "root",
    }  # fmt: skip


async def test_parts_come_from_where_they_were_set(desk: Desk) -> None:
    path = "/api/settings/ai.routing.confidence.threshold"
    await desk.ask("PUT", path, {"scope": "org", "scopeId": "north", "value": 0.5})
    await desk.ask("PUT", path, {"scope": "user", "scopeId": "agent", "value": 0.6})
    resolve = "/api/settings/resolve/ai.routing.confidence.threshold"
    assert (await desk.get(resolve))["parts"] == [{"pointer": "", "scope": "default", "scopeId": None}]
    assert (await desk.get(f"{resolve}?org=north"))["value"] == 0.5
    assert (await desk.get(f"{resolve}?org=north&user=agent"))["parts"] == [
        {"pointer": "", "scope": "user", "scopeId": "agent"}
    ]
    await desk.ask("PUT", MODELS, {"scope": "tenant", "value": {"small": "s", "large": None}})
    every = {row["key"]: row for row in (await desk.get("/api/settings/effective?org=north"))["items"]}
    assert sorted(every) == sorted(DEFINITIONS)
    assert every["ai.providers.openai.models"]["value"] == {"small": "s"}
    assert every["lead.protection.reminder.channels"]["value"] == ["EMAIL", "INAPP"]


async def test_your_own_org_counts_where_you_name_none(
    frame: Api, callers: Callers, tenant: UUID, desk: Desk
) -> None:
    await desk.ask("PUT", "/api/settings/ai.cache.ttl", {"scope": "org", "scopeId": "north", "value": "PT1H"})
    token = callers.token("boss", "manager", tenant=tenant, org="north")
    told = (await frame.get("/api/settings/resolve/ai.cache.ttl", token)).json()
    assert told["parts"] == [{"pointer": "", "scope": "org", "scopeId": "north"}]
    assert (await frame.get("/api/settings/resolve/ai.cache.ttl?org=south", token)).json()["value"] == "PT8H"


async def test_if_match_guards_against_lost_changes(desk: Desk) -> None:
    wanted = {"scope": "tenant", "value": {"days": 31}}
    assert (await desk.ask("PUT", MAX_HOLD, wanted, If_Match='"1"')).status_code == 412
    assert (await desk.ask("PUT", MAX_HOLD, wanted, If_Match='"0"')).status_code == 200
    lost = await desk.ask("PUT", MAX_HOLD, wanted | {"value": None}, If_Match='"0"')
    assert (lost.status_code, lost.json()["type"]) == (412, "urn:fristwerk:problem:revision-conflict")
    back = await desk.ask("PUT", MAX_HOLD, wanted | {"value": None}, If_Match='"1"')
    assert (back.status_code, back.headers["ETag"]) == (200, '"2"')
    assert back.json()["effective"]["value"] == {"days": 60}
    assert (await desk.ask("PUT", MAX_HOLD, wanted, If_Match="nonsense")).status_code == 422


async def test_values_of_everybody(desk: Desk, frame: Api, callers: Callers, operating: UUID) -> None:
    wanted = {"scope": "global", "value": {"days": 12}}
    refused = await desk.ask("PUT", GRACE, wanted)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:fristwerk:problem:forbidden")
    operators = Desk(frame, callers, operating)
    told = await operators.ask("PUT", GRACE, wanted)
    assert (told.status_code, told.json()["policyVersion"]) == (200, "contract-2")
    try:
        assert (await desk.get("/api/settings/resolve/lead.protection.graceDays"))["parts"] == [
            {"pointer": "", "scope": "global", "scopeId": None}
        ]
    finally:
        await operators.ask("PUT", GRACE, wanted | {"value": None})


UNKNOWN = ["no.such", "lead.protection", "x" * 100, "lead.protection.graceDays%0A", "ünknown"]


@pytest.mark.parametrize("key", UNKNOWN)
async def test_unknown_keys_are_not_found(desk: Desk, key: str) -> None:
    assert (await desk.ask("GET", f"/api/settings/resolve/{key}")).status_code == 404
    assert (await desk.ask("PUT", f"/api/settings/{key}", {"scope": "tenant", "value": 1})).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scope": "tenant", "value": {"days": 0}}, "#/value/days"),
        ({"scope": "tenant", "value": {"days": "9"}}, "#/value/days"),
        ({"scope": "tenant", "value": {"dayz": 9}}, "#/value"),
        ({"scope": "tenant", "value": [9]}, "#/value"),
        ({"scope": "tenant"}, "#/value"),
        ({"value": {"days": 9}}, "#/scope"),
        ({"scope": "galaxy", "value": {"days": 9}}, "#/scope"),
        ({"scope": "org", "scopeId": "north", "value": {"days": 9}}, "#/scope"),
        ({"scope": "tenant", "scopeId": "x", "value": {"days": 9}}, "#/scopeId"),
        ({"scope": "tenant", "scopeId": "a\0b", "value": {"days": 9}}, "#/scopeId"),
        ({"scope": "tenant", "value": {"days": 9}, "reason": "x"}, "#/reason"),
        ({"scope": "tenant", "value": {"days": 9}, "because": "so"}, "#/because"),
        ({"scope": "tenant", "value": DEFINITIONS["lead.protection.maxHoldDays"].schema}, "#/value"),
    ],
)
async def test_garbage_is_refused_at_the_field(desk: Desk, body: Any, pointer: str) -> None:
    answer = await desk.ask("PUT", MAX_HOLD, body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await desk.get("/api/settings/resolve/lead.protection.maxHoldDays"))["value"] == {"days": 60}


@pytest.mark.parametrize(
    "text",
    [
        '{"scope": "tenant", "value": {"days": NaN}}',
        '{"scope": "tenant", "value": {"days": 1e999}}',
        '{"scope": "tenant", "value": {"days": ' + "9" * 5000 + "}}",
        '{"scope": "tenant", "value": ' + '{"a":' * 300 + "1" + "}" * 300 + "}",
        '{"scope": "tenant", "value": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"scope": "tenant", "value": "\\ud800"}',
        '{"scope": "tenant", "value": "\\u0000"}',
        "",
        "null",
        "[]",
        "{",
    ],
)
async def test_bodies_no_client_would_send(frame: Api, callers: Callers, tenant: UUID, text: str) -> None:
    token = callers.token("root", "admin", tenant=tenant)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for path in (MAX_HOLD, "/api/settings/help.space.enduser"):
        answer = await frame.client.put(path, content=text, headers=headers)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_numbers_as_other_clients_write_them(
    frame: Api, callers: Callers, tenant: UUID, desk: Desk
) -> None:
    headers = {
        "Authorization": f"Bearer {callers.token('root', 'admin', tenant=tenant)}",
        "Content-Type": "application/json",
    }
    text = '{"scope": "tenant", "value": {"days": 3.30e1}}'
    assert (await frame.client.put(MAX_HOLD, content=text, headers=headers)).status_code == 200
    told = await desk.get("/api/settings/resolve/lead.protection.maxHoldDays")
    assert json.dumps(told["value"]) == '{"days": 33}'
