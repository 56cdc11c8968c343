"""Settings, policy and integrations as pages: who sees what, who changes what, and what is told back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from adapters.setting_definitions import DEFINITIONS
from api.pages.setting_forms import form_of, inputs_of, value_of
from api.pages.setting_texts import grouped
from api.pages.texts import read_catalogue
from tests.pages.figures.past import Past
from tests.pages.visitor import Visitor


def chips(page: Visitor, key: str) -> str:
    """What holds for a setting and where it comes from."""
    return next(one.text for one in page.html.all("li") if one.all("code") and one.one("code").text == key)


@pytest.mark.parametrize("key", DEFINITIONS)
def test_every_setting_has_a_form_that_says_its_default_again(key: str) -> None:
    definition = DEFINITIONS[key]
    shown = {one.name: one.shown(definition.default) for one in inputs_of(key)}
    sent = {
        name: "\x1f".join(text) if isinstance(text, list) else text for name, text in shown.items() if text
    }
    values = form_of(key).model_validate_strings({**sent, "scope": str(definition.scopes[0])})
    assert value_of(key, values) == definition.default
    assert key in [one for _, keys in grouped() for one in keys]
    assert definition.says in read_catalogue("de")


async def test_only_overseers_see_settings_and_only_administrators_change_them(past: Past) -> None:
    agent, manager, admin = [await past.visitor(one) for one in ("agent", "manager", "admin")]
    for path in ("/settings", "/settings/policy", "/settings/sample.feedback.tokenDays", "/integrations"):
        assert (await agent.get(path)).status_code == 403, path
        assert (await manager.get(path)).status_code == 200, path
    assert not manager.html.all("form", action="/settings/sample.feedback.tokenDays")
    key = "lead.protection.holdApproval"
    answer = await manager.post(f"/settings/{key}", value_approval="not_required", scope="tenant")
    assert answer.status_code == 403
    answer = await admin.post(
        f"/settings/{key}",
        value_approval="not_required",
        scope="tenant",
        reason="Wir vertrauen",
        revision="0",
        follow=True,
    )
    assert answer.status_code == 200, answer.text
    assert "Changed. It holds at once." in admin.said
    await manager.get("/settings")
    assert "takes effect at once this company" in chips(manager, key)
    await manager.get(f"/settings/{key}")
    assert "Wir vertrauen" in manager.html.one("main").text
    # Somebody who has seen the state before is told, and nothing is lost of what he typed.
    answer = await admin.post(f"/settings/{key}", value_approval="required", scope="tenant", revision="0")
    assert answer.status_code == 422
    assert "Somebody else has changed this value meanwhile" in admin.said
    answer = await admin.post(f"/settings/{key}/unset", scope="tenant", revision="1", follow=True)
    assert "Taken back" in admin.said
    await manager.get("/settings")
    assert "a manager approves default" in chips(manager, key)


@pytest.mark.parametrize(
    ("key", "sent", "field"),
    [
        ("lead.protection.maxHoldDays", {"value_days": "0", "scope": "tenant"}, "value_days"),
        ("lead.protection.maxHoldDays", {"value_days": "many", "scope": "tenant"}, "value_days"),
        ("lead.protection.maxHoldDays", {"scope": "tenant"}, "value_days"),
        ("lead.protection.maxHoldDays", {"value_days": "5", "scope": "galaxy"}, "scope"),
        ("lead.protection.maxHoldDays", {"value_days": "5", "scope": "user"}, "scope"),
        ("lead.protection.maxHoldDays", {"value_days": "5", "scope": "global"}, "scope"),
        ("lead.protection.maxHoldDays", {"value_days": "5", "scope": "tenant", "x": "1"}, ""),
        (
            "lead.protection.workingDayRoll",
            {"value_roll": "next_working_day", "scope": "tenant"},
            "value_roll",
        ),
        (
            "lead.protection.workingDayRoll",
            {"value_roll": "next_working_day", "value_land": "TH", "scope": "tenant"},
            "value_roll",
        ),
        ("ai.cache.ttl", {"value": "eight hours", "scope": "tenant"}, "value"),
        ("ai.cache.ttl", {"value": "PT1H", "scope": "org"}, "scope_id"),
        ("ai.routing.confidence.threshold", {"value": "nan", "scope": "tenant"}, "value"),
        (
            "ai.routing.confidence.threshold",
            {"value": "0.5", "scope": "user", "scope_id": "nobody"},
            "scope_id",
        ),
        ("help.space.enduser", {"value": "{", "scope": "tenant"}, "value"),
        ("help.space.enduser", {"value": "[]", "scope": "tenant"}, "value"),
        ("lead.protection.notify.roles", {"value": ["manager", "king"], "scope": "tenant"}, "value"),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_at_its_field(
    key: str, sent: dict[str, Any], field: str, past: Past
) -> None:
    admin = await past.visitor("admin")
    answer = await admin.post(f"/settings/{key}", **sent)
    assert answer.status_code == 422
    wrong = [one.attributes["href"] for one in admin.html.one("div", role="alert").all("a")]
    assert wrong == ([f"#{field}"] if field else [])


async def test_a_setting_nobody_knows_does_not_exist(past: Past) -> None:
    admin = await past.visitor("admin")
    for path in ("/settings/no.such.thing", "/settings/policy/rehearsals/7", "/audit/checks/7"):
        assert (await admin.get(path)).status_code in {404, 422}, path
    assert (await admin.post("/settings/no.such.thing", value="1", scope="tenant")).status_code == 404
    nowhere = "00000000-0000-4000-8000-000000000000"
    for path in (f"/settings/policy/rehearsals/{nowhere}", f"/settings/policy/adoptions/{nowhere}"):
        assert (await admin.get(path)).status_code == 404, path


async def test_a_draft_is_rehearsed_and_made_true(past: Past) -> None:
    admin = await past.visitor("admin")
    await admin.get("/settings/policy")
    form = admin.html.one("form", action="/settings/policy/rehearsals")
    draft: dict[str, Any] = {
        one.attributes["name"]: one.attributes.get("value", "")
        for one in form.all("input")
        if not one.attributes["name"].startswith("_")
    }
    for choice in form.all("select"):
        chosen = choice.all("option", selected="")
        draft[choice.attributes["name"]] = chosen[0].attributes["value"] if chosen else ""
    answer = await admin.post("/settings/policy/rehearsals", **{**draft, "grace_days": "77"})
    assert answer.status_code == 422
    assert "At most 30, please." in admin.html.one("main").text
    answer = await admin.post(
        "/settings/policy/rehearsals",
        **{**draft, "max_hold_days": "30", "notice_base_days": "21"},
        follow=True,
    )
    assert answer.status_code == 200, answer.text
    told = admin.html.one("main").text
    assert "Longest hold, days 60 30" in told
    assert "Notice before the end of the base period, days 14 21" in told
    assert "What would come of it" in told
    here = str(answer.url.path)
    assert (await admin.post(f"{here}/take", reason="Frühjahr")).status_code == 422
    answer = await admin.post(f"{here}/take", reason="Frühjahr 2026", sure="true", follow=True)
    assert "New leads are registered under" in admin.said, answer.text
    present = next(row for row in admin.html.one("tbody").all("tr") if row.all("span", class_="good"))
    assert re.match(r"contract-\d+ new leads", present.text)
    # A manager may look, and rehearse; the act is not his.
    manager = await past.visitor("manager")
    assert (await manager.get(here)).status_code == 200
    assert not manager.html.all("form", action=f"{here}/take")
    assert (await manager.post(f"{here}/take", reason="Frühjahr", sure="true")).status_code == 403
    # Another tenant's installation is not ours to set for everybody.
    answer = await admin.post("/settings/policy/rehearsals", **{**draft, "grace_days": "14"}, follow=True)
    answer = await admin.post(f"{answer.url.path}/take", reason="Länger", sure="true")
    assert answer.status_code == 422
    assert "Values of everybody are set by whoever operates the installation." in admin.said


async def test_systems_outside_tell_honestly_how_they_stand(past: Past) -> None:
    manager = await past.visitor("manager")
    await manager.get("/integrations")
    told = {
        one.attributes["aria-labelledby"].removeprefix("system-"): one
        for one in manager.html.all("section", class_="system")
    }
    assert "works" in told["database"].one("h2").text
    assert "PostgreSQL" in told["database"].text
    # In these tests nobody listens where Temporal should be.
    assert "does not answer" in told["temporal"].one("h2").text
    assert "Last failed" in told["temporal"].text
    assert "not needed yet" in told["mail"].one("h2").text
    for name in ("erp", "credit", "ai", "inbox", "webhooks"):
        assert "not connected" in told[name].one("h2").text
