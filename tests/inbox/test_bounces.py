"""A reminder that a mail server took and then gave back: its grace stops, by the mail that says so."""

from __future__ import annotations

from tests.inbox.letters import bounce
from tests.inbox.post_office import PostOffice
from tests.workflows.lab import DAY, due


async def test_a_reminder_that_comes_back_stops_its_grace_once(post: PostOffice) -> None:
    lead = await post.office.lab.registered()
    await lead.forward(await due(lead))
    assert (await lead.row())["status"] == "GRACE"
    # The lead's time is skipped, the mail server's is not.
    (mail,) = await post.office.lab.execute(
        "update notification set sent_at = now() - interval '1 hour' where lead = $1 and kind = 'reminder'"
        " returning message_id",
        lead.id,
    )
    delayed = bounce(mail["message_id"], action="delayed", status="4.4.1")
    first, second, third = await post.come(delayed, bounce(mail["message_id"]), bounce(mail["message_id"]))

    assert [first["state"], second["state"], third["state"]] == ["ignored", "bounce", "bounce"]
    # The two that say the same come in any order; one of them is told.
    assert sorted([second["why"], third["why"]]) == ["grace-stopped", "not-ours"]
    told = next(row for row in (second, third) if row["why"] == "grace-stopped")
    assert told["bounce_code"] == "5.1.1"
    row = await lead.row()
    assert (row["status"], row["grace_until"], row["problem"]) == ("ACTIVE", None, "reminder-bounced")
    assert await lead.types() == ["registered", "reminder_sent", "reminder_bounced"]
    assert await lead.told("reminder") == [("reminder", "1", "bounced")]
    await lead.forward(20 * DAY)
    assert (await lead.row())["status"] == "ACTIVE"
    await lead.agrees()
