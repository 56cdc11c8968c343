"""Erasure as a workflow: after a lapse, on request, against obstacles, once and with a receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import TimeSkipper

from activities.erasure_orders import Cause, Obstacle
from adapters.erasure_gateway import ErasureAnswer, TemporalErasures
from adapters.erasure_store import PostgresErasureStore
from tests.vault.labs import EMAIL, contacts, end_on_hold, erased, keys, legal_hold, opened, receipts
from tests.workflows.conftest import lab
from tests.workflows.lab import DAY, Lab, Lead, due, until
from workflows import names
from workflows.messages import Convert, Reinstate, ReleaseLead

__all__ = ["lab"]
STORES = {
    "lead_key", "lead_contact", "notes", "search_index", "sample_notes", "contact_roles",
    "feedback_comments", "feedback_forms", "inbound_mails", "ai_answers", "credit_numbers", "lead", "ledger",
    "audit", "mails", "temporal_history", "logs", "metrics", "exports", "backups",
}  # fmt: skip


async def living(lab: Lab) -> Lead:
    lead = await lab.lead(contacts=contacts())
    await lead.register()
    return lead


async def request(lead: Lead) -> ErasureAnswer:
    return await TemporalErasures(lead.lab.client).request(lead.lab.tenant, lead.id, by="boss")


async def test_a_lapse_takes_the_personal_data_with_it_and_leaves_the_rest(lab: Lab) -> None:
    lead = await living(lab)
    assert {kept.email for kept in await opened(lead)} == {EMAIL, None}
    await lead.forward(await due(lead))
    await lead.forward((await lead.row())["grace_until"])
    await erased(lead)
    assert (await lead.row())["status"] == "EXPIRED"
    for kept in await opened(lead):
        assert (kept.name, kept.email, kept.phone, kept.note, kept.channel) == (None, None, None, None, None)
    rows = await lab.execute("select * from lead_contact where lead = $1", lead.id)
    assert {row[name] for row in rows for name in ("key", "email_index", "phone_index")} == {None}
    (receipt,) = await receipts(lead)
    assert (receipt["cause"], receipt["by"]) == ("lapse", (await lead.facts())[-1]["by"])
    stores = receipt["stores"]
    assert isinstance(stores, dict)
    assert set(stores) == STORES
    assert (stores["lead_contact"]["rows"], stores["notes"]["rows"], stores["lead_key"]["rows"]) == (1, 1, 1)
    (told,) = [row for row in await lead.audit() if row["what"] == "personal-data-erased"]
    assert told["after"]["receipt"] == str(receipt["id"])
    (company,) = await lab.execute("select company, city from lead where id = $1", lead.id)
    assert company == {"company": "Gasthof Muster GmbH", "city": "Erfurt"}
    assert len(await lead.facts()) == 3


async def test_on_request_a_living_lead_is_ended_first(lab: Lab) -> None:
    lead = await living(lab)
    answer = await request(lead)
    assert (answer.obstacle, answer.rows) == (None, 2)
    await until(lead.is_over)
    assert (await lead.row())["status"] == "ERASED"
    assert await keys(lead) == 0
    assert (await lead.facts())[-1]["type"] == "erased"
    (receipt,) = await receipts(lead)
    assert (receipt["cause"], receipt["by"], receipt["id"]) == ("request", "boss", answer.receipt)
    again = await request(lead)
    assert (again.obstacle, again.receipt, again.rows) == (None, None, 0)
    assert len(await receipts(lead)) == 1


async def test_the_same_erasure_again_changes_nothing(lab: Lab) -> None:
    lead = await living(lab)
    await lead.tell(ReleaseLead(by=lead.owner, fact_id="gone"))
    await erased(lead)
    store, (receipt,) = PostgresErasureStore(lab.pool), await receipts(lead)
    audit = await lead.audit()
    again = await store.erase(
        lab.tenant,
        lead.id,
        erasure=receipt["id"],  # type: ignore[arg-type]
        cause=Cause.LAPSE,
        by="boss",
        at=datetime.now(UTC),
    )
    assert (again.obstacle, again.receipt) == (None, str(receipt["id"]))
    assert await lead.audit() == audit
    assert len(await receipts(lead)) == 1


async def test_a_customer_keeps_his_data(lab: Lab) -> None:
    lead = await living(lab)
    await lead.tell(Convert(customer_no="K1", by="boss", fact_id="won"))
    await until(lead.is_over)
    assert (await request(lead)).obstacle is Obstacle.CONVERTED
    assert await keys(lead) == 1
    assert await receipts(lead) == []


async def test_a_legal_hold_stands_against_it_even_on_request(lab: Lab) -> None:
    lead = await living(lab)
    await legal_hold(lab, lead.id)
    assert (await request(lead)).obstacle is Obstacle.LEGAL_HOLD
    assert (await lead.row())["status"] == "ACTIVE"
    await end_on_hold(lead)
    assert await keys(lead) == 1
    await lab.execute("update legal_hold set until = '2026-02-01Z' where lead = $1", lead.id)
    assert (await request(lead)).rows == 2


async def _start(one: Lead, **start: Any) -> Any:
    lab = one.lab
    return await lab.client.start_workflow(
        names.LEAD_ERASURE,
        {"tenant": str(lab.tenant), "lead": str(one.id), "cause": "lapse"} | start,
        id=f"erasure-of-a-test/{uuid4()}",
        task_queue=names.PROTECTION_QUEUE,
    )


async def ended_with_its_data(lab: Lab) -> Lead:
    """A lead that has ended, whose data nothing protects or erases any more."""
    lead = await living(lab)
    await legal_hold(lab, lead.id)
    await end_on_hold(lead)
    await lab.execute("delete from legal_hold where lead = $1", lead.id)
    return lead


async def test_within_the_objection_window_a_lead_can_be_brought_back(lab: Lab) -> None:
    lead = await ended_with_its_data(lab)
    handle = await _start(lead, objection_days=14)
    await until_waiting(handle)
    assert await keys(lead) == 1
    await lab.gateway.reinstate(lab.tenant, lead.id, Reinstate(by="boss", fact_id="back"))
    await TimeSkipper(lab.client).fast_forward(handle, 15 * DAY)
    assert (await handle.result())["obstacle"] == "living"
    assert await keys(lead) == 1


async def test_after_the_objection_window_the_data_go(lab: Lab) -> None:
    lead = await ended_with_its_data(lab)
    handle = await _start(lead, objection_days=14)
    await until_waiting(handle)
    await TimeSkipper(lab.client).fast_forward(handle, 15 * DAY)
    assert (await handle.result())["outcome"] == "erased"
    assert await keys(lead) == 0


async def test_a_lapse_that_never_was_erases_nothing(lab: Lab) -> None:
    lead = await living(lab)
    assert (await (await _start(lead)).result())["obstacle"] == "living"
    assert (await (await _start(lead, lead=str(uuid4()))).result())["obstacle"] == "unknown-lead"


async def test_a_living_lead_without_a_workflow_is_not_erased_behind_its_back(lab: Lab) -> None:
    lead = await living(lab)
    await lead.handle.terminate("a test")
    assert (await request(lead)).obstacle is Obstacle.NOT_RUNNING
    assert await keys(lead) == 1


async def test_an_unpursued_preregistration_loses_company_and_place_too(lab: Lab) -> None:
    lead = await lab.lead()
    await lead.preregister()
    row = await lead.row()
    await lead.forward(row["next_wake_up"])
    while (await lead.row())["status"] == "PREREGISTERED":
        await lead.forward((await lead.row())["next_wake_up"])

    async def pseudonymous() -> bool:
        (found,) = await lab.execute("select * from lead where id = $1", lead.id)
        return bool(found["company"] == f"Vormerkung {lead.id.hex[:8]}")

    await until(pseudonymous)
    (found,) = await lab.execute(
        "select l::text as l, p::text as p from lead l join protection p on p.lead = l.id where l.id = $1",
        lead.id,
    )
    assert "muster" not in found["l"].lower() + found["p"].lower()
    assert "erfurt" not in found["l"].lower() + found["p"].lower()
    assert "Muster" not in str([row for row in await lead.audit() if row["what"] == "lead-edited"])
    (receipt,) = await receipts(lead)
    assert receipt["stores"]["lead"]["done"] == "pseudonymised"  # type: ignore[index]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        [],
        {},
        {"tenant": "x", "lead": str(uuid4()), "cause": "lapse"},
        {"tenant": str(uuid4()), "lead": str(uuid4()), "cause": "boredom"},
        {"tenant": str(uuid4()), "lead": str(uuid4()), "cause": "lapse", "by": "a b"},
        {"tenant": str(uuid4()), "lead": str(uuid4()), "cause": "lapse", "objection_days": -1},
        {"tenant": str(uuid4()), "lead": str(uuid4()), "cause": "lapse", "objection_days": "1"},
        {"tenant": str(uuid4()), "lead": str(uuid4()), "cause": "lapse", "reason": "Frau Muster"},
    ],
)
async def test_a_start_that_makes_no_sense_fails_and_says_where(raw: Any, lab: Lab) -> None:
    with pytest.raises(WorkflowFailureError) as failed:
        await lab.client.execute_workflow(
            names.LEAD_ERASURE, raw, id=f"erasure-of-a-test/{uuid4()}", task_queue=names.PROTECTION_QUEUE
        )
    cause: Any = failed.value.cause
    assert cause.type == "malformed"
    assert "Muster" not in str(cause)


async def until_waiting(handle: Any) -> None:
    async def waits() -> bool:
        return any(
            event.HasField("timer_started_event_attributes")
            for event in (await handle.fetch_history()).events
        )

    await until(waits)
