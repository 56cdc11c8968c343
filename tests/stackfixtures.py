"""Real servers for tests: PostgreSQL, Temporal with skippable time, a mail sink. Started once per process.

Use them by naming them: `postgres_url` (a migrated database of one's own per test module), `temporal_env`,
`smtp_sink`. All of them run as child processes that end with the test run, however it ends.
"""

import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from adapters.migrations import migrate
from sandbox.mailbox import Mailbox
from workers.embedded import ports
from workers.embedded.postgres import STOP_SIGNAL, Cluster, cluster
from workers.embedded.process import spawn
from workers.simulation import skipping_environment

PROJECT: Final = Path(__file__).resolve().parents[1]
TEMPLATE: Final = "fristwerk_template"


@contextmanager
def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A PostgreSQL cluster in a folder that is thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fristwerk-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    made = cluster(folder, ports.choose(), secrets.token_urlsafe(12), durable=durable)
    log = folder / "postgres.log"
    with log.open("wb") as output:
        process = spawn(made.command(), output=output, account=made.account, death_signal=STOP_SIGNAL)
    try:
        wait_until(made.is_ready, process, log)
        yield made
    finally:
        process.send_signal(STOP_SIGNAL)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 90
) -> None:
    """Wait until `ready()` is true; fail with the log if the process ends or the time is over."""
    for _ in range(int(seconds / 0.05)):
        if ready():
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"{process.args!r} did not get ready:\n{log.read_text(errors='replace')[-4000:]}")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A running cluster with a migrated template database."""
    with running_cluster() as made:
        made.sql(f"create database {TEMPLATE}")
        migrate(made.url(TEMPLATE))
        made.sql(f"alter database {TEMPLATE} with is_template true allow_connections false")
        yield made


@contextmanager
def cloned_database(made: Cluster, name: str) -> Iterator[str]:
    """A database cloned from the migrated template; yields its URL."""
    made.sql(f'create database "{name}" template {TEMPLATE} strategy wal_log')
    try:
        yield made.url(name)
    finally:
        made.sql(f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def postgres_url(postgres_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database for one test module, as a superuser that may become any role."""
    stem = re.sub(r"\W+", "_", Path(str(request.path)).stem.lower())[:30]
    with cloned_database(postgres_cluster, f"{stem}_{uuid.uuid4().hex[:8]}") as url:
        yield url


@pytest.fixture
def fresh_postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """A migrated database for one single test."""
    with cloned_database(postgres_cluster, f"t_{uuid.uuid4().hex[:12]}") as url:
        yield url


@dataclass(frozen=True, slots=True)
class SmtpSink:
    """A running mail sink.

    Attributes:
        url: What SMTP_URL would say.
        pages: URL of its pages.
        mailbox: The mails it has taken.
    """

    url: str
    pages: str
    mailbox: Mailbox


@pytest.fixture(scope="session")
def smtp_sink_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpSink]:
    """The mail sink of this test process; name `smtp_sink` to get it empty."""
    folder = tmp_path_factory.mktemp("mails")
    smtp_port = ports.choose()
    http_port = ports.choose(taken=[smtp_port])
    numbers = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    log = folder / "sink.log"
    with log.open("wb") as output:
        process = spawn(
            [sys.executable, "-m", "sandbox.mail_sink", "--folder", folder / "mails", *numbers],
            output=output,
            folder=PROJECT,
        )
    try:
        wait_until(lambda: ports.answers(smtp_port) and ports.answers(http_port), process, log)
        pages = f"http://{ports.LOOPBACK}:{http_port}"
        yield SmtpSink(f"smtp://{ports.LOOPBACK}:{smtp_port}", pages, Mailbox(folder / "mails"))
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def smtp_sink(smtp_sink_process: SmtpSink) -> SmtpSink:
    """An empty mail sink: bounce*@ is refused for good, defer*@ for now, the rest is kept."""
    smtp_sink_process.mailbox.clear()
    return smtp_sink_process


@pytest_asyncio.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server where each workflow has its own clock: `await env.fast_forward(handle, delta)`."""
    async with skipping_environment() as environment:
        yield environment
