"""Notifications and tasks: counted, read, done, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from adapters.notice_store import count_unread
from adapters.session_store import MOST_UNREAD
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, visitor


async def told(shop: Shop, user: str, channel: str = "INAPP", lead: UUID | None = None) -> UUID:
    """Something somebody was told inside the application a moment ago."""
    office, name = shop.office, uuid4()
    lead = lead or await office.opened(user)
    at = office.desk.now()
    await office.lab.execute(
        """insert into notification (
             tenant, id, lead, cycle, kind, recipient, channel, status, attempt, sent_at, promised,
             created_at, updated_at
           ) values ($1, $2, $3, $4, 'reminder', $5, $6, 'sent', 1, $7, $8, $7, $7)""",
        office.lab.tenant,
        name,
        lead,
        name.hex,
        user,
        channel,
        at,
        {"sent_at": at.isoformat(), "grace_until": (at + timedelta(days=10)).isoformat(), "base_until": None},
    )
    return name


async def count(shop: Shop, user: str) -> int:
    asking = shop.office.asking(user)
    async with shop.office.desk.looking(asking) as connection:
        return await count_unread(connection, most=MOST_UNREAD)


def seen(visiting: Visitor, notice: UUID) -> bool:
    """Whether the page shows it."""
    return bool(visiting.html.all("form", action=f"/notifications/{notice}/read"))


async def test_what_is_new_is_counted_read_and_leads_to_its_lead(shop: Shop) -> None:
    before = await count(shop, "ben")
    lead = await shop.office.opened("ben")
    news, task = await told(shop, "ben", lead=lead), await told(shop, "ben", "TASK", lead)
    mail = await told(shop, "ben", "EMAIL", lead)
    assert await count(shop, "ben") == before + 2
    ben = await visitor(shop, "ben")
    await ben.get("/notifications")
    assert [seen(ben, one) for one in (news, task, mail)] == [True, True, False]
    assert "No progress for long" in ben.html.text
    for _ in range(2):
        answer = await ben.post(f"/notifications/{news}/read")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/leads/{lead}")
    await ben.post(f"/notifications/{task}/read")
    assert await count(shop, "ben") == before
    await ben.get("/notifications")
    assert [seen(ben, one) for one in (news, task)] == [False, True]
    for done, shown in (("true", False), ("true", False), ("false", True)):
        answer = await ben.post(f"/notifications/{task}/done", done=done, back="/notifications?show=tasks")
        assert answer.headers["location"] == "/notifications?show=tasks"
        await ben.get("/notifications")
        assert seen(ben, task) is shown
    await ben.get("/notifications?show=all")
    assert [seen(ben, one) for one in (news, task)] == [True, True]
    de = await visitor(shop, "ben", language="de")
    await de.get("/notifications?show=tasks")
    assert [seen(de, one) for one in (news, task)] == [False, True]
    assert "Lange kein Fortschritt" in de.html.text


async def test_all_that_was_seen_is_read_at_once_and_what_came_later_is_not(shop: Shop) -> None:
    lead = await shop.office.opened("ben")
    early = await told(shop, "ben", lead=lead)
    ben = await visitor(shop, "ben")
    await ben.get("/notifications")
    form = ben.html.one("form", action="/notifications/read")
    until = form.one("input", name="until").attributes["value"]
    late = await told(shop, "ben", lead=lead)
    await ben.post("/notifications/read", until=until)
    await ben.get("/notifications")
    assert [seen(ben, one) for one in (early, late)] == [False, True]
    assert await count(shop, "ben") == 1
    garbages: tuple[dict[str, Any], ...] = (
        {},
        {"until": "soon"},
        {"until": "2026-01-01T00:00:00"},
        {"until": until, "x": "1"},
    )
    for garbage in garbages:
        assert (await ben.post("/notifications/read", **garbage)).status_code == 422
    await ben.post(f"/notifications/{late}/read")
    assert await count(shop, "ben") == 0


async def test_nobody_marks_what_others_were_told(shop: Shop) -> None:
    lead = await shop.office.opened("ben")
    notice, mail = await told(shop, "ben", "TASK", lead), await told(shop, "ben", "EMAIL", lead)
    for user in ("anna", "maria", "adam"):
        other = await visitor(shop, user)
        await other.get("/notifications?show=all")
        assert not seen(other, notice)
        assert (await other.post(f"/notifications/{notice}/read")).status_code == 404
        assert (await other.post(f"/notifications/{notice}/done", done="true")).status_code == 404
    ben = await visitor(shop, "ben")
    for wrong in (mail, uuid4()):
        assert (await ben.post(f"/notifications/{wrong}/read")).status_code == 404
    assert (await ben.post(f"/notifications/{notice}/done", done="perhaps")).status_code == 422
    assert await count(shop, "ben") == 1


async def test_a_long_list_has_pages_and_a_count_that_ends(shop: Shop) -> None:
    office, lead = shop.office, await shop.office.opened("anna")
    await office.lab.execute(
        """insert into notification (
             tenant, id, lead, cycle, kind, recipient, channel, status, sent_at, created_at, updated_at
           )
           select $1, gen_random_uuid(), $2, 'c' || n, 'notice-base', 'anna', 'INAPP', 'sent', $3, $3, $3
           from generate_series(1, 120) as n""",
        office.lab.tenant,
        lead,
        office.desk.now(),
    )
    assert await count(shop, "anna") == MOST_UNREAD
    anna, found, place = await visitor(shop, "anna"), 0, "/notifications"
    while place:
        assert (await anna.get(place)).status_code == 200
        found += len(anna.html.all("li", class_="notice"))
        place = next((link.attributes["href"] for link in anna.html.all("a", rel="next")), "")
    assert found == 120
    for query in ("?show=none", "?at=x", "?id=x", "?at=2026-01-01T00:00:00Z&id=x"):
        assert (await anna.get(f"/notifications{query}")).status_code == 200
