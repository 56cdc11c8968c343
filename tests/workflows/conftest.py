"""One lab for all workflow tests of a process."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.lab import Lab
from workers.embedded.postgres import Cluster


@pytest_asyncio.fixture(scope="session")
async def lab(
    temporal_env: WorkflowEnvironment, postgres_cluster: Cluster, smtp_sink_process: SmtpSink
) -> AsyncIterator[Lab]:
    with cloned_database(postgres_cluster, f"workflows_{uuid4().hex[:8]}") as url:
        async with Lab.open(temporal_env.client, url, smtp_sink_process) as made:
            yield made
