"""Leads as the application writes them: registered without a twin, described without becoming one."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.database import Pool, transaction
from protection.permission import Role
from tests.rights.cells import PEOPLE, Person
from tests.rights.world import NOW, World, full_lead
from tests.sql.commands import DAY, entry, new_lead

AGENT, MANAGER = PEOPLE[Role.AGENT], PEOPLE[Role.MANAGER]
DUPLICATE = "FW003"


def told(key: str, *, owner: str = AGENT.user, at: datetime = NOW, **changed: Any) -> list[dict[str, Any]]:
    row = {
        "id": str(uuid4()),
        "company": "Gasthof",
        "city": "Erfurt",
        "owner": owner,
        "company_key": key,
        "created_at": at.isoformat(),
    }
    return [{"lead": row | changed, "contacts": []}]


async def register(
    app: Pool, world: World, entries: list[dict[str, Any]], person: Person = AGENT, *, refuse: bool = True
) -> int:
    async with transaction(app, world.here, person.user, person.roles) as connection:
        added: int = await connection.fetchval(
            "select lead_register($1, $2, $3)", world.here, entries, refuse
        )
        return added


async def refused(doing: Any) -> str | None:
    with pytest.raises(asyncpg.PostgresError) as caught:
        await doing
    return caught.value.sqlstate


async def test_of_two_companies_at_one_place_one_is_registered(world: World, app: Pool) -> None:
    first = told("one place")
    assert await register(app, world, first) == 1
    assert await register(app, world, first) == 0
    assert await refused(
        register(app, world, told("one place", owner="other"), Person("other", (Role.AGENT,)))
    ) == (DUPLICATE)


async def test_only_a_manager_lets_a_second_one_in(world: World, app: Pool) -> None:
    assert await register(app, world, told("second")) == 1
    denied = await refused(register(app, world, told("second"), refuse=False))
    assert denied == asyncpg.InsufficientPrivilegeError.sqlstate
    assert await register(app, world, told("second"), MANAGER, refuse=False) == 1


async def test_the_way_around_the_function_is_closed_too(world: World, app: Pool) -> None:
    insert = (
        "insert into lead (tenant, id, company, city, owner, company_key, created_at)"
        " values ($1, $2, 'x', 'y', 'agent', 'direct', $3)"
    )
    async with transaction(app, world.here, AGENT.user, AGENT.roles) as connection:
        await connection.execute(insert, world.here, uuid4(), NOW)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, world.here, AGENT.user, AGENT.roles) as connection:
            await connection.execute(insert, world.here, uuid4(), NOW)


async def test_at_the_same_moment_one_wins(world: World, app: Pool) -> None:
    outcomes = await asyncio.gather(
        *(register(app, world, told("race")) for _ in range(6)), return_exceptions=True
    )
    assert outcomes.count(1) == 1
    codes = {outcome.sqlstate for outcome in outcomes if isinstance(outcome, asyncpg.PostgresError)}
    assert codes == {DUPLICATE}


async def test_a_reservation_keeps_others_away_until_it_ends(world: World, app: Pool, worker: Pool) -> None:
    until = NOW + 10 * DAY
    made = await full_lead(worker, world.here, AGENT.user)
    async with transaction(worker, world.here, "system") as connection:
        key = await connection.fetchval("select company_key from lead where id = $1", made)
        await connection.execute(
            "update protection set status = 'PREREGISTERED', valid_until = $2 where lead = $1", made, until
        )

    async def twin(at: datetime | None, but: UUID | None = None) -> bool:
        async with transaction(app, world.here, "other", ["agent"]) as connection:
            found: bool = await connection.fetchval(
                "select has_live_duplicate($1, $2, null, $3, $4)", world.here, key, at, but
            )
            return found

    second = timedelta(seconds=1)
    assert await twin(until - second)
    assert not await twin(until)
    assert await twin(None)
    assert not await twin(NOW, made)
    assert await refused(register(app, world, told(key, at=until - second))) == DUPLICATE
    assert await register(app, world, told(key, at=until)) == 1


async def test_a_description_is_counted_and_told(world: World, app: Pool, worker: Pool) -> None:
    lead = await new_lead(worker, world.here, AGENT.user)
    change = "update lead set industry = $2, source = 'PHONE' where id = $1"
    async with transaction(app, world.here, AGENT.user, AGENT.roles, at=NOW, reason="moved") as connection:
        await connection.execute(change, lead, "CANTEEN")
        await connection.execute("update lead set industry = 'CANTEEN' where id = $1", lead)
    async with transaction(app, world.here, AGENT.user, AGENT.roles) as connection:
        assert await connection.fetchval("select changed from lead where id = $1", lead) == 1
        row = await connection.fetchrow("select * from audit_event where lead = $1", lead)
    assert row is not None
    assert {name: row[name] for name in ("actor", "what", "before", "after", "reason", "at")} == {
        "actor": "agent",
        "what": "lead-edited",
        "before": {"industry": "HOTEL", "source": "REFERRAL"},
        "after": {"industry": "CANTEEN", "source": "PHONE"},
        "reason": "moved",
        "at": NOW,
    }


async def test_a_place_is_not_changed_into_somebody_elses(world: World, app: Pool, worker: Pool) -> None:
    key = f"two places {uuid4()}"
    await new_lead(worker, world.here, "other", company_key=key, postcode="99084")
    mine = await new_lead(worker, world.here, AGENT.user, company_key=key, postcode="10115")

    async def move(postcode: str | None, person: Person = AGENT) -> None:
        async with transaction(app, world.here, person.user, person.roles, at=NOW) as connection:
            done = await connection.execute("update lead set postcode = $2 where id = $1", mine, postcode)
            assert done == "UPDATE 1"

    assert await refused(move("99084")) == DUPLICATE
    assert await refused(move(None)) == DUPLICATE
    await move("80331")
    await move("99084", MANAGER)


async def test_what_has_ended_may_be_described_like_a_lead_that_lives(
    world: World, app: Pool, worker: Pool
) -> None:
    mine = await full_lead(worker, world.here, AGENT.user)
    async with transaction(worker, world.here, "system") as connection:
        key = await connection.fetchval("select company_key from lead where id = $1", mine)
        await connection.execute("update protection set status = 'EXPIRED' where lead = $1", mine)
    await new_lead(worker, world.here, "other", company_key=key, postcode="10115")
    async with transaction(app, world.here, AGENT.user, AGENT.roles, at=NOW) as connection:
        await connection.execute("update lead set postcode = '10115' where id = $1", mine)


async def test_a_lead_is_registered_in_the_tenant_of_the_transaction(world: World, worker: Pool) -> None:
    made = entry()
    row = told("elsewhere", id=str(made.id))
    async with transaction(worker, world.here, "system") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetchval("select lead_register($1, $2, true)", world.there, row)
