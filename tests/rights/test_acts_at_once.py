"""The door in one statement lets in whom the door lets in, and leaves the rest to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from adapters.act_store import KEPT_FOR, ActDenied, ActEntry, enter_at_once
from adapters.database import Caller, Pool, transaction
from protection.permission import Act, Relation, Role, Share
from tests.lists.leads import living
from tests.rights.cells import BYSTANDER, PEOPLE, Case, Person, cases
from tests.rights.test_acts import act
from tests.rights.world import NOW, World
from tests.sql.conftest import new_tenant

MANAGER = PEOPLE[Role.MANAGER]


async def at_once(app: Pool, entry: ActEntry, person: Person = MANAGER) -> Relation | None:
    return await enter_at_once(app, Caller(entry.tenant, person.user, person.roles), entry)


async def kept(app: Pool, entry: ActEntry, person: Person = MANAGER) -> int:
    async with transaction(app, entry.tenant, person.user, person.roles) as connection:
        return int(await connection.fetchval("select count(*) from act where id = $1", entry.id))


@pytest.mark.parametrize("case", cases(), ids=str)
async def test_every_cell(case: Case, world: World, app: Pool) -> None:
    person, lead = PEOPLE[case.grantee], world.lead(case.grantee, case.target)
    entry = replace(
        act(world, None, person, act=case.act, idempotency_key=None, request_hash=None), lead=lead
    )
    try:
        standing = await at_once(app, entry, person)
    except ActDenied:
        standing = None
    # What the caller does not see at all is not denied, it is not there.
    assert (standing is not None) is (case.allowed and lead is not None)
    assert await kept(app, entry, person) == (standing is not None)


async def test_it_answers_what_the_lead_is_to_the_caller(world: World, app: Pool) -> None:
    for share in (Share.ASSIST, Share.NEGOTIATE):
        entry = act(world, world.shared, PEOPLE[share], act=Act.LOG_ACTIVITY)
        assert await at_once(app, entry, PEOPLE[share]) == Relation(BYSTANDER.user, share)
    assert await at_once(app, act(world, world.foreign)) == Relation(BYSTANDER.user, None)


async def test_a_known_key_enters_nothing(world: World, app: Pool) -> None:
    first = act(world)
    assert await at_once(app, first) is not None
    again = replace(first, id=uuid4(), opened_at=NOW + timedelta(seconds=1))
    assert await at_once(app, again) is None
    assert await kept(app, again) == 0
    late = replace(first, id=uuid4(), opened_at=NOW + KEPT_FOR + timedelta(seconds=1))
    assert await at_once(app, late) is not None
    assert await kept(app, first) == 0


@pytest.mark.parametrize("status", ["EXPIRED", "RELEASED", "CONVERTED", "ERASED"])
async def test_what_has_ended_is_looked_at_in_full(status: str, app: Pool, worker: Pool) -> None:
    tenant = await new_tenant(worker)
    lead = await living(worker, tenant, f"Haus {status}", owner="agent", status=status)
    agent = Caller(tenant, "agent", ("agent",))
    entry = ActEntry(
        tenant=tenant,
        lead=lead,
        act=Act.LOG_ACTIVITY,
        actor="agent",
        fact_id="f-1",
        idempotency_key=None,
        request_hash=None,
        opened_at=NOW,
    )
    assert await enter_at_once(app, agent, entry) is None
    assert await enter_at_once(app, agent, replace(entry, lead=uuid4())) is None
    assert await enter_at_once(app, agent, replace(entry, tenant=uuid4())) is None


async def test_outdated_acts_are_swept_now_and_then(world: World, app: Pool) -> None:
    """Without a key one act in sixteen sweeps, by its id."""
    old = act(world, idempotency_key=None, request_hash=None, opened_at=NOW - KEPT_FOR - timedelta(days=1))
    assert await at_once(app, old) is not None
    idle = replace(old, id=UUID(int=1), opened_at=NOW)
    assert await at_once(app, idle) is not None
    assert await kept(app, old) == 1
    assert await at_once(app, replace(idle, id=UUID(int=16))) is not None
    assert await kept(app, old) == 0
