"""What Temporal's SDK counts is told as our rules name it: a workflow task that fails is there to be seen."""

from __future__ import annotations

from uuid import uuid4

import httpx
from temporalio import workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from adapters.sdk_metrics import measured_runtime
from tests.operations.watching import exported
from tests.workflows.lab import until
from workers.embedded import ports

FAILED = "temporal_workflow_task_execution_failed_total"


@workflow.defn(name="does-not-get-on")
class _DoesNotGetOn:
    @workflow.run
    async def run(self) -> None:
        raise ValueError("a bug")


async def test_a_workflow_task_that_fails_is_counted_by_the_name_of_the_rule(
    temporal_env: WorkflowEnvironment,
) -> None:
    place = f"{ports.LOOPBACK}:{ports.choose()}"
    known = temporal_env.client
    client = await Client.connect(
        known.service_client.config.target_host, namespace=known.namespace, runtime=measured_runtime(place)
    )
    queue = f"failing-{uuid4()}"
    async with (
        Worker(
            client, task_queue=queue, workflows=[_DoesNotGetOn], workflow_runner=UnsandboxedWorkflowRunner()
        ),
        httpx.AsyncClient(timeout=120, trust_env=False) as asking,
    ):
        stuck = await client.start_workflow(_DoesNotGetOn.run, id=str(uuid4()), task_queue=queue)
        page = ""

        async def counted() -> bool:
            nonlocal page
            page = (await asking.get(f"http://{place}/metrics")).text
            return FAILED in exported(page)

        try:
            await until(counted)
        finally:
            await stuck.terminate()
    assert 'workflow_type="does-not-get-on"' in page
