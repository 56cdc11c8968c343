"""Every act of a lead's page over its form: done once, refused at its field, nobody past his rights."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.shop import Shop
from tests.pages.visitor import Visitor, visitor


async def told(shop: Shop, lead: str) -> list[dict[str, Any]]:
    return await shop.office.facts(UUID(lead[1:]))


def wrong(page: Visitor) -> dict[str, str]:
    """What is wrong with the form on the page, by field."""
    items = page.html.one("div", role="alert").all("li")
    return {(item.all("a")[0].attributes["href"][1:] if item.all("a") else ""): item.text for item in items}


async def test_progress_is_logged_once_however_often_it_is_sent(shop: Shop) -> None:
    lead = await shop.opened("anna")
    anna = await visitor(shop, "anna")
    key = secrets.token_urlsafe(16)
    for _ in range(2):
        answer = await anna.post(f"/leads{lead}/activities", act=key, kind="QUALIFIED_CALL", note="Lief gut.")
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == f"/leads{lead}"
    assert [fact["type"] for fact in await told(shop, lead)] == ["registered", "activity"]
    await anna.get(f"/leads{lead}")
    assert "Recorded." in anna.said
    answer = await anna.post(f"/leads{lead}/activities", kind="CALL_ATTEMPT", back="/leads?mine=true")
    assert answer.headers["location"] == "/leads?mine=true"
    answer = await anna.post(
        f"/leads{lead}/activities", kind="CALL_ATTEMPT", back="https://elsewhere.example/"
    )
    assert answer.headers["location"] == f"/leads{lead}"


@pytest.mark.parametrize(
    ("path", "fields", "where"),
    [
        ("activities", {}, "kind"),
        ("activities", {"kind": "no kind"}, "kind"),
        ("activities", {"kind": "NO_SUCH_KIND"}, "kind"),
        ("activities", {"kind": "QUALIFIED_CALL", "occurred_at": "yesterday"}, "occurred_at"),
        ("activities", {"kind": "QUALIFIED_CALL", "occurred_at": "2099-01-01T10:00"}, "occurred_at"),
        ("activities", {"kind": "QUALIFIED_CALL", "surprise": "x"}, ""),
        ("notes", {}, "note"),
        ("notes", {"note": "\x00"}, "note"),
        ("holds", {"reason": "BORED"}, "reason"),
        (
            "holds",
            {"reason": "OTHER", "start_at": "2026-12-02T10:00", "end_at": "2026-12-01T10:00"},
            "end_at",
        ),
        ("extensions", {"reason": "x"}, "reason"),
        ("extensions", {"reason": "More time", "days": "0"}, "days"),
        ("extensions", {"reason": "More time"}, ""),
        ("contact", {"email": "nobody"}, "email"),
        ("collaborators", {"user": "nobody-here", "role": "VIEW"}, "user"),
        ("collaborators", {"user": "ben", "role": "KING"}, "role"),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field_and_kept(
    shop: Shop, path: str, fields: dict[str, Any], where: str
) -> None:
    lead = await _one_lead(shop)
    anna = await visitor(shop, "anna")
    answer = await anna.post(f"/leads{lead}/{path}", **fields)
    assert answer.status_code == 422, answer.text
    assert where in wrong(anna), wrong(anna)
    for name, value in fields.items():
        kept = [node.attributes.get("value") for node in anna.html.all("input", id=name)]
        assert value in kept or not kept or value == "\x00", (name, kept)


_LEADS: dict[str, str] = {}


async def _one_lead(shop: Shop) -> str:
    """The same lead for all that is refused."""
    if "one" not in _LEADS:
        _LEADS["one"] = await shop.opened("anna")
    return _LEADS["one"]


async def test_a_hold_is_asked_for_approved_and_released(shop: Shop) -> None:
    lead = await shop.opened("anna")
    anna, maria = await visitor(shop, "anna"), await visitor(shop, "maria")
    answer = await anna.post(f"/leads{lead}/holds", reason="CUSTOMER_BLOCKED", note="Umbau")
    assert answer.status_code == 303
    await anna.get(f"/leads{lead}")
    assert "The hold was asked for." in anna.said
    assert [node.text for node in anna.html.one("aside").all("p", class_="lead-note")] == ["Umbau"]
    await maria.get(f"/leads{lead}")
    links = [node.attributes["href"] for node in maria.html.one("aside").all("a")]
    approve = next(link for link in links if "act=approve" in link)
    await maria.get(approve.partition("#")[0])
    form = next(node for node in maria.html.all("form") if node.attributes["action"].endswith("/approve"))
    seen = form.one("input", name="seen").attributes["value"]
    answer = await maria.post(form.attributes["action"], seen=seen)
    assert answer.status_code == 303, answer.text
    await maria.get(f"/leads{lead}")
    assert maria.html.one("p", class_="lead-until").text.startswith("Protected, and the clock stands still")
    release = next(
        node.attributes["href"]
        for node in maria.html.all("a")
        if "act=release-hold" in node.attributes.get("href", "")
    )
    await maria.get(release.partition("#")[0])
    form = next(node for node in maria.html.all("form") if node.attributes["action"].endswith("/release"))
    # Somebody was faster: the page is stale, says so, and nothing that was typed is lost.
    await anna.post(f"/leads{lead}/activities", kind="QUALIFIED_CALL")
    seen = form.one("input", name="seen").attributes["value"]
    answer = await maria.post(form.attributes["action"], seen=seen, note="Umbau fertig")
    assert answer.status_code == 422
    assert wrong(maria) == {"": "The lead has changed meanwhile. Please look again."}
    assert maria.html.one("textarea", id="note").text == "Umbau fertig"
    form = next(node for node in maria.html.all("form") if node.attributes["action"].endswith("/release"))
    seen = form.one("input", name="seen").attributes["value"]
    answer = await maria.post(form.attributes["action"], seen=seen, note="Umbau fertig")
    assert answer.status_code == 303, answer.text
    await maria.get(f"/leads{lead}")
    assert maria.html.one("p", class_="lead-until").text.startswith("Protected until")


async def test_an_extension_is_asked_for_and_withdrawn_or_rejected(shop: Shop) -> None:
    lead = await shop.opened("anna")
    anna, maria = await visitor(shop, "anna"), await visitor(shop, "maria")
    wish: dict[str, Any] = {
        "reason": "Der Einkauf entscheidet spät",
        "next_step": "Anruf",
        "next_step_at": "2099-01-12T10:00",
    }
    await anna.post(f"/leads{lead}/extensions", **wish)
    await anna.get(f"/leads{lead}")
    form = next(node for node in anna.html.all("form") if node.attributes["action"].endswith("/withdraw"))
    assert (await anna.post(form.attributes["action"])).status_code == 303
    await anna.post(f"/leads{lead}/extensions", **wish)
    request = (await told(shop, lead))[-1]["request"]
    answer = await maria.post(f"/leads{lead}/requests/{request}/reject", reason="no")
    assert answer.status_code == 422
    assert list(wrong(maria)) == ["reason"]
    answer = await maria.post(f"/leads{lead}/requests/{request}/approve")
    assert answer.status_code == 422
    assert list(wrong(maria)) in (["days"], [""])
    answer = await maria.post(f"/leads{lead}/requests/{request}/approve", days="30")
    assert answer.status_code == 303, answer.text
    assert (await maria.post(f"/leads{lead}/requests/nothing/approve", days="30")).status_code == 404
    answer = await maria.post(f"/leads{lead}/extensions", reason="Kulanz", days="7")
    assert answer.status_code == 303
    assert [fact["type"] for fact in await told(shop, lead)][-2:] == ["request_decided", "extension_granted"]


async def test_what_governs_a_lead(shop: Shop) -> None:
    lead = await shop.opened("anna")
    anna, maria = await visitor(shop, "anna"), await visitor(shop, "maria")
    governing: tuple[tuple[str, dict[str, Any]], ...] = (
        ("transfer", {"owner": "ben", "reason": "Gebiet"}),
        ("convert", {}),
        ("reinstate", {"reason": "weil"}),
        ("corrections", {"corrects": "x", "never": "true", "reason": "weil"}),
        ("reminder", {}),
    )
    for path, fields in governing:
        assert (await anna.post(f"/leads{lead}/{path}", **fields)).status_code == 403, path
    await maria.get(f"/leads{lead}?act=transfer")
    assert {node.attributes["value"] for node in maria.html.one("select", id="owner").all("option")} >= {
        "ben",
        "",
    }
    assert (await maria.post(f"/leads{lead}/transfer", owner="ben", reason="Gebiet")).status_code == 303
    assert (await maria.post(f"/leads{lead}/collaborators", user="anna", role="ASSIST")).status_code == 303
    await maria.get(f"/leads{lead}/people")
    assert "anna" in {node.attributes["value"] for node in maria.html.all("input", name="user")}
    answer = await maria.post(f"/leads{lead}/collaborators/remove", user="anna", back=f"/leads{lead}/people")
    assert answer.headers["location"] == f"/leads{lead}/people"
    assert (await maria.post(f"/leads{lead}/release", note="Kein Bedarf")).status_code == 303
    answer = await maria.post(f"/leads{lead}/notes", note="Zu spät")
    assert answer.status_code == 422
    assert list(wrong(maria)) == [""]
    assert (await maria.post(f"/leads{lead}/reinstate", reason="Irrtum")).status_code == 303
    assert (
        await maria.post(f"/leads{lead}/contact", name="Neu", email="neu@haus.example")
    ).status_code == 303
    answer = await maria.post(f"/leads{lead}/convert", customer_no="K1", agreement_date="2026-11-01")
    assert answer.status_code == 303, answer.text
    await maria.get(f"/leads{lead}")
    assert maria.html.one("p", class_="lead-until").text.startswith("A customer since")


async def test_an_entry_is_corrected_where_it_was_wrong(shop: Shop) -> None:
    lead = await shop.opened("anna")
    anna, maria = await visitor(shop, "anna"), await visitor(shop, "maria")
    await anna.post(f"/leads{lead}/activities", kind="QUALIFIED_CALL")
    fact = (await told(shop, lead))[-1]
    await maria.get(f"/leads{lead}?act=correct&about={fact['fact_id']}")
    form = next(node for node in maria.html.all("form") if node.attributes["action"].endswith("/corrections"))
    was = form.one("input", id="occurred_at").attributes["value"]
    same: dict[str, Any] = {
        "corrects": fact["fact_id"],
        "kind": "QUALIFIED_CALL",
        "occurred_at": was,
        "reason": "Verwechselt",
    }
    answer = await maria.post(f"/leads{lead}/corrections", **same)
    assert answer.status_code == 422, answer.text
    assert "corrects" in wrong(maria) or "" in wrong(maria)
    answer = await maria.post(f"/leads{lead}/corrections", **{**same, "kind": "EMAIL_SENT"})
    assert answer.status_code == 303, answer.text
    right = (await told(shop, lead))[-1]
    assert right["replacement"] == {"kind": "EMAIL_SENT"}
    hold = datetime.now(UTC) + timedelta(days=2)
    await maria.post(f"/leads{lead}/holds", reason="OTHER", end_at=f"{hold:%Y-%m-%dT%H:%M}")
    placed = (await told(shop, lead))[-1]
    answer = await maria.post(
        f"/leads{lead}/corrections",
        corrects=placed["fact_id"],
        hold_reason="OTHER",
        end_at="",
        reason="Ohne Ende",
    )
    assert answer.status_code == 303, answer.text
    assert (await told(shop, lead))[-1]["replacement"] == {"end_at": None}
    answer = await maria.post(
        f"/leads{lead}/corrections", corrects=placed["fact_id"], never="true", reason="Nie"
    )
    assert answer.status_code == 303, answer.text
    assert (await maria.post(f"/leads{lead}/corrections", corrects="x", reason="weil")).status_code == 422


async def test_a_noted_lead_is_registered_on_its_page(shop: Shop) -> None:
    lead = await shop.office.noted("anna")
    anna = await visitor(shop, "anna")
    answer = await anna.post(f"/leads/{lead}/register", first_note="kurz")
    assert answer.status_code == 422
    assert anna.html.one("textarea", id="first_note").text == "kurz"
    answer = await anna.post(
        f"/leads/{lead}/register", name="Jo", first_note="Auf der Messe lange gesprochen", source="TRADE_FAIR"
    )
    assert answer.status_code == 303, answer.text
    await anna.get(f"/leads/{lead}")
    assert anna.html.one("p", class_="lead-until").text.startswith("Protected until")
