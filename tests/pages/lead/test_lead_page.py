"""The page of a lead: what it says first, what it offers to whom, what is behind it."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from protection.permission import Share
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, visitor

ODD = '<script>alert(1)</script> "Café" & {{ 7*7 }} \' GmbH'


def acts(page: Visitor) -> set[str]:
    """The acts the page offers: the open form, and the ways to the others."""
    links = [node.attributes["href"] for node in page.html.one("aside").all("a")]
    named = {found[1] for link in links if (found := re.search(r"[?&]act=([a-z-]+)", link))}
    opened = [node.attributes["id"].removeprefix("act-") for node in page.html.all("div", class_="lead-act")]
    return named | set(opened)


async def test_the_page_says_first_until_when_and_why_in_both_languages(shop: Shop) -> None:
    lead = await shop.opened("anna")
    until = (await shop.get("anna", f"{lead}/protection"))["validUntil"]
    for language, begins, following in (
        ("en", "Protected until ", "Next: document progress by "),
        ("de", "Geschützt bis ", "Nächster Schritt: bis "),
    ):
        anna = await visitor(shop, "anna", language=language)
        answer = await anna.get(f"/leads{lead}")
        assert answer.status_code == 200, answer.text
        assert anna.html.one("p", class_="lead-until").text.startswith(begins)
        assert anna.html.one("p", class_="lead-next").text.startswith(following)
        assert until[:4] in anna.html.one("p", class_="lead-until").text
        assert "style=" not in answer.text
        assert "<script>" not in answer.text
        # The same picture twice, for a wide and a narrow window; each mark leads to its row of the table.
        rows = {node.attributes["id"] for node in anna.html.all("tr") if "id" in node.attributes}
        for canvas in ("wide", "narrow"):
            pins = anna.html.one("svg", class_=canvas).all("a", class_="pin")
            assert pins
            assert {pin.attributes["href"].removeprefix("#") for pin in pins} <= rows
            assert all(pin.attributes["aria-label"] for pin in pins)
        clauses = {node.text.split()[-1] for node in anna.html.all("span", class_="clause")}
        assert {"a", "b", "c"} <= clauses


async def test_only_what_is_allowed_is_offered(shop: Shop) -> None:
    lead = await shop.opened("anna")
    await shop.office.share(UUID(lead[1:]), "ben", Share.VIEW)
    own = {"log", "hold", "extension", "note", "contact", "share", "release"}
    managing = {"log", "hold", "extension", "note", "contact", "share", "transfer", "convert", "release"}
    for user, expected in (
        ("anna", own),
        ("maria", managing),
        ("olga", set()),
        ("ben", set()),
    ):
        somebody = await visitor(shop, user)
        await somebody.get(f"/leads{lead}")
        assert acts(somebody) == expected, user
        nothing = "there is nothing for you to do here now" in somebody.html.text
        assert nothing == (not expected)
    stranger = await visitor(shop, "ben")
    other = await shop.opened("anna")
    for path in ("", "/mails", "/audit", "/people", "/what-if", "?act=log"):
        assert (await stranger.get(f"/leads{other}{path}")).status_code == 404
    for path in (f"/leads/{uuid4()}", "/leads/none", "/leads/none/what-if"):
        assert (await stranger.get(path)).status_code == 404


async def test_what_lies_beside_the_clock(shop: Shop) -> None:
    lead = await shop.opened(
        "anna", contact={"name": ODD[:60], "email": "jo@haus.example"}, company=ODD + uuid4().hex
    )
    await shop.post("anna", f"{lead}/activities", {"kind": "QUALIFIED_CALL", "note": ODD})
    anna = await visitor(shop, "anna")
    page = await anna.get(f"/leads{lead}")
    assert "<script>alert" not in page.text
    assert [node.text for node in anna.html.all("p", class_="lead-note")] == [ODD]
    assert len(anna.html.one("ol", class_="lead-ledger").all("li")) == 2
    for tab, shown in (
        ("ledger", "Registered for"),
        ("mails", "No mail has gone out"),
        ("people", "jo@haus.example"),
        ("audit", "Every row shown is as it was written"),
    ):
        whole = await anna.get(f"/leads{lead}/{tab}")
        assert whole.status_code == 200
        assert shown in anna.html.one("section", id="more").text
        assert anna.html.all("h1")
        part = await anna.get(f"/leads{lead}/{tab}", hx_request="true")
        assert "<html" not in part.text
        assert shown in anna.html.text
        assert "<script>alert" not in whole.text + part.text
    assert (await anna.get(f"/leads{lead}/audit?before=1")).status_code == 200
    assert (await anna.get(f"/leads{lead}/audit?before=-{'9' * 30}")).status_code == 200
    ben = await visitor(shop, "ben")
    await shop.office.share(UUID(lead[1:]), "ben", Share.VIEW)
    assert (await ben.get(f"/leads{lead}/audit")).status_code == 403
    await ben.get(f"/leads{lead}/people")
    tabs = {node.attributes["href"] for node in ben.html.one("nav", class_="tabs").all("a")}
    assert f"/leads{lead}/people#more" in tabs
    assert f"/leads{lead}/audit#more" not in tabs


async def test_sliders_move_the_future_and_write_nothing(shop: Shop) -> None:
    lead = await shop.opened("anna")
    before = await shop.office.facts(UUID(lead[1:]))
    anna = await visitor(shop, "anna")
    page = await anna.get(f"/leads{lead}/what-if?hold_days=40&extension_days=30&progress=true&grace_days=14")
    assert page.status_code == 200
    (note,) = anna.html.all("div", class_="lead-supposed")
    assert "instead of" in note.text
    assert "nothing was written" in note.text
    assert anna.html.one("input", id="hold_days").attributes["value"] == "40"
    assert len(anna.html.one("svg", class_="wide").all("a", class_="supposed")) >= 1
    part = await anna.get(f"/leads{lead}/what-if?hold_open=true", hx_request="true")
    assert "<html" not in part.text
    assert anna.html.one("section", id="clock").all("svg")
    assert anna.html.one("section", id="why-all").attributes["hx-swap-oob"] == "outerHTML"
    assert "not known while a hold has no end" in anna.html.text
    assert await shop.office.facts(UUID(lead[1:])) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("hold_days=-1", "hold_days"),
        ("hold_days=soon", "hold_days"),
        ("extension_days=99999999999", "extension_days"),
        ("grace_days=0", "grace_days"),
        ("grace_days=14;drop", "grace_days"),
        ("progress=maybe", "progress"),
    ],
)
async def test_garbage_in_a_slider_is_named(shop: Shop, query: str, field: str) -> None:
    lead = await _one_lead(shop)
    anna = await visitor(shop, "anna")
    page = await anna.get(f"/leads{lead}/what-if?{query}")
    assert page.status_code == 422
    assert [node.attributes["href"] for node in anna.html.one("div", role="alert").all("a")] == [f"#{field}"]
    part = await anna.get(f"/leads{lead}/what-if?{query}", hx_request="true")
    assert part.status_code == 422


_LEADS: dict[str, str] = {}


async def _one_lead(shop: Shop) -> str:
    """The same lead for all that only look."""
    if "one" not in _LEADS:
        _LEADS["one"] = await shop.opened("anna")
    return _LEADS["one"]


async def test_what_is_asked_of_the_page_may_be_anything(shop: Shop) -> None:
    lead = await _one_lead(shop)
    anna = await visitor(shop, "anna")
    for query in (
        "act=none",
        "act=approve&about=x",
        "act=correct",
        "act=release-hold",
        f"about={'x' * 3000}",
        "all",
    ):
        assert (await anna.get(f"/leads{lead}?{query}")).status_code == 200, query


async def test_a_pre_registered_lead_says_how_it_becomes_protected(shop: Shop) -> None:
    lead = await shop.office.noted("anna")
    anna = await visitor(shop, "anna")
    assert (await anna.get(f"/leads/{lead}")).status_code == 200
    assert anna.html.one("p", class_="lead-until").text.startswith("Pre-registered and kept")
    assert "register" in acts(anna)
    assert anna.html.all("section", class_="lead-what-if") == []
