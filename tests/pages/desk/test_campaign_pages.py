"""Hold campaigns on the desk: filter, dry run, confirmation, progress, end; and what makes no sense."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from adapters.campaign_gateway import TemporalCampaigns
from tests.api.shop import Shop
from tests.campaigns.field import WHY, Field, counted
from tests.pages.visitor import Visitor, visitor


def confirmation(visiting: Visitor) -> dict[str, str]:
    """What the form sends that stands below a plan."""
    form = visiting.html.one("form", action="/desk/campaigns")
    hidden = [one.attributes for one in form.all("input", type="hidden")]
    return {one["name"]: one["value"] for one in hidden}


async def test_a_campaign_from_its_filter_to_its_end(shop: Shop) -> None:
    field = Field(shop.office)
    leads = await field.leads(3)
    maria = await visitor(shop, "maria")
    await maria.get("/desk/campaigns")
    await maria.get("/desk/campaigns/new")
    assert not maria.html.all("form", action="/desk/campaigns")
    plan = f"/desk/campaigns/new?industry={field.industry}&reason=FFZ_SUPPLY_ISSUE"
    await maria.get(plan)
    assert "The clock of 3 leads would stand still" in maria.html.text
    assert maria.html.text.count("open, while the clock stands still") == 3
    assert await field.paused(leads) == [False] * 3
    fields: dict[str, Any] = confirmation(maria)
    act = fields.pop("_act")
    refused = await maria.post("/desk/campaigns", act=act, why="no", **fields)
    assert refused.status_code == 422
    assert confirmation(maria)["seal"] == fields["seal"]
    answers = await asyncio.gather(
        *(maria.post("/desk/campaigns", act=act, why=WHY, **fields) for _ in range(2))
    )
    assert {one.status_code for one in answers} == {303}
    (path,) = {one.headers["location"] for one in answers}
    campaign = UUID(path.rpartition("/")[2])
    assert counted(await field.settled(campaign)) == {"placed": 3}
    await maria.get(path)
    assert "3 of 3 leads" in maria.html.text
    assert "in force" in maria.html.text
    assert "hx-get" not in maria.html.one("div", id="going").attributes
    await maria.get(f"{path}?turn=refused")
    assert "No lead fits" in maria.html.text
    max_ = await visitor(shop, "max", language="de")
    await max_.get("/desk/campaigns")
    assert max_.html.all("a", href=path)
    assert (await max_.post(f"{path}/end", why="kurz")).status_code == 422
    assert (await max_.post(f"{path}/end", why="Die Preisliste ist da")).headers["location"] == path
    assert counted(await field.settled(campaign)) == {"ended": 3}
    await max_.get(path)
    assert "beendet" in max_.html.text
    assert not max_.html.all("form", action=f"{path}/end")


async def test_other_leads_than_those_that_were_seen_are_shown_again(shop: Shop) -> None:
    field = Field(shop.office)
    await field.leads(1)
    maria = await visitor(shop, "maria")
    await maria.get(f"/desk/campaigns/new?industry={field.industry}&reason=OTHER")
    fields: dict[str, Any] = confirmation(maria)
    act = fields.pop("_act")
    await field.leads(1)
    answer = await maria.post("/desk/campaigns", act=act, why=WHY, **fields)
    assert (answer.status_code, "finds other leads" in maria.html.text) == (409, True)
    assert confirmation(maria)["seal"] != fields["seal"]


async def test_one_that_stands_still_is_taken_up(shop: Shop) -> None:
    office, field = shop.office, Field(shop.office)
    await field.leads(1)
    campaign = await field.only_kept(office.asking("maria"))
    path, maria = f"/desk/campaigns/{campaign}", await visitor(shop, "maria")
    await maria.get(path)
    assert maria.html.one("div", id="going").attributes["hx-trigger"] == "every 2s"
    assert not maria.html.all("form", action=f"{path}/continue")
    await office.lab.execute(
        "update hold_campaign_lead set told_at = told_at - interval '2 minutes' where campaign = $1", campaign
    )
    await maria.get(path)
    assert maria.html.all("form", action=f"{path}/continue")
    await maria.post(f"{path}/continue")
    assert counted(await field.settled(campaign)) == {"placed": 1}
    await TemporalCampaigns(office.lab.client).go_on(office.lab.tenant, campaign)


async def test_campaigns_are_for_who_decides_and_nothing_odd_harms_them(shop: Shop) -> None:
    field = Field(shop.office)
    await field.leads(1)
    campaign = await field.only_kept(shop.office.asking("maria"))
    path = f"/desk/campaigns/{campaign}"
    for user in ("anna", "olga"):
        other = await visitor(shop, user)
        for address in ("/desk/campaigns", "/desk/campaigns/new", path):
            assert (await other.get(address)).status_code == 403
        for act in ("end", "continue"):
            assert (await other.post(f"{path}/{act}", why=WHY)).status_code in {403, 422}
    maria = await visitor(shop, "maria")
    for act in ("", "/end", "/continue"):
        missing = f"/desk/campaigns/{uuid4()}{act}"
        answer = await (maria.post(missing, why=WHY) if act == "/end" else maria.post(missing))
        assert answer.status_code in {404, 405}
    for query in (
        "reason=PARTY",
        "reason=OTHER&text=%25%25",
        "reason=OTHER&status=EXPIRED",
        "reason=OTHER&start_at=2026-12-01T00:00&end_at=2026-11-30T00:00",
        "reason=OTHER&ends_before=soon",
        "reason=OTHER&row=-1",
    ):
        assert (await maria.get(f"/desk/campaigns/new?{query}")).status_code == 422, query
        assert not maria.html.all("form", action="/desk/campaigns")
    garbages: tuple[dict[str, Any], ...] = (
        {},
        {"reason": "OTHER"},
        {"reason": "OTHER", "seal": "0" * 32},
        {"reason": "OTHER", "seal": "x", "why": WHY},
        {"reason": "OTHER", "seal": "0" * 32, "why": WHY, "more": "1"},
    )
    for garbage in garbages:
        assert (await maria.post("/desk/campaigns", industry=field.industry, **garbage)).status_code == 422
    await maria.get(f"{path}?turn=party&after=x")
    assert counted(await field.look(campaign)) == {"waiting": 1}
