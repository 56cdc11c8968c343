"""Requests, the owner's tenure and adopted policies are recorded with the ledger they follow from."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from activities.records import LedgerConflict, RecordCommand
from adapters.database import Pool, load_queries, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.migrations import MIGRATIONS
from protection.facts import (
    Corrected,
    ExtensionRequested,
    HoldReason,
    HoldRequested,
    PolicyAdopted,
    Released,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.policy import policy_to_json
from tests.sql.commands import DAY, T0, call, command, new_lead, registered
from tests.sql.conftest import POLICY

TERMS = replace(POLICY, version="contract-2", progress_days=90)


def at(day: int) -> datetime:
    return T0 + day * DAY


def asked_hold(day: int, request: str = "r1") -> HoldRequested:
    return HoldRequested(
        fact_id=f"ask-{request}",
        recorded_at=at(day),
        by="agent",
        request=request,
        reason=HoldReason.FFZ_SAMPLE_DELAY,
        start_at=at(day),
        end_at=at(day + 9),
    )


def asked_extension(day: int, request: str = "x1") -> ExtensionRequested:
    return ExtensionRequested(
        fact_id=f"ask-{request}",
        recorded_at=at(day),
        by="agent",
        request=request,
        days=30,
        next_step_at=at(day + 5),
    )


def decided(day: int, request: str, *, approved: bool, **values: Any) -> RequestDecided:
    return RequestDecided(
        fact_id=f"decide-{request}",
        recorded_at=at(day),
        by="manager",
        request=request,
        approved=approved,
        **values,
    )


def adopted(day: int, policy: dict[str, Any] | None = None) -> PolicyAdopted:
    return PolicyAdopted(
        fact_id="adopt",
        recorded_at=at(day),
        by="admin",
        version=TERMS.version,
        replaces=POLICY.version,
        policy=policy_to_json(TERMS) if policy is None else policy,
    )


LIFE = (
    registered(),
    asked_hold(10),
    asked_extension(12),
    decided(13, "r1", approved=True, end_at=at(40)),
    decided(14, "x1", approved=True, days=20),
)


async def requests_of(worker: Pool, tenant: UUID, lead: UUID) -> dict[str, dict[str, Any]]:
    async with transaction(worker, tenant, "system") as connection:
        rows = await connection.fetch("select * from request where tenant = $1 and lead = $2", tenant, lead)
    return {row["request"]: dict(row) for row in rows}


async def standing(worker: Pool, tenant: UUID, lead: UUID) -> asyncpg.Record:
    async with transaction(worker, tenant, "system") as connection:
        row = await connection.fetchrow(
            "select * from protection where tenant = $1 and lead = $2", tenant, lead
        )
    assert row is not None
    return row


async def told_one_by_one(store: PostgresLedgerStore, tenant: UUID, lead: UUID, *life: Any) -> None:
    for known in range(1, len(life) + 1):
        assert await store.record(command(tenant, lead, life[:known], since=known - 1)) == known


async def test_requests_are_recorded_as_they_stand(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await told_one_by_one(store, tenant, lead, *LIFE[:3])
    asked = await requests_of(worker, tenant, lead)
    assert asked["r1"] == {
        "tenant": tenant,
        "lead": lead,
        "request": "r1",
        "kind": "HOLD",
        "status": "PENDING",
        "reason": "FFZ_SAMPLE_DELAY",
        "start_at": at(10),
        "end_at": at(19),
        "days": None,
        "next_step_at": None,
        "requested_by": "agent",
        "requested_at": at(10),
        "decided_by": None,
        "decided_at": None,
    }
    assert (asked["x1"]["kind"], asked["x1"]["days"], asked["x1"]["next_step_at"]) == (
        "EXTENSION",
        30,
        at(17),
    )
    for known in (4, 5):
        await store.record(command(tenant, lead, LIFE[:known], since=known - 1))
    done = await requests_of(worker, tenant, lead)
    assert {row["status"] for row in done.values()} == {"APPROVED"}
    assert (done["r1"]["end_at"], done["r1"]["decided_by"], done["r1"]["decided_at"]) == (
        at(40),
        "manager",
        at(13),
    )
    assert done["x1"]["days"] == 20
    async with transaction(worker, tenant, "system") as connection:
        hold = await connection.fetchrow("select * from hold where tenant = $1 and lead = $2", tenant, lead)
    assert hold is not None
    assert (hold["hold"], hold["start_at"], hold["end_at"]) == ("r1", at(10), at(40))


async def test_what_is_withdrawn_rejected_or_void_says_so(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    withdrawn = RequestWithdrawn(fact_id="never-mind", recorded_at=at(11), by="agent", request="r1")
    life = (
        registered(),
        asked_hold(10),
        withdrawn,
        asked_extension(12),
        decided(13, "x1", approved=False),
        asked_hold(14, "r2"),
        Released(fact_id="gone", recorded_at=at(15), by="agent"),
    )
    await store.record(command(tenant, lead, life))
    done = await requests_of(worker, tenant, lead)
    assert {name: row["status"] for name, row in done.items()} == {
        "r1": "WITHDRAWN",
        "x1": "REJECTED",
        "r2": "VOID",
    }


async def test_repeating_commands_about_requests_changes_nothing(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    commands = [command(tenant, lead, LIFE[:3]), command(tenant, lead, LIFE, since=3)]
    for one in commands:
        await store.record(one)
    before = await requests_of(worker, tenant, lead)
    assert [await store.record(one) for one in commands] == [5, 5]
    assert await requests_of(worker, tenant, lead) == before


async def test_a_retracted_request_is_gone(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    retracted = Corrected(fact_id="no", recorded_at=at(12), by="manager", corrects="ask-r1", replacement=None)
    await told_one_by_one(store, tenant, lead, registered(), asked_hold(10))
    assert list(await requests_of(worker, tenant, lead)) == ["r1"]
    await store.record(command(tenant, lead, (registered(), asked_hold(10), retracted), since=2))
    assert await requests_of(worker, tenant, lead) == {}


async def test_a_command_from_before_there_were_requests_is_recorded(worker: Pool, tenant: UUID) -> None:
    lead = await new_lead(worker, tenant)
    whole = command(tenant, lead, (registered(), call(10)))
    row = {name: getattr(whole, name) for name in ("lead", "facts", "projection", "holds", "audit")}
    async with worker.acquire() as connection:
        stored = await load_queries("ledger").record_ledgers(connection, tenant=tenant, commands=[row])
    assert stored == [2]
    assert await requests_of(worker, tenant, lead) == {}


def _spoiled(field: str, value: Any, whole: RecordCommand) -> RecordCommand:
    whole.requests[0][field] = value
    return whole


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "PARTY"),
        ("status", "PERHAPS"),
        ("request", ""),
        ("requested_by", None),
        ("requested_at", "someday"),
        ("days", "many"),
        ("colour", "red"),
    ],
)
async def test_garbage_in_a_request_is_a_conflict(field: str, value: Any, worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    with pytest.raises(LedgerConflict):
        await store.record(_spoiled(field, value, command(tenant, lead, LIFE[:2])))
    assert await store.facts(tenant, lead) == []
    assert await requests_of(worker, tenant, lead) == {}


async def test_since_when_the_owner_has_the_lead_moves_with_the_owner(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await store.record(command(tenant, lead, (registered(),)))
    assert (await standing(worker, tenant, lead))["assigned_at"] == T0
    moved = Transferred(fact_id="move", recorded_at=at(20), by="manager", owner="other")
    await store.record(command(tenant, lead, (registered(), moved), since=1))
    assert (await standing(worker, tenant, lead))["assigned_at"] == at(20)


async def test_leads_from_before_get_their_tenure_from_their_ledgers(
    worker: Pool, superuser: Pool, tenant: UUID
) -> None:
    store = PostgresLedgerStore(worker)
    moved = Transferred(fact_id="move", recorded_at=at(20), by="manager", owner="other")
    late = replace(registered(), recorded_at=at(3))
    leads = {}
    for life in ((registered(), call(10)), (registered(), moved, call(30)), (late,)):
        lead = await new_lead(worker, tenant)
        await store.record(command(tenant, lead, life))
        leads[lead] = (await standing(worker, tenant, lead))["assigned_at"]
    assert set(leads.values()) == {T0, at(20), at(3)}
    migration = (MIGRATIONS / "20261123001000_requests.sql").read_text(encoding="utf-8")
    start, end = "alter table protection no force", "alter table protection force row level security;"
    filled = migration[migration.index(start) : migration.index(end) + len(end)]
    async with superuser.acquire() as connection, connection.transaction():
        await connection.execute("update protection set assigned_at = null where tenant = $1", tenant)
        await connection.execute(f"set local role fristwerk_owner; {filled}")
    assert {lead: (await standing(worker, tenant, lead))["assigned_at"] for lead in leads} == leads


async def test_an_adopted_policy_is_known_from_then_on(worker: Pool, tenant: UUID) -> None:
    store = PostgresLedgerStore(worker)
    leads = [await new_lead(worker, tenant) for _ in range(2)]
    commands = [command(tenant, lead, (registered(), adopted(5))) for lead in leads]
    assert await store.record_many(commands) == [2, 2]
    assert await store.record_many(deepcopy(commands)) == [2, 2]
    async with transaction(worker, tenant, "system") as connection:
        known = await connection.fetchval(
            "select policy from policy_version where version = $1", TERMS.version
        )
        opening = await connection.fetchval("select opening_policy($1, $2)", tenant, leads[0])
    assert known == policy_to_json(TERMS)
    assert (await standing(worker, tenant, leads[0]))["policy_version"] == TERMS.version
    assert opening == policy_to_json(POLICY)


async def test_another_policy_under_a_known_version_is_a_conflict(worker: Pool, tenant: UUID) -> None:
    store = PostgresLedgerStore(worker)
    first, second = [await new_lead(worker, tenant) for _ in range(2)]
    await store.record(command(tenant, first, (registered(), adopted(5))))
    other = policy_to_json(replace(TERMS, grace_days=20))
    with pytest.raises(LedgerConflict, match=TERMS.version):
        await store.record(command(tenant, second, (registered(), adopted(5, other))))
    assert await store.facts(tenant, second) == []


async def test_sql_reads_a_recorded_ledger_from_its_first_policy_on(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await store.record(command(tenant, lead, (registered(), adopted(5))))
    async with transaction(worker, tenant, "system") as connection:
        before, after = [
            await connection.fetchrow("select * from lead_clock($1, $2, $3)", tenant, lead, at(day))
            for day in (4, 5)
        ]
        nothing = await connection.fetch("select * from lead_clock($1, $2, $3)", tenant, uuid4(), at(5))
    assert before is not None
    assert after is not None
    assert (before["revision"], before["progress_until"].date()) == (1, at(60).date())
    assert (after["revision"], after["progress_until"].date()) == (2, at(90).date())
    assert nothing == []
