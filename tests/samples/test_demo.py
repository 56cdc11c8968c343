"""The demo's boxes: a form to look at at once, a hold that is proposed, feedback that counts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid5

from cli.importing.demo_samples import add_demo_samples
from tests.api.shop import Shop
from tests.vaultfixtures import VAULT
from tests.workflows.lab import until


async def test_the_demo_shows_a_form_a_late_box_and_feedback(shop: Shop) -> None:
    for _ in range(3):
        await shop.opened("anna")
    lab = shop.office.lab
    assert await add_demo_samples(lab.pool, VAULT, tenant=lab.tenant, now=datetime.now(UTC)) == 3
    form, late, rated = (uuid5(lab.tenant, f"demo-box/{number}") for number in range(3))

    async def followed() -> bool:
        invited = await lab.execute("select closed_at from feedback_invitation where box = $1", form)
        asked = await lab.execute("select status from request where request = $1", f"sample-{late}")
        told = await lab.execute("select outcome from feedback_submission where box = $1", rated)
        return (
            [row["closed_at"] for row in invited] == [None]
            and [row["status"] for row in asked] == ["PENDING"]
            and [row["outcome"] for row in told] == ["recorded"]
        )

    await until(followed)
    mails = await lab.execute(
        "select n.status from notification as n join feedback_invitation as i on i.id::text = n.cycle"
        " where i.box = $1 and n.kind = 'feedback-invitation'",
        form,
    )
    assert len(mails) <= 1
