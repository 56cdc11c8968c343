"""What ends a lead's protection before its time, brings it back, or changes what was said."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from temporalio.client import WorkflowExecutionStatus

from adapters.lead_gateway import NoRunningLead
from protection.dates import parse_instant
from protection.refusal import Code, Refused
from tests.workflows.lab import DAY, HOUR, Lab, Lead, call, deferred, due, until
from workflows.messages import (
    Convert,
    CorrectFact,
    GrantExtension,
    RecordActivity,
    Reinstate,
    ReleaseLead,
    Transfer,
)


async def test_a_conversion_ends_the_workflow(lab: Lab) -> None:
    lead = await lab.registered()
    told = await lead.tell(
        Convert(customer_no="K000123", agreement_date=date(2027, 1, 31), by="boss", fact_id="won")
    )
    assert told.status == "CONVERTED"
    await until(lead.is_over)
    assert (await lead.describe()).status is WorkflowExecutionStatus.COMPLETED
    row = await lead.row()
    assert (row["status"], row["base_until"], row["reason"]) == ("CONVERTED", None, None)
    assert (await lead.facts())[-1]["customer_no"] == "K000123"
    assert await lead.told() == []


async def test_giving_up_ends_the_workflow_and_calls_the_reminder_off(lab: Lab) -> None:
    lead = await deferred(lab)
    assert (await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))).status == "RELEASED"
    await until(lead.is_over)
    assert (await lead.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert lead.mails() == []


async def lapsed(lab: Lab) -> Lead:
    """A lead that lapsed for want of progress."""
    lead = await lab.registered()
    await lead.forward(await due(lead))
    await lead.forward((await lead.row())["grace_until"])
    await until(lead.is_over)
    return lead


async def test_a_manager_brings_a_lapsed_lead_back(lab: Lab) -> None:
    lead = await lab.registered()
    assert (await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))).status == "RELEASED"
    await until(lead.is_over)
    back = Reinstate(by="boss", fact_id="back")
    told = await lab.gateway.reinstate(lab.tenant, lead.id, back)
    assert (told.revision, told.status, told.duplicate) == (3, "ACTIVE", False)
    again = await lab.gateway.reinstate(lab.tenant, lead.id, back)
    assert (again.revision, again.duplicate) == (3, True)
    assert await lead.types() == ["registered", "released", "reinstated"]
    assert not await lead.is_over()
    lead = Lead(lab, lead.id, lead.owner, lead.policy)
    await lead.agrees()
    await lead.forward(await due(lead))
    assert (await lead.row())["status"] == "GRACE"


async def test_a_lead_whose_base_period_is_over_needs_a_new_one(lab: Lab) -> None:
    lead = await lab.lead()
    await lead.register(registered_at=datetime.now(UTC) - 170 * DAY)
    await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))
    await until(lead.is_over)
    restart = Reinstate(by="boss", fact_id="back", restart_base=True)
    told = await lab.gateway.reinstate(lab.tenant, lead.id, restart)
    assert told.status == "ACTIVE"
    base = (await lead.row())["base_until"]
    assert base - datetime.now(UTC) > 170 * DAY


async def test_only_an_ended_lead_can_be_reinstated(lab: Lab) -> None:
    lead = await lab.registered()
    with pytest.raises(Refused) as refused:
        await lab.gateway.reinstate(lab.tenant, lead.id, Reinstate(by="boss", fact_id="back"))
    assert refused.value.code is Code.NOT_ENDED
    assert await lead.types() == ["registered"]


async def test_a_transfer_starts_a_new_tenure(lab: Lab) -> None:
    lead = await lab.registered()
    base = (await lead.row())["base_until"]
    await lead.forward(40 * DAY)
    await lab.person("heir")
    told = await lead.tell(Transfer(owner="heir", by="boss", fact_id="t"))
    assert told.status == "ACTIVE"
    row = await lead.row()
    assert (row["owner"], row["base_until"]) == ("heir", base)
    assert abs(await due(lead) - await lead.now() - 60 * DAY) <= 2 * HOUR
    seen = {pair.key.name: pair.value for pair in (await lead.describe()).typed_search_attributes}
    assert seen["LeadOwner"] == "heir"
    await lead.forward(await due(lead))
    recipients = {row["recipient"] for row in await lead.notifications()}
    assert recipients == {"heir"}
    await lead.agrees()


async def test_a_correction_leaves_both_truths_in_the_ledger(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(30 * DAY)
    await lead.tell(call(lead, "wrong"))
    said = (await lead.facts())[-1]["occurred_at"]
    happened = parse_instant(said) - 20 * DAY
    right = {"occurred_at": happened.isoformat()}
    await lead.tell(CorrectFact(corrects="wrong", replacement=right, by="boss", fact_id="c1"))
    assert abs(await due(lead) - happened - 60 * DAY) <= 2 * HOUR
    facts = await lead.facts()
    assert [fact["type"] for fact in facts] == ["registered", "activity", "corrected"]
    assert facts[1]["occurred_at"] == said
    assert facts[2]["replacement"] == right
    await lead.agrees()
    # Retracted altogether: the clock counts from the registration again.
    await lead.tell(CorrectFact(corrects="wrong", replacement=None, by="boss", fact_id="c2"))
    registered = parse_instant(facts[0]["registered_at"])
    assert abs(await due(lead) - registered - 60 * DAY) <= 2 * HOUR
    await lead.agrees()


async def test_a_correction_can_end_protection_at_once(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(55 * DAY)
    await lead.tell(call(lead, "wrong"))
    await lead.forward(50 * DAY)
    before = await lead.now()
    await lead.tell(CorrectFact(corrects="wrong", replacement=None, by="boss", fact_id="c"))

    # The reminder was owed long ago; it goes out now, and grace runs from now.
    await lead.wait_for(status="GRACE")
    assert (await lead.row())["grace_until"] - before >= 10 * DAY - HOUR


async def test_an_extension_moves_the_end_of_the_base_period(lab: Lab) -> None:
    lead = await lab.registered()
    base = (await lead.row())["base_until"]
    await lead.tell(GrantExtension(days=30, by="boss", fact_id="x"))
    assert abs((await lead.row())["base_until"] - base - 30 * DAY) <= HOUR
    await lead.agrees()


async def test_after_the_end_nobody_answers(lab: Lab) -> None:
    lead = await lapsed(lab)
    for message in (
        call(lead, "late"),
        Convert(by="boss", fact_id="late"),
        Transfer(owner="heir", by="boss", fact_id="late"),
    ):
        with pytest.raises(NoRunningLead):
            await lead.tell(message)
    with pytest.raises(NoRunningLead):
        await lab.gateway.signal(lab.tenant, lead.id, call(lead, "late"))
    assert (await lead.types())[-1] == "lapsed"
    # But its workflow can still be asked.
    assert (await lab.gateway.ask(lab.tenant, lead.id, "protection"))["status"] == "EXPIRED"
    assert "60" in await lab.gateway.ask(lab.tenant, lead.id, "explain", "en")


async def test_while_the_last_mail_is_under_way_messages_are_refused_by_name(lab: Lab) -> None:
    lead = await lab.registered()
    await lead.forward(await due(lead))
    await lead.move("defer")
    await lead.clock.skip((await lead.row())["grace_until"])
    await lead.wait_for(status="EXPIRED")
    with pytest.raises(Refused) as refused:
        await lead.tell(RecordActivity(kind="QUALIFIED_CALL", by=lead.owner, fact_id="late"))
    assert refused.value.code is Code.PROTECTION_ENDED
    await lab.gateway.signal(lab.tenant, lead.id, call(lead, "late"))

    async def on_record() -> bool:
        return any(row["what"] == "refused:record-activity" for row in await lead.audit())

    await until(on_record)
    assert (await lead.types())[-1] == "lapsed"
    await lead.move("")
    await until(lead.is_over)


@pytest.mark.parametrize("number", range(10))
async def test_an_end_at_the_moment_a_mail_comes_back(lab: Lab, number: int) -> None:
    """The server throws the task away that would end the workflow, and with it the update it took in."""
    lead = await lab.registered(registered_at=datetime.now(UTC) - 170 * DAY)
    told = await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))
    assert (told.status, told.revision) == ("RELEASED", 2)
    await until(lead.is_over)
    assert await lead.types() == ["registered", "released"]
