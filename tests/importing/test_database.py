"""The real run against a real PostgreSQL; only the start of workflows is watched instead of done."""

import asyncio
import csv
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from activities.records import RecordCommand
from adapters.database import Pool, open_pool, transaction
from adapters.import_store import Locale, PostgresImportStore, UnknownTenant, User
from adapters.lead_entry import LeadEntry
from adapters.lead_gateway import LeadsUnavailable
from adapters.setting_definitions import Scope
from adapters.setting_store import Place, put_value
from adapters.settings import Login, Role
from cli.importing.replay import lead_id
from cli.importing.run import NOT_IN_LEDGER
from cli.importing.seed import seed_demo
from cli.importing.shapes import SourceFile
from protection.policy import Policy
from tests.importing.exports import (
    AS_OF,
    DIRTY,
    EXPECTED,
    ODD,
    SAMPLE,
    TENANT,
    bring_in,
    lead,
    quiet_view,
    read_csv,
    write,
)
from tests.vaultfixtures import VAULT


class WatchedStarts:
    """Notes which workflows were to be started."""

    def __init__(self) -> None:
        self.started: list[UUID] = []

    async def start(self, tenant: UUID, lead: UUID) -> None:
        assert tenant == TENANT
        await asyncio.sleep(0)
        self.started.append(lead)


@pytest_asyncio.fixture
async def pool(fresh_postgres_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(Login(fresh_postgres_url, Role.WORKER), name="tests")
    yield opened
    await opened.close()


@pytest.fixture
def store(pool: Pool) -> PostgresImportStore:
    return PostgresImportStore(pool, VAULT)


async def rows(pool: Pool, query: str, *arguments: Any) -> list[asyncpg.Record]:
    async with transaction(pool, TENANT, "tests", ("admin",)) as db:
        return list(await db.fetch(query, *arguments))


TABLES = ("app_user", "lead", "lead_contact", "fact", "protection", "hold", "audit_event", "policy_version")


async def everything(pool: Pool) -> dict[str, list[asyncpg.Record]]:
    return {table: await rows(pool, f"select * from {table} as t order by t::text") for table in TABLES}


def expected_rows() -> dict[str, dict[str, str]]:
    with (SAMPLE / EXPECTED).open(encoding="utf-8", newline="") as stream:
        return {row["external_id"]: row for row in csv.DictReader(stream)}


async def test_the_projection_of_every_lead_is_what_was_expected(
    pool: Pool, store: PostgresImportStore
) -> None:
    gateway = WatchedStarts()
    summary, rejects = await bring_in(SAMPLE, store=store, gateway=gateway)
    assert rejects == []
    assert (summary.new, summary.already_there) == (300, 0)
    expected = expected_rows()
    stored = await rows(
        pool,
        "select l.external_id, p.* from lead l join protection p on p.tenant = l.tenant and p.lead = l.id",
    )
    assert len(stored) == len(expected)
    for row in stored:
        wanted = expected[row["external_id"]]
        got = {
            name: "" if row[name] is None else f"{row[name]:%Y-%m-%dT%H:%M:%SZ}"
            for name in ("base_until", "progress_until", "grace_until", "valid_until")
        } | {
            "external_id": row["external_id"],
            "status": row["status"],
            "paused": str(row["paused"]).lower(),
            "reason": row["reason"] or "",
            "refused_facts": str(row["refused_facts"]),
        }
        assert got == wanted
    alive = {
        lead_id(TENANT, external_id)
        for external_id, row in expected.items()
        if row["status"] in {"ACTIVE", "GRACE"}
    }
    assert set(gateway.started) == alive
    assert len(gateway.started) == len(alive) == summary.workflows


async def test_the_ledger_is_gapless_and_audited_and_the_chain_is_sound(
    pool: Pool, store: PostgresImportStore
) -> None:
    await bring_in(SAMPLE, store=store, gateway=WatchedStarts())
    (facts,) = await rows(pool, "select count(*) as n, count(distinct (lead, fact_id)) as ids from fact")
    (audit,) = await rows(
        pool,
        "select count(*) as n from audit_event where fact_id is not null and what not like 'refused:%'",
    )
    (refused,) = await rows(pool, "select count(*) as n from audit_event where what like 'refused:%'")
    assert facts["n"] == facts["ids"] == audit["n"]
    assert refused["n"] == sum(int(row["refused_facts"]) for row in expected_rows().values())
    (broken,) = await rows(pool, "select audit_verify($1) as at", TENANT)
    assert broken["at"] is None
    personal = await rows(
        pool,
        "select 1 from fact where payload::text ~ 'Notiz|@|Rückruf' union all "
        "select 1 from audit_event where concat(before, after, reason) ~ 'Notiz|@|Rückruf'",
    )
    assert personal == []


async def test_twice_gives_the_same(pool: Pool, store: PostgresImportStore) -> None:
    first, _ = await bring_in(SAMPLE, store=store, gateway=WatchedStarts())
    before = await everything(pool)
    gateway = WatchedStarts()
    second, rejects = await bring_in(SAMPLE, store=store, gateway=gateway)
    assert rejects == []
    assert await everything(pool) == before
    assert (second.new, second.already_there) == (0, 300)
    assert second.statuses == first.statuses
    assert second.workflows == first.workflows == len(gateway.started)


async def test_the_dirty_rows_are_refused_after_the_main_export_is_in(
    pool: Pool, store: PostgresImportStore
) -> None:
    await bring_in(SAMPLE, store=store, gateway=WatchedStarts())
    before = await everything(pool)
    for gateway in (WatchedStarts(), None):
        summary, rejects = await bring_in(DIRTY, store=store, gateway=gateway)
        got = [[each.external_id, str(each.line), each.column, each.reason] for each in rejects]
        assert got == read_csv(DIRTY / "expected.csv")[1:]
        assert (summary.new, summary.refused_rows) == (0, 14)
        assert await everything(pool) == before


async def test_odd_names_are_stored_letter_by_letter(pool: Pool, store: PostgresImportStore) -> None:
    _, rejects = await bring_in(ODD, store=store, gateway=WatchedStarts())
    assert rejects == []
    stored = await rows(pool, "select external_id, company, city from lead order by external_id")
    written = [[row[0], row[1], row[3]] for row in read_csv(ODD / "leads.csv")[1:]]
    assert [list(row) for row in stored] == written


class KilledStore(PostgresImportStore):
    """Dies after so many batches, as a killed process does between two transactions."""

    def __init__(self, pool: Pool, batches: int) -> None:
        super().__init__(pool, VAULT)
        self.left = batches

    async def record(
        self, tenant: UUID, entries: Sequence[LeadEntry], commands: Sequence[RecordCommand]
    ) -> None:
        if self.left == 0:
            raise ConnectionResetError
        self.left -= 1
        await super().record(tenant, entries, commands)


async def test_a_killed_import_goes_on(pool: Pool, store: PostgresImportStore) -> None:
    before = WatchedStarts()
    with pytest.raises(ConnectionResetError):
        await bring_in(SAMPLE, store=KilledStore(pool, 2), gateway=before)
    (there,) = await rows(pool, "select count(*) as n from lead")
    assert there["n"] == 200
    after = WatchedStarts()
    summary, rejects = await bring_in(SAMPLE, store=store, gateway=after)
    assert rejects == []
    assert (summary.new, summary.already_there) == (100, 200)
    alive = [row for row in expected_rows().values() if row["status"] in {"ACTIVE", "GRACE"}]
    # Whatever was started before is asked for again; the gateway finds it running.
    assert len(after.started) == len(alive)
    assert set(before.started) < set(after.started)


async def test_a_row_that_came_later_is_told_to_be_missing_in_the_ledger(
    pool: Pool, store: PostgresImportStore, tmp_path: Path
) -> None:
    call = {
        "external_id": "A-1",
        "occurred_at": "2026-10-05T10:00:00Z",
        "recorded_at": "2026-10-05T10:00:00Z",
        "kind": "QUALIFIED_CALL",
    }
    write(tmp_path, SourceFile.LEADS, [lead()])
    write(tmp_path, SourceFile.ACTIVITIES, [call, call | {"kind": "TYPO"}])
    _, rejects = await bring_in(tmp_path, store=store, gateway=WatchedStarts())
    assert [(each.line, each.reason) for each in rejects] == [(3, "unknown kind")]
    write(tmp_path, SourceFile.ACTIVITIES, [call, call | {"kind": "NOTE"}])
    summary, rejects = await bring_in(tmp_path, store=store, gateway=WatchedStarts())
    assert [(each.file, each.line, each.reason) for each in rejects] == [
        (SourceFile.ACTIVITIES, 3, NOT_IN_LEDGER)
    ]
    assert (await rows(pool, "select count(*) as n from fact"))[0]["n"] == 2
    assert summary.already_there == 1


async def test_owners_become_users_and_are_found_again(
    pool: Pool, store: PostgresImportStore, tmp_path: Path
) -> None:
    await store.prepare(TENANT, "test", at=AS_OF)
    await store.add_users(TENANT, [User("chief", "Agent01@Agents.example", "Die Chefin", Locale.EN)])
    write(
        tmp_path,
        SourceFile.LEADS,
        [
            lead(external_id="A-1", company="Eins"),
            lead(external_id="A-2", company="Zwei", owner_email="max@one.example"),
            lead(external_id="A-3", company="Drei", owner_email="max@two.example"),
            lead(external_id="A-4", company="Vier", owner_email="o'neil+x@two.example"),
        ],
    )
    await bring_in(tmp_path, store=store, gateway=WatchedStarts())
    before = await everything(pool)
    await bring_in(tmp_path, store=store, gateway=WatchedStarts())
    assert await everything(pool) == before
    owners = {row["external_id"]: row["owner"] for row in await rows(pool, "select * from lead")}
    assert owners["A-1"] == "chief"
    assert owners["A-2"] == "max"
    assert owners["A-3"].startswith("max-u")
    assert owners["A-4"] == "o-neil-x"
    users = {row["id"]: row["email"] for row in await rows(pool, "select * from app_user")}
    assert users["max"] == "max@one.example"
    assert users[owners["A-3"]] == "max@two.example"
    assert {row["owner"] for row in await rows(pool, "select owner from protection")} == set(users)


async def test_a_tenant_must_be_there_or_be_named(store: PostgresImportStore) -> None:
    with pytest.raises(UnknownTenant):
        await store.prepare(TENANT, None, at=AS_OF)
    assert await store.present_policy(TENANT, at=AS_OF) is None
    assert await store.prepare(TENANT, "test", at=AS_OF) == Policy()
    assert await store.prepare(TENANT, None, at=AS_OF) == Policy()


async def test_leads_are_imported_under_the_policy_that_the_settings_say(
    pool: Pool, store: PostgresImportStore, tmp_path: Path
) -> None:
    await store.prepare(TENANT, "test", at=AS_OF)
    place = Place(TENANT, Scope.TENANT)
    async with transaction(pool, TENANT, "root", at=AS_OF) as connection:
        await put_value(connection, place, "lead.protection.maxHoldDays", {"days": 30}, by="root", at=AS_OF)
    folder = write(tmp_path, SourceFile.LEADS, [lead()])
    await bring_in(folder, store=store)
    assert len(await rows(pool, "select 1 from policy_version")) == 1
    await bring_in(folder, store=store, gateway=WatchedStarts())
    (found,) = await rows(pool, "select policy_version from protection")
    assert found["policy_version"] == "contract-2"


async def test_a_dry_run_writes_nothing(pool: Pool, store: PostgresImportStore) -> None:
    await store.prepare(TENANT, "test", at=AS_OF)
    before = await everything(pool)
    summary, rejects = await bring_in(SAMPLE, store=store)
    assert (summary.new, rejects) == (300, [])
    assert await everything(pool) == before


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        ({"company": "GASTHOF  BEISPIEL AG"}, True),
        ({"city": "dortmund", "postcode": ""}, True),
        ({"postcode": "44 135"}, True),
        ({"postcode": "44137"}, False),
        ({"city": "Essen"}, False),
        ({"company": "Gasthof Beispiele GmbH"}, False),
        # It had lapsed before the live one was registered: history, not a second claim.
        ({"registered_at": "2026-01-10T10:00:00Z"}, False),
        ({"registered_at": "2026-09-01T10:00:00Z"}, True),
    ],
)
async def test_duplicates_within_the_file_and_against_the_database(
    store: PostgresImportStore, tmp_path: Path, cells: dict[str, str], refused: bool
) -> None:
    other = lead(external_id="A-2", **cells)
    together = write(tmp_path / "together", SourceFile.LEADS, [lead(), other])
    alone = write(tmp_path / "alone", SourceFile.LEADS, [other])
    _, without_database = await bring_in(together)
    await bring_in(
        write(tmp_path / "first", SourceFile.LEADS, [lead()]), store=store, gateway=WatchedStarts()
    )
    _, against_database = await bring_in(alone, store=store)
    for rejects, line in ((without_database, 3), (against_database, 2)):
        got = [(each.line, each.column, each.reason) for each in rejects]
        assert got == ([(line, "company", "duplicate of a live lead in another spelling")] if refused else [])


async def test_the_marker_of_the_demo_is_set_once(pool: Pool, store: PostgresImportStore) -> None:
    await store.prepare(TENANT, "test", at=AS_OF)
    assert not await store.was_done(TENANT, "demo")
    await store.mark_done(TENANT, "demo", AS_OF)
    await store.mark_done(TENANT, "demo", AS_OF)
    assert await store.was_done(TENANT, "demo")
    assert len(await rows(pool, "select 1 from audit_event")) == 1


async def test_the_demo_is_seeded_once(pool: Pool, store: PostgresImportStore) -> None:
    gateway = WatchedStarts()
    summary = await seed_demo(store, gateway, quiet_view(), tenant=TENANT, now=AS_OF)
    assert summary is not None
    assert summary.refused_rows == 0
    assert summary.workflows == len(gateway.started) > 30
    before = await everything(pool)
    assert await seed_demo(store, gateway, quiet_view(), tenant=TENANT, now=AS_OF + timedelta(days=1)) is None
    assert await everything(pool) == before
    seen = {
        (row["status"], row["paused"], row["reason"]) for row in await rows(pool, "select * from protection")
    }
    assert seen == {
        ("ACTIVE", False, None),
        ("ACTIVE", True, None),
        ("GRACE", False, None),
        ("GRACE", True, None),
        ("EXPIRED", False, "INACTIVITY"),
        ("EXPIRED", False, "BASE_PERIOD"),
        ("CONVERTED", False, None),
    }
    people = {row["id"]: (row["locale"], row["roles"]) for row in await rows(pool, "select * from app_user")}
    assert people["anna"] == ("de", ["agent"])
    assert people["maria"][1] == ["manager"]
    assert {locale for locale, _ in people.values()} == {"de", "en"}


class StumblingStarts(WatchedStarts):
    """Does not answer the first calls, as an overloaded server."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def start(self, tenant: UUID, lead: UUID) -> None:
        if self.failures:
            self.failures -= 1
            raise LeadsUnavailable("too busy")
        await super().start(tenant, lead)


async def test_a_server_that_falls_behind_is_asked_again(store: PostgresImportStore, tmp_path: Path) -> None:
    folder = write(tmp_path, SourceFile.LEADS, [lead()])
    gateway = StumblingStarts(1)
    summary, _ = await bring_in(folder, store=store, gateway=gateway)
    assert (summary.workflows, len(gateway.started)) == (1, 1)
