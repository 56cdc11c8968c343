"""Sharing a lead: added, changed, removed, and every time the audit knows who, why and when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from adapters.database import Caller, Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.share_store import (
    Collaborator,
    Shared,
    ShareDenied,
    UnknownUser,
    add_share,
    remove_share,
    shares_of,
)
from protection.facts import Transferred
from protection.permission import Role, Share
from tests.rights.cells import PEOPLE, Person
from tests.rights.world import NOW, World, full_lead
from tests.sql.commands import DAY, T0, call, command, placed, registered

AGENT, MANAGER = PEOPLE[Role.AGENT], PEOPLE[Role.MANAGER]


@pytest_asyncio.fixture(loop_scope="session")
async def mine(world: World, worker: Pool) -> UUID:
    """A lead of the agent that the test may change."""
    return await full_lead(worker, world.here, AGENT.user)


async def share(
    app: Pool,
    world: World,
    lead: UUID,
    user: str,
    how: Share,
    *,
    person: Person = AGENT,
    reason: str | None = None,
) -> Shared:
    caller = Caller(world.here, person.user, person.roles)
    async with transaction(app, world.here, person.user, person.roles, at=NOW, reason=reason) as connection:
        return await add_share(connection, caller, lead, user, how, at=NOW)


async def told(app: Pool, world: World, lead: UUID) -> list[tuple[Any, ...]]:
    """What the audit says about sharing it."""
    async with transaction(app, world.here, MANAGER.user, MANAGER.roles) as connection:
        rows = await connection.fetch(
            "select actor, what, before, after, reason, at from audit_event"
            " where lead = $1 and what like 'collaborator-%' order by seq",
            lead,
        )
        assert await connection.fetchval("select audit_verify($1)", world.here) is None
    return [tuple(row) for row in rows]


async def test_a_lead_is_shared_changed_and_taken_back(mine: UUID, world: World, app: Pool) -> None:
    assert await share(app, world, mine, "other", Share.VIEW, reason="holiday cover") is Shared.NEW
    assert await share(app, world, mine, "other", Share.VIEW) is Shared.SAME
    assert await share(app, world, mine, "other", Share.ASSIST, person=MANAGER) is Shared.CHANGED
    async with transaction(app, world.here, "other", ["agent"]) as connection:
        assert await shares_of(connection, world.here, mine) == (
            Collaborator(user="other", share=Share.ASSIST, added_by="manager", added_at=NOW),
        )
    async with transaction(app, world.here, AGENT.user, AGENT.roles, at=NOW + DAY) as connection:
        assert await remove_share(connection, world.here, mine, "other")
        assert not await remove_share(connection, world.here, mine, "other")
    async with transaction(app, world.here, "other", ["agent"]) as connection:
        assert await connection.fetchval("select count(*) from lead where id = $1", mine) == 0
        assert await shares_of(connection, world.here, mine) == ()
    view, assist = {"user": "other", "role": "VIEW"}, {"user": "other", "role": "ASSIST"}
    assert await told(app, world, mine) == [
        ("agent", "collaborator-added", None, view, "holiday cover", NOW),
        ("manager", "collaborator-changed", view, assist, None, NOW),
        ("agent", "collaborator-removed", assist, None, None, NOW + DAY),
    ]


async def test_sharing_ends_with_the_tenure(mine: UUID, world: World, app: Pool, worker: Pool) -> None:
    await share(app, world, mine, "other", Share.NEGOTIATE)
    handed = Transferred(
        fact_id="handed", recorded_at=T0 + 30 * DAY, by="manager", owner="heir", restart_base=False
    )
    facts = (registered(AGENT.user), call(10), placed(20), handed)
    await PostgresLedgerStore(worker).record(command(world.here, mine, facts, since=3))
    async with transaction(app, world.here, "other", ["agent"]) as connection:
        assert await connection.fetchval("select count(*) from lead where id = $1", mine) == 0
    negotiate = {"user": "other", "role": "NEGOTIATE"}
    assert (await told(app, world, mine))[1:] == [
        ("manager", "collaborator-removed", negotiate, None, "tenure-ended", handed.recorded_at)
    ]


async def test_who_may_not_share_is_refused(mine: UUID, world: World, app: Pool) -> None:
    stranger = Person("other", (Role.AGENT,))
    for person, user in (
        (stranger, "other"),
        (stranger, "viewer"),
        (AGENT, AGENT.user),
        (MANAGER, AGENT.user),
    ):
        with pytest.raises(ShareDenied):
            await share(app, world, mine, user, Share.NEGOTIATE, person=person)
    async with transaction(app, world.here, "other", ["agent"], at=NOW) as connection:
        assert not await remove_share(connection, world.here, mine, "viewer")
    assert await told(app, world, mine) == []


async def test_a_lead_is_shared_with_people_of_the_tenant_only(mine: UUID, world: World, app: Pool) -> None:
    with pytest.raises(UnknownUser):
        await share(app, world, mine, "nobody", Share.VIEW)


async def test_an_act_without_its_instant_leaves_nothing(mine: UUID, world: World, app: Pool) -> None:
    await share(app, world, mine, "other", Share.VIEW)
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with transaction(app, world.here, AGENT.user, AGENT.roles) as connection:
            assert await remove_share(connection, world.here, mine, "other")
    assert caught.value.sqlstate == "FW004"
    async with transaction(app, world.here, AGENT.user, AGENT.roles) as connection:
        assert len(await shares_of(connection, world.here, mine)) == 1


async def test_instant_and_reason_end_with_the_transaction(world: World, app: Pool) -> None:
    async with app.acquire() as connection:
        async with connection.transaction():
            await connection.execute("select set_config('app.at', $1, true)", NOW.isoformat())
            assert await connection.fetchval("select app_at()") == NOW
        assert await connection.fetchval("select app_at()") is None
    async with transaction(app, world.here, "x", reason="because") as inside:
        assert await inside.fetchval("select app_reason()") == "because"
        assert await inside.fetchval("select app_at()") is None
    async with transaction(app, world.here, "x", reading=True, at=NOW) as inside:
        assert await inside.fetchval("select app_at()") == NOW
        assert await inside.fetchval("select app_reason()") is None
