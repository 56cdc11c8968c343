"""The samples of a lead as pages: promised, shipped, delivered, tried, and what the customer says."""

from __future__ import annotations

from tests.api.shop import Shop
from tests.pages.visitor import visitor
from tests.samples.forms import invited


async def test_a_box_from_the_promise_to_the_feedback(shop: Shop) -> None:
    lead = await shop.opened()
    anna = await visitor(shop, "anna", language="de")
    at = f"/leads{lead}/samples"
    assert (await anna.get(at)).status_code == 200
    assert "Noch keine Muster." in anna.html.one("main").text
    wrong = await anna.post(at, items="Gulasch")
    assert wrong.status_code == 422
    assert "Je Zeile ein Produkt" in anna.html.one(role="alert").text
    assert anna.html.one("textarea", name="items").text == "Gulasch"
    twice = await anna.post(at, items="A 1\nA 2")
    assert twice.status_code == 422
    made = await anna.post(
        at,
        items="GOULASH-1 2\nSOUP 2 x6",
        promised_at="2030-01-31T12:00",
        notes="Frau <b>Koch</b>",
        act="once-1234",
    )
    again = await anna.post(
        at,
        items="GOULASH-1 2\nSOUP 2 x6",
        promised_at="2030-01-31T12:00",
        notes="Frau <b>Koch</b>",
        act="once-1234",
    )
    assert (made.status_code, again.status_code) == (303, 303)
    await anna.get(at)
    assert "Die Musterbox ist vermerkt." in anna.said
    (card,) = [one for one in anna.html.all("section", class_="card") if one.all("dl")]
    assert "2 × GOULASH-1" in card.text
    assert "6 × SOUP 2" in card.text
    box = card.all("a")[0].attributes["href"]
    for act in ("shipped", "delivered"):
        assert (await anna.post(f"{box}/{act}")).status_code == 303
    assert (await anna.post(f"{box}/shipped")).status_code == 422
    assert (await anna.post(f"{box}/phases", stage="TRIAL", starts_at="2026-11-20T08:00")).status_code == 303
    await anna.get(box)
    assert "Frau <b>Koch</b>" in anna.html.one("main").text
    (results,) = [
        one.attributes["href"] for one in anna.html.all("a") if "?phase=" in one.attributes.get("href", "")
    ]
    assert (await anna.get(results.partition("#")[0])).status_code == 200
    action = next(
        one.attributes["action"] for one in anna.html.all("form") if "/results" in one.attributes["action"]
    )
    assert (await anna.post(action, outcome_0="SUCCESS", sold_0="viel")).status_code == 422
    assert (await anna.post(action, outcome_0="SUCCESS", sold_0="12,5", wasted_0="-3")).status_code == 303
    assert (await anna.post(f"{box}/feedback", source="PHONE", role="CHEF")).status_code == 422
    said = await anna.post(
        f"{box}/feedback", source="PHONE", role="CHEF", rating_0="4", comment_0="Gut <script>"
    )
    assert said.status_code == 303
    await anna.get(box)
    text = anna.html.one("main").text
    for part in ("Erfolg", "12.50", "4 von 5", "Gut <script>", "Am Telefon"):
        assert part in text, part
    assert (await anna.post(f"{box}/cancelled")).status_code == 303


async def test_who_only_looks_finds_no_form_and_strangers_nothing(shop: Shop) -> None:
    customer = await invited(shop)
    at = f"/leads/{customer.lead}/samples"
    anna, olga, ben = await visitor(shop, "anna"), await visitor(shop, "olga"), await visitor(shop, "ben")
    assert (await anna.get(f"{at}/{customer.box}")).status_code == 200
    assert customer.token in anna.html.one("main").text
    assert (await olga.get(f"{at}/{customer.box}")).status_code == 200
    assert customer.token not in olga.html.one("main").text
    assert [one for one in olga.html.all("form") if at in one.attributes["action"]] == []
    assert (await olga.post(at, items="A 1")).status_code == 403
    for path in (at, f"{at}/{customer.box}"):
        assert (await ben.get(path)).status_code == 404
    assert (await ben.post(f"{at}/{customer.box}/shipped")).status_code == 404
    assert (await anna.get(f"{at}/nonsense")).status_code == 404
    other = await shop.opened("anna")
    assert (await anna.get(f"/leads{other}/samples/{customer.box}")).status_code == 404
