"""One lab for all tests of a room in a process, on a Temporal server of its own."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.lab import Lab
from workers.embedded.postgres import Cluster
from workers.simulation import skipping_environment


@pytest_asyncio.fixture(scope="session")
async def lab(postgres_cluster: Cluster, smtp_sink_process: SmtpSink) -> AsyncIterator[Lab]:
    with cloned_database(postgres_cluster, f"lab_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment() as environment,
            Lab.open(environment.client, url, smtp_sink_process) as made,
        ):
            yield made
