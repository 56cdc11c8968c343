"""The life of a lead, only through HTTP; time alone is skipped. What was written is what is read next."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from protection.dates import parse_instant
from tests.api.shop import Shop
from tests.workflows.lab import DAY, Lead, until


async def test_from_registration_over_a_hold_and_grace_back_to_active(shop: Shop) -> None:
    path = await shop.opened()
    lab = shop.office.lab
    lead = Lead(lab, UUID(path.removeprefix("/")), "anna", lab.policy)

    async def protection() -> dict[str, object]:
        return dict(await shop.get("anna", f"{path}/protection"))

    call = await shop.post("anna", f"{path}/activities", {"kind": "QUALIFIED_CALL"})
    assert call.status_code == 201
    first = await protection()
    assert (first["status"], first["revision"]) == ("ACTIVE", 2)
    due = parse_instant(str(first["reminderDueAt"]))

    asked = await shop.post("anna", f"{path}/holds", {"reason": "FFZ_SAMPLE_DELAY"})
    hold = f"{path}/holds/{asked.json()['id']}"
    assert not (await protection())["paused"]
    assert (await shop.post("maria", f"{hold}/approve")).status_code == 200
    still = await protection()
    assert (still["paused"], still["reminderDueAt"], still["validUntil"]) == (True, None, None)

    await lead.forward(due + 5 * DAY)
    assert (await protection())["status"] == "ACTIVE"
    assert await lead.told("reminder") == []

    assert (await shop.ask("maria", "DELETE", hold)).status_code == 204
    free = await protection()
    moved = parse_instant(str(free["reminderDueAt"]))
    assert not free["paused"]
    # The clock stood still from the beginning until five days after the reminder would have been due.
    assert abs(moved - due - 65 * DAY) < timedelta(hours=2)

    await lead.forward(moved + timedelta(minutes=1))

    async def in_grace() -> bool:
        return (await protection())["status"] == "GRACE"

    await until(in_grace)
    assert [status for _, _, status in await lead.told("reminder")] == ["sent"]

    back = await shop.post("anna", f"{path}/activities", {"kind": "CUSTOMER_REACTION"})
    assert (back.status_code, back.json()["status"]) == (201, "ACTIVE")
    after = await protection()
    assert (after["status"], after["graceUntil"]) == ("ACTIVE", None)
    assert after["revision"] == back.json()["revision"]
    assert parse_instant(str(after["reminderDueAt"])) > moved
