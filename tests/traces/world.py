"""API and worker as processes: every secret of theirs is planted, and most systems outside refuse them."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
import uvicorn
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.testing import WorkflowEnvironment

from adapters.settings import DEMO_TENANT
from api.main import _Server
from tests.api.house import ISSUER, NOBODY, Callers
from tests.outsidefixtures import Outside
from tests.stackfixtures import PROJECT, wait_until
from tests.traces.collector import Collector, collecting
from tests.vaultfixtures import KEY_ENVIRONMENT
from workers.embedded import ports
from workers.embedded.postgres import Cluster
from workers.embedded.process import spawn
from workers.readiness import READY_FILE, announced

# Whose span a request says it is part of.
CALLER: Final = "a1" * 8
PLANTED: Final = f"planted{secrets.token_hex(6)}"
_KEPT: Final = ("PATH", "HOME", "COVERAGE_", "PYTHON", "TZ", "TMPDIR")
_PATIENCE: Final = 120.0


def planted(name: str) -> str:
    """A secret that nothing but the one who got it may ever tell."""
    return f"{PLANTED}-{name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Processes:
    """API and worker, as they run."""

    folder: Path
    environment: Mapping[str, str]
    url: str
    collector: Collector
    callers: Callers
    outside: Outside

    async def ask(
        self, method: str, path: str, json: Any = None, *, user: str = "anna", **headers: str
    ) -> httpx.Response:
        """A request of somebody, with two minutes' patience."""
        token = self.callers.token(user, "agent", "admin")
        sent = {"Authorization": f"Bearer {token}", **headers}
        async with httpx.AsyncClient(base_url=self.url, timeout=_PATIENCE) as client:
            return await client.request(method, path, json=json, headers=sent)

    async def done(self, path: str, said: Any) -> tuple[httpx.Response, str]:
        """Something that is to be recorded, and its trace; asked again while a busy machine says not now."""
        key = uuid.uuid4().hex
        for _ in range(60):
            trace = uuid.uuid4().hex
            headers = {"Idempotency-Key": key, "traceparent": f"00-{trace}-{CALLER}-01"}
            answer = await self.ask("POST", path, said, **headers)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                assert answer.is_success, answer.text
                return answer, trace
            await asyncio.sleep(1)
        raise AssertionError(f"not served within a minute: {path}")

    def log(self) -> str:
        """What both have written, on either stream."""
        return "".join((self.folder / name).read_text() for name in ("api.log", "worker.log"))

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What one of them has told its log."""
        whole = (self.folder / f"{name}.log").read_text().splitlines()
        return [json.loads(line) for line in whole if line.startswith("{")]


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something, with patience."""
    for _ in range(int(_PATIENCE / 0.05)):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within two minutes: {what}")


async def _namespace(environment: WorkflowEnvironment) -> str:
    """A place of its own: other tests of this process have workers on the same queues."""
    name = f"traces-{uuid.uuid4().hex[:8]}"
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await environment.client.workflow_service.register_namespace(request)
    return name


@asynccontextmanager
async def _issuer(callers: Callers) -> AsyncIterator[str]:
    port = ports.choose()
    server = _Server(uvicorn.Config(callers.app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        yield f"http://127.0.0.1:{port}/jwks.json"
    finally:
        server.should_exit = True
        await serving


async def _login(cluster: Cluster, database: str) -> str:
    """A login of its own for both processes, so that its password is nobody else's."""
    name = f"traces_{uuid.uuid4().hex[:8]}"
    cluster.sql(f"create role {name} superuser login password '{planted('database')}'")
    return cluster.url(database, name, planted("database"))


def _secrets(outside: Outside, database: str, collector: str) -> dict[str, str]:
    """Every secret there is; what is right is right so that the process gets far enough to fail elsewhere."""
    return {
        "DATABASE_URL": database,
        "SMTP_URL": f"smtp+starttls://clock:{planted('SMTP_URL')}@{NOBODY}",
        "OIDC_CLIENT_SECRET": planted("OIDC_CLIENT_SECRET"),
        "OPENAI_API_KEY": planted("OPENAI_API_KEY"),
        "ANTHROPIC_API_KEY": planted("ANTHROPIC_API_KEY"),
        "CREDIT_CLIENT_SECRET": planted("CREDIT_CLIENT_SECRET"),
        "CREDIT_WEBHOOK_SECRET": planted("CREDIT_WEBHOOK_SECRET"),
        "XENTRAL_TOKEN": planted("XENTRAL_TOKEN"),
        "XENTRAL_WEBHOOK_SECRET": planted("XENTRAL_WEBHOOK_SECRET"),
        "IMAP_URL": outside.imap_url.replace(outside.accounts.imap_password, planted("IMAP_URL")),
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{planted('OTLP')}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        **KEY_ENVIRONMENT,
    }


def _started(stack: AsyncExitStack, folder: Path, environment: Mapping[str, str], name: str) -> Popen[bytes]:
    kept = {variable: value for variable, value in os.environ.items() if variable.startswith(_KEPT)}
    with (folder / f"{name}.log").open("wb") as output:
        process = spawn(
            [sys.executable, "-m", {"api": "api.main", "worker": "workers.main"}[name]],
            output=output,
            environment={**kept, **environment},
            folder=PROJECT,
        )
    stack.callback(process.wait, 120)
    stack.callback(process.terminate)
    return process


async def _ready(answers: Callable[[], bool], process: Popen[bytes], log: Path) -> None:
    await asyncio.to_thread(wait_until, answers, process, log, _PATIENCE)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def processes(
    postgres_cluster: Cluster,
    postgres_url: str,
    temporal_env: WorkflowEnvironment,
    outside_process: Outside,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Processes]:
    """Both, working."""
    folder = tmp_path_factory.mktemp("traces")
    outside_process.reset()
    callers = Callers(folder / "issuer")
    ready, port = folder / "worker.ready", ports.choose()
    connection = await asyncpg.connect(postgres_url, server_settings={"app.tenant": str(DEMO_TENANT)})
    await connection.execute("insert into tenant (id, name) values ($1, 'traces')", DEMO_TENANT)
    await connection.close()
    database = postgres_url.rpartition("/")[2].partition("?")[0]
    async with AsyncExitStack() as stack:
        collector, collects = stack.enter_context(collecting())
        environment = {
            **_secrets(outside_process, await _login(postgres_cluster, database), collects),
            "FRISTWERK_STATE": str(folder / "state"),
            "TEMPORAL_ADDRESS": temporal_env.client.service_client.config.target_host,
            "TEMPORAL_NAMESPACE": await _namespace(temporal_env),
            "OIDC_ISSUER": ISSUER,
            "OIDC_JWKS_URL": await stack.enter_async_context(_issuer(callers)),
            "OIDC_CLIENT_ID": "fristwerk",
            "OPENAI_BASE_URL": outside_process.openai_url,
            "ANTHROPIC_BASE_URL": outside_process.anthropic_url,
            "CREDIT_URL": outside_process.credit_url,
            "CREDIT_TOKEN_URL": outside_process.credit_token_url,
            "CREDIT_CLIENT_ID": outside_process.accounts.credit_client,
            "XENTRAL_URL": outside_process.xentral_url,
            "OUTSIDE_CA_FILE": str(outside_process.ca_file),
            "API_PORT": str(port),
            # As little as can be is left out.
            "LOG_LEVEL": "DEBUG",
            READY_FILE: str(ready),
        }
        worker = _started(stack, folder, environment, "worker")
        api = _started(stack, folder, environment, "api")
        await _ready(lambda: announced(ready, worker.pid), worker, folder / "worker.log")
        await _ready(lambda: ports.answers(port), api, folder / "api.log")
        made = Processes(folder, environment, f"http://127.0.0.1:{port}", collector, callers, outside_process)
        yield made
