"""What was on its way when Temporal's database was lost is found in PostgreSQL and started again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest_asyncio
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from adapters.database import Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.reconcile.rebuilding import Rebuilder
from adapters.temporal_client import DATA_CONVERTER
from protection.facts import Converted, Fact, Released
from tests.sql.commands import DAY, T0, call, command, new_lead, registered
from tests.sql.conftest import app, new_tenant, superuser, worker
from tests.workflows.lab import until
from workflows import names

__all__ = ["app", "superuser", "worker"]

ENDED = T0 + 20 * DAY


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty(temporal_env: WorkflowEnvironment) -> Client:
    """A namespace in which nothing has ever run, and where no worker is."""
    name = f"empty-{uuid4()}"
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await temporal_env.client.workflow_service.register_namespace(request)
    client = await Client.connect(
        temporal_env.client.service_client.config.target_host, namespace=name, data_converter=DATA_CONVERTER
    )

    async def there() -> bool:
        try:
            return [one async for one in client.list_workflows("ExecutionStatus = 'Running'")] == []
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False

    await until(there)
    return client


async def _lived(worker: Pool, tenant: UUID, *facts: Fact) -> UUID:
    lead = await new_lead(worker, tenant)
    await PostgresLedgerStore(worker).record(command(tenant, lead, (registered(), call(10), *facts)))
    return lead


async def _put(superuser: Pool, tenant: UUID, lead: UUID) -> tuple[UUID, UUID, UUID]:
    """A box, a campaign and a piece of news that workflows had in hand."""
    box, campaign, event = uuid4(), uuid4(), uuid4()
    async with superuser.acquire() as connection, connection.transaction():
        # Rows as they lie there; who may write them is another matter.
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "insert into sample_box (tenant, id, lead, created_by, created_at)"
            " values ($1, $2, $3, 'agent', $4)",
            *(tenant, box, lead, T0),
        )
        await connection.execute(
            "insert into hold_campaign"
            " (tenant, id, wanted, request_hash, reason, start_at, leads, asked_by, asked_at)"
            " values ($1, $2, '{}', decode(repeat('00', 32), 'hex'), 'OTHER', $3, 1, 'manager', $3)",
            *(tenant, campaign, T0),
        )
        await connection.execute(
            "insert into hold_campaign_lead (tenant, campaign, lead, state, told_at)"
            " values ($1, $2, $3, 'waiting', $4)",
            *(tenant, campaign, lead, T0),
        )
        await connection.execute(
            "insert into webhook_event"
            " (tenant, id, source, event_id, kind, sent_at, received_at, told_at, body)"
            " values ($1, $2, 'xentral', $3, 'invoice', now(), now(), now(),"
            " decode(repeat('01', 32), 'hex'))",
            *(tenant, event, f"e-{event}"),
        )
    return box, campaign, event


async def _runs(client: Client, identity: str) -> bool:
    try:
        described = await client.get_workflow_handle(identity).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return described.status is not None and described.status.name == "RUNNING"


async def test_all_of_it_is_started_and_nothing_else(worker: Pool, superuser: Pool, empty: Client) -> None:
    tenant = await new_tenant(worker)
    living = await _lived(worker, tenant)
    released = await _lived(worker, tenant, Released(fact_id="r", recorded_at=ENDED, by="manager"))
    won = await _lived(worker, tenant, Converted(fact_id="c", recorded_at=ENDED, by="manager"))
    box, campaign, event = await _put(superuser, tenant, living)
    done: list[int] = []
    rebuilder = Rebuilder(worker, empty, tenant, objection_days=14, told=done.append)

    lost = await rebuilder.look()
    assert (lost.leads, lost.running, lost.erasures, lost.boxes, lost.campaigns) == (1, 0, 1, 1, 1)
    assert (lost.checks, lost.mails, lost.events) == (0, 0, 1)
    assert lost.since == ENDED
    rebuilt = await rebuilder.rebuild(lost, by="olga")
    assert (rebuilt.leads, rebuilt.running, rebuilt.ahead) == (1, 0, 0)
    assert (rebuilt.erasures, rebuilt.boxes, rebuilt.campaigns, rebuilt.handed_back) == (1, 1, 1, 1)
    assert done == [0, 1]

    assert await _runs(empty, names.workflow_id(tenant, living))
    assert await _runs(empty, names.erasure_id(tenant, released))
    assert await _runs(empty, names.sample_id(tenant, box))
    assert await _runs(empty, names.campaign_id(tenant, campaign))
    for lead in (released, won):
        assert not await _runs(empty, names.workflow_id(tenant, lead))
    assert not await _runs(empty, names.erasure_id(tenant, won))
    async with transaction(worker, tenant, "test", reading=True) as connection:
        query = "select told_at from webhook_event where tenant = $1 and id = $2"
        assert await connection.fetchval(query, tenant, event) is None
        audited = await connection.fetchval(
            "select after ->> 'leads' from audit_event where tenant = $1 and what = 'rebuilt'", tenant
        )
    assert audited == "1"

    # Broken off and begun again: what runs is joined, nothing is started twice.
    before = (await empty.get_workflow_handle(names.workflow_id(tenant, living)).describe()).run_id
    again = Rebuilder(worker, empty, tenant, objection_days=14)
    await again.rebuild(await again.look(), by="olga")
    assert (await empty.get_workflow_handle(names.workflow_id(tenant, living)).describe()).run_id == before
