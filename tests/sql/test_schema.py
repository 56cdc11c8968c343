"""The migrations and what they leave: the committed schema, the way down, and the catalogue's promises."""

from __future__ import annotations

import pytest

from adapters.database import Pool
from tests.sql.schema import CHECKSUMS, SCHEMA, checksums, dbmate, dump
from tests.stackfixtures import cloned_database
from workers.embedded.postgres import Cluster

ROLES = ("fristwerk_owner", "fristwerk_app", "fristwerk_worker", "fristwerk_public", "fristwerk_report")
HOW_TO = "if this is meant: python -m tests.sql.schema"


def test_the_committed_schema_is_what_the_migrations_make(postgres_cluster: Cluster) -> None:
    with cloned_database(postgres_cluster, "schema_committed"):
        assert dump(postgres_cluster, "schema_committed") == SCHEMA.read_text(encoding="utf-8"), HOW_TO


def test_no_migration_was_changed_after_its_release() -> None:
    assert checksums() == CHECKSUMS.read_text(encoding="utf-8"), HOW_TO


def test_up_down_up_leaves_the_same_schema(postgres_cluster: Cluster) -> None:
    with cloned_database(postgres_cluster, "schema_up_down"):
        steps = len(CHECKSUMS.read_text(encoding="utf-8").splitlines())
        for _ in range(steps):
            dbmate(postgres_cluster, "schema_up_down", "down")
        nothing = dump(postgres_cluster, "schema_up_down")
        assert "CREATE " not in nothing
        assert "GRANT " not in nothing
        dbmate(postgres_cluster, "schema_up_down", "up")
        assert dump(postgres_cluster, "schema_up_down") == SCHEMA.read_text(encoding="utf-8")


async def _none(pool: Pool, sql: str) -> None:
    found = [tuple(row) for row in await pool.fetch(sql)]
    assert found == []


async def test_every_table_is_under_forced_row_security(superuser: Pool) -> None:
    await _none(
        superuser,
        """
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          and relname <> 'schema_migrations' and not (relrowsecurity and relforcerowsecurity)
        """,
    )


async def test_every_table_can_be_read_only_by_policy(superuser: Pool) -> None:
    await _none(
        superuser,
        """
        select c.relname from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relname <> 'schema_migrations'
          and not exists (
            select from pg_policies as p where p.tablename = c.relname and p.cmd = 'SELECT'
          )
        """,
    )


async def test_every_policy_is_for_one_command_for_named_roles_and_asks_for_the_tenant(
    superuser: Pool,
) -> None:
    await _none(
        superuser,
        """
        select tablename, policyname from pg_policies
        where schemaname = 'public' and (
          cmd = 'ALL' or 'public' = any(roles) or permissive <> 'PERMISSIVE'
          or (cmd <> 'INSERT' and coalesce(qual, '') not like '%app_tenant()%')
          or (cmd in ('INSERT', 'UPDATE') and coalesce(with_check, '') not like '%app_tenant()%')
        )
        """,
    )


async def test_nothing_is_granted_that_no_policy_covers(superuser: Pool) -> None:
    await _none(
        superuser,
        """
        select g.grantee, g.table_name, g.privilege_type
        from information_schema.role_table_grants as g
        where g.table_schema = 'public' and g.grantee in ('fristwerk_app', 'fristwerk_worker')
          and not exists (
            select from pg_policies as p
            where p.tablename = g.table_name and p.cmd = g.privilege_type and g.grantee = any(p.roles)
          )
        """,
    )


# Every right of the application beyond reading; each has its own policies, and tests in tests/rights.
APP_WRITES = {
    ("feedback_submission", "INSERT"),
    ("product_feedback", "INSERT"),
    ("sample_box", "INSERT"),
    ("sample_item", "INSERT"),
    ("shipment", "INSERT"),
    ("test_phase", "INSERT"),
    ("test_result", "INSERT"),
    ("act", "INSERT"),
    ("act", "DELETE"),
    ("calendar_feed", "INSERT"),
    ("collaborator", "INSERT"),
    ("collaborator", "DELETE"),
    ("errand", "INSERT"),
    ("hold_campaign", "INSERT"),
    ("hold_campaign_lead", "INSERT"),
    ("late_correction", "INSERT"),
    ("lead_contact", "INSERT"),
    ("lead_contact", "DELETE"),
    ("lead_import", "INSERT"),
    ("lead_import", "DELETE"),
    ("lead_import_row", "INSERT"),
    ("lead_key", "INSERT"),
    ("notification_mark", "INSERT"),
    ("contact_role", "INSERT"),
    ("lead_class", "INSERT"),
    ("proposal", "INSERT"),
    ("policy_rehearsal", "INSERT"),
    ("policy_rehearsal", "DELETE"),
    ("policy_rehearsal_lead", "INSERT"),
    ("policy_rehearsal_lead", "DELETE"),
    ("setting_value", "INSERT"),
    ("upstream_standing", "INSERT"),
    ("web_session", "INSERT"),
    ("web_session", "DELETE"),
}
APP_CHANGES = {
    ("sample_box", "cancelled_by"),
    ("sample_box", "cancelled_at"),
    ("shipment", "delivered_by"),
    ("shipment", "delivered_at"),
    ("test_result", "outcome"),
    ("test_result", "sell_through"),
    ("test_result", "waste_change"),
    ("test_result", "told_by"),
    ("test_result", "told_at"),
    ("act", "answered_at"),
    ("act", "status"),
    ("calendar_feed", "read_at"),
    ("calendar_feed", "revoked_at"),
    ("act", "location"),
    ("act", "answer"),
    ("collaborator", "role"),
    ("collaborator", "added_by"),
    ("collaborator", "added_at"),
    ("errand", "done"),
    ("errand", "outcome"),
    ("errand", "told_at"),
    ("errand", "finished_at"),
    ("hold_campaign", "end_asked_by"),
    ("hold_campaign", "end_asked_at"),
    *(
        ("inbound_mail", name)
        for name in (
            "state",
            "why",
            "lead",
            "match",
            "confidence",
            "candidates",
            "brought_at",
            "settled_at",
            "decided_by",
            "decided_at",
        )
    ),
    ("lead", "external_id"),
    ("lead", "postcode"),
    ("lead", "industry"),
    ("lead", "source"),
    *(("late_correction", name) for name in ("replacement", "told_by", "told_at", "ended_at", "kept_until")),
    ("lead_import", "state"),
    ("lead_import", "told_at"),
    ("lead_import", "finished_at"),
    ("notification_mark", "done_at"),
    *(("proposal", name) for name in ("state", "decided_by", "decided_at", "settled_at")),
    *(("lead_class", name) for name in ("segment", "potential", "told_by", "told_at")),
    *(("contact_role", name) for name in ("role", "told_by", "told_at")),
    ("policy_rehearsal", "done"),
    ("policy_rehearsal", "told_at"),
    ("policy_rehearsal", "finished_at"),
    ("policy_rehearsal", "summary"),
    ("setting_value", "value"),
    ("setting_value", "changed_by"),
    ("setting_value", "changed_at"),
    ("web_session", "seen_at"),
    *(
        ("upstream_standing", name)
        for name in ("state", "since", "failures", "answered_at", "failed_at", "fault", "told_at")
    ),
    *(
        ("webhook_event", name)
        for name in ("state", "round", "told_at", "settled_at", "outcome", "replayed_by", "replayed_at")
    ),
}


async def test_the_application_writes_only_what_it_must_and_owns_nothing(superuser: Pool) -> None:
    tables = await superuser.fetch(
        """
        select table_name, privilege_type from information_schema.role_table_grants
        where table_schema = 'public' and grantee = 'fristwerk_app' and privilege_type <> 'SELECT'
        """
    )
    assert {tuple(row) for row in tables} <= APP_WRITES
    columns = await superuser.fetch(
        """
        select table_name, column_name from information_schema.column_privileges
        where table_schema = 'public' and grantee = 'fristwerk_app' and privilege_type = 'UPDATE'
        """
    )
    assert {tuple(row) for row in columns} <= APP_CHANGES
    await _none(
        superuser,
        """
        select table_name, privilege_type from information_schema.role_table_grants
        where table_schema = 'public' and (grantee = 'PUBLIC' and table_name <> 'schema_migrations'
          or grantee in ('fristwerk_public', 'fristwerk_report') and privilege_type <> 'SELECT')
        """,
    )
    await _none(
        superuser,
        """
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relname not like 'schema_migrations%'
          and relowner <> 'fristwerk_owner'::regrole
        """,
    )


@pytest.mark.parametrize("role", ROLES)
async def test_the_roles_can_neither_log_in_nor_pass_row_security(role: str, superuser: Pool) -> None:
    row = await superuser.fetchrow("select * from pg_roles where rolname = $1", role)
    assert row is not None
    flags = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolbypassrls", "rolreplication")
    assert [name for name in flags if row[name]] == []


async def test_functions_are_nobodys_until_granted_and_definers_keep_their_search_path(
    superuser: Pool,
) -> None:
    await _none(
        superuser,
        """
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace and not exists (
          select from pg_depend as d
          where d.classid = 'pg_proc'::regclass and d.objid = pg_proc.oid and d.deptype = 'e'
        ) and (
          proowner <> 'fristwerk_owner'::regrole
          or exists (
            select from aclexplode(coalesce(proacl, acldefault('f', proowner))) as a where a.grantee = 0
          )
          or prosecdef
          and not coalesce(proconfig::text like '%search_path=pg_catalog, public, pg_temp%', false)
        )
        """,
    )


async def test_business_times_are_parameters(superuser: Pool) -> None:
    await _none(
        superuser,
        r"""
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace and prokind = 'f'
          and pg_get_functiondef(oid) ~* '\m(now\(|current_timestamp|current_date|localtimestamp|'
            'clock_timestamp|statement_timestamp|transaction_timestamp)'
        """,
    )
    await _none(
        superuser,
        r"""
        select adrelid::regclass, adnum from pg_attrdef
        where pg_get_expr(adbin, adrelid) ~* '(now\(|current_|timestamp\()'
          and adrelid <> 'schema_migrations'::regclass
        """,
    )


async def test_only_what_every_postgresql_18_has(superuser: Pool) -> None:
    """The embedded server has no pgcrypto, no ICU, no TLS; production must not come to depend on them."""
    await _none(superuser, "select extname from pg_extension where extname not in ('plpgsql', 'pg_trgm')")
    await _none(
        superuser,
        """
        select a.attrelid::regclass, a.attname from pg_attribute as a
        join pg_class as c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
        join pg_collation as l on l.oid = a.attcollation
        where l.collprovider = 'i'
        """,
    )
