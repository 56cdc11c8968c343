"""Grace runs from a reminder that went out, and from nothing else."""

from __future__ import annotations

import pytest

from protection.facts import HoldReason
from protection.refusal import Code, Refused
from tests.workflows.lab import DAY, HOUR, Lab, Lead, call, deferred, due, until
from tests.workflows.returning import comes_back
from workflows.mail_messages import BounceReminder
from workflows.messages import PlaceHold, ReleaseHold, RetryReminder


async def bounced(lab: Lab) -> Lead:
    """A lead whose reminder was refused for good."""
    lead = await lab.registered(address="bounce")
    await lead.forward(await due(lead))
    assert (await lead.row())["problem"] == "reminder-bounced"
    return lead


async def test_a_refused_reminder_starts_no_grace(lab: Lab) -> None:
    lead = await bounced(lab)
    assert await lead.types() == ["registered", "reminder_bounced"]
    assert (await lead.facts())[-1]["code"].startswith("550")
    await lead.forward(30 * DAY)
    row = await lead.row()
    assert (row["status"], row["grace_until"], row["problem"]) == ("ACTIVE", None, "reminder-bounced")
    details = await lead.details()
    assert "no grace runs" in details
    assert "retry-reminder" in details
    assert await lead.told("reminder") == [("reminder", "1", "bounced")]
    assert lead.mails() == []


async def test_an_operator_has_it_sent_again(lab: Lab) -> None:
    lead = await bounced(lab)
    await lead.forward(20 * DAY)
    await lead.move("")
    sent_from = await lead.now()
    await lead.tell(RetryReminder(by="boss"))

    await lead.wait_for(status="GRACE")
    row = await lead.row()
    assert row["problem"] is None
    assert row["grace_until"] >= sent_from + 10 * DAY - HOUR
    assert await lead.told("reminder") == [("reminder", "1", "sent")]
    assert len(lead.mails()) == 1
    await lead.agrees()
    with pytest.raises(Refused) as refused:
        await lead.tell(RetryReminder(by="boss"))
    assert refused.value.code is Code.UNKNOWN_FACT
    await lead.forward((await lead.row())["grace_until"])
    assert (await lead.row())["status"] == "EXPIRED"


async def test_sent_again_to_the_same_address_it_is_refused_again(lab: Lab) -> None:
    lead = await bounced(lab)
    await lead.tell(RetryReminder(by="boss"))

    async def refused_twice() -> bool:
        return (await lead.types()).count("reminder_bounced") == 2

    await until(refused_twice)
    assert (await lead.row())["problem"] == "reminder-bounced"
    assert (await lead.row())["status"] == "ACTIVE"


async def test_a_reminder_that_comes_back_later_stops_its_grace(lab: Lab) -> None:
    """The mail server took it and told two days later that nobody was there (RFC 3464)."""
    lead = await lab.registered()
    await lead.forward(await due(lead))
    assert (await lead.row())["status"] == "GRACE"
    await lead.forward(2 * DAY)
    await comes_back(lead, "reminder")
    told = BounceReminder(cycle=1, code="5.1.1", by="inbound-mail", fact_id="bounced-mail-1")
    await lead.tell(told)
    assert (await lead.tell(told)).duplicate
    assert await lead.types() == ["registered", "reminder_sent", "reminder_bounced"]
    await lead.agrees()
    await lead.forward(30 * DAY)
    row = await lead.row()
    assert (row["status"], row["grace_until"], row["problem"]) == ("ACTIVE", None, "reminder-bounced")

    sent_from = await lead.now()
    await lead.tell(RetryReminder(by="boss"))
    await lead.wait_for(status="GRACE")
    assert (await lead.row())["grace_until"] >= sent_from + 10 * DAY - HOUR
    assert await lead.told("reminder") == [("reminder", "1", "sent")]
    await lead.agrees()


async def test_progress_makes_the_problem_go_away(lab: Lab) -> None:
    lead = await bounced(lab)
    await lead.move("")
    await lead.tell(call(lead, "call"))
    assert (await lead.row())["problem"] is None
    await lead.forward(await due(lead))
    (first, second) = await lead.told("reminder")
    assert (first[2], second[2]) == ("bounced", "sent")
    assert first[1] != second[1]
    assert (await lead.row())["status"] == "GRACE"


async def test_a_hold_placed_while_the_reminder_is_tried_again_keeps_it_back(lab: Lab) -> None:
    lead = await deferred(lab)
    await lead.tell(PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h"))
    await lead.move("")

    async def given_up() -> bool:
        return await lead.told("reminder") == [("reminder", "1", "dead")]

    await until(given_up)
    await lead.forward(20 * DAY)
    assert (await lead.row())["status"] == "ACTIVE"
    assert lead.mails() == []
    # Once the clock runs again the reminder is still owed, and goes out under the same key.
    await lead.tell(ReleaseHold(hold="h", by="boss", fact_id="r"))
    await lead.wait_for(status="GRACE")
    assert len(lead.mails()) == 1
    await lead.agrees()


async def test_progress_made_while_the_reminder_is_tried_again_makes_it_needless(lab: Lab) -> None:
    lead = await deferred(lab)
    await lead.tell(call(lead, "call"))
    await lead.move("")

    async def given_up() -> bool:
        return await lead.told("reminder") == [("reminder", "1", "dead")]

    await until(given_up)
    await lead.forward(await due(lead) - DAY)
    assert "reminder" not in {kind for kind, _, status in await lead.told() if status == "sent"}
    assert (await lead.row())["status"] == "ACTIVE"
    await lead.agrees()


async def test_an_owner_without_an_address_gets_no_grace(lab: Lab) -> None:
    lead = await lab.registered()
    await lab.execute(
        "update app_user set email = null where tenant = $1 and id = $2", lab.tenant, lead.owner
    )
    await lead.forward(await due(lead))
    assert (await lead.row())["problem"] == "reminder-bounced"
    assert (await lead.facts())[-1]["code"] == "no-address"


async def test_the_end_is_told_to_owner_and_managers_and_waited_for(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(await due(lead))
    await lead.move("defer")
    await lead.clock.skip((await lead.row())["grace_until"])
    await lead.wait_for(status="EXPIRED")
    assert not await lead.is_over()
    await lead.move("")
    await until(lead.is_over)
    told = {row["recipient"]: row["status"] for row in await lead.notifications() if row["kind"] == "lapse"}
    assert told == {lead.owner: "sent", "boss": "sent"}
