"""Deadlines in people's own calendars: the page to get an address, and what stands behind it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from adapters.calendar_store import CalendarFeeds, secret_of
from adapters.database import Caller
from api.pages.pace import Pace, address_range
from api.pages.routes.calendar import CalendarPace
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, stranger, visitor

NOT_THERE = "/calendar/" + "A" * 64 + ".ics"


def path_in(visitor: Visitor) -> str:
    """The path of the address that the page shows."""
    shown = visitor.html.one("textarea", id="address").text
    found = re.fullmatch(r"https?://[^/]+(/calendar/[A-Za-z0-9_-]{64}\.ics)", shown)
    assert found, shown
    return found[1]


def events(content: bytes) -> list[Any]:
    parsed = Calendar.from_ical(content)
    assert isinstance(parsed, Calendar)
    return list(parsed.events)


async def test_somebody_gets_renews_and_revokes_an_address(shop: Shop) -> None:
    maria = await visitor(shop, "maria", language="de")
    page = await maria.get("/calendar")
    assert page.status_code == 200, page.text
    assert maria.heading == "Fristen in Ihrem Kalender"
    program = stranger(shop.api)

    page = await maria.post("/calendar/address", act="first-form-of-maria")
    assert page.status_code == 200, page.text
    assert page.headers["cache-control"] == "no-store"
    first = path_in(maria)
    assert maria.html.one("a", class_="primary").attributes["href"].startswith("webcal://")
    await maria.post("/calendar/address", act="first-form-of-maria")
    assert path_in(maria) == first
    assert (await program.get(first)).status_code == 200
    await maria.get("/calendar")
    assert maria.html.all("textarea", id="address") == []

    await maria.post("/calendar/address")
    second = path_in(maria)
    assert second != first
    answer, unknown = await program.get(first), await program.get(NOT_THERE)
    assert answer.status_code == unknown.status_code == 404
    assert _told(answer.text) == _told(unknown.text)
    assert (await program.get(second)).status_code == 200
    # An old form brings no address back that was revoked.
    page = await maria.post("/calendar/address", act="first-form-of-maria")
    assert page.status_code == 422
    assert (await program.get(first)).status_code == 404
    assert (await program.get(second)).status_code == 200

    page = await maria.post("/calendar/revoke", follow=True)
    assert maria.said == "Die Adresse führt jetzt ins Leere."
    assert (await program.get(second)).status_code == 404
    # The same form in somebody else's browser is another address.
    adam = await visitor(shop, "adam")
    await adam.post("/calendar/address", act="first-form-of-maria")
    assert path_in(adam) not in {first, second}


def _told(page: str) -> str:
    """A page without what differs from request to request."""
    return re.sub(r"[0-9a-f]{16}|to=[^\"]*|A{64}|[A-Za-z0-9_-]{64}", "", page)


async def test_the_calendar_holds_the_engines_deadlines_and_nothing_of_a_contact(shop: Shop) -> None:
    office = shop.office
    lead = await office.opened("ben", company="Süß & Sauer; GmbH", city="Köln")
    noted = await office.noted("ben")
    others = await office.opened("anna")
    ben = await visitor(shop, "ben")
    await ben.post("/calendar/address")
    path, program = path_in(ben), stranger(shop.api)
    answer = await program.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "private, no-cache"
    told = await shop.get("ben", f"/{lead}/protection")
    mine = {event["UID"]: event for event in events(answer.content)}
    base, progress = mine[f"{lead}.base@fristwerk"], mine[f"{lead}.progress@fristwerk"]
    assert base.start == datetime.fromisoformat(told["baseUntil"]).replace(microsecond=0)
    assert progress.start == datetime.fromisoformat(told["reminderDueAt"]).replace(microsecond=0)
    assert "Süß & Sauer; GmbH, Köln" in str(base["SUMMARY"])
    assert f"{noted}.reservation@fristwerk" in mine
    assert not any(str(others) in uid for uid in mine)
    text = answer.content.replace(b"\r\n ", b"").decode()
    assert not re.search(r"Jo Geheim|Haus\.example|1234567", text, re.IGNORECASE)

    tag = answer.headers["etag"]
    same = await program.get(path, if_none_match=tag)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == tag
    held = await shop.post("maria", f"/{lead}/holds", {"reason": "OTHER", "startAt": told["assignedAt"]})
    assert held.status_code == 201, held.text
    changed = await program.get(path, if_none_match=tag)
    assert changed.status_code == 200
    assert not any(str(lead) in str(event["UID"]) for event in events(changed.content))


@pytest.mark.parametrize(
    "path",
    [NOT_THERE, "/calendar/x.ics", "/calendar/%C3%A4%C3%A4.ics", "/calendar/" + "B" * 5000 + ".ics",
     "/calendar/=====.ics"],
)  # fmt: skip
async def test_what_is_no_address_is_not_there(shop: Shop, path: str) -> None:
    answer = await stranger(shop.api).get(path)
    assert answer.status_code == 404, answer.text


async def test_another_tenants_calendar_stays_its_own(shop: Shop) -> None:
    feeds = CalendarFeeds(shop.api.wiring.app)
    here, there = shop.office.lab.tenant, UUID(int=99)
    secret, at = secret_of(here, b"s" * 32), datetime.now(UTC)
    assert await feeds.make(Caller(here, "olga", ("auditor",)), secret, at)
    assert await feeds.make(Caller(here, "olga", ("auditor",)), secret, at)
    assert not await feeds.make(Caller(here, "max", ("manager",)), secret, at)
    assert await feeds.read(secret, at) is not None
    assert await feeds.read(secret_of(there, b"s" * 32), at) is None
    await feeds.revoke(Caller(here, "max", ("manager",)), at)
    assert await feeds.read(secret, at) is not None
    assert (await feeds.in_force(Caller(here, "olga", ("auditor",)))) is not None
    with pytest.raises(ValueError, match="32"):
        secret_of(here, b"short")


async def test_who_guesses_is_slowed_down(shop: Shop) -> None:
    state = shop.api.app.state
    usual, state.calendar_pace = state.calendar_pace, CalendarPace(misses=Pace(3, timedelta(hours=1)))
    try:
        program = stranger(shop.api)
        for _ in range(3):
            assert (await program.get(NOT_THERE)).status_code == 404
        answer = await program.get(NOT_THERE)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 3601
    finally:
        state.calendar_pace = usual


def test_a_pace_is_exact_over_any_stretch() -> None:
    pace = Pace(2, timedelta(seconds=10))
    assert pace.wait("a", 0.0) == 0
    pace.count("a", 0.0)
    pace.count("a", 9.0)
    assert pace.wait("a", 9.5) == 1
    assert pace.wait("b", 9.5) == 0
    assert pace.wait("a", 10.0) == 0
    pace.count("a", 10.0)
    assert pace.wait("a", 10.5) == 9
    assert pace.wait("a", 30.0) == 0
    for number in range(10_001):
        pace.count(str(number), 31.0)
    pace.count("0", 31.0)
    assert pace.wait("1", 31.0) == 0


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        (None, "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_neighbours_count_as_one(host: str | None, expected: str) -> None:
    assert address_range(host) == expected
