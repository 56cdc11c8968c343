"""Every service of the compose file that is ours, started as its container would be: set up, well, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
import uvicorn
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.testing import WorkflowEnvironment

from api.main import _Server
from tests.api.house import Callers
from tests.operations.compose import FILE, PROJECT, Composition, Service, read
from tests.operations.containers import Host, unprivileged
from tests.stackfixtures import cloned_database
from workers.bootstrap import QUEUES
from workers.embedded import ports
from workers.embedded.postgres import Cluster
from workers.embedded.programs import program

LOGINS = ("fristwerk_app_login", "fristwerk_worker_login", "fristwerk_public_login", "temporal")
# Which folder a one-shot sees as /scripts.
SCRIPTS = {"temporal-database": "database", "logins": "database", "temporal-namespace": "temporal"}
# The others have no work where no system outside is connected: they only take their time to start.
ALWAYS = ("protection", "mail")
FEW = ("worker-protection", "worker-mail", "api")
WORKERS = tuple(f"worker-{queue}" for queue in QUEUES)


@dataclass(frozen=True, slots=True)
class Running:
    """All of it, set up and started."""

    composition: Composition
    host: Host
    processes: dict[str, subprocess.Popen[bytes]]
    said: dict[str, str]

    def service(self, name: str) -> Service:
        return self.composition.services[name]

    def log(self, name: str) -> str:
        return (self.host.logs / f"{name}.log").read_text(errors="replace")[-4000:]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def jwks_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where the issuer's keys are."""
    app = Callers(tmp_path_factory.mktemp("issuer")).app
    port = ports.choose()
    server = _Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    yield f"http://127.0.0.1:{port}/jwks.json"
    server.should_exit = True
    await serving


@pytest.fixture(scope="module")
def host(
    postgres_cluster: Cluster,
    temporal_env: WorkflowEnvironment,
    jwks_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """Secrets made as an operator makes them, for a database and a Temporal that run here."""
    folder = tmp_path_factory.mktemp("compose")
    secrets = folder / "secrets"
    subprocess.run([PROJECT / "deploy/compose/make-secrets.sh", secrets], check=True, capture_output=True)
    with cloned_database(postgres_cluster, f"compose_{os.getpid()}") as url:
        made = urlsplit(url)
        (secrets / "postgres_password").chmod(0o600)
        (secrets / "postgres_password").write_text(postgres_cluster.password)
        for file in secrets.glob("*_database_url"):
            login, _, password = (urlsplit(file.read_text()).netloc.partition("@")[0]).partition(":")
            password = postgres_cluster.password if login == "postgres" else password
            file.chmod(0o600)
            file.write_text(made._replace(netloc=f"{login}:{password}@127.0.0.1:{made.port}").geturl())
        (secrets / "oidc_client_secret").write_text("not-used-here")
        (secrets / "smtp_url").write_text("smtp://127.0.0.1:9")
        binaries = folder / "bin"
        binaries.mkdir()
        (binaries / "temporal").symlink_to(program("temporal"))
        names = {
            "PATH": f"{postgres_cluster.binaries}:{binaries}:{os.defpath}",
            "temporal:7233": temporal_env.client.service_client.config.target_host,
            "https://login.example.org/realms/fristwerk/protocol/openid-connect/certs": jwks_url,
        }
        logs = folder / "logs"
        logs.mkdir()
        database = {"PGHOST": "127.0.0.1", "PGPORT": str(made.port), "PGDATABASE": made.path.strip("/")}
        yield Host(secrets, PROJECT / "deploy/compose", logs, names, database)
    for name in ("temporal", "temporal_visibility"):
        postgres_cluster.sql(f"drop database if exists {name} with (force)")
    for login in LOGINS:
        postgres_cluster.sql(f"drop role if exists {login}")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(FEW, id="few"),
        pytest.param((*WORKERS, "api"), id="all", marks=pytest.mark.slow),  # seven processes of Python
    ],
)
def running(host: Host, request: pytest.FixtureRequest) -> Iterator[Running]:
    """In the compose file's order: databases, tables, logins, Temporal's namespace, then everything."""
    composition = read(FILE, variables={})
    said = {}
    # Twice, as at every further start.
    for name in ("temporal-database", "migrate", "logins", "temporal-namespace") * 2:
        service = composition.services[name]
        at_home = Host(
            host.secrets, host.scripts / SCRIPTS.get(name, ""), host.logs, host.names, host.database
        )
        said[name] = at_home.run_once(name, service)
    started = {name: host.start(name, composition.services[name]) for name in request.param}
    try:
        yield Running(composition, host, started, said)
    finally:
        for process in started.values():
            process.kill()
        for process in started.values():
            process.wait(60)


def _url(running: Running, name: str) -> str:
    check = running.service(name).healthcheck
    assert check is not None
    return check.test[-1].replace("127.0.0.1", running.host.address(name))


async def _well(running: Running, client: httpx.AsyncClient, name: str) -> None:
    for _ in range(2400):
        assert running.processes[name].poll() is None, running.log(name)
        try:
            if (await client.get(_url(running, name))).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise AssertionError(f"{name} is not well within two minutes: {running.log(name)}")


async def test_every_service_gets_well_and_its_own_health_check_says_so(running: Running) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        await asyncio.gather(*(_well(running, client, name) for name in running.processes))
        for name in running.processes:
            sdk = f"http://{running.host.address(name)}:9101/metrics"
            assert "temporal_" in (await client.get(sdk)).text, name
    for name in ("api", "worker-mail"):
        assert running.host.is_well(name, running.service(name)), name
    # Nobody there: a container that never came up.
    assert not running.host.is_well("worker-nobody", running.service("worker-mail"))


async def test_each_queue_is_worked_by_its_own_process(
    running: Running, temporal_env: WorkflowEnvironment
) -> None:
    client = temporal_env.client
    # The server remembers for some minutes who has asked for work, those of an earlier run too.
    everybody = {process.pid for process in running.processes.values()}
    for queue in (queue for queue in QUEUES if f"worker-{queue}" in running.processes):
        own = {running.processes[f"worker-{queue}"].pid}
        kind = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
        asked = DescribeTaskQueueRequest(
            namespace="fristwerk", task_queue=TaskQueue(name=queue), task_queue_type=kind
        )
        polling: set[int] = set()
        for _ in range(2400):
            found = (await client.workflow_service.describe_task_queue(asked)).pollers
            polling = {int(poller.identity.partition("@")[0]) for poller in found} & everybody
            if polling or queue not in ALWAYS:
                break
            await asyncio.sleep(0.05)
        assert polling in ([own] if queue in ALWAYS else [own, set()]), queue


def test_nothing_runs_as_root_writes_anything_or_tells_a_secret(running: Running) -> None:
    secrets = {file.name: file.read_text().strip() for file in running.host.secrets.iterdir()}
    for name, process in running.processes.items():
        folder = Path(f"/proc/{process.pid}")
        if unprivileged():
            status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines())
            assert "0" not in status["Uid"].split(), name
        logs = running.host.logs
        for number in (folder / "fd").iterdir():
            try:
                target = number.readlink()
                flags = (folder / "fdinfo" / number.name).read_text().split("flags:\t")[1].split()[0]
            except FileNotFoundError:
                continue  # closed meanwhile
            writes = target.is_file() and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
            assert not writes or logs in target.parents or target.is_relative_to("/tmp"), (name, target)  # noqa: S108
    texts = {**running.said, **{name: running.log(name) for name in running.processes}}
    for name, text in texts.items():
        told = [
            secret for secret, value in secrets.items() if secret != "oidc_client_secret" and value in text
        ]
        assert told == [], name


async def test_told_to_stop_they_end_well(running: Running) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        await asyncio.gather(*(_well(running, client, name) for name in running.processes))
    for process in running.processes.values():
        process.send_signal(signal.SIGTERM)
    codes = {name: await asyncio.to_thread(process.wait, 120) for name, process in running.processes.items()}
    assert codes == dict.fromkeys(codes, 0), {name: running.log(name) for name, code in codes.items() if code}
