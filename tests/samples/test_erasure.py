"""What is written about samples goes with the lead's other personal data, and the receipt says so."""

from __future__ import annotations

import pytest

from activities.sample_orders import ContactRole
from adapters.database import transaction
from adapters.erasure_gateway import TemporalErasures
from adapters.feedback_gate import FormGone
from adapters.sample_records import Rating
from adapters.sample_store import boxes_of
from services.feedback import Said
from tests.api.shop import Shop
from tests.samples.forms import answer, asked, invited
from tests.vaultfixtures import VAULT

COMMENT = "Frau Verpflanzt fand es zu salzig"


async def test_an_erasure_empties_notes_and_comments_and_closes_the_form(shop: Shop) -> None:
    customer = await invited(shop)
    lab = shop.office.lab
    said = await asked(
        shop,
        "anna",
        "POST",
        f"/api/sample-boxes/{customer.box}/feedback",
        {**answer(comment=COMMENT), "source": "PHONE"},
    )
    assert said.status_code == 201, said.text
    noted = await asked(
        shop,
        "anna",
        "POST",
        "/api/sample-boxes",
        {"leadId": str(customer.lead), "items": [{"sku": "X", "qty": 1}], "notes": COMMENT},
    )
    assert noted.json()["notes"] == COMMENT
    tables = (
        "sample_box",
        "product_feedback",
        "feedback_submission",
        "audit_event",
        "sample_news",
        "notification",
    )
    for table in tables:
        rows = await lab.execute(f"select t::text as t from {table} as t where lead = $1", customer.lead)
        assert COMMENT not in str(rows)
        assert COMMENT.encode().hex() not in str(rows)
    await TemporalErasures(lab.client).request(lab.tenant, customer.lead, by="adam")
    (receipt,) = await lab.execute("select * from erasure_receipt where lead = $1", customer.lead)
    stores = receipt["stores"]
    assert stores["feedback_comments"] == {"done": "emptied", "rows": 2}
    assert stores["sample_notes"] == {"done": "emptied", "rows": 1}
    assert stores["feedback_forms"] == {"done": "closed", "rows": 1}
    async with transaction(lab.pool, lab.tenant, "test") as connection:
        boxes = await boxes_of(connection, VAULT, lab.tenant, customer.lead)
    assert len(boxes) == 2
    assert {box.notes for box in boxes} == {None}
    assert {rating.comment for box in boxes for one in box.feedback for rating in one.ratings} == {None}
    for table in ("sample_box", "product_feedback"):
        assert {
            row["key"] for row in await lab.execute(f"select key from {table} where lead = $1", customer.lead)
        } == {None}
    assert (await customer.look()).status_code == 410
    assert (await customer.say()).status_code == 410


async def test_who_answers_while_it_is_erased_leaves_nothing_behind(shop: Shop) -> None:
    customer = await invited(shop)
    lab = shop.office.lab
    desk = shop.api.wiring.feedback
    form = await desk.look(customer.token, "10.0.0.0/24")
    await TemporalErasures(lab.client).request(lab.tenant, customer.lead, by="adam")
    with pytest.raises(FormGone):
        await desk.give(form, Said(ContactRole.CHEF, [Rating("SOUP-2", 4, COMMENT)]))
    assert await customer.rows("feedback_submission") == []
