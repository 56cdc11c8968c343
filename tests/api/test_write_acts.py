"""Facts, holds, extensions and collaborators over HTTP: documented statuses, one effect, clear answers."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.shop import Shop

CALL = {"kind": "QUALIFIED_CALL", "note": "Frau Geheim will kosten"}
PRICE = {"reason": "FFZ_PRICE_APPROVAL", "note": "The price is being made"}
NEXT = {"reason": "Tasting agreed", "nextStep": {"what": "Tasting", "at": "2027-01-10T09:00:00Z"}}


def problem(answer: httpx.Response) -> tuple[int, str]:
    kind = answer.json()["type"]
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, kind.removeprefix("urn:fristwerk:problem:")


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


async def asked(shop: Shop, path: str, user: str = "anna") -> dict[str, Any]:
    answer = await shop.post(user, f"{path}/holds", PRICE)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_activity_is_seen_as_soon_as_it_is_answered(shop: Shop) -> None:
    path = await shop.opened()
    answer = await shop.post("anna", f"{path}/activities", CALL)
    told = answer.json()
    assert (answer.status_code, told["revision"], answer.headers["etag"]) == (201, 2, '"2"')
    assert answer.headers["location"] == f"/api/leads{path}/timeline#{told['factId']}"
    assert "Geheim" not in answer.text
    protection = await shop.get("anna", f"{path}/protection")
    assert protection["lastQualActivityAt"] is not None
    assert protection["validUntil"] == told["validUntil"]
    late = await shop.post("anna", f"{path}/activities", CALL, if_match='"1"')
    assert problem(late) == (412, "revision-conflict")
    assert [(one["in"], one["pointer"]) for one in late.json()["errors"]] == [("header", "#/If-Match")]


async def test_a_double_click_is_one_activity(shop: Shop) -> None:
    path, key = await shop.opened(), uuid4().hex
    answers = await asyncio.gather(
        *(shop.post("anna", f"{path}/activities", CALL, idempotency_key=key) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await shop.post("anna", f"{path}/activities", {"kind": "NOTE"}, idempotency_key=key)
    assert problem(other) == (409, "idempotency-key-reused")


async def test_a_hold_with_four_eyes(shop: Shop) -> None:
    path = await shop.opened()
    told = await asked(shop, path)
    assert (told["effect"], told["paused"], told["reason"]) == ("REQUESTED", False, "FFZ_PRICE_APPROVAL")
    hold = f"{path}/holds/{told['id']}"
    assert problem(await shop.post("anna", f"{hold}/approve")) == (403, "forbidden")
    answers = await asyncio.gather(
        shop.post("maria", f"{hold}/approve", {"note": "Price comes next week"}),
        shop.post("max", f"{hold}/reject", {"reason": "No price is being made"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    again = await asked(shop, path)
    hold = f"{path}/holds/{again['id']}"
    done = await shop.post("maria", f"{hold}/approve", {"endAt": "2027-03-01T00:00:00Z"})
    assert (done.json()["state"], done.json()["endAt"]) == ("APPROVED", "2027-03-01T00:00:00Z")
    assert (await shop.get("anna", f"{path}/protection"))["paused"]
    late = await shop.post("max", f"{hold}/reject", {"reason": "Too late"})
    assert problem(late) == (409, "request-decided")
    assert problem(await shop.ask("anna", "DELETE", hold)) == (403, "forbidden")
    assert (await shop.ask("max", "DELETE", hold)).status_code == 204
    # Who did not hear the answer may ask again; anybody else is told that it is over.
    assert (await shop.ask("max", "DELETE", hold)).status_code == 204
    assert problem(await shop.ask("maria", "DELETE", hold)) == (404, "unknown-hold")


async def test_a_request_repeated_under_its_key_is_the_same_201(shop: Shop) -> None:
    path, key = await shop.opened(), uuid4().hex
    answers = [await shop.post("anna", f"{path}/holds", PRICE, idempotency_key=key) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[0].headers["location"] == answers[1].headers["location"]
    hold = f"{path}/holds/{answers[0].json()['id']}"
    key = uuid4().hex
    decided = [await shop.post("maria", f"{hold}/approve", {}, idempotency_key=key) for _ in range(2)]
    assert [answer.status_code for answer in decided] == [200, 200]
    assert decided[0].text == decided[1].text
    withdrawn = await shop.post("anna", f"{hold}/withdraw")
    assert problem(withdrawn) == (409, "request-decided")
    elsewhere = await shop.post("maria", f"{path}/extensions/{answers[0].json()['id']}/approve", {"days": 5})
    assert problem(elsewhere) == (404, "not-found")


async def test_an_extension_with_four_eyes(shop: Shop) -> None:
    path = await shop.opened()
    without = await shop.post("anna", f"{path}/extensions", {"reason": "Tasting agreed"})
    assert (without.status_code, pointers(without)) == (422, ["#/nextStep"])
    answer = await shop.post("anna", f"{path}/extensions", NEXT)
    told = answer.json()
    assert (answer.status_code, told["effect"], told["nextStepAt"]) == (
        201,
        "REQUESTED",
        NEXT["nextStep"]["at"],  # type: ignore[index]
    )
    assert answer.headers["location"] == f"/api/leads{path}/extensions/{told['id']}"
    second = await shop.post("anna", f"{path}/extensions", NEXT)
    assert problem(second) == (409, "request-pending")
    extension = f"{path}/extensions/{told['id']}"
    assert (await shop.post("maria", f"{extension}/approve", {})).status_code == 422
    done = await shop.post("maria", f"{extension}/approve", {"days": 30})
    assert (done.json()["state"], done.json()["days"]) == ("APPROVED", 30)
    granted = await shop.post("maria", f"{path}/extensions", {"reason": "The list was late", "days": 5})
    assert (granted.status_code, granted.json()["effect"]) == (201, "GRANTED")
    third = (await shop.post("anna", f"{path}/extensions", NEXT)).json()
    away = await shop.post("anna", f"{path}/extensions/{third['id']}/withdraw")
    assert away.json()["state"] == "WITHDRAWN"
    fourth = (await shop.post("anna", f"{path}/extensions", NEXT)).json()
    no = await shop.post("max", f"{path}/extensions/{fourth['id']}/reject", {"reason": "No reason"})
    assert no.json()["state"] == "REJECTED"


async def test_sharing_and_what_it_allows(shop: Shop) -> None:
    path = await shop.opened()
    assert problem(await shop.post("ben", f"{path}/activities", CALL)) == (404, "not-found")
    shared = await shop.post("anna", f"{path}/collaborators", {"userId": "ben", "role": "VIEW"})
    assert (shared.status_code, shared.json()["addedBy"]) == (201, "anna")
    assert shared.headers["location"] == f"/api/leads{path}/collaborators/ben"
    assert problem(await shop.post("ben", f"{path}/activities", CALL)) == (403, "forbidden")
    more = await shop.post("anna", f"{path}/collaborators", {"userId": "ben", "role": "ASSIST"})
    assert more.status_code == 201
    assert (await shop.post("ben", f"{path}/activities", CALL)).status_code == 201
    grant = await shop.post("ben", f"{path}/collaborators", {"userId": "ben", "role": "NEGOTIATE"})
    assert problem(grant) == (403, "forbidden")
    owner = await shop.post("maria", f"{path}/collaborators", {"userId": "anna", "role": "VIEW"})
    assert (owner.status_code, pointers(owner)) == (422, ["#/userId"])
    assert (await shop.ask("anna", "DELETE", f"{path}/collaborators/ben")).status_code == 204
    gone = await shop.ask("anna", "DELETE", f"{path}/collaborators/ben")
    assert problem(gone) == (404, "not-found")


async def test_a_life_of_acts_by_managers(shop: Shop) -> None:
    path = await shop.opened()
    call = (await shop.post("anna", f"{path}/activities", {"kind": "CALL_ATTEMPT"})).json()["factId"]
    right = {"corrects": call, "replacement": {"kind": "QUALIFIED_CALL"}, "reason": "wrong key"}
    assert problem(await shop.post("anna", f"{path}/corrections", right)) == (403, "forbidden")
    assert (await shop.post("maria", f"{path}/corrections", right)).status_code == 201
    moved = {"owner": "ben", "reason": "change of territory"}
    assert (await shop.post("maria", f"{path}/transfer", moved)).status_code == 200
    assert problem(await shop.post("anna", f"{path}/activities", CALL)) == (404, "not-found")
    given = await shop.post("ben", f"{path}/release", {"note": "Closed for good"})
    assert given.json()["status"] == "RELEASED"
    ended = await shop.post("ben", f"{path}/activities", CALL)
    assert problem(ended) == (409, "protection-ended")
    back = {"reason": "They reopened"}
    assert problem(await shop.post("ben", f"{path}/reinstate", back)) == (403, "forbidden")
    assert (await shop.post("maria", f"{path}/reinstate", back)).json()["status"] == "ACTIVE"
    assert problem(await shop.post("maria", f"{path}/reinstate", back)) == (409, "not-ended")
    won = {"customerNo": "K000001", "agreementDate": "2026-11-20"}
    assert problem(await shop.post("ben", f"{path}/convert", won)) == (403, "forbidden")
    assert (await shop.post("maria", f"{path}/convert", won)).json()["status"] == "CONVERTED"


@pytest.mark.parametrize(
    ("method", "what", "body", "pointer"),
    [
        ("POST", "activities", {"kind": "DANCED"}, "#/kind"),
        ("POST", "activities", {"kind": "danced"}, "#/kind"),
        ("POST", "activities", {}, "#/kind"),
        ("POST", "activities", {**CALL, "occurredAt": "2199-01-01T00:00:00Z"}, "#/occurredAt"),
        ("POST", "activities", {**CALL, "note": ""}, "#/note"),
        ("POST", "holds", {"reason": "WEATHER"}, "#/reason"),
        (
            "POST",
            "holds",
            {"reason": "OTHER", "startAt": "2027-01-02T00:00:00Z", "endAt": "2027-01-01T00:00:00Z"},
            "#/endAt",
        ),
        ("POST", "extensions", {**NEXT, "days": 0}, "#/days"),
        ("POST", "extensions", {**NEXT, "days": "5"}, "#/days"),
        ("POST", "collaborators", {"userId": "ben", "role": "OWNER"}, "#/role"),
        ("POST", "collaborators", {"userId": "nobody", "role": "VIEW"}, "#/userId"),
        ("PUT", "registered-at", {"registeredAt": "2026-01-01T00:00:00Z"}, "#/reason"),
    ],
)
async def test_what_makes_no_sense_is_named(
    shop: Shop, method: str, what: str, body: dict[str, Any], pointer: str
) -> None:
    path = await shop.opened()
    answer = await shop.ask("anna", method, f"{path}/{what}", body)
    assert answer.status_code == 422, answer.text
    assert pointer in pointers(answer)


async def test_unknown_holds_and_requests_are_404(shop: Shop) -> None:
    path = await shop.opened()
    for method, what, body in (
        ("DELETE", "holds/none", None),
        ("POST", "holds/none/approve", {}),
        ("POST", "holds/none/reject", {"reason": "No such hold"}),
        ("POST", "extensions/none/approve", {"days": 3}),
    ):
        assert (await shop.ask("maria", method, f"{path}/{what}", body)).status_code == 404, what
    assert (await shop.ask("maria", "POST", f"/{uuid4()}/release", {})).status_code == 404
    assert (await shop.ask("maria", "POST", "/no-uuid/release", {})).status_code == 422


async def test_with_temporal_away_everything_written_is_a_503_that_can_be_repeated(
    shop: Shop, empty_shop: Shop
) -> None:
    path, key = await shop.opened(), uuid4().hex
    for what, body in (("holds", PRICE), ("activities", CALL), ("extensions", NEXT)):
        answer = await empty_shop.post("anna", f"{path}/{what}", body, idempotency_key=f"{what}-{key}")
        assert problem(answer) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    done = await shop.post("anna", f"{path}/holds", PRICE, idempotency_key=f"holds-{key}")
    assert (done.status_code, done.json()["revision"]) == (201, 2)
