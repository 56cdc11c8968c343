"""The worker of the queue `credit`: sees pending checks through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.credit_orders import CREDIT_QUEUE
from workers.registry import RELEASE, Tuning, runner
from workflows.credit_check import CreditCheck


def credit_worker(
    client: Client, activities: Sequence[Callable[..., Any]], tuning: Tuning | None = None
) -> Worker:
    """The worker of the queue `credit`.

    Args:
        activities: what its workflows have done outside.
    """
    tuning = tuning or Tuning()
    return Worker(
        client,
        task_queue=CREDIT_QUEUE,
        workflows=[CreditCheck],
        activities=list(activities),
        workflow_runner=runner(),
        max_cached_workflows=200,
        max_concurrent_activities=tuning.checks_at_once,
        max_task_queue_activities_per_second=tuning.checks_per_second,
        build_id=RELEASE,
        graceful_shutdown_timeout=timedelta(seconds=10),
    )
