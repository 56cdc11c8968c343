"""The process of the bare workflow: the same options as a worker of ours, another queue.

Usage: python -m benchmarks.bare_worker ADDRESS NAMESPACE COUNTERS
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from adapters.temporal_client import DATA_CONVERTER
from benchmarks import bare
from benchmarks.counter import Counters, count_in
from workers.readiness import announce
from workers.registry import PASSED_THROUGH, Tuning


async def run(address: str, namespace: str, counters: Counters) -> None:
    """Works until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    count_in(counters)
    tuning = Tuning()
    client = await Client.connect(address, namespace=namespace, data_converter=DATA_CONVERTER)
    worker = Worker(
        client,
        task_queue=bare.QUEUE,
        workflows=[bare.Bare],
        activities=[bare.no_op],
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(
                *PASSED_THROUGH, "benchmarks.counter"
            )
        ),
        max_cached_workflows=tuning.cached_workflows,
        max_concurrent_workflow_tasks=tuning.workflow_tasks,
        workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(tuning.pollers),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    async with worker:
        announce()
        await stop.wait()


def main() -> None:
    """Entry point of the process."""
    address, namespace, file = sys.argv[1:]
    with Counters(Path(file)) as counters:
        asyncio.run(run(address, namespace, counters))
    sys.stdout.flush()
    sys.stderr.flush()
    # A process that ran a worker may crash while the interpreter finalizes; there is nothing left to do.
    os._exit(0)


if __name__ == "__main__":
    main()
