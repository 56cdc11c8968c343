"""What people read, as the application role."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from adapters.database import Caller, Pool, roles_text, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.read_model import (
    audit_of_lead,
    clock_of,
    counts_by_status,
    facts_of,
    find_lead,
    holds_of,
    protection_at_once,
    protection_of,
)
from protection.facts import HoldReason
from protection.lifecycle import snapshot
from protection.state import Status
from protection.wire import fact_from_json
from tests.sql.commands import DAY, T0, call, command, lived, new_lead, placed, registered
from tests.sql.conftest import new_tenant

FACTS = (registered(), call(10), placed(20))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(worker: Pool) -> tuple[Caller, list[UUID]]:
    """A manager, and 30 leads of two agents: ten ACTIVE, ten paused, ten lapsed."""
    tenant = await new_tenant(worker)
    store = PostgresLedgerStore(worker)
    leads = []
    for number in range(30):
        owner = "agent" if number % 2 else "other"
        lead = await new_lead(worker, tenant, owner)
        first = registered(owner, T0 + (number // 2) * DAY)
        told = command(tenant, lead, (first, placed(20)) if 10 <= number < 20 else (first,))
        if number >= 20:
            told.projection.update(status="EXPIRED", problem="reminder-bounced", reason="INACTIVITY")
        await store.record(told)
        leads.append(lead)
    return Caller(tenant, "manager", ("manager",)), leads


async def test_the_protection_of_one_lead(worker: Pool, app: Pool, tenant: UUID) -> None:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, FACTS))
    async with transaction(app, tenant, "agent", ["agent"], reading=True) as connection:
        found = await protection_of(connection, tenant, lead)
        assert await protection_of(connection, tenant, uuid4()) is None
    expected = snapshot(lived(*FACTS)[-1], FACTS[-1].recorded_at)
    assert found is not None
    assert (found.status, found.paused, found.valid_until) == (Status.ACTIVE, True, expected.valid_until)
    assert (found.lead, found.revision, found.owner, found.reason) == (lead, 3, "agent", None)
    assert found.active_holds == ("FFZ_PRICE_APPROVAL",)
    assert found.registered_at == T0
    once = await protection_at_once(app, Caller(tenant, "agent", ("agent",)), lead)
    assert once == found
    assert await protection_at_once(app, Caller(tenant, "other", ("agent",)), lead) is None


async def test_the_clock_from_the_ledger_says_the_same_as_the_projection(
    worker: Pool, app: Pool, tenant: UUID
) -> None:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, FACTS))
    async with transaction(app, tenant, "agent", ["agent"]) as connection:
        stored = await protection_of(connection, tenant, lead)
        told = await clock_of(connection, tenant, lead, FACTS[-1].recorded_at)
        assert stored is not None
        assert told is not None
        for name in told.__dataclass_fields__:
            assert getattr(told, name) == getattr(stored, name), name
        early = await clock_of(connection, tenant, lead, T0 + 5 * DAY)
        assert early is not None
        assert (early.revision, early.paused, early.progress_until) == (1, False, T0 + 60 * DAY)
        assert await clock_of(connection, tenant, lead, T0 - DAY) is None
    async with transaction(app, tenant, "other", ["agent"]) as connection:
        assert await clock_of(connection, tenant, lead, T0) is None


async def test_a_lead_is_found_by_either_of_its_names(worker: Pool, app: Pool, tenant: UUID) -> None:
    lead = await new_lead(worker, tenant, external_id="CRM-7")
    strange = await new_lead(worker, tenant, external_id=str(uuid4()))
    async with transaction(app, tenant, "agent", ["agent"]) as connection:
        by_id = await find_lead(connection, tenant, str(lead))
        assert by_id is not None
        assert (by_id.id, by_id.company, by_id.city) == (lead, "Gasthof Muster GmbH", "Erfurt")
        assert await find_lead(connection, tenant, "CRM-7") == by_id
        odd = await find_lead(connection, tenant, str(strange))
        assert odd is not None
        by_external_id = await find_lead(connection, tenant, str(odd.external_id))
        assert by_external_id == odd
        assert await find_lead(connection, tenant, "CRM-8") is None
    async with transaction(app, tenant, "other", ["agent"]) as connection:
        assert await find_lead(connection, tenant, "CRM-7") is None


async def test_counts_are_of_the_callers_leads(crowd: tuple[Caller, list[UUID]], app: Pool) -> None:
    boss, _ = crowd
    for user, roles, sizes in (("manager", ("manager",), (20, 10, 10)), ("agent", ("agent",), (10, 5, 5))):
        async with transaction(app, boss.tenant, user, roles) as connection:
            active, expired = await counts_by_status(connection, boss.tenant)
        assert (active.status, active.leads, active.paused, active.with_problem) == (
            Status.ACTIVE,
            sizes[0],
            sizes[1],
            0,
        )
        assert (expired.status, expired.leads, expired.with_problem) == (Status.EXPIRED, sizes[2], sizes[2])


async def test_ledger_holds_and_audit_of_a_lead(worker: Pool, app: Pool, tenant: UUID) -> None:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, FACTS))
    async with transaction(app, tenant, "agent", ["agent"]) as connection:
        facts = await facts_of(connection, tenant, lead)
        holds = await holds_of(connection, tenant, lead)
        events = await audit_of_lead(connection, tenant, lead)
        later = await audit_of_lead(connection, tenant, lead, after=events[0].seq, most=1)
    assert [fact_from_json(fact.payload) for fact in facts] == list(FACTS)
    assert [(fact.revision, fact.occurred_at) for fact in facts] == [
        (1, T0),
        (2, T0 + 10 * DAY),
        (3, T0 + 20 * DAY),
    ]
    assert [(hold.hold, hold.reason, hold.end_at) for hold in holds] == [
        ("h1", HoldReason.FFZ_PRICE_APPROVAL, None)
    ]
    assert [(event.actor, event.what, event.fact_id) for event in events] == [
        (fact.by, fact.type, fact.fact_id) for fact in FACTS
    ]
    assert events[0].before is None
    assert events[2].before is not None
    assert (events[2].before["paused"], (events[2].after or {})["paused"]) == (False, True)
    assert later == events[1:2]


def test_a_role_that_is_two_is_refused() -> None:
    with pytest.raises(ValueError, match="comma"):
        roles_text(["agent,manager"])
