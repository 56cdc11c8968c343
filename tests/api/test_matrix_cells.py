"""Every cell of the matrix over HTTP: done where it says, else 403; 404 where the lead is not to be seen.

A lead the caller may not see is a lead nobody ever had: the same words, the same headers, the same
statements in the database.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from protection.permission import MATRIX, Relation, Role, Scope, Share
from tests.api.matrix_deed import Deed
from tests.api.matrix_deeds import DEEDS
from tests.api.matrix_world import ASKER, BOSS, CONTACT, MatrixWorld, Things
from tests.api.shop import new_company
from tests.rights.cells import BYSTANDER, PEOPLE, Case, Person, Target
from tests.workflows.lab import until

# A tenant rehearses one draft at a time; the same one again is the same rehearsal.
SAME = {"Idempotency-Key": "rehearsal"}
_NO = {403: "forbidden", 404: "not-found", 503: "not-configured"}
_AUDITED = "select count(*) from audit_event where tenant = any($1) and actor = $2"
TRIES = [(deed, case) for deed in DEEDS for case in deed.cases()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rehearsal(world: MatrixWorld) -> UUID:
    """A draft the boss has tried out."""
    answer = await world.ask(BOSS, "POST /api/policy/rehearsals", {"policy": {"graceDays": 14}}, headers=SAME)
    return UUID(answer.json()["id"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaign(world: MatrixWorld) -> UUID:
    """One hold over one lead that nothing else is tried on; it is over, so ending it again does nothing."""
    company = {**new_company(), "contact": CONTACT, "industry": uuid4().hex}
    await world.done(ASKER, "POST /api/leads", company)
    wanted = {"reason": "OTHER", "filter": {"industry": company["industry"]}}
    path = "POST /api/holds/campaigns"
    plan = (await world.ask(BOSS, path, wanted)).json()["plan"]
    meant = {**wanted, "dryRun": False, "plan": plan, "why": "Nobody waits for it"}
    made = (await world.ask(BOSS, path, meant)).json()["id"]
    one = f"/api/holds/campaigns/{made}"

    async def through() -> bool:
        left: int = (await world.done(BOSS, f"GET {one}"))["left"]
        return left == 0

    await until(through)
    assert (await world.ask(BOSS, f"POST {one}/end", {"why": "Nobody waits for it"})).status_code == 202
    await until(through)
    return UUID(made)


def test_every_cell_is_tried_and_every_grant_both_ways() -> None:
    """The same as in SQL; what is about the whole tenant is denied to nobody who has it."""
    for act, granted in MATRIX.items():
        deeds = [deed for deed in DEEDS if deed.act is act]
        about_leads = any(deed.about_a_lead for deed in deeds)
        for grantee in PEOPLE:
            if isinstance(grantee, Share) and not about_leads:
                continue
            seen = {case.allowed for deed in deeds for case in deed.cases() if case.grantee == grantee}
            scope = granted.get(grantee)
            if scope in {None, Scope.NEVER}:
                assert seen == {False}, (act, grantee)
            else:
                assert seen == ({True, False} if about_leads else {True}), (act, grantee)


def relation_of(case: Case) -> Relation | None:
    """What the case's lead is to whoever tries."""
    person = PEOPLE[case.grantee]
    match case.target:
        case Target.OWN:
            return Relation(person.user)
        case Target.SHARED:
            share = case.grantee if isinstance(case.grantee, Share) else Share.NEGOTIATE
            return Relation(BYSTANDER.user, share)
        case Target.FOREIGN:
            return Relation(BYSTANDER.user)
        case _:
            return None


async def things_for(world: MatrixWorld, deed: Deed, case: Case, *, served: bool) -> Things:
    """The lead that is tried on; one of the test's own where the deed would change it."""
    lead = world.leads.lead(case.grantee, case.target)
    if lead is None:
        return Things(uuid4())
    if not (served and deed.fresh):
        return world.things[lead]
    things = await world.fresh(case, preregistration=True) if deed.noted else await world.fresh(case)
    if deed.needs is not None:
        await world.having(things, deed.needs, by=PEOPLE[case.grantee] if deed.asks else ASKER)
    if deed.ended:
        await world.done(BOSS, f"POST /api/leads/{things.lead}/release", {})
        await until(partial(is_erased, world, things.lead))
    return things


async def _is_audited(world: MatrixWorld, person: Person, before: list[dict[str, Any]]) -> bool:
    """Whether the audit tells of one more thing somebody did; of some only once a workflow has done them."""
    return await world.query(_AUDITED, [world.here, world.there], person.user) != before


async def is_erased(world: MatrixWorld, lead: UUID) -> bool:
    """Whether the erasure that follows the end is over: what is written then goes under a new key."""
    return not await world.query("select from lead_key where lead = $1", lead)


@pytest.mark.parametrize(("deed", "case"), TRIES, ids=str)
async def test_a_cell(deed: Deed, case: Case, world: MatrixWorld, rehearsal: UUID, campaign: UUID) -> None:
    person = PEOPLE[case.grantee]
    wanted = deed.outcome(case, relation_of(case))
    things = await things_for(world, deed, case, served=wanted < 300)
    route, body = deed.at(things, rehearsal, campaign), None if deed.body is None else deed.body(things)
    headers = SAME if route == "POST /api/policy/rehearsals" else {}
    if wanted < 300:
        written = await world.query(_AUDITED, [world.here, world.there], person.user)
        answer = await world.ask(person, route, body, headers=headers)
        assert answer.status_code == wanted, answer.text
        if deed.effect is not None:
            assert deed.effect(answer.json()) is case.allowed
        if deed.changes_something(case):
            await until(partial(_is_audited, world, person, written))
        return
    traced = things.lead if deed.about_a_lead else None
    before = await world.traces(traced)
    asked = await world.watched(person, route, body, headers=headers)
    assert asked.answer.status_code == wanted, asked.answer.text
    assert await world.traces(traced) == before
    told = asked.answer.json()
    assert told["type"] == f"urn:fristwerk:problem:{_NO[wanted]}"
    if wanted == 404:
        other = None if body is None else json.loads(things.of_another(json.dumps(body)))
        nobodys = await world.watched(person, things.of_another(route), other)
        assert asked.told == nobodys.told
        assert asked.statements == nobodys.statements
        assert asked.statements
        assert str(things.lead) not in json.dumps(asked.told)


# ---------------------------------------------------------------- what everybody may ask, and sees his own of


async def items(world: MatrixWorld, person: Person, route: str) -> AsyncIterator[dict[str, Any]]:
    """Everything in a list, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        told = await world.done(person, f"{route}?limit=200{cursor and f'&cursor={cursor}'}")
        for one in told["items"]:
            yield one
        cursor = told["nextCursor"]


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_lists_show_what_may_be_read(grantee: Role | Share, world: MatrixWorld) -> None:
    person = PEOPLE[grantee]
    readable = {
        str(lead)
        for lead in world.standing
        if (await world.ask(person, f"GET /api/leads/{lead}")).status_code == 200
    }
    reads_all = grantee in {Role.MANAGER, Role.ADMIN, Role.AUDITOR}
    assert (str(world.leads.shared) in readable) is (grantee is not Role.AGENT)
    assert (str(world.leads.foreign) in readable) is reads_all
    assert str(world.leads.elsewhere[grantee]) not in readable
    listed = {one["id"] async for one in items(world, person, "GET /api/leads")}
    standing = {str(lead) for lead in world.standing}
    assert listed & standing == readable
    csv = await world.ask(person, "GET /api/leads?format=csv")
    assert len(csv.text.splitlines()) == len(listed) + 1
    waiting = {one["lead"] async for one in items(world, person, "GET /api/requests")}
    assert waiting & standing == readable
    assert waiting <= listed
    counted = await world.done(person, "GET /api/kpis")
    assert sum(counted["counts"].values()) == len(listed)
