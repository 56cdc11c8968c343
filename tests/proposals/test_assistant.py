"""What models say about a lead: to whom, without personal data, and what is said where there is no answer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

import pytest

from adapters import sample_records as records
from api.pages.routes.assistant import USES
from api.pages.routes.helping import article_of
from protection.permission import Share
from sandbox.switches import Failure
from services import samples
from services.governing import log_activity
from tests.pages.visitor import visitor
from tests.proposals.asked import Asked

SAID: Final = "Frau Geheim will 300 Essen, Tel. +49 170 5550199, jo.geheim@haus.example"
PLANTED: Final = ("Geheim", "5550199", "haus.example")


_CREDIT: Final = """
insert into credit_check (tenant, id, lead, account, country, amount, bucket, currency, purpose,
  requested_by, requested_at, status, grade, credit_limit, decided_at, settled_at)
select $1::uuid, $2::uuid, $3::uuid, 'K-1', 'DE', 2500, 5000, 'EUR', 'FIRST_ORDER', 'anna',
  $4::timestamptz, 'approved', 'B', 4000, $4, $4
from (
  select set_config('app.tenant', ($1::uuid)::text, true), set_config('app.user', 'anna', true),
    set_config('app.at', $5, true)
) as context
"""


async def lead_with_notes(asked: Asked) -> UUID:
    """A lead with a contact, and personal data in a note."""
    office = asked.shop.office
    lead = await office.opened()
    await log_activity(office.desk, office.asking(), lead, kind="QUALIFIED_CALL", note=SAID)
    return lead


async def test_without_a_provider_nothing_is_shown_and_nothing_breaks(asked: Asked) -> None:
    lead = await asked.plain.office.opened()
    anna = await visitor(asked.plain, "anna")
    await anna.get(f"/leads/{lead}")
    assert not anna.html.all("a", href=f"/leads/{lead}/assistant")
    assert (await anna.get(f"/leads/{lead}/assistant")).status_code == 503
    for use in USES:
        assert (await anna.post(f"/leads/{lead}/assistant/{use}", words="x")).status_code == 303
    await anna.get("/help")
    assert not anna.html.all("textarea")
    assert (await anna.post("/help", words="x")).status_code == 303


async def test_every_use_answers_and_is_told_nothing_personal(asked: Asked) -> None:
    lead = await lead_with_notes(asked)
    anna = await asked.visitor("anna", language="de")
    lead_page = await anna.get(f"/leads/{lead}")
    assert lead_page.status_code == 200
    assert anna.html.all("a", href=f"/leads/{lead}/assistant")
    for use in ("products", "results", "risk"):
        answer = await anna.post(f"/leads/{lead}/assistant/{use}")
        assert answer.status_code == 200
        assert anna.html.one("div", class_="warn").text, use
    assert (await anna.post(f"/leads/{lead}/assistant/negotiation")).status_code == 422
    assert asked.prompts() == ""
    assert (await anna.post(f"/leads/{lead}/samples", items="SUPPE-1 2")).status_code == 303
    for use in ("summary", "products", "box", "negotiation"):
        answer = await anna.post(f"/leads/{lead}/assistant/{use}", words=f"{SAID} {use}")
        assert answer.status_code == 200, use
        shown = anna.html.one("div", id=f"answer-{use}")
        assert "Von einer Maschine geschrieben" in shown.text, (use, shown.text)
    assert asked.prompts()
    for planted in PLANTED:
        assert planted not in asked.prompts()
    part = await anna.client.post(
        f"/leads/{lead}/assistant/summary",
        data={"_act": "abcdefgh12345678"},
        headers={"hx-request": "true", "Sec-Fetch-Site": "same-origin"},
    )
    assert part.text.strip().startswith('<div class="ai-answer" id="answer-summary"')


async def test_results_and_a_credit_answer_are_explained(asked: Asked) -> None:
    office, lead = asked.shop.office, await lead_with_notes(asked)
    anna = await asked.visitor("anna")
    await anna.post(f"/leads/{lead}/samples", items="SUPPE-1 2")
    ask = office.asking()
    (box,) = await samples.boxes_of(office.desk, ask, lead)
    starts = datetime.now(UTC)
    wanted = samples.WantedPhase(box=box.id, stage=records.Stage.TRIAL, starts_at=starts)
    phase = await samples.plan_phase(office.desk, office.asking(), wanted)
    sold = records.TestResult("SUPPE-1", records.TestOutcome.SUCCESS, Decimal("12.5"), Decimal(-3))
    await samples.note_results(office.desk, office.asking(), phase.id, [sold])
    # The audit asks who did it, and when.
    await office.lab.execute(_CREDIT, office.lab.tenant, uuid4(), lead, starts, starts.isoformat())
    for use in ("results", "risk"):
        await anna.post(f"/leads/{lead}/assistant/{use}")
        assert "Written by a machine" in anna.html.one("div", id=f"answer-{use}").text, use
    assert "12.5" in asked.prompts()
    assert "4000" in asked.prompts()


async def test_a_suggested_box_is_promised_with_one_press(asked: Asked) -> None:
    lead = await lead_with_notes(asked)
    anna = await asked.visitor("anna")
    await anna.post(f"/leads/{lead}/samples", items="SUPPE-1 2")
    said = {
        "confidence": 0.9,
        "items": [{"sku": "SUPPE-1", "qty": 4, "reason": "fits"}],
        "stage": "TRIAL",
        "days": 14,
        "advice": "Have the chef try it.",
    }
    for provider in ("openai", "anthropic"):
        asked.outside.answers(provider, [said])
    await anna.post(f"/leads/{lead}/assistant/box", words="many soups")
    items = anna.html.one("input", name="items").attributes["value"]
    assert (await anna.post(f"/leads/{lead}/samples", items=items)).status_code == 303
    boxes = await asked.shop.get("anna", f"/{lead}/sample-boxes")
    assert boxes["items"][0]["items"] == [{"sku": "SUPPE-1", "qty": 4}]


async def test_rights_are_those_of_what_is_asked_about(asked: Asked) -> None:
    lead = await lead_with_notes(asked)
    office, ben = asked.shop.office, await asked.visitor("ben")
    assert (await ben.get(f"/leads/{lead}/assistant")).status_code == 404
    assert (await ben.post(f"/leads/{lead}/assistant/summary")).status_code == 404
    await office.share(lead, "ben", Share.VIEW)
    may = {use: (await ben.post(f"/leads/{lead}/assistant/{use}", words="x")).status_code for use in USES}
    assert {use for use, status in may.items() if status == 200} == {"summary"}
    assert set(may.values()) == {200, 403}
    await office.share(lead, "ben", Share.NEGOTIATE)
    assert (await ben.post(f"/leads/{lead}/assistant/negotiation", words="x")).status_code == 200
    olga = await asked.visitor("olga")
    assert (await olga.post(f"/leads/{lead}/assistant/summary")).status_code == 200
    assert (await olga.post(f"/leads/{lead}/assistant/negotiation", words="x")).status_code == 403
    assert (await olga.post(f"/leads/{lead}/assistant/nothing")).status_code == 404


async def test_where_there_is_no_answer_the_page_says_why(asked: Asked) -> None:
    lead = await lead_with_notes(asked)
    anna = await asked.visitor("anna")
    at = f"/leads/{lead}/assistant/negotiation"
    facts = await asked.shop.office.facts(lead)
    asked.outside.fail("openai", Failure.DOWN)
    asked.outside.fail("anthropic", Failure.DOWN)
    assert (await anna.post(at, words="one")).status_code == 200
    assert "No AI provider is of use" in anna.html.one("div", id="answer-negotiation").text
    assert await asked.shop.office.facts(lead) == facts


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        ("How to register", "name"),
        ({"title": "Registering", "text": "Press it"}, "Registering"),
        ({"text": "Press it"}, "name"),
        ({"title": 7, "text": "Press it"}, "name"),
        ({"title": "Registering"}, None),
        ({"text": ["a"]}, None),
        ("   ", None),
        (None, None),
        (7, None),
    ],
)
def test_an_entry_of_the_help_is_a_text_or_nothing(entry: object, title: str | None) -> None:
    found = article_of("name", entry)  # type: ignore[arg-type]
    assert (None if found is None else found.title) == title
