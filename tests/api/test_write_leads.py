"""Opening and changing leads over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.api.shop import Shop, new_company

JO = {"contact": {"name": "Jo Geheim", "email": "Jo@Haus.example", "phone": "+49 30 1234567"}}


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_lead_is_created_where_its_location_says(shop: Shop) -> None:
    said = {**new_company(), "postcode": "99084", "industry": "HOTEL", "source": "REFERRAL", **JO}
    answer = await shop.post("anna", "", said)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["status"], told["paused"], told["revision"]) == ("ACTIVE", False, 1)
    assert told["validUntil"].endswith("Z")
    assert answer.headers["location"] == f"/api/leads/{told['lead']}"
    assert answer.headers["etag"] == '"1"'
    assert (await shop.get("anna", f"/{told['lead']}/protection"))["status"] == "ACTIVE"
    assert "Geheim" not in answer.text


async def test_the_same_key_is_the_same_201(shop: Shop) -> None:
    said, key = {**new_company(), **JO}, uuid4().hex
    answers = await asyncio.gather(*(shop.post("anna", "", said, idempotency_key=key) for _ in range(3)))
    answers.append(await shop.post("anna", "", said, idempotency_key=key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    other = await shop.post("anna", "", {**said, "city": "Weimar"}, idempotency_key=key)
    assert other.status_code == 409
    assert other.json()["type"] == "urn:fristwerk:problem:idempotency-key-reused"
    assert (await shop.post("anna", "", said, idempotency_key="a b")).status_code == 422


async def test_a_live_duplicate_is_the_same_409_for_everybody(shop: Shop) -> None:
    said = {**new_company(), **JO}
    await shop.opened("anna", **said)
    told = []
    for user in ("anna", "ben", "maria"):
        answer = await shop.post(user, "", said)
        assert answer.status_code == 409
        told.append({name: value for name, value in answer.json().items() if name != "instance"})
    assert told[0] == told[1] == told[2]
    assert told[0]["type"] == "urn:fristwerk:problem:live-duplicate"
    assert "anna" not in str(told)
    over = {**said, "owner": "ben", "overrideDuplicate": {"reason": "A second kitchen of theirs"}}
    assert (await shop.post("anna", "", over)).status_code == 403
    assert (await shop.post("maria", "", over)).status_code == 201


async def test_similar_leads_are_a_202_until_confirmed(shop: Shop) -> None:
    word = uuid4().hex
    said = {**new_company(), "company": f"Gasthof zur Linde {word}", **JO}
    path = await shop.opened("anna", **said)
    like = {**said, "company": f"Gasthof zur Linden {word} GmbH"}
    answer = await shop.post("anna", "", like, idempotency_key=word)
    assert answer.status_code == 202
    (candidate,) = answer.json()["candidates"]
    assert candidate["lead"] == path.removeprefix("/")
    assert 0.7 <= candidate["score"] <= 1
    sure = {**like, "confirmSimilar": {"reason": "Another house"}}
    assert (await shop.post("anna", "", sure, idempotency_key=word)).status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"contact": None}, "#/contact"),
        ({"source": "PHONE"}, "#/firstContact/note"),
        ({"source": "DREAM"}, "#/source"),
        ({"company": " "}, "#/company"),
        ({"company": 5}, "#/company"),
        ({"city": None}, "#/city"),
        ({"contact": {"email": "nonsense"}}, "#/contact/email"),
        ({"contact": {"e_mail": "a@b.example"}}, "#/contact/e_mail"),
        ({"firstContact": {"note": "short"}}, "#/firstContact/note"),
        (
            {"firstContact": {"note": "Met at the fair", "occurredAt": "2199-01-01T00:00:00Z"}},
            "#/firstContact/occurredAt",
        ),
        (
            {"firstContact": {"note": "Met at the fair", "occurredAt": "2026-01-01T00:00:00"}},
            "#/firstContact/occurredAt",
        ),
        ({"preregistration": True}, "#/contact"),
        ({"overrideDuplicate": {"reason": "short"}}, "#/overrideDuplicate/reason"),
        ({"surplus": 1}, "#/surplus"),
        ({"owner": "a@b.example"}, "#/owner"),
    ],
)
async def test_what_makes_no_sense_is_a_422_that_names_it(
    shop: Shop, change: dict[str, Any], pointer: str
) -> None:
    answer = await shop.post("anna", "", {**new_company(), **JO, **change})
    assert answer.status_code == 422, answer.text
    assert pointers(answer) == [pointer]
    assert "nonsense" not in answer.text


async def test_whose_lead_it_may_be(shop: Shop) -> None:
    said = {**new_company(), **JO, "owner": "ben"}
    assert (await shop.post("anna", "", said)).status_code == 403
    assert (await shop.post("olga", "", said)).status_code == 403
    nobody = await shop.post("maria", "", {**said, "owner": "nobody"})
    assert (nobody.status_code, pointers(nobody)) == (422, ["#/owner"])
    answer = await shop.post("maria", "", said)
    assert answer.status_code == 201
    assert (await shop.get("ben", f"/{answer.json()['lead']}/protection"))["owner"] == "ben"


async def test_a_preregistration_and_its_registration(shop: Shop) -> None:
    noted = await shop.post("anna", "", {**new_company(), "preregistration": True, "industry": "HOTEL"})
    assert (noted.status_code, noted.json()["status"]) == (201, "PREREGISTERED")
    path = f"/{noted.json()['lead']}/register"
    assert (await shop.post("ben", path, JO)).status_code == 404
    assert (await shop.post("olga", path, JO)).status_code == 403
    assert (await shop.post("anna", path, {})).status_code == 422
    done = await shop.post("anna", path, {**JO, "source": "REFERRAL"}, if_match='"1"')
    assert (done.status_code, done.json()["status"]) == (200, "ACTIVE")
    again = await shop.post("anna", path, JO)
    assert (again.status_code, again.json()["type"]) == (409, "urn:fristwerk:problem:already-registered")


async def test_a_registration_of_the_past(shop: Shop) -> None:
    past = {
        "registeredAt": "2026-09-01T08:00:00Z",
        "reason": "Entered too late",
        "evidence": "https://x.example/1",
    }
    said = {**new_company(), **JO, "owner": "anna", "backdating": past}
    assert (await shop.post("anna", "", said)).status_code == 403
    ahead = await shop.post(
        "maria", "", {**said, "backdating": {**past, "registeredAt": "2099-01-01T00:00:00Z"}}
    )
    assert [one["pointer"] for one in ahead.json()["errors"]] == ["#/backdating/registeredAt"]
    answer = await shop.post("maria", "", said)
    assert answer.status_code == 201
    path = f"/{answer.json()['lead']}"
    before = (await shop.get("anna", f"{path}/protection"))["baseUntil"]
    change = {**past, "registeredAt": "2026-10-01T08:00:00Z"}
    assert (await shop.ask("anna", "PUT", f"{path}/registered-at", change)).status_code == 403
    put = await shop.ask("maria", "PUT", f"{path}/registered-at", change, if_match='"1"')
    assert put.status_code == 200, put.text
    assert (await shop.get("anna", f"{path}/protection"))["baseUntil"] > before
    again = await shop.ask("maria", "PUT", f"{path}/registered-at", change, if_match='"1"')
    assert (again.status_code, again.json()["revision"]) == (200, put.json()["revision"])
    other = {**change, "reason": "Entered much too late"}
    reworded = await shop.ask("maria", "PUT", f"{path}/registered-at", other)
    assert (reworded.status_code, reworded.json()["type"].rsplit(":", 1)[1]) == (409, "fact-id-reused")
    assert "for another reason" in reworded.json()["detail"]
    late = await shop.ask("maria", "PUT", f"{path}/registered-at", past, if_match='"1"')
    assert late.status_code == 412


async def test_a_lead_is_changed_only_as_it_was_seen(shop: Shop) -> None:
    path = await shop.opened("anna", industry="HOTEL")
    seen = (await shop.ask("anna", "GET", path)).headers["etag"]
    change = {"industry": None, "postcode": "99084", "contact": {"name": "Al Neu"}}
    done = await shop.ask("anna", "PATCH", path, change, if_match=seen)
    assert done.status_code == 200, done.text
    assert done.headers["etag"] != seen
    assert done.headers["etag"] == (await shop.ask("anna", "GET", path)).headers["etag"]
    told = await shop.get("anna", path)
    assert (told["industry"], told["postcode"]) == (None, "99084")
    assert (await shop.ask("anna", "PATCH", path, change, if_match=seen)).status_code == 412
    assert (await shop.ask("anna", "PATCH", path, change, if_match='"x"')).status_code == 412
    assert (await shop.ask("ben", "PATCH", path, change)).status_code == 404
    assert (await shop.ask("olga", "PATCH", path, change)).status_code == 403
    wrong = await shop.ask("anna", "PATCH", path, {"company": "Other"})
    assert (wrong.status_code, pointers(wrong)) == (422, ["#/company"])


async def test_with_temporal_away_the_answer_is_503_and_trying_again_completes_it(
    shop: Shop, empty_shop: Shop
) -> None:
    said, key = {**new_company(), **JO}, uuid4().hex
    answer = await empty_shop.post("anna", "", said, idempotency_key=key)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    done = await shop.post("anna", "", said, idempotency_key=key)
    assert (done.status_code, done.json()["status"]) == (201, "ACTIVE")
