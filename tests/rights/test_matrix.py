"""Every cell of the matrix in the database, as the application role: allowed where it says, else denied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.act_store import ActDenied, ActEntry, enter_act, standing_of
from adapters.database import Connection, Pool
from protection.permission import MATRIX, Act, Actor, Relation, Role, Scope, Share, may
from tests.rights.cells import PEOPLE, Case, Person, Target, cases
from tests.rights.world import NOW, World, entry, undone

CASES = cases()
OF_A_LEAD = {"lead": "id", "protection": "lead", "fact": "lead", "hold": "lead", "notification": "lead"}


def test_every_cell_has_a_case_that_must_fail_and_every_grant_one_that_must_succeed() -> None:
    for act in Act:
        for grantee in PEOPLE:
            outcomes = {case.allowed for case in CASES if (case.act, case.grantee) == (act, grantee)}
            granted = MATRIX[act].get(grantee) not in {None, Scope.NEVER}
            assert outcomes == ({True, False} if granted else {False})


async def test_the_table_holds_the_rows_of_the_code(world: World, app: Pool) -> None:
    async with undone(app, world.here, PEOPLE[Role.AGENT]) as connection:
        rows = await connection.fetch("select act, grantee, scope from permission")
    assert {tuple(row) for row in rows} == {
        (str(act), str(grantee), str(scope))
        for act, cells in MATRIX.items()
        for grantee, scope in cells.items()
    }


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_question(case: Case, world: World, app: Pool) -> None:
    lead = world.lead(case.grantee, case.target)
    async with undone(app, world.here, PEOPLE[case.grantee]) as connection:
        assert await connection.fetchval("select may_act($1, $2)", case.act, lead) is case.allowed


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_service_thinks_the_same(case: Case, world: World, app: Pool) -> None:
    """With what the database tells it of the lead, Python comes to the same answer."""
    person, lead = PEOPLE[case.grantee], world.lead(case.grantee, case.target)
    actor = Actor(person.user, frozenset(person.roles))
    if lead is None:
        assert may(case.act, actor) is case.allowed
        return
    async with undone(app, world.here, person) as connection:
        standing = await standing_of(connection, world.here, lead, person.user)
    if standing is None:
        assert not case.allowed
    else:
        assert may(case.act, actor, Relation(standing.owner, standing.share)) is case.allowed


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_door(case: Case, world: World, app: Pool) -> None:
    """Whatever is told to a workflow is entered here first."""
    person, lead = PEOPLE[case.grantee], world.lead(case.grantee, case.target)
    act = ActEntry(
        tenant=world.here,
        lead=lead,
        act=case.act,
        actor=person.user,
        fact_id=None,
        idempotency_key=str(uuid4()),
        request_hash=b"the same",
        opened_at=NOW,
    )
    async with undone(app, world.here, person) as connection:
        if case.allowed:
            assert await enter_act(connection, act) is None
            assert await connection.fetchval("select act from act where id = $1", act.id) == case.act
        else:
            with pytest.raises(ActDenied):
                await enter_act(connection, act)


Try = Callable[[Connection, World, Person, UUID], Awaitable[bool]]


async def _refused(done: Awaitable[object]) -> bool:
    try:
        return bool(await done)
    except asyncpg.InsufficientPrivilegeError:
        return False


async def _read(connection: Connection, _world: World, _person: Person, lead: UUID) -> bool:
    seen = {
        table: await connection.fetchval(f"select count(*) from {table} where {column} = $1", lead)
        for table, column in OF_A_LEAD.items()
    }
    assert all(seen.values()) or not any(seen.values()), seen
    return all(seen.values())


async def _read_contact(connection: Connection, _world: World, _person: Person, lead: UUID) -> bool:
    return bool(await connection.fetchval("select count(*) from lead_contact where lead = $1", lead))


async def _read_audit(connection: Connection, _world: World, _person: Person, lead: UUID) -> bool:
    return bool(await connection.fetchval("select count(*) from audit_event where lead = $1", lead))


async def _add_note(connection: Connection, world: World, _person: Person, lead: UUID) -> bool:
    return await _refused(
        connection.execute(
            "insert into lead_contact (tenant, lead, id, kind, fact_id) values ($1, $2, $3, 'NOTE', 'f')",
            world.here,
            lead,
            uuid4(),
        )
    )


async def _edit(connection: Connection, _world: World, _person: Person, lead: UUID) -> bool:
    changed = await connection.execute("update lead set industry = 'CANTEEN' where id = $1", lead)
    return changed == "UPDATE 1"


async def _share(connection: Connection, world: World, person: Person, lead: UUID) -> bool:
    return await _refused(
        connection.execute(
            "insert into collaborator (tenant, lead, user_id, role, added_by, added_at)"
            " values ($1, $2, 'other', 'VIEW', $3, $4)",
            world.here,
            lead,
            person.user,
            NOW,
        )
    )


async def _unshare(connection: Connection, _world: World, _person: Person, lead: UUID) -> bool:
    return await connection.execute("delete from collaborator where lead = $1", lead) != "DELETE 0"


DONE: dict[Act, Try] = {
    Act.READ_LEAD: _read,
    Act.READ_CONTACT: _read_contact,
    Act.READ_AUDIT: _read_audit,
    Act.ADD_NOTE: _add_note,
    Act.EDIT_LEAD: _edit,
    Act.SHARE: _share,
}


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.act in DONE and case.target is not Target.NONE], ids=str
)
async def test_the_deed_itself(case: Case, world: World, app: Pool) -> None:
    """What the application does to its tables without a workflow."""
    deed = DONE[case.act]
    person, lead = PEOPLE[case.grantee], world.lead(case.grantee, case.target)
    assert lead is not None
    async with undone(app, world.here, person) as connection:
        assert await deed(connection, world, person, lead) is case.allowed


@pytest.mark.parametrize(
    "case", [c for c in CASES if (c.act, c.target) == (Act.SHARE, Target.SHARED)], ids=str
)
async def test_to_stop_sharing(case: Case, world: World, app: Pool) -> None:
    person = PEOPLE[case.grantee]
    async with undone(app, world.here, person) as connection:
        assert await _unshare(connection, world, person, world.shared) is case.allowed


async def _register(connection: Connection, world: World, owner: str) -> bool:
    made = entry(owner)
    row = {"id": str(made.id), "external_id": None, "company": made.company, "city": made.city}
    row |= {
        "postcode": None,
        "industry": None,
        "source": None,
        "owner": owner,
        "company_key": made.company_key,
    }
    told = [{"lead": {**row, "created_at": NOW.isoformat()}, "contacts": []}]
    return await _refused(connection.fetchval("select lead_register($1, $2, true)", world.here, told))


@pytest.mark.parametrize(
    "case", [c for c in CASES if (c.act, c.target) == (Act.REGISTER, Target.NONE)], ids=str
)
async def test_to_register_a_lead(case: Case, world: World, app: Pool) -> None:
    person = PEOPLE[case.grantee]
    async with undone(app, world.here, person) as connection:
        assert await _register(connection, world, person.user) is case.allowed


@pytest.mark.parametrize(
    "case", [c for c in CASES if (c.act, c.target) == (Act.REGISTER_FOR_OTHERS, Target.NONE)], ids=str
)
async def test_to_register_a_lead_for_somebody_else(case: Case, world: World, app: Pool) -> None:
    async with undone(app, world.here, PEOPLE[case.grantee]) as connection:
        assert await _register(connection, world, "other") is case.allowed


@pytest.mark.parametrize("share", Share)
async def test_contacts_end_with_protection_for_owner_and_collaborators(
    share: Share, world: World, app: Pool, superuser: Pool
) -> None:
    """They keep clock and history; whoever reads the tenant keeps all of it until it is erased."""
    collaborator = next(person for grantee, person in PEOPLE.items() if grantee is share)
    owner, manager = Person("bystander", (Role.AGENT,)), PEOPLE[Role.MANAGER]
    await superuser.execute("update protection set status = 'EXPIRED' where lead = $1", world.shared)
    try:
        for person, contacts in ((owner, False), (collaborator, False), (manager, True)):
            async with undone(app, world.here, person) as connection:
                assert await _read(connection, world, person, world.shared)
                assert await _read_contact(connection, world, person, world.shared) is contacts
    finally:
        await superuser.execute("update protection set status = 'ACTIVE' where lead = $1", world.shared)
