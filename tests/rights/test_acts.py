"""The door of acts: entered once, answered once, known again for a day, nobody else's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.act_store import (
    KEPT_FOR,
    ActDenied,
    ActEntry,
    KeyTaken,
    KnownAct,
    Standing,
    answer_act,
    drop_act,
    enter_act,
    purge_acts,
    standing_of,
)
from adapters.database import Pool, transaction
from protection.permission import Act, Role, Share
from protection.state import Status
from tests.rights.cells import BYSTANDER, PEOPLE, Person
from tests.rights.world import NOW, World
from tests.sql.commands import new_lead

AGENT, MANAGER = PEOPLE[Role.AGENT], PEOPLE[Role.MANAGER]
SECOND = timedelta(seconds=1)


def act(world: World, lead: UUID | None = None, person: Person = MANAGER, **changed: Any) -> ActEntry:
    made = ActEntry(
        tenant=world.here,
        lead=lead or world.foreign,
        act=Act.DECIDE,
        actor=person.user,
        fact_id="f-1",
        idempotency_key=str(uuid4()),
        request_hash=b"asked",
        opened_at=NOW,
    )
    return replace(made, **changed)


async def enter(app: Pool, entry: ActEntry, person: Person = MANAGER) -> KnownAct | None:
    async with transaction(app, entry.tenant, person.user, person.roles) as connection:
        return await enter_act(connection, entry)


async def answer(app: Pool, entry: ActEntry, status: int, at: datetime = NOW) -> None:
    async with transaction(app, entry.tenant, entry.actor, MANAGER.roles) as connection:
        await answer_act(
            connection,
            entry.tenant,
            entry.id,
            at=at,
            status=status,
            location="/leads/1",
            answer={"revision": 7, "name": "ü"},
        )


async def test_where_a_lead_stands_for_its_caller(world: World, app: Pool, worker: Pool) -> None:
    async def seen(person: Person, lead: UUID) -> Standing | None:
        async with transaction(app, world.here, person.user, person.roles) as connection:
            return await standing_of(connection, world.here, lead, person.user)

    shared = Standing(
        lead=world.shared,
        owner=BYSTANDER.user,
        share=None,
        status=Status.ACTIVE,
        revision=3,
        changed=0,
    )
    assert await seen(BYSTANDER, world.shared) == shared
    for share in Share:
        assert await seen(PEOPLE[share], world.shared) == replace(shared, share=share)
    assert await seen(AGENT, world.shared) is None
    assert await seen(MANAGER, uuid4()) is None
    fresh = await new_lead(worker, world.here, "agent")
    assert await seen(AGENT, fresh) == Standing(
        lead=fresh, owner="agent", share=None, status=None, revision=0, changed=0
    )


async def test_the_same_request_is_known_again_with_its_answer(world: World, app: Pool) -> None:
    first = act(world)
    assert await enter(app, first) is None
    again = replace(first, id=uuid4(), opened_at=NOW + SECOND)
    unanswered = await enter(app, again)
    assert unanswered == KnownAct(
        id=first.id, fact_id="f-1", answered_at=None, status=None, location=None, answer=None
    )
    await answer(app, first, 201)
    await answer(app, first, 500, NOW + SECOND)
    assert await enter(app, again) == KnownAct(
        id=first.id,
        fact_id="f-1",
        answered_at=NOW,
        status=201,
        location="/leads/1",
        answer={"revision": 7, "name": "ü"},
    )


@pytest.mark.parametrize(
    "other", [{"request_hash": b"else"}, {"act": Act.GOVERN}, {"lead": "mine"}], ids=["body", "act", "lead"]
)
async def test_a_key_stands_for_one_request(other: dict[str, Any], world: World, app: Pool) -> None:
    first = act(world)
    assert await enter(app, first) is None
    if "lead" in other:
        other = {"lead": world.own[Role.AGENT]}
    with pytest.raises(KeyTaken):
        await enter(app, replace(first, id=uuid4(), **other))


async def test_a_key_of_somebody_else_is_taken_and_tells_nothing(world: World, app: Pool) -> None:
    first = act(world)
    assert await enter(app, first) is None
    await answer(app, first, 201)
    with pytest.raises(KeyTaken):
        await enter(app, replace(first, id=uuid4(), actor="admin"), PEOPLE[Role.ADMIN])


async def test_without_a_key_every_act_is_new(world: World, app: Pool) -> None:
    for _ in range(2):
        assert await enter(app, act(world, idempotency_key=None, request_hash=None)) is None


async def test_a_key_comes_with_what_was_asked_and_has_a_length(world: World, app: Pool) -> None:
    for wrong in ({"request_hash": None}, {"idempotency_key": ""}, {"idempotency_key": "k" * 201}):
        with pytest.raises(asyncpg.CheckViolationError):
            await enter(app, act(world, **wrong))


async def test_two_at_the_same_moment_are_one(world: World, app: Pool) -> None:
    first = act(world)
    tries = [enter(app, replace(first, id=uuid4())) for _ in range(6)]
    outcomes = await asyncio.gather(*tries)
    assert [outcome for outcome in outcomes if outcome is None] == [None]
    assert len({outcome.id for outcome in outcomes if outcome is not None}) == 1


async def test_a_key_is_free_again_after_a_day(world: World, app: Pool) -> None:
    first = act(world)
    assert await enter(app, first) is None
    again = replace(first, id=uuid4(), request_hash=b"else", opened_at=NOW + KEPT_FOR)
    with pytest.raises(KeyTaken):
        await enter(app, again)
    late = replace(again, opened_at=NOW + KEPT_FOR + SECOND, actor="admin")
    assert await enter(app, late, PEOPLE[Role.ADMIN]) is None


async def test_a_refused_act_frees_its_key(world: World, app: Pool) -> None:
    first = act(world)
    assert await enter(app, first) is None
    async with transaction(app, world.here, MANAGER.user, MANAGER.roles) as connection:
        await drop_act(connection, world.here, first.id)
    assert await enter(app, replace(first, id=uuid4(), request_hash=b"else")) is None


async def test_old_acts_of_everybody_in_the_tenant_are_swept(
    world: World, app: Pool, worker: Pool, superuser: Pool
) -> None:
    old = [act(world, opened_at=NOW - 10 * KEPT_FOR + n * SECOND) for n in range(30)]
    for entry in old:
        assert await enter(app, replace(entry, opened_at=NOW - 10 * KEPT_FOR)) is None
    kept = act(world)
    assert await enter(app, kept) is None  # sweeps some
    count = "select count(*) from act where id = any($1::uuid[])"
    ids = [entry.id for entry in [*old, kept]]
    assert 1 < await superuser.fetchval(count, ids) < 31
    async with transaction(worker, world.here, "system") as connection:
        assert await purge_acts(connection, NOW) > 0
        assert await purge_acts(connection, NOW) == 0
    assert await superuser.fetchval(count, ids) == 1
    async with transaction(worker, world.there, "system") as connection:
        assert await purge_acts(connection, NOW + 10 * KEPT_FOR) == 0
    assert await superuser.fetchval(count, ids) == 1


async def test_the_database_has_its_own_say(world: World, app: Pool) -> None:
    """Even where the service forgot to ask."""
    for lead, kind in ((world.foreign, Act.LOG_ACTIVITY), (world.own[Role.AGENT], Act.DECIDE)):
        with pytest.raises(ActDenied):
            await enter(app, act(world, lead, AGENT, act=kind), AGENT)
