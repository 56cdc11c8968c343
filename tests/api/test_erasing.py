"""Erasing on request and sending a reminder again over HTTP: once, with a reason, against obstacles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.retention import LegalHold, put_legal_hold
from tests.api.matrix_world import BOSS, MatrixWorld
from tests.api.shop import Shop
from tests.rights.cells import BYSTANDER
from tests.workflows.lab import until
from workflows import names

WHY = {"reason": "Request of 23 November"}
LOOK = {**WHY, "dryRun": True}


def problem(answer: httpx.Response) -> tuple[int, str]:
    kind = answer.json()["type"]
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, kind.removeprefix("urn:fristwerk:problem:")


async def audit(shop: Shop, path: str, what: str) -> list[tuple[str, str | None]]:
    """Who did this, and why, as the lead's audit tells it."""
    told = await shop.get("adam", f"{path}/audit")
    return [(row["actor"], row["reason"]) for row in told["items"] if row["what"] == what]


async def receipts(shop: Shop, path: str, user: str = "adam") -> list[dict[str, Any]]:
    told = await shop.get(user, f"{path}/erasures")
    items: list[dict[str, Any]] = told["items"]
    return items


async def test_a_living_lead_is_erased_and_leaves_a_receipt(shop: Shop) -> None:
    path = await shop.opened()
    assert await receipts(shop, path) == []
    answer = await shop.post("adam", f"{path}/erasure", WHY)
    told = answer.json()
    assert (answer.status_code, told["over"], told["rows"]) == (202, True, 1)
    assert answer.headers["location"] == f"/api/leads{path}/erasures"
    lead = await shop.get("adam", path)
    assert lead["contacts"] == []
    assert (await shop.get("adam", f"{path}/protection"))["status"] == "ERASED"
    (receipt,) = await receipts(shop, path)
    assert (receipt["id"], receipt["by"], receipt["cause"]) == (told["receipt"], "adam", "request")
    stores = {store["store"]: (store["done"], store["rows"]) for store in receipt["stores"]}
    assert stores["lead_key"] == ("destroyed", 1)
    assert stores["ai_answers"] == ("removed", None)
    assert stores["backups"] == ("unreadable-without-the-key", None)
    assert await audit(shop, path, "erasure-requested") == [("adam", WHY["reason"])]
    assert len(await audit(shop, path, "personal-data-erased")) == 1
    again = await shop.post("adam", f"{path}/erasure", WHY)
    assert (again.status_code, again.json()["receipt"]) == (202, None)
    assert len(await receipts(shop, path)) == 1


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(shop: Shop) -> None:
    path = await shop.opened()
    acts = await shop.office.acts(UUID(path[1:]))
    answer = await shop.post("adam", f"{path}/erasure", LOOK)
    told = answer.json()
    assert (answer.status_code, told["status"], told["obstacle"]) == (200, "ACTIVE", None)
    assert {"store": "lead_contact", "done": "emptied", "rows": 1} in told["stores"]
    assert await shop.office.acts(UUID(path[1:])) == acts
    assert (await shop.get("adam", path))["contacts"]
    assert await audit(shop, path, "erasure-requested") == []
    assert problem(await shop.post("anna", f"{path}/erasure", LOOK)) == (403, "forbidden")


async def converted(shop: Shop, path: str) -> None:
    assert (await shop.post("maria", f"{path}/convert", {"customerNo": "K-7"})).status_code == 200


async def held(shop: Shop, path: str) -> None:
    hold = LegalHold(reason="Dispute 12", until=None, placed_by="adam", placed_at=datetime.now(UTC))
    await put_legal_hold(shop.office.lab.pool, shop.office.lab.tenant, UUID(path[1:]), hold)


@pytest.mark.parametrize(("bar", "obstacle"), [(converted, "converted"), (held, "legal-hold")])
async def test_what_stands_against_it_is_said(bar: Any, obstacle: str, shop: Shop) -> None:
    path, key = await shop.opened(), uuid4().hex
    await bar(shop, path)
    assert (await shop.post("adam", f"{path}/erasure", LOOK)).json()["obstacle"] == obstacle
    answer = await shop.post("adam", f"{path}/erasure", WHY, idempotency_key=key)
    assert problem(answer) == (409, obstacle)
    assert await audit(shop, path, "erasure-requested") == []
    assert await receipts(shop, path) == []
    assert (await shop.get("adam", path))["contacts"]
    # The key of what was not done is free for another request.
    other = await shop.post("adam", f"{path}/erasure", {"reason": "Another reason"}, idempotency_key=key)
    assert problem(other) == (409, obstacle)


async def test_a_lead_without_a_clock_is_not_erased_behind_its_back(shop: Shop) -> None:
    path, lab = await shop.opened(), shop.office.lab
    await lab.client.get_workflow_handle(names.workflow_id(lab.tenant, UUID(path[1:]))).terminate("a test")
    assert problem(await shop.post("adam", f"{path}/erasure", WHY)) == (409, "not-running")
    assert (await shop.get("adam", path))["contacts"]


async def test_the_same_key_erases_once(shop: Shop) -> None:
    path, key = await shop.opened(), uuid4().hex
    first = await shop.post("adam", f"{path}/erasure", WHY, idempotency_key=key)
    again = await shop.post("adam", f"{path}/erasure", WHY, idempotency_key=key)
    assert (first.status_code, again.text) == (202, first.text)
    assert len(await audit(shop, path, "erasure-requested")) == 1
    other = await shop.post("adam", f"{path}/erasure", {"reason": "Another reason"}, idempotency_key=key)
    assert problem(other) == (409, "idempotency-key-reused")


async def test_with_temporal_away_it_is_a_503_that_can_be_repeated(shop: Shop, empty_shop: Shop) -> None:
    path, key = await shop.opened(), uuid4().hex
    away = await empty_shop.post("adam", f"{path}/erasure", WHY, idempotency_key=key)
    assert problem(away) == (503, "unavailable")
    assert int(away.headers["retry-after"]) > 0
    assert (await empty_shop.post("adam", f"{path}/erasure", LOOK)).status_code == 200
    back = await shop.post("adam", f"{path}/erasure", WHY, idempotency_key=key)
    assert (back.status_code, back.json()["over"]) == (202, True)
    assert await audit(shop, path, "erasure-requested") == [("adam", WHY["reason"])]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/reason"),
        ({"reason": None}, "#/reason"),
        ({"reason": 7}, "#/reason"),
        ({"reason": "too short"}, "#/reason"),
        ({"reason": " " * 12}, "#/reason"),
        ({"reason": "x" * 251}, "#/reason"),
        ({"reason": "Request\0of today"}, "#/reason"),
        ({**WHY, "dryRun": "yes"}, "#/dryRun"),
        ({**WHY, "force": True}, "#/force"),
    ],
)
async def test_what_makes_no_sense_is_named(body: dict[str, Any], pointer: str, shop: Shop) -> None:
    path = await shop.opened()
    answer = await shop.post("adam", f"{path}/erasure", body)
    assert problem(answer)[0] == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await shop.get("adam", path))["contacts"]


async def test_receipts_are_for_whoever_may_read_the_audit(shop: Shop) -> None:
    path = await shop.opened()
    body = {"userId": "ben", "role": "VIEW"}
    assert problem(await shop.ask("ben", "GET", f"{path}/erasures")) == (404, "not-found")
    assert (await shop.post("anna", f"{path}/collaborators", body)).status_code == 201
    assert problem(await shop.ask("ben", "GET", f"{path}/erasures")) == (403, "forbidden")
    assert (await shop.post("adam", f"{path}/erasure", WHY)).status_code == 202
    for user in ("anna", "maria", "adam", "olga"):
        assert len(await receipts(shop, path, user)) == 1
    assert problem(await shop.ask("adam", "GET", f"/{uuid4()}/erasures")) == (404, "not-found")


# ---------------------------------------------------------------- a reminder again


async def test_a_reminder_nobody_refused_is_not_sent_again(shop: Shop) -> None:
    path = await shop.opened()
    assert problem(await shop.post("maria", f"{path}/reminder")) == (409, "no-reminder-refused")
    assert problem(await shop.post("anna", f"{path}/reminder")) == (403, "forbidden")
    assert (await shop.post("anna", f"{path}/release")).status_code == 200
    assert problem(await shop.post("maria", f"{path}/reminder")) == (409, "protection-ended")
    assert await audit(shop, path, "reminder-asked-again") == []


async def test_a_refused_reminder_is_sent_again_once(world: MatrixWorld, empty_shop: Shop) -> None:
    lead = await world.register(BYSTANDER)
    await world.having(world.things[lead], "bounced")
    route, key = f"POST /api/leads/{lead}/reminder", {"Idempotency-Key": uuid4().hex}
    unanswered = uuid4().hex
    boss = empty_shop.callers.token(BOSS.user, *BOSS.roles, tenant=world.here)
    away = await empty_shop.api.post(route[5:], boss, idempotency_key=unanswered)
    assert problem(away) == (503, "unavailable")
    first = await world.ask(BOSS, route, headers=key)
    again = await world.ask(BOSS, route, headers=key)
    assert (first.status_code, first.json()["status"]) == (202, "ACTIVE")
    assert again.text == first.text
    told = await world.query(
        "select actor from audit_event where lead = $1 and what = 'reminder-asked-again'", lead
    )
    assert [row["actor"] for row in told] == [BOSS.user] * 2

    async def in_grace() -> bool:
        (row,) = await world.query("select status from protection where lead = $1", lead)
        return bool(row["status"] == "GRACE")

    await until(in_grace)
    late = await world.ask(BOSS, route, headers={"Idempotency-Key": unanswered})
    assert (late.status_code, late.json()["status"]) == (202, "GRACE")
    assert problem(await world.ask(BOSS, route)) == (409, "no-reminder-refused")
