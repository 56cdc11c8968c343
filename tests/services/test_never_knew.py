"""A worker dies after the ledger has a fact and before the workflow knows it: saying it again mends that.

Found by chaos: such a fact was answered from the ledger, and the workflow went on as if nothing had been
said, with its clock standing still or a lead that had long become a customer.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from activities.letters import LeadLedger
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from protection.facts import HoldReason
from services import governing
from services.holding import WantedExtension, WantedHold, ask_extension, place_hold, release_hold
from tests.services.office import Office, same
from tests.workflows.lab import until
from workflows import names


@dataclass(frozen=True)
class OneLess:
    """The ledgers as they were before their last fact."""

    people: PostgresPeople

    async def ledger(self, tenant: UUID, lead: UUID) -> LeadLedger:
        known = await self.people.ledger(tenant, lead)
        return replace(known, facts=known.facts[:-1])


async def forgotten(office: Office, lead: UUID) -> WorkflowHandle[Any, Any]:
    """The lead's workflow, which has never heard of the last fact."""
    lab = office.lab
    handle = lab.client.get_workflow_handle(names.workflow_id(lab.tenant, lead))
    with suppress(RPCError):
        await handle.terminate()
    await TemporalLeadGateway(lab.client, OneLess(PostgresPeople(lab.pool))).start(lab.tenant, lead)
    return handle


async def test_of_an_end(office: Office) -> None:
    lead = await office.opened()

    async def say() -> Any:
        asking = office.asking("maria", fact_id="became-a-customer")
        return await governing.convert(office.desk, asking, lead, customer_no="K1")

    done = await say()
    handle = await forgotten(office, lead)
    assert (await handle.query(names.PROTECTION))["status"] == "ACTIVE"
    assert same(done, await say())

    async def over() -> bool:
        return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    await until(over)
    assert [fact["type"] for fact in await office.facts(lead)] == ["registered", "converted"]


async def test_of_a_release_that_brings_no_key(office: Office) -> None:
    lead = await office.opened()
    wanted = WantedHold(reason=HoldReason.OTHER)
    hold = (await place_hold(office.desk, office.asking("maria"), lead, wanted)).detail["id"]
    done = await release_hold(office.desk, office.asking("maria"), lead, hold)
    handle = await forgotten(office, lead)
    assert (await handle.query(names.PROTECTION))["paused"]
    again = await release_hold(office.desk, office.asking("maria"), lead, hold)
    assert (again.fact_id, again.revision, again.paused) == (done.fact_id, done.revision, False)
    assert not (await handle.query(names.PROTECTION))["paused"]
    assert [fact["type"] for fact in await office.facts(lead)][1:] == ["hold_placed", "hold_released"]


async def test_of_an_extension_whose_lead_has_ended_since(office: Office) -> None:
    """The answer also tells what it told then; without it the API answered 500, for good."""
    lead = await office.opened()

    async def say() -> Any:
        asking = office.asking("maria", fact_id="longer")
        return await ask_extension(office.desk, asking, lead, WantedExtension(reason="Season", days=5))

    done = await say()
    await governing.convert(office.desk, office.asking("maria"), lead, customer_no="K1")
    again = await say()
    assert again.detail == done.detail
    assert (again.fact_id, again.status) == ("longer", "CONVERTED")
