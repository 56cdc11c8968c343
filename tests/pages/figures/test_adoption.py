"""Living leads go over to another version of the policy, from a page, with the real workflow."""

from __future__ import annotations

import re
from uuid import UUID

from tests.api.shop import Shop
from tests.pages.visitor import visitor

KEY = "lead.protection.maxHoldDays"


async def test_living_leads_go_over_when_an_administrator_says_so(shop: Shop) -> None:
    adam, maria = await visitor(shop, "adam"), await visitor(shop, "maria")
    before = await shop.opened()
    usual = (await shop.get("maria", f"{before}/protection"))["policyVersion"]
    answer = await adam.post(f"/settings/{KEY}", value_days="59", scope="tenant", follow=True)
    assert "Changed" in adam.said, answer.text
    lead = await shop.opened()
    made = (await shop.get("maria", f"{lead}/protection"))["policyVersion"]
    assert made != usual
    await adam.post(f"/settings/{KEY}/unset", scope="tenant", follow=True)
    assert "Taken back" in adam.said

    there = {"version": usual, "from_version": made}
    for sent, said in (
        (there, "Please fill this in."),
        ({**there, "version": "contract-0", "sure": "true"}, "This does not fit."),
        ({**there, "from_version": "none", "sure": "true"}, "This does not fit."),
    ):
        answer = await adam.post("/settings/policy/adoptions", **sent)
        assert answer.status_code == 422
        assert said in adam.html.one("main").text
    assert (await maria.post("/settings/policy/adoptions", **there, sure="true")).status_code == 403

    answer = await adam.post("/settings/policy/adoptions", act="once-and-for-all", **there, sure="true")
    assert answer.status_code == 303
    again = await adam.post("/settings/policy/adoptions", act="once-and-for-all", **there, sure="true")
    here = answer.headers["location"]
    assert again.headers["location"] == here
    await shop.api.wiring.errands.wait(UUID(here.rpartition("/")[2]), 60)
    await maria.get(here)
    assert re.search(r"\b1 went over\b", maria.html.one("main").text), maria.html.one("main").text
    assert (await shop.get("maria", f"{lead}/protection"))["policyVersion"] == usual
    await maria.get("/settings/policy")
    assert maria.html.all("a", href=here)
