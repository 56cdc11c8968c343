"""What each database role can do at most, tried statement by statement as that role."""

from __future__ import annotations

from typing import Final

import asyncpg
import pytest

from adapters.database import Connection, Pool

ROLES: Final = ("fristwerk_app", "fristwerk_worker", "fristwerk_public", "fristwerk_report")
# Whoever fills in the public form, and whoever counts: no table at all, and these functions.
FUNCTIONS: Final = {
    "fristwerk_public": {"feedback_give", "feedback_look"},
    "fristwerk_report": {
        "app_has_role",
        "app_reads_all",
        "app_tenant",
        "app_user_id",
        "clock_accepts",
        "clock_days_later",
        "clock_deadlines",
        "clock_first_running",
        "clock_instant",
        "clock_known",
        "clock_period_end",
        "clock_replay",
        "clock_terms",
        "clock_text",
        "clock_working_day",
        "lead_clock",
        "opening_policy",
    },
}
# What is only ever added to.
APPEND_ONLY: Final = ("fact", "audit_event", "erasure_receipt")
# To explain a statement takes the right to run it, and runs nothing.
_STATEMENTS: Final = {
    "SELECT": "explain select from {table}",
    "INSERT": "explain insert into {table} default values",
    "DELETE": "explain delete from {table}",
    "TRUNCATE": "truncate {table}",
    "TRIGGER": "create trigger tried before insert on {table} execute function tsvector_update_trigger()",
    "DROP": "drop table {table}",
    "POLICY": "alter table {table} no force row level security",
}
_NEVER: Final = frozenset({"TRUNCATE", "TRIGGER", "DROP", "POLICY"})


async def _refused(connection: Connection, statement: str) -> bool:
    """Whether a statement is refused for want of a right; whatever else becomes of it, it is undone."""
    tried = connection.transaction()
    await tried.start()
    try:
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    except asyncpg.PostgresError:
        return False
    finally:
        await tried.rollback()
    return False


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_can_do_what_it_was_granted_and_nothing_else(role: str, superuser: Pool) -> None:
    tables = [
        row["name"]
        for row in await superuser.fetch(
            "select oid::regclass::text as name from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        )
    ]
    assert len(tables) > 50
    granted = {
        (row["table_name"], row["privilege_type"])
        for row in await superuser.fetch(
            """
            select table_name, privilege_type from information_schema.column_privileges
            where table_schema = 'public' and grantee in ($1, 'PUBLIC')
              and privilege_type in ('SELECT', 'INSERT')
            union
            select table_name, privilege_type from information_schema.role_table_grants
            where table_schema = 'public' and grantee in ($1, 'PUBLIC')
            """,
            role,
        )
    }
    async with superuser.acquire() as connection, connection.transaction():
        await connection.execute(f"set local role {role}")
        wrong = []
        for table in tables:
            for right, statement in _STATEMENTS.items():
                may = right not in _NEVER and (table, right) in granted
                if await _refused(connection, statement.format(table=table)) is may:
                    wrong.append((table, right))
        assert wrong == []
        for statement in ("create table tried ()", "create schema tried", "create role tried"):
            assert await _refused(connection, statement), statement
        for other in (*ROLES, "fristwerk_owner"):
            if other != role:
                # A session's own login may switch; the roles themselves are members of none.
                assert not await connection.fetchval("select pg_has_role($1, $2, 'MEMBER')", role, other)


@pytest.mark.parametrize("role", FUNCTIONS)
async def test_the_smallest_roles_have_no_table_and_few_functions(role: str, superuser: Pool) -> None:
    rights = await superuser.fetch(
        "select table_name from information_schema.role_table_grants where grantee = $1"
        " union select table_name from information_schema.column_privileges where grantee = $1",
        role,
    )
    assert rights == []
    functions = await superuser.fetch(
        """
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace and has_function_privilege($1::text, oid, 'EXECUTE')
          and not exists (
            select from pg_depend as d
            where d.classid = 'pg_proc'::regclass and d.objid = pg_proc.oid and d.deptype = 'e'
          )
        """,
        role,
    )
    assert {row["proname"] for row in functions} <= FUNCTIONS[role]


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_written_for_good_nobody_changes(table: str, superuser: Pool) -> None:
    rights = await superuser.fetch(
        """
        select grantee, privilege_type from information_schema.column_privileges
        where table_schema = 'public' and table_name = $1 and privilege_type = 'UPDATE'
          and grantee = any($2)
        union
        select grantee, privilege_type from information_schema.role_table_grants
        where table_schema = 'public' and table_name = $1 and grantee = any($2)
          and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
        """,
        table,
        list(ROLES),
    )
    assert rights == []
