"""What machines ask: alive, ready, counts."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from api.main import wired
from tests.api.house import Api, Callers, api_over, settings_for
from workers.embedded.postgres import Cluster


async def test_alive(frame: Api) -> None:
    answer = await frame.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_each_missing_part_is_named(frame: Api) -> None:
    answer = await frame.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "degraded": True,
        "database": "up",
        "migrations": "up",
        "temporal": "down",
        "issuer": "up",
        "workers": "unknown",
    }


async def test_an_issuer_that_is_away_is_named_and_nobody_is_let_in(
    callers: Callers, postgres_url: str, tmp_path: Path
) -> None:
    async with wired(settings_for(tmp_path, postgres_url)) as wiring:
        transport = httpx.ASGITransport(create_app(wiring))
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            ready = await client.get("/readyz")
            assert (ready.json()["ready"], ready.json()["issuer"]) == (False, "down")
            token = callers.token("anna", "agent")
            answer = await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "Tokens cannot be checked at the moment."


async def test_a_database_that_went_away_is_named(
    fresh_postgres_url: str, postgres_cluster: Cluster, callers: Callers, tmp_path: Path
) -> None:
    async with api_over(settings_for(tmp_path, fresh_postgres_url), callers) as api:
        assert (await api.get("/readyz")).json()["database"] == "up"
        name = fresh_postgres_url.rpartition("/")[2].partition("?")[0]
        postgres_cluster.sql(
            f'alter database "{name}" allow_connections false;'
            f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'"
        )
        answer = await api.get("/readyz")
        assert answer.json()["database"] == "down"
        postgres_cluster.sql(f'alter database "{name}" allow_connections true')
        assert (await api.get("/readyz")).json()["database"] == "up"


async def test_a_database_that_takes_nothing_or_is_too_old_is_no_good(
    fresh_postgres_url: str, postgres_cluster: Cluster, callers: Callers, tmp_path: Path
) -> None:
    name = fresh_postgres_url.rpartition("/")[2].partition("?")[0]
    postgres_cluster.sql(f'alter database "{name}" set default_transaction_read_only = on')
    async with api_over(settings_for(tmp_path, fresh_postgres_url), callers) as api:
        answer = await api.get("/readyz")
        assert answer.status_code == 503
        assert (answer.json()["database"], answer.json()["migrations"]) == ("read-only", "up")
        # One that is behind by a migration, as while a new build comes up before its migrations ran.
        connection = await asyncpg.connect(fresh_postgres_url)
        await connection.execute("set default_transaction_read_only = off")
        await connection.execute("update schema_migrations set version = '1' where version >= '20261123004'")
        await connection.close()
        assert (await api.get("/readyz")).json()["migrations"] == "behind"


async def test_what_temporal_knows_of_us_is_told(
    callers: Callers, postgres_url: str, tmp_path: Path, temporal_env: WorkflowEnvironment
) -> None:
    address = temporal_env.client.service_client.config.target_host
    nowhere = settings_for(tmp_path, postgres_url, address, TEMPORAL_NAMESPACE="nobody-made-this")
    async with api_over(nowhere, callers) as api:
        answer = await api.get("/readyz")
        assert (answer.status_code, answer.json()["temporal"]) == (503, "missing")
    namespace = f"readiness-{uuid4().hex[:8]}"
    request = RegisterNamespaceRequest(namespace=namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await temporal_env.client.workflow_service.register_namespace(request)
    here = settings_for(tmp_path, postgres_url, address, TEMPORAL_NAMESPACE=namespace)
    async with api_over(here, callers) as api:
        # Nobody works there, but everything else is as it should be.
        told = await api.get("/readyz")
        for _ in range(1200):
            if told.status_code == 200 and told.json()["workers"] == "down":
                break
            await asyncio.sleep(0.1)
            told = await api.get("/readyz")
        assert (told.json()["ready"], told.json()["degraded"], told.json()["temporal"]) == (True, True, "up")


async def test_metrics_count_by_route_template_and_nothing_personal(frame: Api, callers: Callers) -> None:
    token = callers.token("anna-muster", "agent")
    await frame.get("/api/me", token)
    await frame.get("/nothing/of/the/kind")
    await frame.ask("BREW", "/api/me", token)
    answer = await frame.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    page = answer.text
    assert 'fristwerk_http_requests_total{method="GET",route="/api/me",status="200"}' in page
    nowhere = r'fristwerk_http_requests_total\{method="GET",route="\(none\)",status="303"\} [1-9]'
    assert re.search(nowhere, page)
    assert 'fristwerk_http_requests_total{method="OTHER",route="/api/me",status="405"} 1.0' in page
    assert 'fristwerk_http_request_seconds_bucket{le="0.05",method="GET",route="/api/me"}' in page
    assert "fristwerk_http_requests_in_progress 1.0" in page
    for word in ("anna", "muster", "nothing/of", "0f7e0000"):
        assert word not in page
