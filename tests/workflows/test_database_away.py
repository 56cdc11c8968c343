"""The database goes away and comes back; or it holds what a workflow does not know of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from activities.records import RecordCommand, audit_row, fact_row, hold_rows, projection
from adapters.database import Pool
from adapters.lead_gateway import LeadsUnavailable, TemporalLeadGateway
from adapters.ledger_store import PostgresLedgerStore
from adapters.notification_store import PostgresPeople
from protection.facts import ActivityRecorded, Converted, Fact, HoldReason, Registered
from protection.lifecycle import apply, begin
from protection.state import LeadState
from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.door import Door, door
from tests.workflows.lab import DAY, Lab, Lead, call, until
from workers.embedded.postgres import Cluster
from workers.simulation import skipping_environment
from workflows.messages import Convert, PlaceHold, to_json


@dataclass
class Away:
    """A lab whose database can go away."""

    lab: Lab
    door: Door


@pytest_asyncio.fixture(scope="module")
async def away(postgres_cluster: Cluster, smtp_sink_process: SmtpSink) -> AsyncIterator[Away]:
    with cloned_database(postgres_cluster, f"away_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment() as environment,
            door(url) as made,
            Lab.open(environment.client, made.url, smtp_sink_process) as lab,
        ):
            lab.url = url
            yield Away(lab, made)


async def test_facts_are_kept_while_the_database_is_away(away: Away) -> None:
    lead = await away.lab.registered()
    await away.door.shut()
    try:
        hasty = TemporalLeadGateway(
            away.lab.client, PostgresPeople(away.lab.pool), within=timedelta(seconds=2)
        )
        with pytest.raises(LeadsUnavailable):
            await hasty.tell(away.lab.tenant, lead.id, call(lead, "call"))
        await away.lab.gateway.signal(
            away.lab.tenant, lead.id, PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h")
        )

        async def said() -> bool:
            return "database does not answer" in await lead.details()

        await until(said)
        assert await lead.types() == ["registered"]
    finally:
        await away.door.open()

    # The same message again, as its sender would.
    async def answered() -> bool:
        try:
            told = await lead.tell(call(lead, "call"))
        except LeadsUnavailable:
            return False
        # The server hands both over in one task, in either order.
        assert (told.revision in {2, 3}, told.duplicate) == (True, True)
        return True

    await until(answered)
    await lead.wait_for(paused=True)
    first, *rest = await lead.types()
    assert (first, sorted(rest)) == ("registered", ["activity", "hold_placed"])
    told_of = [row["fact_id"] for row in await lead.audit()]
    assert (told_of[0], sorted(told_of[1:])) == ("registration", ["call", "h"])
    assert "database" not in await lead.details()
    await lead.agrees()


async def written_elsewhere(lead: Lead, *more: Fact) -> None:
    """The ledger gets facts that the workflow knows nothing of, as if its worker had died just then."""
    lab, known = lead.lab, await lead.facts()
    state = await lead.state() if known else None
    facts, audit = [], []
    for fact in more:
        before: LeadState | None = state
        state = begin(lead.policy, fact) if before is None else apply(before, fact)
        facts.append(fact_row(fact, state.revision))
        audit.append(audit_row(fact, before, state))
    assert state is not None
    row = projection(str(lab.tenant), str(lead.id), state, state.recorded_at, wake_at=None)
    command = RecordCommand(str(lab.tenant), str(lead.id), facts, row, hold_rows(state), audit)
    assert await PostgresLedgerStore(lab.pool).record(command) == state.revision


async def a_call(lead: Lead, fact_id: str) -> ActivityRecorded:
    """Progress that was told and recorded, and forgotten by the workflow."""
    now = await lead.now()
    return ActivityRecorded(
        fact_id=fact_id, recorded_at=now, by=lead.owner, kind="QUALIFIED_CALL", occurred_at=now
    )


async def test_the_same_message_told_again_after_its_worker_died(lab: Lab) -> None:
    lead = await lab.registered()
    await written_elsewhere(lead, await a_call(lead, "call"))
    await lead.forward(DAY)
    told = await lead.tell(call(lead, "call"))
    assert (told.revision, told.duplicate) == (2, False)
    assert await lead.types() == ["registered", "activity"]
    await lead.agrees()
    assert (await lead.tell(call(lead, "call"))).duplicate


async def test_another_message_after_that_comes_after_it(lab: Lab) -> None:
    lead = await lab.registered()
    await written_elsewhere(lead, await a_call(lead, "call"))
    await lead.forward(DAY)
    hold = PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="h")
    assert (await lead.tell(hold)).revision == 3
    assert await lead.types() == ["registered", "activity", "hold_placed"]
    await lead.agrees()


async def test_what_was_said_in_other_words_is_refused(lab: Lab) -> None:
    lead = await lab.registered()
    await written_elsewhere(lead, await a_call(lead, "mine"))
    other = PlaceHold(reason=HoldReason.OTHER, hold="h", by="boss", fact_id="mine")
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await lead.handle.execute_update("place-hold", to_json(other))
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "ledger-conflict"
    assert await lead.types() == ["registered", "activity"]
    await lead.agrees()
    assert (await lead.tell(call(lead, "next"))).revision == 3


async def test_a_forgotten_conversion_ends_the_workflow(lab: Lab) -> None:
    lead = await lab.registered()
    won = Converted(fact_id="won", recorded_at=await lead.now(), by="boss", customer_no="K1")
    await written_elsewhere(lead, won)
    told = await lead.tell(Convert(customer_no="K1", by="boss", fact_id="won"))
    assert told.status == "CONVERTED"
    await until(lead.is_over)
    assert (await lead.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert await lead.types() == ["registered", "converted"]


async def test_a_registration_recorded_before_its_worker_died(lab: Lab) -> None:
    lead = await lab.lead()
    at = await lead_start(lab)
    await written_elsewhere(
        lead,
        Registered(fact_id="registration", recorded_at=at, by=lead.owner, owner=lead.owner, registered_at=at),
    )
    await lead.register()
    assert (await lead.tell(call(lead, "call"))).revision == 2
    assert await lead.types() == ["registered", "activity"]
    await lead.agrees()


async def lead_start(lab: Lab) -> Any:
    """An instant a little before any workflow that starts now."""
    (row,) = await lab.execute("select now() - interval '5 seconds' as at")
    return row["at"]


async def test_a_lead_of_somebody_else_fails_its_workflow(lab: Lab) -> None:
    lead = await lab.lead()
    at = await lead_start(lab)
    await written_elsewhere(
        lead, Registered(fact_id="other", recorded_at=at, by="boss", owner="boss", registered_at=at)
    )
    await lead.register()
    with pytest.raises(WorkflowFailureError) as failed:
        await lead.handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "ledger-conflict"
    assert await lead.types() == ["registered"]


class Rewritten(PostgresLedgerStore):
    """Shows another ledger than the one it guards: what a workflow can make no sense of."""

    async def facts(self, tenant: UUID, lead: UUID) -> list[dict[str, Any]]:
        return [fact | {"by": "somebody-else"} for fact in await super().facts(tenant, lead)]


async def test_a_ledger_that_contradicts_the_workflow(
    postgres_cluster: Cluster, smtp_sink_process: SmtpSink
) -> None:
    def store(pool: Pool) -> PostgresLedgerStore:
        return Rewritten(pool)

    with cloned_database(postgres_cluster, f"contra_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment() as environment,
            Lab.open(environment.client, url, smtp_sink_process, store=store) as lab,
        ):
            lead = await lab.registered()
            before = await lead.view()
            await written_elsewhere(lead, await a_call(lead, "unknown"))
            with pytest.raises(WorkflowUpdateFailedError) as failed:
                await lead.handle.execute_update("record-activity", to_json(call(lead, "call")))
            assert isinstance(failed.value.cause, ApplicationError)
            assert failed.value.cause.type == "ledger-conflict"
            # Back to what was recorded, alive, and saying what is wrong.
            assert (await lead.view())["revision"] == before["revision"] == 1
            assert "other facts" in await lead.details()
            assert (await lead.describe()).status is WorkflowExecutionStatus.RUNNING
