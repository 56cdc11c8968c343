"""Registering on a page: duplicates while one types, confirmations, overrides, and what is refused where."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from tests.api.shop import Shop, new_company
from tests.pages.visitor import Node, visitor

FULL: dict[str, Any] = {"contact_name": "Jo Geheim", "email": "jo@haus.example"}


def wrong(page: Node) -> dict[str, str]:
    """What is said to be wrong, by field."""
    return {node.attributes["id"].removesuffix("-wrong"): node.text for node in page.all("p", class_="wrong")}


async def test_a_lead_is_registered_once_however_often_the_form_is_sent(shop: Shop) -> None:
    anna, said, act = await visitor(shop, "anna"), new_company(), uuid4().hex
    first = await anna.post("/register", act=act, **said, **FULL, source="REFERRAL", first_note="")
    again = await anna.post("/register", act=act, **said, **FULL, source="REFERRAL", first_note="")
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    lead = UUID(first.headers["location"].removeprefix("/leads/"))
    read = await shop.get("anna", f"/{lead}")
    assert (read["company"], read["source"], read["owner"]) == (said["company"], "REFERRAL", "anna")
    assert read["contacts"][0]["email"] == "jo@haus.example"
    other = await anna.post("/register", act=act, **{**said, "city": "Anderswo"}, **FULL)
    assert other.status_code == 422
    assert "sent before" in anna.said


async def test_a_preregistration_holds_nothing_personal(shop: Shop) -> None:
    anna, said = await visitor(shop, "anna"), new_company()
    refused = await anna.post("/register", kind="note", **said, **FULL)
    assert refused.status_code == 422
    assert "nothing personal" in wrong(anna.html)["contact_name"]
    noted = await anna.post("/register", kind="note", **said, contact_name="", industry="Hotel")
    assert noted.status_code == 303
    read = await shop.get("anna", noted.headers["location"].removeprefix("/leads"))
    assert (read["protection"]["status"], read["industry"]) == ("PREREGISTERED", "Hotel")


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"city": ""}, "city"),
        ({"company": "x" * 201}, "company"),
        ({"contact_name": "", "email": "", "phone": ""}, "contact_name"),
        ({"email": "no address"}, "email"),
        ({"source": "TRADE_FAIR", "first_note": ""}, "first_note"),
        ({"first_note": "too short"}, "first_note"),
        ({"first_note": "long enough, surely", "first_at": "2999-01-01T10:00"}, "first_at"),
        ({"first_at": "yesterday"}, "first_at"),
        ({"source": "DREAM"}, "source"),
        ({"postcode": "9" * 21}, "postcode"),
        ({"similar": "short"}, "similar"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    shop: Shop, fields: dict[str, Any], at: str
) -> None:
    anna = await visitor(shop, "anna")
    said = {**new_company(), **FULL, "phone": "", "industry": "Hotel", **fields}
    answer = await anna.post("/register", **said)
    assert answer.status_code == 422
    assert at in wrong(anna.html)
    assert anna.html.all("a", href=f"#{at}")
    assert anna.html.one("input", name="industry").attributes["value"] == "Hotel"


async def test_a_taken_company_says_nothing_of_whose_it_is_and_a_manager_may_overrule(shop: Shop) -> None:
    said = new_company()
    lead = await shop.opened("ben", **said)
    anna = await visitor(shop, "anna")
    query = f"company={quote(said['company'])}&city={quote(said['city'])}"
    checked = await anna.get(f"/register/check?{query}")
    assert (checked.status_code, "taken" in checked.text) == (200, True)
    refused = await anna.post("/register", **said, **FULL)
    assert (refused.status_code, "taken" in wrong(anna.html)["company"]) == (422, True)
    for page in (checked.text, refused.text):
        assert lead.removeprefix("/") not in page
        assert "ben" not in page.replace("been", "")
    assert not anna.html.all("textarea", name="override")
    answer = await anna.post("/register", **said, **FULL, override="because I say so")
    assert answer.status_code == 403

    maria = await visitor(shop, "maria")
    await maria.post("/register", **said, **FULL)
    assert "open" in maria.html.one("details", class_="group").attributes
    short = await maria.post("/register", **said, **FULL, override="short")
    assert (short.status_code, list(wrong(maria.html))) == (422, ["override"])
    done = await maria.post("/register", **said, **FULL, override="Two branches of one house", owner="anna")
    assert done.status_code == 303
    assert (await shop.get("anna", done.headers["location"].removeprefix("/leads")))["owner"] == "anna"


async def test_similar_leads_are_named_only_where_they_may_be_seen_and_can_be_confirmed(shop: Shop) -> None:
    name, city = f"Bäckerei {uuid4().hex[:10]} Nord", f"Ort {uuid4().hex[:8]}"
    lead = await shop.opened("anna", company=f"{name} GmbH", city=city)
    near: dict[str, Any] = {"company": f"{name}a", "city": city}
    query = f"company={quote(near['company'])}&city={quote(city)}"
    anna, ben = await visitor(shop, "anna"), await visitor(shop, "ben")
    await anna.get(f"/register/check?{query}")
    assert anna.html.one("a", href=f"/leads{lead}").text == f"{name} GmbH"
    unseen = await ben.get(f"/register/check?{query}")
    assert name not in unseen.text
    asked = await anna.post("/register", **near, **FULL)
    assert (asked.status_code, list(wrong(anna.html))) == (422, ["similar"])
    assert anna.html.all("a", href=f"/leads{lead}")
    done = await anna.post("/register", **near, **FULL, similar="The other house in the street")
    assert done.status_code == 303


async def test_backdating_takes_a_manager_a_reason_and_evidence(shop: Shop) -> None:
    maria, anna = await visitor(shop, "maria"), await visitor(shop, "anna")
    wall = "2026-11-01T09:30"
    dated: dict[str, Any] = {
        "registered_at": wall,
        "backdating_reason": "The form was lost in the post",
        "evidence": "https://x",
    }
    assert not (await anna.get("/register")).text.count("registered_at")
    assert (await anna.post("/register", **new_company(), **FULL, **dated)).status_code == 403
    for missing, at in (("backdating_reason", "backdating_reason"), ("evidence", "evidence")):
        said = {**new_company(), **FULL, **dated, missing: ""}
        assert (await maria.post("/register", **said)).status_code == 422
        assert at in wrong(maria.html)
    undated = await maria.post("/register", **{**new_company(), **FULL, **dated, "registered_at": ""})
    assert (undated.status_code, list(wrong(maria.html))) == (422, ["registered_at"])
    done = await maria.post("/register", **new_company(), **FULL, **dated)
    assert done.status_code == 303
    (fact,) = await shop.office.facts(UUID(done.headers["location"].removeprefix("/leads/")))
    # What is typed is wall time where the reader is.
    assert fact["registered_at"] == "2026-11-01T08:30:00Z"


async def test_garbage_is_told_and_an_auditor_may_not(shop: Shop) -> None:
    anna, olga = await visitor(shop, "anna"), await visitor(shop, "olga")
    for query in ("", "company=x", f"company={'x' * 300}&city=y", "company=%07&city=y"):
        assert (await anna.get(f"/register/check?{query}")).status_code == 200
    odd = await anna.post("/register", **new_company(), **FULL, colour="blue")
    assert odd.status_code == 422
    for path in ("/register", "/register/check?company=a&city=b", "/register/check"):
        assert (await olga.get(path)).status_code == 403
    assert (await olga.post("/register", **new_company(), **FULL)).status_code == 403


async def test_without_an_answer_of_the_clock_the_same_form_can_be_sent_again(empty_shop: Shop) -> None:
    anna, act = await visitor(empty_shop, "anna"), uuid4().hex
    answer = await anna.post("/register", act=act, **new_company(), **FULL)
    assert answer.status_code == 503
    assert anna.html.one("input", name="_act").attributes["value"] == act
