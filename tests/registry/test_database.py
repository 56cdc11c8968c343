"""Settings and policy versions in PostgreSQL, as the roles of production."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import CheckViolationError, InsufficientPrivilegeError

from adapters.database import Pool, transaction
from adapters.policy_store import OtherTenant, closed_days, current_policy, versions
from adapters.setting_definitions import DEFINITIONS, Json, Scope
from adapters.setting_store import Place, put_value, values_of
from protection.policy import Counting, Policy, WorkingDayRoll, policy_to_json
from tests.sql.conftest import new_tenant

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
GRACE = "lead.protection.graceDays"
MAX_HOLD = "lead.protection.maxHoldDays"
COUNTING = "lead.protection.counting"
ROLL = "lead.protection.workingDayRoll"
MODELS = "ai.providers.openai.models"


async def put(
    pool: Pool,
    tenant: UUID,
    key: str,
    value: Json,
    *,
    scope: Scope = Scope.TENANT,
    scope_id: str = "",
    of: UUID | None = None,
    user: str = "root",
    by: str | None = None,
    role: str = "admin",
) -> int:
    """Set a value in the context of `tenant`; `of` names another tenant's place."""
    place = Place(None if scope is Scope.GLOBAL else of or tenant, scope, scope_id)
    async with transaction(pool, tenant, user, [role], at=AT, reason="because") as connection:
        return await put_value(connection, place, key, value, by=by or user, at=AT)


async def test_the_database_holds_the_same_definitions_as_the_code(app: Pool, tenant: UUID) -> None:
    async with transaction(app, tenant, "anna", ["agent"]) as connection:
        rows = await connection.fetch("select * from setting_definition")
    there = {
        row["key"]: (row["type"], tuple(row["scopes"]), row["default_value"], row["schema"], row["merge"])
        for row in rows
    }
    here = {
        key: (str(one.type), tuple(map(str, one.scopes)), one.default, one.schema, str(one.merge))
        for key, one in DEFINITIONS.items()
    }
    assert there == here


async def test_sql_knows_what_a_policy_says_where_no_setting_does(superuser: Pool) -> None:
    known = await superuser.fetchval("select policy_defaults()")
    expected = policy_to_json(Policy())
    del expected["version"]
    assert known == expected


async def test_a_value_of_everybody_can_be_stored_is_one_row_and_counts_up(
    worker: Pool, tenant: UUID
) -> None:
    first = await put(worker, tenant, MODELS, {"small": "a"}, scope=Scope.GLOBAL)
    assert await put(worker, tenant, MODELS, {"small": "b"}, scope=Scope.GLOBAL) == first + 1
    async with transaction(worker, tenant, "root") as connection:
        stored = [value for value in await values_of(connection, tenant) if value.key == MODELS]
    assert [(value.scope, value.value, value.changed_by) for value in stored] == [
        (Scope.GLOBAL, {"small": "b"}, "root")
    ]
    assert await put(worker, tenant, MODELS, None, scope=Scope.GLOBAL) == first + 2


async def test_two_at_once_make_one_row(worker: Pool, app: Pool, tenant: UUID) -> None:
    revisions = await asyncio.gather(*(put(app, tenant, MAX_HOLD, {"days": 30 + n}) for n in range(5)))
    assert sorted(revisions) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("role", ["agent", "manager", "auditor"])
async def test_only_administrators_change_settings(app: Pool, tenant: UUID, role: str) -> None:
    with pytest.raises(InsufficientPrivilegeError):
        await put(app, tenant, MAX_HOLD, {"days": 30}, role=role)
    await put(app, tenant, MAX_HOLD, {"days": 30})
    async with transaction(app, tenant, "root", [role], at=AT) as connection:
        changed = await connection.execute("update setting_value set value = '{}'")
    assert changed == "UPDATE 0"
    with pytest.raises(InsufficientPrivilegeError):
        async with transaction(app, tenant, "root", ["admin"], at=AT) as connection:
            await connection.execute("delete from setting_value")


@pytest.mark.parametrize(
    ("role", "seen"), [("agent", 0), ("manager", 1), ("admin", 1), ("auditor", 1), ("", 0)]
)
async def test_who_reads_settings_in_the_database(app: Pool, tenant: UUID, role: str, seen: int) -> None:
    await put(app, tenant, MAX_HOLD, {"days": 30})
    async with transaction(app, tenant, "boss", [role]) as connection:
        assert (
            await connection.fetchval("select count(*) from setting_value where tenant is not null") == seen
        )


async def test_nobody_sets_values_in_another_tenant_or_in_anothers_name(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    other = await new_tenant(worker)
    for pool in (app, worker):
        with pytest.raises(InsufficientPrivilegeError):
            await put(pool, tenant, MAX_HOLD, {"days": 1}, of=other)
    with pytest.raises(InsufficientPrivilegeError):
        await put(app, tenant, MAX_HOLD, {"days": 1}, by="somebody")
    await put(app, other, MAX_HOLD, {"days": 30})
    async with transaction(app, tenant, "root", ["admin"]) as connection:
        assert [value for value in await values_of(connection, other) if value.scope is Scope.TENANT] == []


async def test_administrators_set_values_of_everybody_only_where_their_tenant_operates(
    app: Pool, worker: Pool, superuser: Pool, tenant: UUID
) -> None:
    operating = await superuser.fetchval("select tenant from operating_tenant")
    assert operating is not None
    other = await new_tenant(worker)
    assert other != operating
    with pytest.raises(InsufficientPrivilegeError):
        await put(app, other, "credit.peak.slo.p95.ms", 400, scope=Scope.GLOBAL)
    first = await put(app, operating, "credit.peak.slo.p95.ms", 400, scope=Scope.GLOBAL)
    # Row security lets it change nothing: the row is there, but not for this tenant to change.
    with pytest.raises((LookupError, InsufficientPrivilegeError)):
        await put(app, other, "credit.peak.slo.p95.ms", 300, scope=Scope.GLOBAL)
    assert await put(app, operating, "credit.peak.slo.p95.ms", None, scope=Scope.GLOBAL) == first + 1


@pytest.mark.parametrize(
    ("key", "scope", "scope_id"),
    [
        (GRACE, "tenant", ""),
        (MAX_HOLD, "org", "north"),
        (MAX_HOLD, "user", "anna"),
        ("ai.budget.monthly.cap", "user", "anna"),
        ("no.such.key", "tenant", ""),
        (MAX_HOLD, "tenant", "somewhere"),
        ("ai.budget.monthly.cap", "org", ""),
        (MAX_HOLD, "galaxy", ""),
    ],
)
async def test_the_database_refuses_places_a_key_does_not_have(
    worker: Pool, tenant: UUID, key: str, scope: str, scope_id: str
) -> None:
    with pytest.raises(CheckViolationError):
        async with transaction(worker, tenant, "root", at=AT) as connection:
            await connection.execute(
                "insert into setting_value (tenant, scope, scope_id, key, value, changed_by, changed_at)"
                " values ($1, $2, $3, $4, '1', 'root', $5)",
                tenant, scope, scope_id, key, AT,
            )  # fmt: skip


async def test_a_value_keeps_its_place(superuser: Pool, app: Pool, tenant: UUID) -> None:
    await put(app, tenant, MAX_HOLD, {"days": 30})
    with pytest.raises(CheckViolationError):
        await superuser.execute(
            "update setting_value set key = $2 where tenant = $1", tenant, "ai.budget.monthly.cap"
        )


async def _audit(pool: Pool, tenant: UUID) -> list[Any]:
    async with transaction(pool, tenant, "boss", ["auditor"]) as connection:
        rows = await connection.fetch("select * from audit_event order by seq")
    return [
        (row["what"], row["actor"], row["before"], row["after"], row["reason"], row["at"]) for row in rows
    ]


async def test_every_change_is_audited_with_before_and_after(app: Pool, tenant: UUID) -> None:
    await put(app, tenant, "ai.budget.monthly.cap", 5, scope=Scope.ORG, scope_id="north")
    await put(app, tenant, "ai.budget.monthly.cap", None, scope=Scope.ORG, scope_id="north", user="eve")
    place = {"key": "ai.budget.monthly.cap", "scope": "org", "scopeId": "north"}
    was = place | {"value": 5, "revision": 1}
    assert await _audit(app, tenant) == [
        ("setting-changed", "root", None, was, "because", AT),
        ("setting-changed", "eve", was, place | {"value": None, "revision": 2}, "because", AT),
    ]


async def _current(pool: Pool, tenant: UUID, *, role: str = "agent", at: datetime = AT) -> Policy:
    async with transaction(pool, tenant, "anna", [role], at=at) as connection:
        return await current_policy(connection, tenant, at=at)


async def test_without_settings_the_policy_is_the_contracts(app: Pool, worker: Pool, tenant: UUID) -> None:
    assert await _current(app, tenant) == Policy()
    assert await _current(worker, tenant) == Policy()
    assert await _audit(app, tenant) == []


async def test_a_changed_setting_makes_a_version_and_equal_content_takes_the_old_one(
    app: Pool, tenant: UUID
) -> None:
    await put(app, tenant, MAX_HOLD, {"days": 30})
    second = await _current(app, tenant)
    assert second == Policy(version="contract-2", max_hold_days=30)
    assert await _current(app, tenant, at=AT + timedelta(days=900)) == second
    await put(app, tenant, "lead.protection.noticeDays", {"days": [0, 21]})
    third = await _current(app, tenant)
    assert third == Policy(
        version="contract-3", max_hold_days=30, notice_progress_days=0, notice_base_days=21
    )
    await put(app, tenant, "lead.protection.noticeDays", None)
    assert await _current(app, tenant) == second
    await put(app, tenant, MAX_HOLD, None)
    assert await _current(app, tenant) == Policy()
    made = [event for event in await _audit(app, tenant) if event[0] == "policy-version-made"]
    assert [(event[1], event[3]["version"]) for event in made] == [
        ("anna", "contract-2"),
        ("anna", "contract-3"),
    ]
    async with transaction(app, tenant, "anna", ["agent"]) as connection:
        assert [version.policy for version in await versions(connection, tenant)] == [Policy(), second, third]


async def test_two_who_register_at_once_make_one_version(app: Pool, tenant: UUID) -> None:
    await put(app, tenant, MAX_HOLD, {"days": 45})
    told = await asyncio.gather(*(_current(app, tenant) for _ in range(6)))
    assert {policy.version for policy in told} == {"contract-2"}


async def test_a_version_from_before_newer_numbers_is_not_taken_for_the_present_one(
    app: Pool, worker: Pool, superuser: Pool
) -> None:
    tenant = await new_tenant(worker)
    old = {
        name: value
        for name, value in policy_to_json(Policy()).items()
        if not name.startswith(("prereg", "max_hold"))
    }
    await superuser.execute("alter table policy_version disable trigger user")
    await superuser.execute("update policy_version set policy = $2 where tenant = $1", tenant, old)
    await superuser.execute("alter table policy_version enable trigger user")
    assert await _current(app, tenant) == Policy(version="contract-2")


async def test_a_value_of_everybody_reaches_every_tenants_policy(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    other = await new_tenant(worker)
    await put(worker, tenant, GRACE, {"days": 14}, scope=Scope.GLOBAL)
    try:
        for each in (tenant, other):
            assert await _current(app, each) == Policy(version="contract-2", grace_days=14)
    finally:
        await put(worker, tenant, GRACE, None, scope=Scope.GLOBAL)
    assert await _current(app, other) == Policy()


async def test_the_roll_names_the_holidays_of_its_land_and_is_off_without_whole_days(
    app: Pool, tenant: UUID
) -> None:
    await put(app, tenant, ROLL, {"roll": "next_working_day", "land": "TH"})
    assert await _current(app, tenant) == Policy()
    await put(app, tenant, COUNTING, {"counting": "calendar_days"})
    policy = await _current(app, tenant)
    assert policy.counting is Counting.CALENDAR_DAYS
    assert policy.working_day_roll is WorkingDayRoll.NEXT_WORKING_DAY
    assert date(2027, 9, 20) in policy.closed_days  # Monday, Weltkindertag
    assert date(2027, 11, 1) not in policy.closed_days  # All Saints is none in Thuringia
    assert {day.year for day in policy.closed_days} == set(range(2025, 2031))
    assert all(day.weekday() < 5 for day in policy.closed_days)
    async with transaction(app, tenant, "anna", ["agent"]) as connection:
        assert await closed_days(connection, "TH", AT) == policy.closed_days
    later = await _current(app, tenant, at=datetime(2027, 1, 1, tzinfo=UTC))
    assert later.version == "contract-3"
    assert {day.year for day in later.closed_days} == set(range(2026, 2032))


async def test_in_the_context_of_another_tenant_there_is_no_policy(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    other = await new_tenant(worker)
    async with transaction(app, other, "anna", ["admin"], at=AT) as connection:
        with pytest.raises(OtherTenant):
            await current_policy(connection, tenant, at=AT)


async def test_whoever_registers_cannot_say_what_the_policy_says(app: Pool, tenant: UUID) -> None:
    for statement in (
        "select policy_composed(now())",
        "select tenant_setting('lead.protection.graceDays')",
        "insert into policy_version values (app_tenant(), 'contract-9', '{}')",
        "insert into operating_tenant (tenant) values (app_tenant())",
        "select audit_tell('x', null, null, null, null, null, now())",
    ):
        with pytest.raises(InsufficientPrivilegeError):
            async with transaction(app, tenant, "anna", ["admin", "agent"], at=AT) as connection:
                await connection.execute(statement)


async def test_a_change_is_told_to_whoever_listens(postgres_url: str, app: Pool, tenant: UUID) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.add_listener("setting_changed", lambda *told: heard.put_nowait(json.dumps(told[3])))
        await put(app, tenant, MAX_HOLD, {"days": 30})
        async with asyncio.timeout(120):
            assert json.loads(await heard.get()) == str(tenant)
    finally:
        await connection.close()


TABLES = (
    "setting_definition",
    "setting_value",
    "operating_tenant",
    "policy_rehearsal",
    "policy_rehearsal_lead",
)


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_context_there_are_no_rows(app: Pool, worker: Pool, tenant: UUID, table: str) -> None:
    await put(app, tenant, MAX_HOLD, {"days": 30})
    for pool in (app, worker):
        try:
            assert await pool.fetchval(f"select count(*) from {table}") == 0
        except InsufficientPrivilegeError:
            assert (pool is app) is (table == "operating_tenant")
