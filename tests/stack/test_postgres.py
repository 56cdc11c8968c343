"""The runner of the embedded PostgreSQL: what it refuses, and that the superuser's password stays hidden."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.migrations import MigrationFailed, migrate
from tests.stackfixtures import running_cluster
from workers.embedded.errors import StackError
from workers.embedded.postgres import Cluster, cluster
from workers.embedded.process import unprivileged_account
from workers.embedded.programs import program


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="fristwerk-pg-", dir="/var/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_a_refused_statement_and_a_refused_migration_say_why(postgres_cluster: Cluster) -> None:
    with pytest.raises(StackError, match="no_such_table"):
        postgres_cluster.sql("select * from no_such_table")
    assert postgres_cluster.sql("select 6 * 7") == "42"
    wrong = postgres_cluster.url("postgres", "nobody-here", "wrong-password")
    with pytest.raises(MigrationFailed) as refused:
        migrate(wrong, wait_seconds=1)
    assert "wrong-password" not in str(refused.value)


def test_migrating_twice_changes_nothing(postgres_cluster: Cluster) -> None:
    postgres_cluster.sql("create database twice")
    assert "Applied" in migrate(postgres_cluster.url("twice"))
    assert migrate(postgres_cluster.url("twice")) == ""
    postgres_cluster.sql("drop database twice")


def test_an_initdb_that_fails_leaves_nothing(folder: Path) -> None:
    with pytest.raises(StackError, match="initdb failed"):
        cluster(folder, 1, "")  # an empty password is refused by initdb
    assert not (folder / "data").exists()
    assert not (folder / "initpw").exists()


def test_a_first_start_that_was_cut_off_is_done_again(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "half").write_text("")
    made = cluster(folder, 1, "secret", durable=False)
    assert (made.data / "PG_VERSION").exists()
    assert not (made.data / "half").exists()


def test_configured_binaries_must_be_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(folder))
    with pytest.raises(StackError, match="PG_BINDIR"):
        cluster(folder, 1, "secret")


def test_a_durable_cluster_runs_from_configured_binaries(
    postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BINDIR", str(postgres_cluster.binaries))
    with running_cluster(durable=True) as made:
        assert made.sql("show fsync") == "on"
        assert made.sql("show listen_addresses") == "127.0.0.1"


def test_root_refuses_a_folder_its_postgres_could_not_reach(folder: Path) -> None:
    account = unprivileged_account()
    (folder / "private").mkdir(mode=0o700)
    if account is None:
        assert cluster(folder / "private" / "postgres", 1, "secret", durable=False).account is None
    else:
        assert account.uid != 0
        with pytest.raises(StackError, match="FRISTWERK_STATE"):
            cluster(folder / "private" / "postgres", 1, "secret")


def test_a_missing_program_is_named() -> None:
    assert program("sh").name == "sh"
    with pytest.raises(StackError, match="no-such-program"):
        program("no-such-program")
