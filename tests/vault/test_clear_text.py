"""Databases of before the vault: what stood in clear is sealed after migrating, and its old file is gone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.clear_text import seal_clear_text
from adapters.database import open_pool, transaction
from adapters.keyring import Keyring
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.migrations import MIGRATIONS, migrate
from adapters.settings import Login, Role, SettingsError
from tests.stackfixtures import PROJECT
from tests.vaultfixtures import RING, VAULT
from workers.embedded.postgres import Cluster

AFTER = "20261123000800"
TENANTS = (UUID(int=11), UUID(int=12))


@pytest.fixture
def yesterday(postgres_cluster: Cluster, tmp_path: Path) -> Iterator[str]:
    """A database as the release before the vault made it."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for file in sorted(MIGRATIONS.glob("*.sql")):
        if file.name < AFTER:
            shutil.copy(file, folder)
    name = f"yesterday_{uuid4().hex[:8]}"
    postgres_cluster.sql(f"create database {name}")
    url = postgres_cluster.url(name)
    dbmate = PROJECT / ".venv" / "bin" / "dbmate"
    subprocess.run([dbmate, "--url", url, "--migrations-dir", folder, "--no-dump-schema", "up"], check=True)
    yield url
    postgres_cluster.sql(f"drop database {name} with (force)")


def _refuse() -> Keyring:
    raise SettingsError("FRISTWERK_MASTER_KEY_FILE", "is not set")


async def _fill(url: str) -> dict[UUID, UUID]:
    connection = await asyncpg.connect(url)
    leads = {}
    try:
        for tenant in TENANTS:
            lead = leads[tenant] = uuid4()
            await connection.execute("insert into tenant values ($1, $2)", tenant, str(tenant))
            await connection.execute(
                "insert into lead (tenant, id, company, city, owner, company_key, created_at)"
                " values ($1, $2, 'Haus', 'Jena', 'anna', 'haus|jena', '2026-01-01Z')",
                tenant,
                lead,
            )
            for number, kind, name, email, note in (
                (1, "CONTACT", "Ottilie Planted", "o.planted@haus.example", None),
                (2, "NOTE", None, None, "Frau Planted rief an"),
                (3, "NOTE", None, None, None),
            ):
                await connection.execute(
                    "insert into lead_contact (tenant, lead, id, kind, name, email, note)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    tenant,
                    lead,
                    UUID(int=number),
                    kind,
                    name,
                    email,
                    note,
                )
    finally:
        await connection.close()
    return leads


async def test_what_stood_in_clear_is_sealed_once(yesterday: str, postgres_cluster: Cluster) -> None:
    leads = await _fill(yesterday)
    migrate(yesterday)
    owner = Login(yesterday, None)
    with pytest.raises(SettingsError):
        await seal_clear_text(owner, _refuse)
    assert await seal_clear_text(owner, lambda: RING) == 4
    assert await seal_clear_text(owner, _refuse) == 0
    async with await open_pool(Login(yesterday, Role.WORKER), name="test") as pool:
        for tenant, lead in leads.items():
            async with transaction(pool, tenant, "system") as db:
                kept = {entry.id: entry for entry in await VAULT.open_contacts(db, tenant, lead)}
                assert await VAULT.search(db, tenant, email="o.planted@haus.example") == (lead,)
            assert kept[UUID(int=1)] == ContactEntry(
                id=UUID(int=1),
                kind=ContactKind.CONTACT,
                name="Ottilie Planted",
                email="o.planted@haus.example",
            )
            assert kept[UUID(int=2)].note == "Frau Planted rief an"
            assert kept[UUID(int=3)].note is None
    connection = await asyncpg.connect(yesterday)
    try:
        await connection.execute("checkpoint")
        number = await connection.fetchval("select oid from pg_database where datname = current_database()")
        forced = await connection.fetchval(
            "select bool_and(relforcerowsecurity) from pg_class"
            " where relname in ('lead_contact', 'lead_contact_clear')"
        )
    finally:
        await connection.close()
    assert forced
    files = [file for file in (postgres_cluster.data / "base" / str(number)).iterdir() if file.is_file()]
    assert files
    assert [file for file in files if b"Planted" in file.read_bytes()] == []


async def test_a_new_database_needs_no_key_to_be_migrated(fresh_postgres_url: str) -> None:
    assert await seal_clear_text(Login(fresh_postgres_url, None), _refuse) == 0
