"""Boxes of samples from the promise to the customer's word, by the real workflow on skipped time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.samples.boxes import Box, box_of
from tests.workflows.lab import DAY, HOUR, Lab, until


async def delivered(lab: Lab) -> Box:
    """A box that has arrived, and whose workflow knows."""
    box = await box_of(lab)
    await box.promised()
    await box.waits_for("the shipment")
    await box.shipped()
    await box.waits_for("the delivery")
    await box.delivered()
    await box.waits_for("the day on which feedback is asked for")
    return box


async def mails(box: Box, number: int) -> None:
    """Waits until the customer has so many mails."""

    async def there() -> bool:
        return len(box.mails()) == number

    await until(there)


async def test_a_box_is_followed_to_the_feedback_and_its_progress(lab: Lab) -> None:
    box = await delivered(lab)
    await box.forward(2 * DAY)
    assert box.mails() == []
    await box.forward(DAY + HOUR)
    await mails(box, 1)
    await box.waits_for("feedback")
    assert await box.link() in box.mails()[0].text
    await box.forward(7 * DAY)
    await mails(box, 2)
    submission = await box.rated_by_phone()

    async def settled() -> bool:
        return bool((await box.row("feedback_submission"))["outcome"] == "recorded")

    await until(settled)
    (progress,) = [fact for fact in await box.lead.facts() if fact["fact_id"] == f"feedback-{submission}"]
    assert (progress["kind"], progress["by"]) == ("SAMPLE_FEEDBACK", box.lead.owner)
    await box.forward(30 * DAY)
    await box.is_over()
    assert (await box.row("feedback_invitation"))["closed_as"] == "closed"
    assert len(box.mails()) == 2
    assert await box.news() == 0


async def test_the_form_is_open_until_the_test_is_over_and_closes_when_the_box_is_called_off(
    lab: Lab,
) -> None:
    box = await box_of(lab)
    await box.promised()
    await box.tested(datetime.now(UTC) + 20 * DAY)
    await box.shipped()
    await box.delivered()
    await box.waits_for("the day on which feedback is asked for")
    await box.forward(19 * DAY)
    assert (await box.view())["waits_for"] == "the day on which feedback is asked for"
    await box.forward(DAY + HOUR)
    await box.waits_for("feedback")
    await box.cancelled()
    await box.is_over()
    assert (await box.row("feedback_invitation"))["closed_as"] == "cancelled"


async def test_late_samples_ask_for_a_hold_that_ends_with_their_delivery(lab: Lab) -> None:
    box = await box_of(lab)
    promised_at = datetime.now(UTC) + timedelta(days=2)
    await box.promised(promised_at)
    await box.waits_for("the shipment")
    await box.forward(2 * DAY + HOUR)
    name = f"sample-{box.id}"

    async def asked() -> bool:
        return "hold_requested" in await box.lead.types()

    await until(asked)
    fact = next(fact for fact in await box.lead.facts() if fact["type"] == "hold_requested")
    assert (fact["request"], fact["reason"], fact["by"]) == (name, "FFZ_SAMPLE_DELAY", "sample-test")
    assert datetime.fromisoformat(fact["start_at"]) == promised_at
    await box.shipped()
    await box.delivered()

    async def withdrawn() -> bool:
        return "request_withdrawn" in await box.lead.types()

    await until(withdrawn)
