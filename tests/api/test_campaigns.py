"""Hold campaigns over HTTP: a dry run first, then exactly that; looked at by who reads the whole tenant."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.api.shop import Shop, new_company
from tests.services.office import PEOPLE
from tests.workflows.lab import until

PATH = "/api/holds/campaigns"
WHY = "The price list is late this year"


async def ask(
    shop: Shop, user: str, method: str, path: str, json: Any = None, **headers: str
) -> httpx.Response:
    token = shop.callers.token(user, PEOPLE[user], tenant=shop.office.lab.tenant)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await shop.api.ask(method, path, token, json=json, headers=named)


async def test_a_campaign_over_http(shop: Shop) -> None:
    industry, key = uuid4().hex, uuid4().hex
    leads = {(await shop.opened(**new_company(), industry=industry))[1:] for _ in range(3)}
    wanted = {"filter": {"industry": industry}, "reason": "FFZ_PRICE_APPROVAL"}
    planned = await ask(shop, "maria", "POST", PATH, wanted)
    assert planned.status_code == 200
    plan = planned.json()
    assert (plan["leads"], plan["own"]) == (3, 0)
    assert {one["lead"] for one in plan["effects"]} == leads
    assert all(one["validUntil"] and one["thenValidUntil"] is None for one in plan["effects"])
    meant = {**wanted, "dryRun": False, "plan": plan["plan"], "why": WHY}
    for missing in ("plan", "why"):
        said = {name: value for name, value in meant.items() if name != missing}
        answer = await ask(shop, "maria", "POST", PATH, said)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"#/{missing}")
    other = await ask(shop, "maria", "POST", PATH, {**meant, "plan": "0" * 32})
    assert (other.status_code, other.json()["type"]) == (409, "urn:fristwerk:problem:other-leads")
    first, again = [await ask(shop, "maria", "POST", PATH, meant, idempotency_key=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["location"] == again.headers["location"]
    changed = {**meant, "why": "Something else altogether"}
    assert (await ask(shop, "maria", "POST", PATH, changed, idempotency_key=key)).status_code == 409
    place = first.headers["location"]

    async def stands(state: str) -> bool:
        told = (await ask(shop, "olga", "GET", place)).json()
        return bool(told["state"] == state and told["left"] == 0)

    await until(lambda: stands("placed"))
    seen: list[str] = []
    told: dict[str, Any] = {}
    cursor: str | None = ""
    while cursor is not None:
        told = (await ask(shop, "adam", "GET", f"{place}?limit=2{cursor and f'&cursor={cursor}'}")).json()
        seen += [one["lead"] for one in told["items"]]
        cursor = told["nextCursor"]
    assert set(seen) == leads
    assert told["counts"]["placed"] == 3
    assert (await ask(shop, "anna", "GET", place)).status_code == 404
    assert (await ask(shop, "maria", "GET", f"{place}?cursor=WyJ4Il0")).status_code == 422
    assert (await ask(shop, "anna", "POST", f"{place}/end", {"why": WHY})).status_code == 403
    ended = await ask(shop, "max", "POST", f"{place}/end", {"why": "The price list is out"})
    assert (ended.status_code, ended.json()["endedBy"]) == (202, "max")
    await until(lambda: stands("ended"))


async def test_what_makes_no_sense_is_told_by_its_field(shop: Shop) -> None:
    for wrong, pointer in (
        ({}, "#/reason"),
        ({"reason": "PARTY"}, "#/reason"),
        ({"reason": "OTHER", "filter": {"status": "EXPIRED"}}, "#/filter/status"),
        ({"reason": "OTHER", "filter": {"text": "%%"}}, "#/filter/text"),
        ({"reason": "OTHER", "filter": {"endsBefore": "soon"}}, "#/filter/endsBefore"),
        ({"reason": "OTHER", "startAt": "2026-12-02T00:00:00Z", "endAt": "2026-12-01T00:00:00Z"}, "#/endAt"),
        ({"reason": "OTHER", "why": "short"}, "#/why"),
    ):
        answer = await ask(shop, "maria", "POST", PATH, wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["pointer"] == pointer
    nothing = {"reason": "OTHER", "filter": {"industry": uuid4().hex}}
    plan = (await ask(shop, "maria", "POST", PATH, nothing)).json()
    assert plan["leads"] == 0
    meant = {**nothing, "dryRun": False, "plan": plan["plan"], "why": WHY}
    assert (await ask(shop, "maria", "POST", PATH, meant)).status_code == 422
