"""A lab whose server suggests a new run very soon: so few events that a life has several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

from tests.stackfixtures import SmtpSink, cloned_database
from tests.workflows.lab import Lab
from workers.embedded.postgres import Cluster
from workers.simulation import skipping_environment

_SHORT: Final = "limit.historyCount.suggestContinueAsNew=25"


@asynccontextmanager
async def short_runs(cluster: Cluster, sink: SmtpSink) -> AsyncIterator[Lab]:
    """The lab, with a database of its own."""
    with cloned_database(cluster, f"short_{uuid4().hex[:8]}") as url:
        async with (
            skipping_environment(_SHORT) as environment,
            Lab.open(environment.client, url, sink) as lab,
        ):
            yield lab
