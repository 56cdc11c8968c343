"""What a lead's workflow has told to whom: requests, decisions, reservations and long holds."""

from __future__ import annotations

from protection.facts import HoldReason
from tests.workflows.lab import DAY, Lab, Lead, due, until
from workflows.messages import PlaceHold, Register
from workflows.request_messages import DecideExtension, DecideHold, RequestExtension, RequestHold


async def all_told(lead: Lead, kind: str, *readers: str) -> None:
    """Waits until exactly these were told."""

    async def are_told() -> bool:
        told = [row for row in await lead.notifications() if row["kind"] == kind and row["status"] == "sent"]
        return sorted(row["recipient"] for row in told) == sorted(readers)

    await until(are_told)


async def test_a_request_and_its_decision_are_told_once(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.tell(RequestExtension(request="more", days=30, by=lead.owner, fact_id="asked"))
    await all_told(lead, "request-made", "boss")
    await lead.tell(RequestExtension(request="more", days=30, by=lead.owner, fact_id="asked"))
    await lead.tell(DecideExtension(request="more", approve=True, days=40, by="boss", fact_id="answered"))
    await all_told(lead, "request-decided", lead.owner)
    assert {row["cycle"] for row in await lead.notifications()} == {"more"}
    (mail,) = lead.mails()
    assert "um 40 Tage verlängert" in mail.text
    await lead.agrees()


async def test_a_hold_that_lasts_too_long_is_told_to_owner_and_managers(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.tell(
        RequestHold(request="wait", reason=HoldReason.CUSTOMER_BLOCKED, by=lead.owner, fact_id="a")
    )
    await lead.tell(DecideHold(request="wait", approve=True, by="boss", fact_id="b"))
    await all_told(lead, "request-decided", lead.owner)
    await lead.forward(59 * DAY)
    await all_told(lead, "notice-hold")
    await lead.forward(2 * DAY)
    await all_told(lead, "notice-hold", "boss", lead.owner)
    assert await lead.told("reminder") == []
    await lead.agrees()


async def test_a_reservation_is_announced_and_not_once_it_is_registered(lab: Lab) -> None:
    noted, registered = await lab.lead(), await lab.lead()
    for lead in (noted, registered):
        await lead.preregister()
    await registered.tell(Register(owner=registered.owner, by=registered.owner))
    await noted.forward(8 * DAY)
    await all_told(noted, "notice-preregistration", noted.owner)
    (mail,) = noted.mails()
    assert "nur noch reserviert bis" in mail.subject
    await all_told(registered, "notice-preregistration")


async def test_a_short_hold_is_nobodys_business(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.tell(
        PlaceHold(
            reason=HoldReason.OTHER, hold="h", end_at=await lead.now() + 30 * DAY, by="boss", fact_id="h"
        )
    )
    await lead.forward(await due(lead))
    await all_told(lead, "notice-hold")
    assert [kind for kind, _, _ in await lead.told("reminder")] == ["reminder"]
