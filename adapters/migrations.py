"""Brings a database to the newest schema, with dbmate and its lock."""

import subprocess
import sysconfig
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

MIGRATIONS: Final = Path(__file__).resolve().parents[1] / "sql" / "migrations"


class MigrationFailed(Exception):
    """A migration was refused; the failed file left nothing behind."""


def migrate(url: str, *, wait_seconds: int = 30) -> str:
    """Apply the migrations that are missing; safe to call from several processes at once.

    Args:
        url: PostgreSQL URL of a login that may become the owner.
        wait_seconds: How long to wait for the server.

    Returns:
        What dbmate reported, one line per migration; empty if there was nothing to do.

    Raises:
        MigrationFailed: The server could not be reached or refused a file.
    """
    options = ["--no-dump-schema", "--migration-lock", "--wait", "--wait-timeout", f"{wait_seconds}s"]
    dbmate = Path(sysconfig.get_path("scripts")) / "dbmate"
    done = subprocess.run(
        [dbmate, "--migrations-dir", MIGRATIONS, *options, "up"],
        cwd="/",
        env={"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MigrationFailed(_without_password(done.stderr.strip() or done.stdout.strip(), url))
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("Applied"))


def _without_password(text: str, url: str) -> str:
    password = urlsplit(url).password
    return text.replace(url, "the database").replace(password or url, "…")
