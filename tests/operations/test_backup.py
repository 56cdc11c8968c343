"""Backups as docs/operations/backup.md describes them, taken and restored for real."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.database import Pool, open_pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.migrations import migrate
from adapters.settings import Login, Role
from tests.operations.compose import PROJECT
from tests.sql.commands import call, command, new_lead, registered
from tests.sql.conftest import new_tenant, tenant, worker
from tests.stackfixtures import running_cluster, wait_until
from tests.vaultfixtures import VAULT
from workers.embedded import ports
from workers.embedded.postgres import STOP_SIGNAL, Cluster
from workers.embedded.process import spawn

__all__ = ["tenant", "worker"]
SCRIPTS = PROJECT / "deploy/backup"


def _run(cluster: Cluster, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{cluster.binaries}:{os.defpath}"
    return subprocess.run(
        words, env={"PATH": path, **environment}, capture_output=True, text=True, check=False, timeout=150
    )


def _made(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def _recorded(worker: Pool, tenant: UUID) -> UUID:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, [registered(), call(3)]))
    return lead


def _rows(cluster: Cluster, database: str) -> dict[str, str]:
    """Of each table how many rows it has, and a sum over all of them."""
    tables = cluster.sql(
        "select string_agg(oid::regclass::text, ' ' order by oid::regclass::text) from pg_catalog.pg_class"
        " where relnamespace = 'public'::regnamespace and relkind = 'r'",
        database,
    ).split()
    each = " union all ".join(
        f"select '{name}', count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)"
        f" from {name} as t"
        for name in tables
    )
    return dict(line.split("|") for line in cluster.sql(each, database).splitlines())


async def test_a_dump_is_restored_with_newer_keys_and_without_what_was_erased(
    postgres_cluster: Cluster, postgres_url: str, worker: Pool, tenant: UUID, tmp_path: Path
) -> None:
    cluster, database = postgres_cluster, postgres_url.rpartition("/")[2].partition("?")[0]
    kept, erased = await _recorded(worker, tenant), await _recorded(worker, tenant)
    backups = tmp_path / "backups"
    first = _made(_run(cluster, SCRIPTS / "backup.sh", backups, DATABASE_URL=postgres_url))
    before = _rows(cluster, database)
    # What an erasure comes to: the contact is emptied, its key destroyed.
    cluster.sql(
        "update lead_contact set key = null, name = null, email = null, email_index = null,"
        " domain_index = null"
        f" where lead = '{erased}'; delete from lead_key where lead = '{erased}'",
        database,
    )
    later = await _recorded(worker, tenant)
    shutil.move(first, backups / "first")
    newer = _made(_run(cluster, SCRIPTS / "backup.sh", backups, DATABASE_URL=postgres_url))

    name = f"restored_{uuid4().hex[:8]}"
    cluster.sql(f"create database {name}")
    try:
        keys = Path(newer) / "keys.dump"
        target = {"DATABASE_URL": cluster.url(name)}
        _made(_run(cluster, SCRIPTS / "restore.sh", backups / "first/data.dump", keys, **target))
        after = _rows(cluster, name)
        changed = {table for table in before if before[table] != after[table]}
        assert changed == {"lead_contact", "lead_key"}
        async with (
            await open_pool(Login(cluster.url(name), Role.WORKER), name="test", largest=1) as pool,
            transaction(pool, tenant, "test") as db,
        ):
            assert await db.fetchval("select audit_verify($1)", tenant) is None
            (contact,) = await VAULT.open_contacts(db, tenant, kept)
            assert contact.name == "Erika Muster"
            assert [one.name for one in await VAULT.open_contacts(db, tenant, erased)] in ([], [None])
            assert await db.fetchval("select count(*) from lead where id = $1", later) == 0
        # Never over something that is there.
        again = _run(cluster, SCRIPTS / "restore.sh", backups / "first/data.dump", keys, **target)
        assert again.returncode == 1
        assert "not empty" in again.stderr
    finally:
        cluster.sql(f"drop database {name} with (force)")


def test_old_backups_go_and_half_ones_never_count(
    postgres_cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    old, newer = tmp_path / "2020-01-01T020000Z", tmp_path / "2020-03-01T020000Z"
    for folder, days in ((old, 100), (newer, 20)):
        folder.mkdir()
        for name in ("data.dump", "keys.dump"):
            (folder / name).touch()
            subprocess.run(["touch", "-d", f"{days} days ago", folder / name], check=True)
    nobody = postgres_url.replace("postgres:", "nobody:", 1)
    refused = _run(postgres_cluster, SCRIPTS / "backup.sh", tmp_path, DATABASE_URL=nobody)
    assert refused.returncode != 0
    assert sorted(tmp_path.iterdir()) == [old, newer]
    (tmp_path / "url").write_text(postgres_url)
    done = _run(postgres_cluster, SCRIPTS / "backup.sh", tmp_path, DATABASE_URL_FILE=str(tmp_path / "url"))
    made = Path(_made(done))
    assert {file.name for file in made.iterdir()} == {"data.dump", "keys.dump"}
    assert not old.exists()
    assert [file.name for file in newer.iterdir()] == ["data.dump"]
    assert _run(postgres_cluster, SCRIPTS / "backup.sh", tmp_path).returncode != 0


@contextmanager
def _started(made: Cluster) -> Iterator[None]:
    """Running, and all of the log that was asked for is applied."""
    log = made.folder / "restored.log"
    with log.open("wb") as output:
        process = spawn(made.command(), output=output, account=made.account, death_signal=STOP_SIGNAL)
    try:
        wait_until(made.is_ready, process, log, 150)
        wait_until(lambda: made.sql("select pg_is_in_recovery()") == "f", process, log, 150)
        yield
    finally:
        process.send_signal(STOP_SIGNAL)
        process.wait(60)


@pytest.mark.slow  # two servers of its own
async def test_a_base_backup_goes_to_any_moment_of_the_archived_log(tmp_path: Path) -> None:
    with running_cluster(durable=True) as running:
        url = running.url("postgres")
        migrate(url)
        wal, base = running.folder / "wal", running.folder / "base"
        wal.mkdir()
        slot = ["--slot=archive", "-d", url]
        _made(_run(running, "pg_receivewal", "--create-slot", "--if-not-exists", *slot))
        with (tmp_path / "wal.log").open("wb") as output:
            receiving = spawn(
                [running.binaries / "pg_receivewal", "--synchronous", "-D", wal, *slot], output=output
            )
        try:
            async with await open_pool(Login(url, Role.WORKER), name="test", largest=2) as pool:
                tenant = await new_tenant(pool)
                first = await _recorded(pool, tenant)
                options = ("--wal-method=stream", "--checkpoint=fast", "-D", base, "-d", url)
                _made(_run(running, "pg_basebackup", *options))
                _made(_run(running, "pg_verifybackup", base))
                second = await _recorded(pool, tenant)
                running.sql("select pg_create_restore_point('noon')")
                await _recorded(pool, tenant)
            last = running.sql("select pg_current_wal_flush_lsn()")
            reached = f"select bool_or(flush_lsn >= '{last}') from pg_stat_replication"
            wait_until(lambda: running.sql(reached) == "t", receiving, tmp_path / "wal.log", 150)
        finally:
            receiving.send_signal(signal.SIGINT)
            receiving.wait(60)
        (base / "recovery.signal").touch()
        with (base / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f'restore_command = \'cp "{wal}/%f" "%p" || cp "{wal}/%f.partial" "%p"\'\n'
                "recovery_target_name = 'noon'\nrecovery_target_action = 'promote'\n"
            )
        port = ports.choose(taken=[running.port])
        restored = replace(running, folder=running.folder / "restored", port=port)
        restored.folder.mkdir()
        shutil.move(base, restored.data)
        if restored.account is not None:
            for path in (restored.data, wal, *restored.data.rglob("*"), *wal.iterdir()):
                os.chown(path, restored.account.uid, restored.account.gid)
        with _started(restored):
            leads = restored.sql("select string_agg(id::text, ' ' order by id::text) from lead").split()
            assert set(leads) == {str(first), str(second)}
            assert restored.sql("select count(*) from fact") == "4"
            async with (
                await open_pool(Login(restored.url("postgres"), Role.WORKER), name="test", largest=1) as pool,
                transaction(pool, tenant, "test") as db,
            ):
                assert await db.fetchval("select audit_verify($1)", tenant) is None
