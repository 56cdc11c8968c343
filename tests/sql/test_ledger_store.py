"""One call records a lead's facts, projection, holds and audit; repeating it changes nothing."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from activities.records import LedgerConflict, RecordCommand
from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from protection.wire import fact_to_json
from tests.sql.commands import call, command, freed, new_lead, placed, refusal, registered

LIFE = (registered(), call(10), placed(20), freed(25), call(30))


async def dump(worker: Pool, tenant: UUID) -> dict[str, list[dict[str, Any]]]:
    """Everything the ledger of a tenant consists of."""
    tables = {
        "fact": "select * from fact where tenant = $1 order by lead, revision",
        "protection": "select * from protection where tenant = $1 order by lead",
        "hold": "select * from hold where tenant = $1 order by lead, hold",
        "audit_event": "select * from audit_event where tenant = $1 order by seq",
        "audit_head": "select * from audit_head where tenant = $1",
    }
    async with transaction(worker, tenant, "system") as connection:
        return {
            name: [dict(row) for row in await connection.fetch(sql, tenant)] for name, sql in tables.items()
        }


async def test_a_life_is_recorded_fact_by_fact(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    for known in range(1, len(LIFE) + 1):
        assert await store.record(command(tenant, lead, LIFE[:known], since=known - 1)) == known
    assert await store.facts(tenant, lead) == [fact_to_json(fact) for fact in LIFE]
    stored = await dump(worker, tenant)
    (row,) = stored["protection"]
    assert (row["revision"], row["status"], row["paused"], row["owner"]) == (5, "ACTIVE", False, "agent")
    assert row["last_progress_at"] == call(30).occurred_at
    (hold,) = stored["hold"]
    assert (hold["start_at"], hold["end_at"], hold["placed_by"]) == (
        placed(20).start_at,
        freed(25).recorded_at,
        "manager",
    )
    assert [row["what"] for row in stored["audit_event"]] == [fact.type for fact in LIFE]
    assert [row["seq"] for row in stored["audit_event"]] == [1, 2, 3, 4, 5]


async def test_repeating_any_command_changes_nothing(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    commands = [command(tenant, lead, LIFE[:3]), command(tenant, lead, LIFE, since=3)]
    for one in commands:
        await store.record(one)
    before = await dump(worker, tenant)
    assert [await store.record(one) for one in commands] == [5, 5]
    assert await dump(worker, tenant) == before


async def test_a_command_partly_known_adds_the_rest_once(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await store.record(command(tenant, lead, LIFE[:2]))
    assert await store.record(command(tenant, lead, LIFE)) == 5
    stored = await dump(worker, tenant)
    assert [row["fact_id"] for row in stored["fact"]] == [fact.fact_id for fact in LIFE]
    assert len(stored["audit_event"]) == 5


async def test_a_late_repetition_does_not_undo_what_came_after(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    early = command(tenant, lead, LIFE[:3])
    await store.record(early)
    await store.record(command(tenant, lead, LIFE, since=3))
    # As if its facts were new, its projection would still be the older one.
    stale = replace(early, facts=[], holds=[], audit=[])
    assert await store.record(stale) == 5
    stored = await dump(worker, tenant)
    assert stored["protection"][0]["paused"] is False
    assert len(stored["hold"]) == 1


async def test_another_payload_under_a_known_id_is_a_conflict(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await store.record(command(tenant, lead, LIFE[:2]))
    before = await dump(worker, tenant)
    forged = command(tenant, lead, LIFE[:3])
    forged.facts[1]["kind"] = "NOTE"
    with pytest.raises(LedgerConflict, match="call-10"):
        await store.record(forged)
    assert await dump(worker, tenant) == before


async def test_a_taken_revision_and_a_gap_are_conflicts(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await store.record(command(tenant, lead, LIFE[:2]))
    before = await dump(worker, tenant)
    second = command(tenant, lead, (registered(), call(11)), since=1)
    with pytest.raises(LedgerConflict):
        await store.record(second)
    gap = command(tenant, lead, LIFE[:4], since=3)
    with pytest.raises(LedgerConflict, match="gap"):
        await store.record(gap)
    fresh = await new_lead(worker, tenant)
    with pytest.raises(LedgerConflict, match="gap"):
        await store.record(command(tenant, fresh, LIFE[:3], since=1))
    assert await dump(worker, tenant) == before


async def test_a_projection_ahead_of_the_ledger_is_a_conflict(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    ahead = command(tenant, lead, LIFE[:2])
    ahead.projection["revision"] = 7
    with pytest.raises(LedgerConflict, match="revision 7"):
        await store.record(ahead)
    assert (await dump(worker, tenant))["fact"] == []


async def test_refused_messages_are_audited_once(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    await store.record(command(tenant, lead, LIFE))
    for _ in range(2):
        assert await store.record(refusal(tenant, lead, LIFE, "update-1")) == 5
    await store.record(refusal(tenant, lead, LIFE, "update-2", refused=2))
    stored = await dump(worker, tenant)
    assert stored["protection"][0]["refused_facts"] == 2
    assert [row["audit_id"] for row in stored["audit_event"]][5:] == ["update-1", "update-2"]
    # The first one once more: it was heard, so nothing moves back.
    await store.record(refusal(tenant, lead, LIFE, "update-1"))
    assert await dump(worker, tenant) == stored


async def test_the_same_audit_row_told_directly_does_not_move_the_chain(worker: Pool, tenant: UUID) -> None:
    for _ in range(2):
        async with transaction(worker, tenant, "system") as connection:
            await connection.execute(
                "insert into audit_event (tenant, audit_id, actor, what, at)"
                " values ($1, 'once', 'a', 'b', $2)"
                " on conflict do nothing",
                tenant,
                registered().recorded_at,
            )
    stored = await dump(worker, tenant)
    assert [row["seq"] for row in stored["audit_event"]] == [1]
    assert stored["audit_head"][0]["seq"] == 1


async def test_a_new_owner_is_the_leads_owner_too(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    moved = command(tenant, lead, LIFE)
    moved.projection["owner"] = "other"
    await store.record(moved)
    async with transaction(worker, tenant, "system") as connection:
        assert await connection.fetchval("select owner from lead where id = $1", lead) == "other"


async def test_the_same_command_at_the_same_moment_is_recorded_once(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    whole = command(tenant, lead, LIFE)
    assert await asyncio.gather(*(store.record(deepcopy(whole)) for _ in range(8))) == [5] * 8
    stored = await dump(worker, tenant)
    assert len(stored["fact"]) == len(stored["audit_event"]) == 5


async def test_many_leads_in_one_call_and_all_or_none(worker: Pool, tenant: UUID) -> None:
    store = PostgresLedgerStore(worker)
    leads = [await new_lead(worker, tenant) for _ in range(40)]
    commands = [command(tenant, lead, LIFE) for lead in leads]
    broken = deepcopy(commands)
    broken[17].facts[2]["revision"] = 9
    with pytest.raises(LedgerConflict):
        await store.record_many(broken)
    assert (await dump(worker, tenant))["fact"] == []
    assert await store.record_many(commands) == [5] * 40
    assert await store.record_many(commands) == [5] * 40
    assert len((await dump(worker, tenant))["audit_event"]) == 200
    assert await store.record_many([]) == []


def _spoiled(spoil: str, whole: RecordCommand) -> RecordCommand:
    match spoil:
        case "facts[1].by":
            del whole.facts[1]["by"]
        case "projection.status":
            del whole.projection["status"]
        case "projection.colour":
            whole.projection["colour"] = "red"
        case "projection.lead":
            whole.projection["lead"] = str(uuid4())
        case "holds[0].reason":
            del whole.holds[0]["reason"]
        case _:
            whole.audit[0]["what_else"] = 1
    return whole


@pytest.mark.parametrize(
    "field",
    [
        "facts[1].by",
        "projection.status",
        "projection.colour",
        "projection.lead",
        "holds[0].reason",
        "audit[0].what_else",
    ],
)
async def test_a_command_the_database_would_store_in_part_is_refused(
    field: str, worker: Pool, tenant: UUID
) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    with pytest.raises(LedgerConflict) as refused:
        await store.record(_spoiled(field, command(tenant, lead, LIFE)))
    assert field in str(refused.value)


async def test_values_no_column_takes_are_a_conflict_not_a_matter_of_trying_again(
    worker: Pool, tenant: UUID
) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    for field, value in (("status", "ASLEEP"), ("base_until", "someday"), ("owner", None)):
        spoiled = command(tenant, lead, LIFE)
        spoiled.projection[field] = value
        with pytest.raises(LedgerConflict):
            await store.record(spoiled)


async def test_a_lead_that_is_not_there_yet_can_be_tried_again(worker: Pool, tenant: UUID) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await PostgresLedgerStore(worker).record(command(tenant, uuid4(), LIFE))


async def test_one_call_is_for_one_tenant_and_one_command_a_lead(worker: Pool, tenant: UUID) -> None:
    store, lead = PostgresLedgerStore(worker), await new_lead(worker, tenant)
    whole = command(tenant, lead, LIFE)
    with pytest.raises(LedgerConflict, match="lead"):
        await store.record_many([whole, whole])
    with pytest.raises(LedgerConflict, match="tenant"):
        await store.record_many([whole, command(uuid4(), uuid4(), LIFE)])
