"""The schema as text: `python -m tests.sql.schema` writes sql/schema.sql and sql/checksums anew."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

from adapters.migrations import MIGRATIONS, migrate
from tests.stackfixtures import running_cluster
from workers.embedded.postgres import Cluster

SQL = MIGRATIONS.parent
SCHEMA = SQL / "schema.sql"
CHECKSUMS = SQL / "checksums"

# What differs between servers and runs, and says nothing about the schema.
_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)?\n", re.MULTILINE)


def dump(made: Cluster, database: str) -> str:
    """The schema of a database, without what depends on the server's version."""
    done = subprocess.run(
        [made.binaries / "pg_dump", "--schema-only", "--exclude-table=schema_migrations", made.url(database)],
        check=True,
        capture_output=True,
        text=True,
    )
    return _NOISE.sub("", done.stdout)


def checksums() -> str:
    """One line a migration: SHA-256 and name."""
    files = sorted(MIGRATIONS.glob("*.sql"))
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def dbmate(made: Cluster, database: str, command: str) -> None:
    """Run dbmate on a database of the cluster."""
    program = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "dbmate"
    done = subprocess.run(
        [program, "--url", made.url(database), "--migrations-dir", MIGRATIONS, "--no-dump-schema", command],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    with running_cluster() as fresh:
        fresh.sql("create database schema_of_all")
        migrate(fresh.url("schema_of_all"))
        SCHEMA.write_text(dump(fresh, "schema_of_all"), encoding="utf-8")
    CHECKSUMS.write_text(checksums(), encoding="utf-8")
