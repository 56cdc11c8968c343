"""One office for all tests of the room in a process, on a Temporal server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from tests.services.office import Office, office_in
from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.lab import Lab
from workers.embedded.postgres import Cluster
from workers.simulation import skipping_environment


@pytest_asyncio.fixture(scope="session")
async def office(postgres_cluster: Cluster, smtp_sink_process: SmtpSink) -> AsyncIterator[Office]:
    """People at work, with the real workflow and the real database."""
    with cloned_database(postgres_cluster, f"office_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment() as environment,
            Lab.open(environment.client, url, smtp_sink_process) as lab,
            office_in(lab) as made,
        ):
            yield made
