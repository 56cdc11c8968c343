"""A Temporal server that has lost everything."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest_asyncio
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from adapters.temporal_client import DATA_CONVERTER
from tests.workflows.lab import until


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
