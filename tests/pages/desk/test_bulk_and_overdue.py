"""Many leads at once, each for itself; and what nobody should leave lying."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from protection.facts import HoldReason
from services.holding import WantedHold, place_hold
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, visitor


def meant(visiting: Visitor) -> dict[str, Any]:
    """What the form below a plan sends, all that is ticked."""
    form = visiting.html.one("form", action="/desk/bulk", method="post")
    fields: dict[str, Any] = {
        one.attributes["name"]: one.attributes["value"] for one in form.all("input", type="hidden")
    }
    ticked = [one for one in form.all("input", type="checkbox") if "checked" in one.attributes]
    return fields | {"leads": [one.attributes["value"] for one in ticked]}


async def test_leads_are_handed_over_and_extended_many_at_once(shop: Shop) -> None:
    office, industry = shop.office, f"I{uuid4().hex}"
    leads = [await office.opened(industry=industry) for _ in range(3)]
    maria = await visitor(shop, "maria")
    await maria.get("/desk/bulk")
    await maria.get(f"/desk/bulk?what=extend&days=20&industry={industry}")
    assert maria.html.text.count("20 days longer") == 3
    fields = meant(maria)
    assert sorted(fields["leads"]) == sorted(map(str, leads))
    act = fields.pop("_act")
    again = await maria.post("/desk/bulk", act=act, **fields)
    assert again.status_code == 422
    assert len(maria.html.all("input", name="leads")) == 3
    picked = [str(leads[0]), str(leads[1]), str(uuid4())]
    for _ in range(2):
        await maria.post("/desk/bulk", act=act, **{**fields, "leads": picked, "why": "A late season"})
        assert "Done for 2 of 2 leads" in maria.html.text
    granted = [
        [fact["type"] for fact in await office.facts(lead)].count("extension_granted") for lead in leads
    ]
    assert granted == [1, 1, 0]
    await maria.get(f"/desk/bulk?what=transfer&to=ben&industry={industry}")
    fields = meant(maria)
    act = fields.pop("_act")
    await maria.post("/desk/bulk", act=act, why="Anna is on leave", **fields)
    assert "Done for 3 of 3 leads" in maria.html.text
    await maria.get(f"/desk/bulk?what=transfer&to=ben&industry={industry}")
    assert "No lead fits" in maria.html.text
    twice = await maria.post("/desk/bulk", why="Anna is on leave", **fields)
    assert "Done for 0 of 3 leads" in twice.text


async def test_bulk_is_for_who_decides_and_nothing_odd_harms_it(shop: Shop) -> None:
    for user in ("anna", "olga"):
        other = await visitor(shop, user)
        for address in ("/desk/bulk", "/desk/overdue", "/desk/bulk?what=transfer&to=ben"):
            assert (await other.get(address)).status_code == 403
        fields = {"what": "transfer", "leads": str(uuid4()), "why": "Not this way", "to": "ben"}
        assert (await other.client.post("/desk/bulk", data=fields)).status_code in {403, 422}
    maria = await visitor(shop, "maria")
    for query in (
        "what=party",
        "what=transfer",
        "what=extend",
        "what=extend&days=0",
        "what=extend&days=5&text=%25%25",
        "what=extend&days=5&status=EXPIRED",
        "what=extend&days=5&ends_before=soon",
    ):
        assert (await maria.get(f"/desk/bulk?{query}")).status_code == 422, query
    garbages: tuple[dict[str, Any], ...] = (
        {},
        {"leads": "x", "why": "Because of that"},
        {"leads": [str(uuid4()) for _ in range(51)], "days": "5", "why": "Because of that"},
        {"leads": str(uuid4()), "days": "5"},
    )
    for garbage in garbages:
        answer = await maria.post("/desk/bulk", **garbage)
        assert answer.status_code == 422


async def test_what_waits_too_long_is_seen_with_the_act_beside_it(shop: Shop) -> None:
    office, now = shop.office, shop.office.desk.now()
    long, bounced, grace = await office.opened(), await office.opened(), await office.opened()
    wanted = WantedHold(reason=HoldReason.FFZ_SUPPLY_ISSUE, start_at=now - timedelta(days=70), name="old")
    await place_hold(office.desk, office.asking("maria"), long, wanted)
    for column, value, lead in (("problem", "reminder-bounced", bounced), ("status", "GRACE", grace)):
        # What the clock writes after months; the row is all the page reads.
        await office.lab.execute(
            f"update protection set {column} = $3 where tenant = $1 and lead = $2",
            office.lab.tenant,
            lead,
            value,
        )
    maria = await visitor(shop, "maria")
    await maria.get("/desk/overdue")
    text = maria.html.text
    assert "Holds that last too long" in text
    assert "60 days are usual" in text
    assert maria.html.all("form", action=f"/leads/{long}/holds/old/release")
    assert maria.html.all("form", action=f"/leads/{bounced}/reminder")
    assert "In grace" in text
    for lead in (long, bounced, grace):
        assert maria.html.all("a", href=f"/leads/{lead}")
    await maria.post(f"/leads/{long}/holds/old/release", back="/desk/overdue", follow=True)
    assert not maria.html.all("form", action=f"/leads/{long}/holds/old/release")
