"""Mails as administrators see them: every kind in both languages, what went out, and what may go again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from activities.orders import InvitationKind, NotificationKind
from api.pages.routes.mails import KINDS
from tests.api.shop import Shop
from tests.pages.visitor import visitor
from tests.services.office import Office

AT = datetime(2031, 5, 5, 10, 0, tzinfo=UTC)
EVIL = '<script>alert("x")</script>'


async def noted(
    office: Office, lead: UUID, status: str, at: datetime, *, kind: str = "reminder", to: str = "anna"
) -> None:
    """A mail about a lead, as if it had been sent."""
    await office.lab.execute(
        """insert into notification
             (tenant, id, lead, cycle, kind, recipient, channel, status, attempt, sent_at, code, created_at,
              updated_at)
           values ($1, $2, $3, $4, $5, $6, 'EMAIL', $7, 1, $8, $9, $10, $10)""",
        office.lab.tenant, uuid4(), lead, uuid4().hex, kind, to, status, at if status == "sent" else None,
        None if status == "sent" else "550 5.1.1", at,
    )  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def clean(shop: Shop) -> AsyncIterator[Office]:
    """The office, whose mails made up by a test are gone after it: others count mails too."""
    office = shop.office
    yield office
    await office.lab.execute(
        "delete from notification where tenant = $1 and created_at between $2 and $3",
        office.lab.tenant,
        AT,
        AT + timedelta(days=2),
    )
    await office.lab.execute(
        "update protection set problem = null where tenant = $1 and problem = 'reminder-bounced'",
        office.lab.tenant,
    )


def test_every_kind_can_be_looked_at() -> None:
    assert set(KINDS) == {*NotificationKind, *InvitationKind}


@pytest.mark.parametrize("role", ["agent", "manager", "auditor"])
async def test_mails_are_the_administrators(shop: Shop, role: str) -> None:
    somebody = await visitor(shop, "max", role)
    for path in ("/mails", "/mails/preview", "/mails/preview/letter", "/mails/preview/fristwerk.ics"):
        assert (await somebody.get(path)).status_code == 403
    assert (await somebody.post(f"/mails/{uuid4()}/resend")).status_code == 403


async def test_every_kind_in_both_languages_is_shown_and_can_do_nothing(shop: Shop) -> None:
    adam = await visitor(shop, "adam")
    for kind in KINDS:
        for language, hello in (("de", "Guten Tag"), ("en", "Hello")):
            query = f"?kind={kind.value}&language={language}"
            page = await adam.get(f"/mails/preview{query}")
            assert page.status_code == 200, page.text
            assert "frame-src 'self'" in page.headers["content-security-policy"]
            frame = adam.html.one("iframe")
            assert frame.attributes["sandbox"] == ""
            assert frame.attributes["title"]
            assert hello in adam.html.one("pre").text
            letter = await adam.get(frame.attributes["src"])
            assert letter.status_code == 200
            assert hello in letter.text
            policy = letter.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
            assert policy.endswith("; sandbox")
    entry = await adam.get("/mails/preview/fristwerk.ics?kind=reminder")
    assert entry.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert (await adam.get("/mails/preview/fristwerk.ics?kind=lapse")).status_code == 404


async def test_a_lead_is_told_with_the_engines_dates_and_only_as_text(shop: Shop) -> None:
    office = shop.office
    lead = await office.opened("anna", company=f"{EVIL} GmbH", city="Ulm")
    await shop.post("anna", f"/{lead}/extensions", {"note": "Bald so weit", "days": 30, "nextStep": "Anruf"})
    adam = await visitor(shop, "adam", language="de")
    page = await adam.get(f"/mails/preview?kind=lapse&lead=https://leads.example/leads/{lead}?as=of")
    assert page.status_code == 200
    assert EVIL not in page.text
    assert EVIL in adam.html.one("pre").text
    letter = await adam.get(adam.html.one("iframe").attributes["src"])
    assert EVIL not in letter.text
    for kind in ("notice-progress", "reminder", "notice-base"):
        await adam.get(f"/mails/preview?kind={kind}&lead={lead}")
        assert f"/leads/{lead}" in adam.html.one("pre").text
    await adam.get(f"/mails/preview?kind=notice-preregistration&lead={lead}")
    assert adam.html.all("iframe") == []
    assert "keinen Anlass" in adam.html.one("main").text
    reserved = await office.noted("anna")
    await adam.get(f"/mails/preview?kind=notice-preregistration&lead={reserved}")
    assert len(adam.html.all("iframe")) == 1


@pytest.mark.parametrize(
    "query",
    ["kind=x", "language=fr", "lead=1", "kind=reminder&lead=%00", "lead=../../x", "kind=%F0%9F%98%80"],
)
async def test_what_makes_no_sense_is_said_at_its_field(shop: Shop, query: str) -> None:
    adam = await visitor(shop, "adam")
    page = await adam.get(f"/mails/preview?{query}")
    assert page.status_code in {404, 422}
    if page.status_code == 422 and "%00" not in query:
        assert adam.html.one("div", class_="bad").text
    assert (await adam.get(f"/mails/preview/letter?{query}")).status_code in {404, 422}
    assert (await adam.get(f"/mails/preview?lead={uuid4()}")).status_code == 200


async def test_what_went_out_is_listed_newest_first_page_by_page(shop: Shop, clean: Office) -> None:
    office = clean
    lead = await office.opened("anna", company=f"Zeile {uuid4().hex[:8]} & Söhne")
    for minute in range(51):
        await noted(office, lead, "sent", AT + timedelta(minutes=minute))
    await noted(office, lead, "sent", AT + timedelta(hours=2), kind="feedback-invitation", to="contact")
    await noted(office, lead, "sending", AT + timedelta(hours=3))
    await noted(office, lead, "dead", AT + timedelta(hours=4), to="gone")
    adam = await visitor(shop, "adam")
    await adam.get("/mails")
    rows = adam.html.one("tbody").all("tr")
    assert len(rows) == 50
    assert "given up" in rows[0].text
    assert "gone" in rows[0].text
    assert "550 5.1.1" in rows[0].text
    assert "on its way" in rows[1].text
    assert "the customer's contact" in rows[2].text
    assert adam.html.all("form", action=f"/mails/{lead}/resend") == []
    await adam.get(adam.html.one("a", rel="next").attributes["href"])
    assert "Reminder that opens grace" in adam.html.one("tbody").all("tr")[0].text
    assert adam.html.one("a", rel="prev").attributes["href"] == "/mails"
    await adam.get("/mails?show=waiting")
    assert all("on its way" in row.text for row in adam.html.one("tbody").all("tr"))
    await adam.get("/mails?show=refused")
    assert not any("on its way" in row.text for row in adam.html.one("tbody").all("tr"))
    assert (await adam.get("/mails?show=everything")).status_code == 422
    assert (await adam.get("/mails?at=gestern&id=1")).status_code == 422


async def test_a_refused_reminder_goes_again_and_no_other_does(shop: Shop, clean: Office) -> None:
    office = clean
    lead = await office.opened("anna")
    adam = await visitor(shop, "adam", language="de")
    page = await adam.post(f"/mails/{lead}/resend")
    assert page.status_code == 409
    assert adam.html.one("div", class_="bad").text
    assert (await adam.post(f"/mails/{uuid4()}/resend")).status_code == 404
    await noted(office, lead, "bounced", AT + timedelta(days=1))
    await office.lab.execute(
        "update protection set problem = 'reminder-bounced' where tenant = $1 and lead = $2",
        office.lab.tenant,
        lead,
    )
    await adam.get("/mails?show=refused")
    form = adam.html.one("form", action=f"/mails/{lead}/resend")
    assert form.one("button").text == "Erneut senden"
