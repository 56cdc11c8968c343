"""Ways in that somebody once found, or would try (domain.md section 4, item 10), each by name."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.database import Connection, Pool, roles_text
from protection.permission import Grantee, Role, Share
from tests.rights.cells import BYSTANDER, PEOPLE, Person
from tests.rights.world import NOW, World, entry, undone

AGENT, MANAGER, ADMIN = PEOPLE[Role.AGENT], PEOPLE[Role.MANAGER], PEOPLE[Role.ADMIN]
VIEWER = PEOPLE[Share.VIEW]
STRANGER = Person("other", (Role.AGENT,))
INTO_SHARES = (
    "insert into collaborator (tenant, lead, user_id, role, added_by, added_at)"
    " values ($1, $2, $3, $4, $5, $6)"
)


async def _denied(connection: Connection, sql: str, *values: Any) -> None:
    """Refused, and the transaction goes on."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with connection.transaction():
            await connection.execute(sql, *values)


async def _tables(connection: Connection) -> list[str]:
    """The tenants' tables that the application may read at all."""
    rows = await connection.fetch(
        """
        select c.relname from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and has_table_privilege('fristwerk_app', c.oid, 'SELECT')
          and exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'tenant')
        order by 1
        """
    )
    return [row["relname"] for row in rows]


# ---------------------------------------------------------------- policies without a command, ORed together


async def test_what_a_viewer_may_see_he_cannot_change(world: World, app: Pool) -> None:
    async with undone(app, world.here, VIEWER) as connection:
        assert await connection.fetchval("select count(*) from lead where id = $1", world.shared) == 1
        for change in (
            "update lead set industry = 'X' where id = $1",
            "update collaborator set role = 'NEGOTIATE' where lead = $1",
            "delete from collaborator where lead = $1",
            "delete from lead_contact where lead = $1",
        ):
            assert (await connection.execute(change, world.shared)).endswith(" 0"), change
        for table in ("protection", "fact", "hold", "notification"):
            await _denied(connection, f"update {table} set lead = lead where lead = $1", world.shared)
            await _denied(connection, f"delete from {table} where lead = $1", world.shared)
        for act in ("log-activity", "add-note", "request", "edit-lead", "share"):
            assert not await connection.fetchval("select may_act($1, $2)", act, world.shared)


async def test_nobody_changes_to_whom_a_lead_belongs(world: World, app: Pool) -> None:
    for person in PEOPLE.values():
        async with undone(app, world.here, person) as connection:
            for column, value in (
                ("owner", person.user),
                ("company", "x"),
                ("company_key", "x"),
                ("changed", 0),
            ):
                await _denied(connection, f"update lead set {column} = $1", value)


# ---------------------------------------------------------------- granting oneself something


@pytest.mark.parametrize("grantee", [Role.AGENT, *Share])
async def test_an_agent_grants_himself_nothing(grantee: Grantee, world: World, app: Pool) -> None:
    person = PEOPLE[grantee]
    async with undone(app, world.here, person) as connection:
        for lead in (world.shared, world.foreign, world.elsewhere[grantee], uuid4()):
            before = await connection.fetch("select * from collaborator where lead = $1", lead)
            values = (world.here, lead, person.user, "NEGOTIATE", person.user, NOW)
            await _denied(connection, INTO_SHARES, *values)
            await _denied(
                connection,
                INTO_SHARES + " on conflict (tenant, lead, user_id) do update set role = 'NEGOTIATE'",
                *values,
            )
            raised = await connection.execute(
                "update collaborator set role = 'NEGOTIATE' where lead = $1", lead
            )
            assert raised == "UPDATE 0"
            assert await connection.fetch("select * from collaborator where lead = $1", lead) == before


async def test_an_owner_is_never_his_own_collaborator(world: World, app: Pool) -> None:
    mine = world.own[Role.AGENT]
    for person in (AGENT, MANAGER, ADMIN):
        async with undone(app, world.here, person) as connection:
            values = (world.here, mine, AGENT.user, "NEGOTIATE", person.user, NOW)
            await _denied(connection, INTO_SHARES, *values)


async def test_a_share_says_truly_who_gave_it(world: World, app: Pool) -> None:
    async with undone(app, world.here, AGENT) as connection:
        mine = world.own[Role.AGENT]
        await _denied(connection, INTO_SHARES, world.here, mine, "other", "VIEW", "manager", NOW)
        await connection.execute(INTO_SHARES, world.here, mine, "other", "VIEW", AGENT.user, NOW)
        await _denied(connection, "update collaborator set added_by = 'manager' where lead = $1", mine)
        await _denied(connection, "update collaborator set user_id = 'viewer' where lead = $1", mine)


async def test_a_manager_may_join_a_lead(world: World, app: Pool) -> None:
    async with undone(app, world.here, MANAGER) as connection:
        values = (world.here, world.foreign, MANAGER.user, "NEGOTIATE", MANAGER.user, NOW)
        await connection.execute(INTO_SHARES, *values)


async def test_a_share_is_not_a_role(world: World, app: Pool) -> None:
    """A token that names a share as a role gets nothing by it."""
    for roles in ("VIEW", "NEGOTIATE", "agent,NEGOTIATE", "owner", "agent ", "Manager", "*", "tenant"):
        async with undone(app, world.here, STRANGER) as connection:
            await connection.execute("select set_config('app.roles', $1, true)", roles)
            for act in ("read-lead", "request", "decide", "share"):
                assert not await connection.fetchval("select may_act($1, $2)", act, world.foreign), roles
            assert await connection.fetchval("select count(*) from lead") == 0


def test_a_comma_makes_no_second_role() -> None:
    with pytest.raises(ValueError, match="comma"):
        roles_text(["agent,manager"])


async def test_a_viewer_without_the_role_of_an_agent_sees_nothing(world: World, app: Pool) -> None:
    for user in (VIEWER.user, AGENT.user):
        async with undone(app, world.here, Person(user, ())) as connection:
            for table in ("lead", "protection", "fact", "collaborator", "act", "audit_event", "lead_contact"):
                assert await connection.fetchval(f"select count(*) from {table}") == 0, table


# ---------------------------------------------------------------- another tenant


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_nobody_reads_another_tenant(grantee: Grantee, world: World, app: Pool) -> None:
    async with undone(app, world.here, PEOPLE[grantee]) as connection:
        for table in await _tables(connection):
            assert not await connection.fetchval(
                f"select count(*) from {table} where tenant <> $1", world.here
            )


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_a_lead_of_another_tenant_is_a_lead_that_is_not_there(
    grantee: Grantee, world: World, app: Pool
) -> None:
    foreign, unknown = world.elsewhere[grantee], uuid4()
    async with undone(app, world.here, PEOPLE[grantee]) as connection:
        for question in (
            "select count(*)::text from lead where id = $1",
            "select may_act('read-lead', $1)::text",
            "select can_read_lead($1)::text",
            "select can_read_contact($1)::text",
            "select count(*)::text from collaborator where lead = $1",
            "select count(*)::text from audit_event where lead = $1",
        ):
            assert await connection.fetchval(question, foreign) == await connection.fetchval(
                question, unknown
            )


async def test_nothing_is_written_into_another_tenant(world: World, app: Pool) -> None:
    made = entry(MANAGER.user)
    row = {"id": str(made.id), "company": "x", "city": "y", "owner": MANAGER.user, "company_key": "k"}
    told = [{"lead": {**row, "created_at": NOW.isoformat()}, "contacts": []}]
    async with undone(app, world.here, MANAGER) as connection:
        theirs = world.elsewhere[Role.MANAGER]
        await _denied(connection, "select lead_register($1, $2, false)", world.there, told)
        await _denied(connection, INTO_SHARES, world.there, theirs, "other", "VIEW", MANAGER.user, NOW)
        await _denied(connection, _INTO_ACTS, world.there, uuid4(), theirs, "decide", MANAGER.user, NOW)
        await _denied(
            connection,
            "insert into lead_contact (tenant, lead, id, kind) values ($1, $2, $3, 'NOTE')",
            world.there,
            theirs,
            uuid4(),
        )


_INTO_ACTS = "insert into act (tenant, id, lead, act, actor, opened_at) values ($1, $2, $3, $4, $5, $6)"


# ---------------------------------------------------------------- tables somebody forgot


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_of_what_belongs_to_a_lead_nobody_sees_more_than_of_leads(
    grantee: Grantee, world: World, app: Pool
) -> None:
    async with undone(app, world.here, PEOPLE[grantee]) as connection:
        for table in await _tables(connection):
            if not await connection.fetchval(
                "select exists (select from information_schema.columns"
                " where table_schema = 'public' and table_name = $1 and column_name = 'lead')",
                table,
            ):
                continue
            beyond = f"select count(*) from {table} as t where t.lead is not null and not exists"
            assert await connection.fetchval(f"{beyond} (select from lead as l where l.id = t.lead)") == 0, (
                table
            )


# ---------------------------------------------------------------- policies that ask one another for ever


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_no_table_asks_in_circles(grantee: Grantee, world: World, app: Pool) -> None:
    async with undone(app, world.here, PEOPLE[grantee]) as connection:
        tables = await _tables(connection)
        assert {"lead", "collaborator", "fact", "act"} <= set(tables)
        for table in tables:
            await connection.fetch(f"select * from {table}")
        await connection.fetch(
            "select * from lead as l left join collaborator as c on c.lead = l.id"
            " left join fact as f on f.lead = l.id"
        )


# ---------------------------------------------------------------- acting as the tables' owner


async def test_the_application_is_not_the_owner_and_cannot_become_it(superuser: Pool) -> None:
    for role in ("fristwerk_app", "fristwerk_worker", "fristwerk_public", "fristwerk_report"):
        for other in ("fristwerk_owner", "fristwerk_worker"):
            if role != other:
                assert not await superuser.fetchval("select pg_has_role($1, $2, 'MEMBER')", role, other)
    assert not await superuser.fetchval(
        "select bool_or(pg_has_role('fristwerk_app', relowner, 'MEMBER')) from pg_class"
        " where relnamespace = 'public'::regnamespace"
    )


async def test_even_the_owner_sees_nothing_without_a_context(world: World, superuser: Pool) -> None:
    async with superuser.acquire() as connection, connection.transaction():
        await connection.execute("set local role fristwerk_owner")
        for table in ("lead", "collaborator", "act", "permission", "fact"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table


# ---------------------------------------------------------------- no context


async def test_without_a_context_there_are_no_rows_in_any_table(world: World, superuser: Pool) -> None:
    async with superuser.acquire() as connection, connection.transaction():
        tables = await _tables(connection)
        filled = {t for t in tables if await connection.fetchval(f"select exists (select from {t})")}
        assert {
            "lead",
            "lead_contact",
            "fact",
            "protection",
            "hold",
            "notification",
            "collaborator",
        } <= filled
        await connection.execute("set local role fristwerk_app")
        for table in [*tables, "tenant", "permission"]:
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table


@pytest.mark.parametrize("missing", ["app.tenant", "app.user", "app.roles"])
async def test_half_a_context_opens_no_door(missing: str, world: World, app: Pool) -> None:
    async with undone(app, world.here, ADMIN) as connection:
        await connection.execute("select set_config($1, '', true)", missing)
        for lead in (None, world.foreign):
            for act in ("read-lead", "register", "decide", "change-settings"):
                assert not await connection.fetchval("select may_act($1, $2)", act, lead)
        await _denied(connection, _INTO_ACTS, world.here, uuid4(), None, "register", ADMIN.user, NOW)


# ---------------------------------------------------------------- in somebody else's name


async def test_nobody_acts_in_anothers_name_or_reads_anothers_answers(world: World, app: Pool) -> None:
    async with undone(app, world.here, MANAGER) as connection:
        await _denied(connection, _INTO_ACTS, world.here, uuid4(), None, "register", "admin", NOW)
        mine = uuid4()
        await connection.execute(_INTO_ACTS, world.here, mine, None, "register", MANAGER.user, NOW)
        for column, value in (
            ("actor", "admin"),
            ("act", "erase"),
            ("lead", world.foreign),
            ("request_hash", b"x"),
        ):
            await _denied(connection, f"update act set {column} = $1", value)
        await connection.execute("select set_config('app.user', 'admin', true)")
        assert await connection.fetchval("select count(*) from act") == 0
        assert await connection.execute("update act set status = 200, answered_at = $1", NOW) == "UPDATE 0"
        assert await connection.execute("delete from act") == "DELETE 0"


async def test_nobody_writes_the_audit_but_by_acting(world: World, app: Pool) -> None:
    async with undone(app, world.here, ADMIN) as connection:
        await _denied(
            connection,
            "insert into audit_event (tenant, actor, what, at) values ($1, 'manager', 'x', $2)",
            world.here,
            NOW,
        )
        await _denied(
            connection, "select audit_tell('x', $1, null, null, null, null, $2)", world.foreign, NOW
        )


async def test_words_of_a_recorded_fact_stay(world: World, app: Pool) -> None:
    mine = world.own[Role.AGENT]
    note = "insert into lead_contact (tenant, lead, id, kind, fact_id) values ($1, $2, $3, 'NOTE', $4)"
    async with undone(app, world.here, AGENT) as connection:
        recorded = await connection.fetchval("select fact_id from fact where lead = $1 limit 1", mine)
        await connection.execute(note, world.here, mine, uuid4(), recorded)
        await connection.execute(note, world.here, mine, uuid4(), "refused")
        assert (
            await connection.execute("delete from lead_contact where lead = $1 and kind = 'NOTE'", mine)
            == "DELETE 1"
        )


async def test_nobody_reads_who_belongs_to_a_lead_he_may_not_read(world: World, app: Pool) -> None:
    async with undone(app, world.here, STRANGER) as connection:
        assert await connection.fetchval("select count(*) from collaborator") == 0
    async with undone(app, world.here, BYSTANDER) as connection:
        seen: list[UUID] = [
            row[0] for row in await connection.fetch("select distinct lead from collaborator")
        ]
        assert seen == [world.shared]
