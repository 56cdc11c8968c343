"""Lives of leads on skipped time, over real PostgreSQL and real SMTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.lead_gateway import NoRunningLead
from protection.dates import parse_instant
from protection.facts import HoldReason
from tests.workflows.lab import DAY, HOUR, MINUTE, Lab, call, due, until
from workflows.messages import PlaceHold, RecordActivity, ReleaseHold


async def test_a_whole_life(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.agrees()
    await lead.forward(20 * DAY)
    told = await lead.tell(call(lead, "call-1"))
    assert (told.revision, told.duplicate, told.status) == (2, False, "ACTIVE")

    await lead.forward(30 * DAY)
    hold = PlaceHold(reason=HoldReason.FFZ_SAMPLE_DELAY, hold="samples", by="boss", fact_id="h1")
    assert (await lead.tell(hold)).paused
    assert (await lead.row())["active_holds"] == ["FFZ_SAMPLE_DELAY"]
    assert (await lead.row())["valid_until"] is None
    # However long it lasts: nothing falls due, nobody is told anything but that it lasts.
    await lead.forward(400 * DAY)
    long_hold = ("notice-hold", "samples", "sent")
    assert set(await lead.told()) == {long_hold}
    assert (await lead.tell(ReleaseHold(hold="samples", by="boss", fact_id="r1"))).status == "ACTIVE"
    await lead.agrees()

    reminder = await due(lead)
    await lead.forward(reminder - DAY)
    notice = ("notice-progress", (await lead.view())["reminder_due_at"], "sent")
    assert [told for told in await lead.told() if told != long_hold] == [notice]
    await lead.forward(reminder)
    await lead.agrees()
    assert (await lead.row())["status"] == "GRACE"
    assert await lead.told("reminder") == [("reminder", "2", "sent")]
    sent = (await lead.facts())[-1]
    assert sent["type"] == "reminder_sent"
    assert timedelta() <= parse_instant(sent["sent_at"]) - reminder <= MINUTE
    grace = (await lead.row())["grace_until"]
    assert abs(grace - parse_instant(sent["sent_at"]) - 10 * DAY) <= HOUR

    await lead.forward(4 * DAY)
    assert (await lead.tell(call(lead, "call-2"))).status == "ACTIVE"
    await lead.agrees()

    # The second cycle has a reminder of its own.
    await lead.forward(await due(lead))
    assert await lead.told("reminder") == [("reminder", "2", "sent"), ("reminder", "3", "sent")]
    end = (await lead.row())["grace_until"]
    await lead.forward(end)
    await until(lead.is_over)
    row = await lead.row()
    assert (row["status"], row["reason"], row["ended_at"], row["valid_until"]) == (
        "EXPIRED", "INACTIVITY", end, end,
    )  # fmt: skip
    assert row["next_wake_up"] is None
    assert await lead.types() == [
        "registered", "activity", "hold_placed", "hold_released", "reminder_sent", "activity",
        "reminder_sent", "lapsed",
    ]  # fmt: skip
    assert [kind for kind, _, _ in await lead.told("lapse")] == ["lapse"]
    # To the owner: the long hold, a notice and a reminder per cycle and the lapse; nothing twice.
    mails = lead.mails()
    assert len({mail.message_id for mail in mails}) == len(mails) == 6
    with pytest.raises(NoRunningLead):
        await lead.tell(call(lead, "call-3"))


async def test_every_fact_has_one_audit_row(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.tell(call(lead, "call"))
    await lead.forward(await due(lead))
    await lead.forward((await lead.row())["grace_until"])
    facts, audit = await lead.facts(), await lead.audit()
    assert [row["fact_id"] for row in audit] == [fact["fact_id"] for fact in facts]
    assert [row["what"] for row in audit] == ["registered", "activity", "reminder_sent", "lapsed"]
    assert [row["after"]["status"] for row in audit] == ["ACTIVE", "ACTIVE", "GRACE", "EXPIRED"]


async def test_progress_that_arrives_late_counts_from_when_it_happened(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(50 * DAY)
    happened = await lead.now() - 5 * DAY
    await lead.tell(
        RecordActivity(kind="CUSTOMER_REACTION", occurred_at=happened, by=lead.owner, fact_id="m")
    )
    assert abs(await due(lead) - happened - 60 * DAY) <= 2 * HOUR
    await lead.agrees()


async def test_the_base_period_ends_whatever_the_progress(lab: Lab) -> None:
    lead = await lab.registered()
    base = (await lead.row())["base_until"]
    number = 0
    while base - await lead.now() > 50 * DAY:
        await lead.forward(50 * DAY)
        number += 1
        await lead.tell(call(lead, f"call-{number}"))
    await lead.forward(base - DAY)
    assert [kind for kind, _, _ in await lead.told()] == ["notice-base"]
    await lead.forward(base)
    row = await lead.row()
    assert (row["status"], row["reason"], row["ended_at"]) == ("EXPIRED", "BASE_PERIOD", base)
    await until(lead.is_over)
    assert "reminder_sent" not in await lead.types()


async def test_a_planned_hold_flips_paused_at_its_bounds(lab: Lab) -> None:
    lead = await lab.registered()
    now = await lead.now()
    start, end = (now + 10 * DAY).replace(microsecond=0), (now + 25 * DAY).replace(microsecond=0)
    await lead.tell(
        PlaceHold(
            reason=HoldReason.CUSTOMER_BLOCKED, start_at=start, end_at=end, by="boss", fact_id="planned"
        )
    )

    async def shown() -> tuple[object, object, object]:
        seen = (await lead.describe()).typed_search_attributes
        found = {pair.key.name: pair.value for pair in seen}
        return found["LeadPaused"], found.get("HoldReasons"), (await lead.row())["paused"]

    assert await shown() == (False, None, False)
    await lead.forward(start - HOUR)
    assert await shown() == (False, None, False)
    await lead.forward(start)
    assert await shown() == (True, ["CUSTOMER_BLOCKED"], True)
    assert (await lead.row())["active_holds"] == ["CUSTOMER_BLOCKED"]
    await lead.agrees()
    await lead.forward(end - HOUR)
    assert (await shown())[0] is True
    await lead.forward(end)
    assert await shown() == (False, None, False)
    assert await lead.types() == ["registered", "hold_placed"]
    await lead.agrees()


async def test_a_hold_over_the_reminder_puts_it_off_to_its_end(lab: Lab) -> None:
    lead = await lab.registered()
    end = ((await due(lead)) + 30 * DAY).replace(microsecond=0)
    start = (await due(lead)) - DAY
    await lead.tell(PlaceHold(reason=HoldReason.OTHER, start_at=start, end_at=end, by="boss", fact_id="h"))
    await lead.forward(end - HOUR)
    assert await lead.told("reminder") == []
    reminder = await due(lead)
    assert reminder >= end
    await lead.forward(reminder)
    assert await lead.told("reminder") == [("reminder", "1", "sent")]


async def test_a_hold_placed_by_signal_is_recorded(lab: Lab) -> None:
    lead = await lab.registered()
    await lab.gateway.signal(
        lab.tenant, lead.id, PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h")
    )
    await lead.wait_for(paused=True)
    await lead.agrees()


async def test_preregistered_waits_for_its_registration(lab: Lab) -> None:
    lead = await lab.lead()
    await lead.preregister()
    row = await lead.row()
    assert (row["status"], row["valid_until"] < row["next_wake_up"]) == ("PREREGISTERED", True)
    await lead.forward(20 * DAY)
    told = await lead.tell(lead.registration())
    assert told.status == "ACTIVE"
    assert [kind for kind, _, _ in await lead.told()] == ["notice-preregistration"]
    await lead.agrees()
