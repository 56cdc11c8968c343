"""A draft policy over all living leads: what each would gain or lose is what adopting would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.database import Caller, Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.policy_store import count_living, current_policy
from protection.facts import Fact, PolicyAdopted, Preregistered, Released, ReminderSent
from protection.lifecycle import apply, snapshot
from protection.policy import Counting, Mode, Policy, WorkingDayRoll, policy_to_json
from protection.refusal import Code, Refused
from protection.simulator import settle
from protection.state import Status
from services.rehearsal import Draft, Effect, Outcome, Summary, drafted, eyes_of, rehearse
from tests.sql.commands import DAY, T0, call, command, freed, lived, new_lead, placed, registered

NOW = T0 + 40 * DAY
BOSS = ("manager",)


async def lead_of(worker: Pool, tenant: UUID, *facts: Fact) -> UUID:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, facts))
    return lead


def reminder(day: int) -> ReminderSent:
    at = T0 + day * DAY
    return ReminderSent(fact_id=f"reminder-{day}", recorded_at=at, by="clock", sent_at=at, cycle=1)


async def draft_of(app: Pool, tenant: UUID, fields: Mapping[str, Any], *, land: str | None = None) -> Policy:
    async with transaction(app, tenant, "boss", BOSS, at=NOW) as connection:
        return await drafted(connection, tenant, Draft(fields=fields, land=land), at=NOW)


async def outcomes(
    app: Pool, tenant: UUID, at: datetime = NOW, land: str | None = None, **fields: Any
) -> dict[UUID, Outcome]:
    draft = await draft_of(app, tenant, fields, land=land)
    looking = eyes_of(app, Caller(tenant, "boss", BOSS))
    return {one.lead: one async for one in rehearse(looking, tenant, draft, at=at)}


async def test_longer_grace_is_gained_by_those_it_concerns(app: Pool, worker: Pool, tenant: UUID) -> None:
    idle = await lead_of(worker, tenant, registered())
    busy = await lead_of(worker, tenant, registered(), call(39))
    waiting = await lead_of(worker, tenant, registered(), placed(20))
    freed_again = await lead_of(worker, tenant, registered(), placed(20), freed(25))
    gone = await lead_of(
        worker, tenant, registered(), Released(fact_id="gone", recorded_at=T0 + 30 * DAY, by="agent")
    )
    found = await outcomes(app, tenant, grace_days=14)
    assert gone not in found
    assert {lead: (one.effect, one.days) for lead, one in found.items()} == {
        idle: (Effect.GAINS, 4),
        busy: (Effect.GAINS, 4),
        waiting: (Effect.OPEN, None),
        freed_again: (Effect.GAINS, 4),
    }
    assert found[idle].valid_until_after == T0 + 74 * DAY
    assert (found[idle].status_before, found[idle].status_after) == (Status.ACTIVE, Status.ACTIVE)
    assert (found[idle].version, found[idle].owner) == ("contract-1", "agent")
    async with transaction(app, tenant, "boss", BOSS) as connection:
        assert await count_living(connection, tenant) == len(found)


async def test_a_shorter_progress_period_reminds_at_once(app: Pool, worker: Pool, tenant: UUID) -> None:
    idle = await lead_of(worker, tenant, registered())
    told = (await outcomes(app, tenant, progress_days=30))[idle]
    assert (told.effect, told.status_before, told.status_after) == (Effect.LOSES, Status.ACTIVE, Status.GRACE)
    assert (told.valid_until_after, told.days) == (NOW + 10 * DAY, -20)


async def test_what_would_have_ended_already_cannot_be_adopted(app: Pool, worker: Pool, tenant: UUID) -> None:
    old = await lead_of(worker, tenant, registered(), call(39))
    told = (await outcomes(app, tenant, base_months=1))[old]
    assert (told.effect, told.refused, told.status_after) == (Effect.REFUSED, Code.WOULD_HAVE_ENDED, None)


async def test_pre_registered_leads_and_leads_in_grace_are_among_them(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    noted = await lead_of(
        worker, tenant, Preregistered(fact_id="pre", recorded_at=T0 + 38 * DAY, by="agent", owner="agent")
    )
    reminded = await lead_of(worker, tenant, registered(), reminder(60))
    found = await outcomes(app, tenant, T0 + 62 * DAY, grace_days=5, preregistration_days=60)
    assert (found[reminded].status_before, found[reminded].days) == (Status.GRACE, -5)
    assert found[noted].effect is Effect.GAINS
    assert found[noted].status_before is Status.PREREGISTERED


async def test_it_is_what_adopting_makes_of_it_also_the_second_time(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    ledgers = [
        (registered(), call(10), placed(12), freed(17)),
        (registered(), placed(20), freed(38), call(39)),
        (registered(), call(1), call(39, "late")),
    ]
    leads = {await lead_of(worker, tenant, *facts): facts for facts in ledgers}
    fields: dict[str, Any] = {"progress_days": 90, "mode": "GREATEST"}
    found = await outcomes(app, tenant, **fields)
    for lead, facts in leads.items():
        draft = Policy(version="draft", progress_days=90, mode=Mode.GREATEST)
        adopted = PolicyAdopted(
            fact_id="adopt", recorded_at=NOW, by="root", version="draft", replaces="contract-1",
            policy=policy_to_json(draft),
        )  # fmt: skip
        state = apply(settle(lived(*facts)[-1], NOW), adopted)
        assert found[lead].valid_until_after == snapshot(settle(state, NOW), NOW).valid_until

    # A lead that has adopted a version already is replayed from the one it began under.
    async with transaction(worker, tenant, "root", at=NOW) as connection:
        longer = replace(Policy(), version="contract-9", grace_days=30)
        await connection.execute(
            "insert into policy_version values ($1, $2, $3)", tenant, longer.version, policy_to_json(longer)
        )
    first = next(iter(leads))
    changed = PolicyAdopted(
        fact_id="adopt-9", recorded_at=T0 + 39 * DAY, by="root", version="contract-9", replaces="contract-1",
        policy=policy_to_json(longer),
    )  # fmt: skip
    await PostgresLedgerStore(worker).record(command(tenant, first, (*leads[first], changed), since=4))
    told = (await outcomes(app, tenant, grace_days=10))[first]
    assert (told.version, told.effect, told.days) == ("contract-9", Effect.LOSES, -20)


async def test_a_ledger_that_cannot_be_played_stops_nobody(
    app: Pool, worker: Pool, superuser: Pool, tenant: UUID
) -> None:
    sound = await lead_of(worker, tenant, registered())
    broken = await lead_of(worker, tenant, registered(), call(3))
    await superuser.execute("alter table fact disable trigger user")
    await superuser.execute(
        "update fact set payload = payload - 'kind' where tenant = $1 and lead = $2 and revision = 2",
        tenant,
        broken,
    )
    await superuser.execute("alter table fact enable trigger user")
    found = await outcomes(app, tenant, grace_days=11)
    assert (found[sound].effect, found[broken].effect) == (Effect.GAINS, Effect.UNREADABLE)


async def test_many_leads_come_in_batches_each_once(app: Pool, worker: Pool, tenant: UUID) -> None:
    leads = {await lead_of(worker, tenant, registered()) for _ in range(450)}
    summary = Summary()
    draft = await draft_of(app, tenant, {"grace_days": 9})
    seen = []
    async for one in rehearse(eyes_of(app, Caller(tenant, "boss", BOSS)), tenant, draft, at=NOW):
        seen.append(one.lead)
        summary.add(one)
    assert seen == sorted(leads)
    assert (summary.leads, summary.lost, summary.gained, summary.other_status) == (450, 450, 0, 0)
    assert summary.by_effect[Effect.LOSES] == 450


async def test_nobody_sees_outcomes_of_leads_he_may_not_see(app: Pool, worker: Pool, tenant: UUID) -> None:
    await lead_of(worker, tenant, registered("other"))
    draft = await draft_of(app, tenant, {"grace_days": 9})
    looking = eyes_of(app, Caller(tenant, "agent", ("agent",)))
    assert [one async for one in rehearse(looking, tenant, draft, at=NOW)] == []


async def test_rehearsing_writes_nothing(app: Pool, worker: Pool, superuser: Pool, tenant: UUID) -> None:
    await lead_of(worker, tenant, registered())
    tables = ("fact", "protection", "policy_version", "audit_event", "setting_value")

    async def counts() -> list[int]:
        return [await superuser.fetchval(f"select count(*) from {table}") for table in tables]

    before = await counts()
    await outcomes(app, tenant, grace_days=14)
    assert await counts() == before


@pytest.mark.parametrize(
    ("fields", "land", "field"),
    [
        ({"grace_days": 0}, None, "policy.grace_days"),
        ({"grace_days": "14"}, None, "policy.grace_days"),
        ({"grace_days": True}, None, "policy.grace_days"),
        ({"grace": 14}, None, "policy.grace"),
        ({"mode": "MOST"}, None, "policy.mode"),
        ({"mode": ["LEAST"]}, None, "policy.mode"),
        ({"timezone": "Mars/Olympus"}, None, "policy.timezone"),
        ({"timezone": "../../etc/passwd"}, None, "policy.timezone"),
        ({"version": "mine"}, None, "policy.version"),
        ({"closed_days": []}, None, "policy.closed_days"),
        ({"qualifying_kinds": "QUALIFIED_CALL"}, None, "policy.qualifying_kinds"),
        ({"qualifying_kinds": [1]}, None, "policy.qualifying_kinds"),
        ({"working_day_roll": "next_working_day"}, "TH", "policy.working_day_roll"),
        ({"working_day_roll": "next_working_day", "counting": "calendar_days"}, None, "land"),
        ({}, "Thuringia", "land"),
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused(
    app: Pool, tenant: UUID, fields: dict[str, Any], land: str | None, field: str
) -> None:
    with pytest.raises(Refused) as caught:
        await draft_of(app, tenant, fields, land=land)
    assert (caught.value.code, caught.value.field) == (Code.MALFORMED, field)


async def test_a_draft_that_rolls_names_the_holidays(app: Pool, worker: Pool, tenant: UUID) -> None:
    fields: dict[str, Any] = {"working_day_roll": "next_working_day", "counting": "calendar_days"}
    draft = await draft_of(app, tenant, fields, land="TH")
    assert (draft.counting, draft.working_day_roll) == (
        Counting.CALENDAR_DAYS,
        WorkingDayRoll.NEXT_WORKING_DAY,
    )
    assert {day.year for day in draft.closed_days} == set(range(NOW.year - 1, NOW.year + 5))
    unused = await draft_of(app, tenant, {}, land="TH")
    assert unused == replace(Policy(), version="draft")
    async with transaction(worker, tenant, "root", at=NOW) as connection:
        assert await current_policy(connection, tenant, at=NOW) == Policy()
    idle = await lead_of(worker, tenant, registered())
    told = (await outcomes(app, tenant, land="TH", **fields))[idle]
    assert told.valid_until_after is not None
    assert told.valid_until_after - (T0 + 70 * DAY) < timedelta(days=5)
